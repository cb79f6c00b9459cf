//! What a person must be woken for: lines that alarms count. One place, so that every road to a
//! settlement says the same.

use std::error::Error;

use jiff::civil::Date;

use crate::{
    app::{Settled, ports::causes},
    domain::{RechargeId, ReviewReason, SequenceNumber, ShardId},
};

/// Tells what came of a settlement if a person must look at it.
pub fn settled(recharge: &RechargeId, settled: Settled) {
    if let Settled::NeedsReview(reason) = settled {
        needs_review(recharge, reason);
    }
}

/// A paid recharge is not as we asked for.
pub fn needs_review(recharge: &RechargeId, reason: ReviewReason) {
    let (recharge, reason) = (recharge.as_str(), reason.as_str());
    tracing::error!(
        recharge.id = recharge,
        reason,
        "a paid recharge needs a review"
    );
}

/// A record of the ledger's stream cannot be read. Neither its text nor the reason is told here:
/// both may repeat what people wrote. They are with the record, in quarantine.
pub fn quarantined(shard: &ShardId, sequence: &SequenceNumber, date: Date) {
    let (shard, sequence) = (shard.as_str(), sequence.as_str());
    let date = date.to_string();
    tracing::error!(
        shard,
        sequence,
        date,
        "a stream record is put into quarantine"
    );
}

/// A batch of the ledger's stream was not relayed; it comes again until it is.
pub fn relay_failed(error: &(dyn Error + 'static)) {
    let cause = causes(error).to_string();
    tracing::error!(cause, "a batch was not relayed");
}
