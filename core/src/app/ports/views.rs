//! What keeps the views: all that follows from the ledger.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
};

use jiff::{Timestamp, civil::Date};
use thiserror::Error;

use super::Outage;
use crate::domain::{
    CreatorDay, EarningsByDay, Lane, Month, ReceivedGift, RelayStep, SentGiftId, SequenceNumber,
    ShardId, Tally, UserId,
};

/// Remembers how far the relay has come in each shard of the stream.
pub trait RelayMarks {
    /// The last place of `shard` that was applied, read consistently; `None` if none was.
    fn relay_mark(
        &self,
        shard: &ShardId,
    ) -> impl Future<Output = Result<Option<SequenceNumber>, Outage>> + Send;
}

/// Applies what the stream told.
pub trait RelayCommits {
    /// Stores received gifts, however often and in any order. Answers those that were not stored
    /// yet, because the store was short of breath; they may be tried again.
    fn put_received(
        &self,
        gifts: &[ReceivedGift],
    ) -> impl Future<Output = Result<Vec<ReceivedGift>, Outage>> + Send;

    /// Stores a step in one transaction: mark, earnings and quarantine.
    ///
    /// # Errors
    /// - MUST be [`ApplyError::Moved`] if the shard has another mark than expected, or something
    ///   else was in the way, and then nothing was stored.
    /// - MUST be [`ApplyError::Unavailable`] if the outcome is not known.
    fn commit_step(&self, step: &RelayStep) -> impl Future<Output = Result<(), ApplyError>> + Send;
}

/// Why something was not applied, or not for certain.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// It is not as expected any more, or another write was in the way.
    #[error("what was to be applied has moved")]
    Moved,
    /// The outcome is unknown.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Reads what creators received.
pub trait ReceivedGifts {
    /// Up to `limit` gifts that `creator` received in `month`, of one lane, newest first, behind
    /// the gift that `after` names.
    fn received(
        &self,
        creator: &UserId,
        month: Month,
        lane: Lane,
        after: Option<&(Timestamp, SentGiftId)>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<ReceivedGift>, Outage>> + Send;

    /// The last day before `day` on which `creator` earned something.
    fn earned_before(
        &self,
        creator: &UserId,
        day: Date,
    ) -> impl Future<Output = Result<Option<Date>, Outage>> + Send;
}

/// Reads what creators earned.
pub trait Earnings {
    /// All that accrued to `creator`, by day.
    fn earnings(
        &self,
        creator: &UserId,
    ) -> impl Future<Output = Result<EarningsByDay, Outage>> + Send;
}

/// How far the relay has come in some shards; `None` where it has not begun.
pub type Marks = BTreeMap<ShardId, Option<SequenceNumber>>;

/// Compares a day's earnings with what was received, and corrects them.
pub trait EarningsCorrections {
    /// What one day's rows add up to at one moment, and how often the day was corrected.
    ///
    /// # Errors
    /// - MUST be [`ApplyError::Moved`] if one of them is being written.
    fn day_earnings(
        &self,
        day: &CreatorDay,
    ) -> impl Future<Output = Result<(Tally, u64), ApplyError>> + Send;

    /// The marks of these shards. What was decided together with anything that
    /// [`EarningsCorrections::day_earnings`] has told before is in them.
    ///
    /// # Errors
    /// - MUST be [`ApplyError::Moved`] if one of them is being written.
    fn marks_of(
        &self,
        shards: &BTreeSet<ShardId>,
    ) -> impl Future<Output = Result<Marks, ApplyError>> + Send;

    /// Every gift that was received on a day, read consistently.
    fn day_received(
        &self,
        day: &CreatorDay,
    ) -> impl Future<Output = Result<Vec<ReceivedGift>, Outage>> + Send;

    /// Adds `correction` to a day that was corrected so often before.
    ///
    /// # Errors
    /// As [`RelayCommits::commit_step`]: moved if the day was corrected meanwhile.
    fn correct(
        &self,
        day: &CreatorDay,
        expected_corrections: u64,
        correction: Tally,
    ) -> impl Future<Output = Result<(), ApplyError>> + Send;
}

/// Keeps the records that the relay could not apply.
pub trait Quarantine {
    /// The records of a day that have not been applied yet, each read anew.
    fn quarantined(
        &self,
        date: Date,
    ) -> impl Future<Output = Result<Vec<QuarantinedRecord>, Outage>> + Send;

    /// Adds the gift of a quarantined record to received gifts, and then to the earnings, in one
    /// transaction with the note that it was applied `at`. It counts as a correction of its day.
    ///
    /// # Errors
    /// As [`RelayCommits::commit_step`]: moved if it was applied meanwhile.
    fn apply_quarantined(
        &self,
        date: Date,
        gift: &ReceivedGift,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), ApplyError>> + Send;
}

/// A record in quarantine, as this version reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedRecord {
    /// The shard that it came from.
    pub shard: ShardId,
    /// Its place there.
    pub sequence: SequenceNumber,
    /// Its gift, or why it still cannot be read.
    pub content: Result<Box<ReceivedGift>, String>,
}
