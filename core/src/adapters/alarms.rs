//! What a person must be woken for: lines that alarms count. One place, so that every road to a
//! settlement says the same.

use crate::{
    app::Settled,
    domain::{RechargeId, ReviewReason},
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
