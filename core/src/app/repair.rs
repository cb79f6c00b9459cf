//! What an operator does when the relay could not: applies what is in quarantine, and compares a
//! day's earnings with what was received.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use thiserror::Error;

use super::ports::{ApplyError, Clock, EarningsCorrections, Marks, Outage, Quarantine};
use crate::domain::{CreatorDay, ReceivedGift, SentGiftId, SequenceNumber, Tally};

/// What came of replaying one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// It is among received gifts and earnings now.
    Applied(Box<ReceivedGift>),
    /// Somebody else applied it meanwhile, or was in the way: look again.
    Moved,
    /// It still cannot be read.
    Unreadable(String),
}

/// Applies what is in quarantine of a day, as far as this version can read it.
///
/// # Errors
/// [`Outage`]; what was applied before stays so, and is not applied again.
pub async fn replay_quarantine(
    views: &impl Quarantine,
    clock: &dyn Clock,
    date: Date,
) -> Result<Vec<(SequenceNumber, Replayed)>, Outage> {
    let mut replayed = Vec::new();
    for record in views.quarantined(date).await? {
        let outcome = match record.content {
            Err(reason) => Replayed::Unreadable(reason),
            Ok(gift) => match views.apply_quarantined(date, &gift, clock.now()).await {
                Ok(()) => Replayed::Applied(gift),
                Err(ApplyError::Moved) => Replayed::Moved,
                Err(ApplyError::Unavailable(outage)) => return Err(outage),
            },
        };
        replayed.push((record.sequence, outcome));
    }
    Ok(replayed)
}

/// A day's earnings beside what was received on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayComparison {
    /// What the received gifts add up to, as far as the relay has counted them.
    pub received: Tally,
    /// What the earnings say.
    pub earned: Tally,
    /// What the earnings lack; negative is too much.
    pub difference: Tally,
    /// How often the day was corrected before.
    pub corrections: u64,
    /// When the oldest gift was sent that is received and not counted yet; `None` if all are.
    pub waits_since: Option<Timestamp>,
}

impl DayComparison {
    /// Whether nothing is to be corrected.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.difference == Tally::default()
    }
}

/// Why a day was not compared or not corrected.
#[derive(Debug, Error)]
pub enum RebuildError {
    /// The relay counted for this day, or for others in the same shards, all the while.
    #[error("the relay is too busy with the shards of this day: try again when it is quieter")]
    Busy,
    /// A gift of the day is in quarantine, and among the received gifts, too.
    #[error("a gift of this day waits in quarantine: recharge replay, then try again")]
    Waiting,
    /// The day was corrected meanwhile: compare again.
    #[error("the day was corrected meanwhile: compare again")]
    Moved,
    /// An outage. A correction may have been stored: compare again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// A comparison begins anew so often if the relay counts meanwhile.
const COMPARISONS_MAX: u32 = 10;

/// Compares a day's earnings with its received gifts, at one moment, while the relay goes on.
///
/// Each received gift says where the stream told it, and the relay moves a shard's mark together
/// with the earnings. So the earnings must be those of the received gifts at or below the marks, if
/// both were the same before and after the earnings were read. Reads beside a transaction may see
/// a half of it; so earnings and marks are read in transactions, too.
///
/// # Errors
/// [`RebuildError`]; nothing was changed.
pub async fn compare_day(
    views: &(impl EarningsCorrections + Quarantine),
    day: &CreatorDay,
) -> Result<DayComparison, RebuildError> {
    for _ in 0..COMPARISONS_MAX {
        let Some(before) = Received::of(views, day).await? else {
            continue;
        };
        let Some((earned, corrections)) = if_still(views.day_earnings(day).await)? else {
            continue;
        };
        // What a mark has passed was put before: it is among the received gifts by now.
        let after = Received::of(views, day).await?;
        if after.is_some_and(|after| after.is_counted_as(&before)) {
            return compared(&before, earned, corrections);
        }
    }
    Err(RebuildError::Busy)
}

/// What was read, or `None` if it was being written.
fn if_still<T>(read: Result<T, ApplyError>) -> Result<Option<T>, Outage> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(ApplyError::Moved) => Ok(None),
        Err(ApplyError::Unavailable(outage)) => Err(outage),
    }
}

/// Corrects a day by what it was found to lack. The relay may go on meanwhile: what it adds is not
/// in the comparison and not in the correction.
///
/// # Errors
/// [`RebuildError`].
pub async fn correct_day(
    views: &impl EarningsCorrections,
    day: &CreatorDay,
    comparison: &DayComparison,
) -> Result<(), RebuildError> {
    let (expected, correction) = (comparison.corrections, comparison.difference);
    match views.correct(day, expected, correction).await {
        Ok(()) => Ok(()),
        Err(ApplyError::Moved) => Err(RebuildError::Moved),
        Err(ApplyError::Unavailable(outage)) => Err(outage.into()),
    }
}

/// What was received on a day and is counted, as far as the marks say.
#[derive(Debug)]
struct Received {
    marks: Marks,
    counted: BTreeMap<SentGiftId, Tally>,
    waits_since: Option<Timestamp>,
}

impl Received {
    /// Whether the same is counted; more may wait to be.
    fn is_counted_as(&self, other: &Self) -> bool {
        self.marks == other.marks && self.counted == other.counted
    }

    async fn of(
        views: &(impl EarningsCorrections + Quarantine),
        day: &CreatorDay,
    ) -> Result<Option<Self>, RebuildError> {
        let gifts = views.day_received(day).await?;
        let shards = gifts.iter().map(|gift| gift.shard.clone()).collect();
        let Some(marks) = if_still(views.marks_of(&shards).await)? else {
            return Ok(None);
        };
        if is_any_waiting(views, day, &gifts).await? {
            return Err(RebuildError::Waiting);
        }
        let (mut counted, mut waits_since) = (BTreeMap::new(), None);
        for gift in gifts {
            let mark = marks.get(&gift.shard).and_then(Option::as_ref);
            if mark.is_some_and(|mark| gift.sequence <= *mark) {
                let tally = Tally::of(&gift).ok_or_else(beyond_range)?;
                counted.insert(gift.sent.id, tally);
            } else {
                waits_since = Some(waits_since.map_or(gift.at, |since| gift.at.min(since)));
            }
        }
        Ok(Some(Self {
            marks,
            counted,
            waits_since,
        }))
    }
}

/// Whether one of these gifts is received and waits in quarantine at once: another version could
/// read it and this one could not, or it is being replayed. It is not counted, though the mark has
/// passed it.
async fn is_any_waiting(
    views: &impl Quarantine,
    day: &CreatorDay,
    gifts: &[ReceivedGift],
) -> Result<bool, Outage> {
    // A record is kept under the day on which it happened: the gift's own, or the next at midnight.
    let next = day.date.tomorrow().unwrap_or(day.date);
    for date in [day.date, next] {
        for record in views.quarantined(date).await? {
            let is_it = |gift: &ReceivedGift| {
                gift.shard == record.shard && gift.sequence == record.sequence
            };
            if gifts.iter().any(is_it) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn compared(
    received: &Received,
    earned: Tally,
    corrections: u64,
) -> Result<DayComparison, RebuildError> {
    let waits_since = received.waits_since;
    let counted = received.counted.values().copied();
    let received = Tally::sum(counted).ok_or_else(beyond_range)?;
    let difference = received.minus(earned).ok_or_else(beyond_range)?;
    Ok(DayComparison {
        received,
        earned,
        difference,
        corrections,
        waits_since,
    })
}

fn beyond_range() -> Outage {
    Outage::new(
        "the views table",
        "earnings are beyond the range of numbers",
    )
}
