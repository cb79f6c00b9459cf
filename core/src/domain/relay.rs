//! From the ledger's stream to creators' earnings, exactly once.
//!
//! A shard's mark is the last place that was applied. It moves in the same transaction that adds
//! the earnings, so that a batch that comes again, cut otherwise or not, changes nothing.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{EARNINGS_LANES, Lane, ReceivedGift, SequenceNumber, ShardId, Tally, UserId, utc_date};

/// What the stream told of one gift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayRecord {
    /// Its place in the shard.
    pub sequence: SequenceNumber,
    /// What it says.
    pub content: RelayContent,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelayContent {
    /// A gift was sent.
    Gift(Box<ReceivedGift>),
    /// We cannot tell: a person must look at it.
    Unreadable(Unreadable),
}

/// A record that we cannot apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The day that it is kept under.
    pub date: Date,
    /// Why.
    pub reason: String,
    /// The whole record, as it came.
    pub raw: String,
}

/// A record in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The shard that it came from.
    pub shard: ShardId,
    /// Its place there.
    pub sequence: SequenceNumber,
    /// The rest.
    pub record: Unreadable,
}

/// A creator's day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CreatorDay {
    /// Whose.
    pub creator: UserId,
    /// The UTC day on which the gifts were sent.
    pub date: Date,
}

impl CreatorDay {
    /// The day that a gift counts for.
    #[must_use]
    pub fn of(gift: &ReceivedGift) -> Self {
        Self {
            creator: gift.creator().clone(),
            date: utc_date(gift.at),
        }
    }
}

/// What is stored in one transaction: the mark, and all that follows up to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayStep {
    /// The shard.
    pub shard: ShardId,
    /// The stored mark; `None` if there is none.
    pub expected_mark: Option<SequenceNumber>,
    /// The mark after it.
    pub mark: SequenceNumber,
    /// What it adds to creators' days.
    pub earnings: BTreeMap<CreatorDay, Tally>,
    /// What it puts into quarantine.
    pub quarantined: Vec<Quarantined>,
}

/// The most items that a transaction takes. Source:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>.
const ITEMS_MAX: usize = 100;
/// The most that a transaction takes are 4 MB in all; we leave some for what is counted with it.
const BYTES_MAX: usize = 4_000_000;
/// More than any of our items has besides a quarantined record's text.
const ITEM_BYTES: usize = 1_024;

/// The earnings row of a shard: two shards that tell of one creator at once are seldom in each
/// other's way.
#[must_use]
pub fn earnings_lane(shard: &ShardId) -> Lane {
    Lane::of(shard.as_str(), EARNINGS_LANES)
}

/// What is to be done of a batch: sorted, each once, and nothing at or below the mark.
#[must_use]
pub fn fresh(mut records: Vec<RelayRecord>, mark: Option<&SequenceNumber>) -> Vec<RelayRecord> {
    records.retain(|record| mark.is_none_or(|mark| record.sequence > *mark));
    records.sort_by(|a, b| a.sequence.cmp(&b.sequence));
    records.dedup_by(|a, b| a.sequence == b.sequence);
    records
}

impl RelayStep {
    /// The longest beginning of `records` that one transaction takes, and what remains. `None` if
    /// there are none. `records` are as [`fresh`] gives them.
    #[must_use]
    pub fn longest<'a>(
        shard: &ShardId,
        expected_mark: Option<&SequenceNumber>,
        records: &'a [RelayRecord],
    ) -> Option<(Self, &'a [RelayRecord])> {
        let (first, mut rest) = records.split_first()?;
        let mut step = Self {
            shard: shard.clone(),
            expected_mark: expected_mark.cloned(),
            mark: first.sequence.clone(),
            earnings: BTreeMap::new(),
            quarantined: Vec::new(),
        };
        // One record always fits: it is two items, its text is far below the limit, and a gift's own
        // diamonds are within the range of coins.
        step.add(first);
        while let Some((next, after)) = rest.split_first() {
            if !step.has_room_for(next) || !step.add(next) {
                break;
            }
            rest = after;
        }
        Some((step, rest))
    }

    fn has_room_for(&self, record: &RelayRecord) -> bool {
        let (items, bytes) = match &record.content {
            RelayContent::Gift(gift) if self.earnings.contains_key(&CreatorDay::of(gift)) => (0, 0),
            RelayContent::Gift(_) => (1, 0),
            RelayContent::Unreadable(unreadable) => (1, unreadable.raw.len()),
        };
        let items = self.items().saturating_add(items);
        let texts = self.quarantined.iter().map(|it| it.record.raw.len());
        let texts = texts.fold(bytes, usize::saturating_add);
        let bytes = items.saturating_mul(ITEM_BYTES).saturating_add(texts);
        items <= ITEMS_MAX && bytes <= BYTES_MAX
    }

    /// The mark, the days, the quarantine.
    fn items(&self) -> usize {
        let others = self.earnings.len().saturating_add(self.quarantined.len());
        others.saturating_add(1)
    }

    /// Whether it was added: a sum beyond the range is left to the next step.
    fn add(&mut self, record: &RelayRecord) -> bool {
        match &record.content {
            RelayContent::Gift(gift) => {
                let day = CreatorDay::of(gift);
                let so_far = self.earnings.get(&day).copied().unwrap_or_default();
                let Some(sum) = Tally::of(gift).and_then(|one| so_far.plus(one)) else {
                    return false;
                };
                self.earnings.insert(day, sum);
            }
            RelayContent::Unreadable(unreadable) => self.quarantined.push(Quarantined {
                shard: self.shard.clone(),
                sequence: record.sequence.clone(),
                record: unreadable.clone(),
            }),
        }
        self.mark = record.sequence.clone();
        true
    }
}

#[cfg(test)]
#[path = "relay_tests.rs"]
mod tests;
