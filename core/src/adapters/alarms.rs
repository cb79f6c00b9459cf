//! What a person must be woken for: lines of the log, and the metrics that alarms look at. One place,
//! so that every road to a settlement says the same.

use std::error::Error;

use jiff::civil::Date;

use crate::{
    app::{
        Settled,
        ports::{Metric, Metrics, causes},
    },
    domain::{RechargeId, ReviewReason, SequenceNumber, ShardId},
};

/// Tells what came of a settlement: coins, or something that a person must look at.
pub fn settled(metrics: &dyn Metrics, recharge: &RechargeId, settled: Settled) {
    match settled {
        Settled::Credited => metrics.count(Metric::RechargesSettled),
        Settled::NeedsReview(reason) => needs_review(metrics, recharge, reason),
        Settled::Already
        | Settled::Shown(_)
        | Settled::TakenBack
        | Settled::Nothing
        | Settled::InReview(_)
        | Settled::NotOurs => {}
    }
}

/// A paid recharge is not as we asked for.
pub fn needs_review(metrics: &dyn Metrics, recharge: &RechargeId, reason: ReviewReason) {
    metrics.count(Metric::ReviewsNeeded);
    let (recharge, reason) = (recharge.as_str(), reason.as_str());
    tracing::error!(
        recharge.id = recharge,
        reason,
        "a paid recharge needs a review"
    );
}

/// A record of the ledger's stream cannot be read. Neither its text nor the reason is told here:
/// both may repeat what people wrote. They are with the record, in quarantine.
pub fn quarantined(metrics: &dyn Metrics, shard: &ShardId, sequence: &SequenceNumber, date: Date) {
    metrics.count(Metric::RecordsQuarantined);
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
