//! What an operator does when the relay could not: applies what is in quarantine, and compares a
//! day's earnings with what was received.

use std::collections::BTreeMap;

use jiff::civil::Date;
use thiserror::Error;

use super::ports::{ApplyError, Clock, EarningsCorrections, Outage, Quarantine, RelayMarks};
use crate::domain::{CreatorDay, ReceivedGift, SentGiftId, SequenceNumber, ShardId, Tally};

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
    /// The day was corrected meanwhile: compare again.
    #[error("the day was corrected meanwhile: compare again")]
    Moved,
    /// An outage. A correction may have been stored: compare again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// A comparison begins anew so often if the relay counts meanwhile.
const COMPARISONS_MAX: u32 = 10;

type Marks = BTreeMap<ShardId, Option<SequenceNumber>>;

/// Compares a day's earnings with its received gifts, at one moment, while the relay goes on.
///
/// Each received gift says where the stream told it, and the relay moves a shard's mark together
/// with the earnings. So the earnings must be those of the received gifts at or below the marks,
/// if both were the same before and after the earnings were read. A record that is replayed from
/// quarantine meanwhile moves no mark, but is a gift more.
///
/// # Errors
/// [`RebuildError`]; nothing was changed.
pub async fn compare_day(
    views: &(impl EarningsCorrections + RelayMarks),
    day: &CreatorDay,
) -> Result<DayComparison, RebuildError> {
    for _ in 0..COMPARISONS_MAX {
        let before = Received::of(views, day).await?;
        let (earned, corrections) = views.day_earnings(day).await?;
        // What a mark has passed was put before: it is among the received gifts by now.
        let after = Received::of(views, day).await?;
        if before == after {
            return compared(&after, earned, corrections);
        }
    }
    Err(RebuildError::Busy)
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
#[derive(Debug, PartialEq, Eq)]
struct Received {
    marks: Marks,
    counted: BTreeMap<SentGiftId, Tally>,
}

impl Received {
    async fn of(
        views: &(impl EarningsCorrections + RelayMarks),
        day: &CreatorDay,
    ) -> Result<Self, Outage> {
        let gifts = views.day_received(day).await?;
        let mut marks = Marks::new();
        for gift in &gifts {
            if !marks.contains_key(&gift.shard) {
                let mark = views.relay_mark(&gift.shard).await?;
                marks.insert(gift.shard.clone(), mark);
            }
        }
        let mut counted = BTreeMap::new();
        for gift in gifts {
            let mark = marks.get(&gift.shard).and_then(Option::as_ref);
            if mark.is_some_and(|mark| gift.sequence <= *mark) {
                let tally = Tally::of(&gift).ok_or_else(beyond_range)?;
                counted.insert(gift.sent.id, tally);
            }
        }
        Ok(Self { marks, counted })
    }
}

fn compared(
    received: &Received,
    earned: Tally,
    corrections: u64,
) -> Result<DayComparison, RebuildError> {
    let counted = received.counted.values().copied();
    let received = Tally::sum(counted).ok_or_else(beyond_range)?;
    let difference = received.minus(earned).ok_or_else(beyond_range)?;
    Ok(DayComparison {
        received,
        earned,
        difference,
        corrections,
    })
}

fn beyond_range() -> Outage {
    Outage::new(
        "the views table",
        "earnings are beyond the range of numbers",
    )
}
