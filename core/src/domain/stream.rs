//! Where a change stands in the ledger's stream.

use std::{cmp::Ordering, fmt};

use thiserror::Error;

/// A shard of the stream: a sequence of changes with an order of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(String);

/// A text that is no shard's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a shard's id is 1 to 300 printable ASCII characters without #")]
pub struct ShardIdInvalid;

impl ShardId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for ShardId {
    type Error = ShardIdInvalid;

    fn try_from(text: &str) -> Result<Self, ShardIdInvalid> {
        // AWS's have 28 to 65 characters; the embedded DynamoDB puts its table's name into it.
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if (1..=300).contains(&text.len()) && printable && !text.contains('#') {
            Ok(Self(text.to_owned()))
        } else {
            Err(ShardIdInvalid)
        }
    }
}

impl fmt::Display for ShardId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A change's place in its shard. Longer numbers are larger; of equal length, the text decides:
/// they have up to 40 digits and fit no integer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SequenceNumber(String);

/// A text that is no sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a sequence number is 1 to 64 digits")]
pub struct SequenceNumberInvalid;

impl SequenceNumber {
    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for SequenceNumber {
    type Error = SequenceNumberInvalid;

    fn try_from(text: &str) -> Result<Self, SequenceNumberInvalid> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if (1..=64).contains(&text.len()) && digits {
            Ok(Self(text.to_owned()))
        } else {
            Err(SequenceNumberInvalid)
        }
    }
}

impl Ord for SequenceNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_length = self.0.len().cmp(&other.0.len());
        by_length.then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for SequenceNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> SequenceNumber {
        text.try_into().unwrap()
    }

    #[test]
    fn sequence_numbers_compare_by_length_and_then_by_text() {
        let ordered = [
            "1",
            "9",
            "10",
            "99",
            "100",
            "49590338271490256608559692538361571095921575989136588898",
        ];
        for pair in ordered.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
        assert_eq!(number("7"), number("7"));
    }

    #[test]
    fn what_is_no_place_in_a_stream_is_refused() {
        for bad in ["", "-1", "1.0", "1a", " 1", &"1".repeat(65)] {
            assert_eq!(SequenceNumber::try_from(bad), Err(SequenceNumberInvalid));
        }
        for bad in ["", "a#b", "a b", "a\n", "ä", &"a".repeat(301)] {
            assert_eq!(ShardId::try_from(bad), Err(ShardIdInvalid), "{bad:?}");
        }
        assert!(ShardId::try_from("shardId-00000001700000000000-abcdef01").is_ok());
    }
}
