//! Relays gifts from the ledger's stream to their creators, exactly once.

use thiserror::Error;

use super::{
    Attempts,
    ports::{ApplyError, Clock, Outage, RelayCommits, RelayMarks},
};
use crate::domain::{
    ReceivedGift, RelayContent, RelayRecord, RelayStep, SequenceNumber, ShardId, fresh,
};

/// What came of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Relayed {
    /// Records that were applied now, quarantined ones included.
    pub applied: usize,
    /// Of those, the ones that went to quarantine.
    pub quarantined: usize,
    /// In how many transactions.
    pub transactions: usize,
}

/// Why a batch was not relayed to its end.
#[derive(Debug, Error)]
pub enum RelayError {
    /// An outage: the same batch must come again. What was applied of it is skipped then.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Relays a batch of one shard.
///
/// First the received gifts are put, which may happen any number of times. Then the earnings are
/// added, in one transaction with the shard's mark, for the longest beginning of the batch that
/// fits, then the next. So whatever a mark has passed is among the received gifts, and a crash
/// leaves earnings that are too low and never too high. What was applied is in `relayed`, also if it
/// ends with an error: when the batch comes again, that is skipped.
///
/// # Errors
/// [`RelayError`]: the batch must come again.
pub async fn relay(
    views: &(impl RelayMarks + RelayCommits),
    clock: &dyn Clock,
    shard: &ShardId,
    records: Vec<RelayRecord>,
    relayed: &mut Relayed,
) -> Result<(), RelayError> {
    // Calls at the end of a time window have no records: they must cost nothing.
    if records.is_empty() {
        return Ok(());
    }
    let mut attempts = Attempts::begin_at_views(clock);
    let mut mark = views.relay_mark(shard).await?;
    let mut rest = fresh(records, mark.as_ref());
    put_received(views, &mut attempts, &rest).await?;
    while let Some((step, after)) = RelayStep::longest(shard, mark.as_ref(), &rest) {
        match views.commit_step(&step).await {
            Ok(()) => {
                let count = rest.len().saturating_sub(after.len());
                relayed.applied = relayed.applied.saturating_add(count);
                let quarantined = step.quarantined.len();
                relayed.quarantined = relayed.quarantined.saturating_add(quarantined);
                relayed.transactions = relayed.transactions.saturating_add(1);
                rest = after.to_vec();
                mark = Some(step.mark);
            }
            Err(ApplyError::Moved) => {
                attempts.again().await?;
                mark = moved_on(views, shard, mark).await?;
                rest = fresh(rest, mark.as_ref());
            }
            Err(ApplyError::Unavailable(outage)) => return Err(outage.into()),
        }
    }
    Ok(())
}

/// The mark as it is now.
async fn moved_on(
    views: &impl RelayMarks,
    shard: &ShardId,
    known: Option<SequenceNumber>,
) -> Result<Option<SequenceNumber>, Outage> {
    let found = views.relay_mark(shard).await?;
    // A mark only goes forward. One that went back would apply records twice.
    if found < known {
        return Err(Outage::new("the views table", "a mark went back"));
    }
    Ok(found)
}

async fn put_received(
    views: &impl RelayCommits,
    attempts: &mut Attempts<'_>,
    records: &[RelayRecord],
) -> Result<(), Outage> {
    let gifts = records.iter().filter_map(|record| match &record.content {
        RelayContent::Gift(gift) => Some(ReceivedGift::clone(gift)),
        RelayContent::Unreadable(_) => None,
    });
    let mut left: Vec<_> = gifts.collect();
    while !left.is_empty() {
        left = views.put_received(&left).await?;
        if !left.is_empty() {
            attempts.again().await?;
        }
    }
    Ok(())
}
