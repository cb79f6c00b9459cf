//! Gifts as their creator sees them.

use std::fmt;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sha2::{Digest, Sha256};

use super::{Coins, Entry, EntryDetail, SentGift, SentGiftId, SequenceNumber, ShardId, UserId};

/// A gift as its creator received it: its entry's content, and where the ledger's stream told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedGift {
    /// Who sent it.
    pub sender: UserId,
    /// What was sent, and to whom.
    pub sent: SentGift,
    /// When it was decided.
    pub at: Timestamp,
    /// The shard of the stream that told it.
    pub shard: ShardId,
    /// Its place there.
    pub sequence: SequenceNumber,
}

impl ReceivedGift {
    /// The gift of an entry; `None` if the entry is about something else, or its diamonds are more
    /// than there can be.
    #[must_use]
    pub fn of(entry: &Entry, shard: &ShardId, sequence: &SequenceNumber) -> Option<Self> {
        match &entry.detail {
            EntryDetail::Gift(sent) if sent.diamonds <= Coins::MAX.get() => Some(Self {
                sender: entry.user.clone(),
                sent: sent.clone(),
                at: entry.at,
                shard: shard.clone(),
                sequence: sequence.clone(),
            }),
            EntryDetail::Gift(_) | EntryDetail::Recharge { .. } | EntryDetail::Grant { .. } => None,
        }
    }

    /// The creator who received it.
    #[must_use]
    pub const fn creator(&self) -> &UserId {
        &self.sent.creator
    }

    /// Its lane: a popular creator's gifts are spread over [`RECEIVED_LANES`] partitions.
    #[must_use]
    pub fn lane(&self) -> Lane {
        Lane::of(self.sent.id.as_str(), RECEIVED_LANES)
    }
}

/// How many partitions a month of a creator's received gifts has.
pub const RECEIVED_LANES: u8 = 16;
/// How many rows a day of a creator's earnings has.
pub const EARNINGS_LANES: u8 = 8;

/// One of a few partitions or rows that writes are spread over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lane(u8);

impl Lane {
    /// The lane of `text`, of so many: the same for ever.
    #[must_use]
    pub fn of(text: &str, lanes: u8) -> Self {
        let hash = Sha256::digest(text.as_bytes());
        let first = hash.first().copied().unwrap_or_default();
        Self(first.checked_rem(lanes).unwrap_or_default())
    }

    /// Each of so many.
    pub fn all(lanes: u8) -> impl Iterator<Item = Self> {
        (0..lanes).map(Self)
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}", self.0)
    }
}

/// A calendar month in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(Date);

impl Month {
    /// The month of a moment.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self::of(utc_date(at))
    }

    /// The month of a day.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self(date.first_of_month())
    }

    /// Its first day.
    #[must_use]
    pub const fn first_day(self) -> Date {
        self.0
    }

    /// The month that [`Month`]'s text names.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (year, month) = text.split_at_checked(4)?;
        Date::new(year.parse().ok()?, month.parse().ok()?, 1)
            .ok()
            .map(Self)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}{:02}", self.0.year(), self.0.month())
    }
}

/// The UTC day of a moment.
#[must_use]
pub fn utc_date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Where a page of received gifts begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedPosition {
    /// In which month.
    pub month: Month,
    /// Behind which gift of it; `None` is the month's newest.
    pub after: Option<(Timestamp, SentGiftId)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored in keys: another lane would make a second row of the same gift.
    #[test]
    fn a_lane_never_changes_and_all_are_used() {
        assert_eq!(
            Lane::of("sent_63fca18b431ef12f818c22247c882a04", 16),
            Lane(11)
        );
        let used: std::collections::BTreeSet<_> = (0..1_000)
            .map(|number| Lane::of(&format!("sent_{number}"), RECEIVED_LANES))
            .collect();
        assert!(used.into_iter().eq(Lane::all(RECEIVED_LANES)));
    }

    fn entry(diamonds: u64) -> Entry {
        use crate::domain::{EntryKey, InputHash, Quantity, Target, TargetKind};
        let key = "k".try_into().unwrap();
        let sent = SentGift {
            id: "sent_63fca18b431ef12f818c22247c882a04".try_into().unwrap(),
            gift: "rose".try_into().unwrap(),
            quantity: Quantity::MOST,
            creator: "bob".try_into().unwrap(),
            target: Target {
                kind: TargetKind::Live,
                id: "stream-1".try_into().unwrap(),
            },
            coins: Coins::MAX,
            diamonds,
            combo: None,
            message: None,
        };
        Entry {
            user: "alice".try_into().unwrap(),
            key: EntryKey::gift(&key),
            seq: 1,
            change: -1,
            coins_after: Coins::ZERO,
            debt_after: Coins::ZERO,
            in_total: Coins::MAX,
            out_total: Coins::MAX,
            at: "2026-11-30T23:59:59.999Z".parse().unwrap(),
            input_hash: InputHash::from_stored(String::new()),
            detail: EntryDetail::Gift(sent),
        }
    }

    #[test]
    fn an_entry_of_a_gift_is_received_unless_its_diamonds_are_out_of_range() {
        let (shard, number) = ("shardId-1".try_into().unwrap(), "17".try_into().unwrap());
        let received = ReceivedGift::of(&entry(Coins::MAX.get()), &shard, &number).unwrap();
        assert_eq!(
            (received.sender.as_str(), received.creator().as_str()),
            ("alice", "bob")
        );
        assert_eq!((&received.shard, &received.sequence), (&shard, &number));
        assert_eq!(
            (received.lane(), received.lane().to_string()),
            (Lane(11), "11".to_owned())
        );
        assert_eq!(Lane(3).to_string(), "03");
        let beyond = Coins::MAX.get().saturating_add(1);
        assert_eq!(ReceivedGift::of(&entry(beyond), &shard, &number), None);
        let grant = Entry {
            detail: EntryDetail::Grant {
                reason: crate::domain::GrantReason::FirstRecharge,
                recharge: "rch_1".try_into().unwrap(),
                coins: Coins::MAX,
            },
            ..entry(1)
        };
        assert_eq!(ReceivedGift::of(&grant, &shard, &number), None);
    }

    #[test]
    fn a_month_reads_back_from_its_text() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let month = Month::at(at("2026-11-30T23:59:59.999Z"));
        assert_eq!(month.to_string(), "202611");
        assert_eq!(month.first_day().to_string(), "2026-11-01");
        assert_eq!(
            utc_date(at("2026-11-30T23:59:59.999Z")).to_string(),
            "2026-11-30"
        );
        assert_eq!(Month::named("202611"), Some(month));
        assert!(month < Month::at(at("2026-12-01T00:00:00Z")));
        for bad in ["", "20261", "202613", "202600", "2026-1", "+20261"] {
            assert_eq!(Month::named(bad), None, "{bad}");
        }
    }
}
