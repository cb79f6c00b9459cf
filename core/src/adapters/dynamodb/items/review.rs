//! `REVIEW#<yyyymm>` / `<recharge id>#<session id>`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attributes, Unreadable, write};
use crate::domain::{CheckoutSessionId, PaymentIntentId, PaymentStatus, RechargeId, Review};

/// What a person must look at, whole.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct ReviewItem {
    recharge: RechargeId,
    session: CheckoutSessionId,
    reason: String,
    at: Timestamp,
    is_payment: bool,
    paid: bool,
    amount_total: Option<i64>,
    currency: Option<String>,
    livemode: bool,
    payment_intent: Option<PaymentIntentId>,
}

impl ReviewItem {
    pub(in super::super) fn write(review: &Review) -> Result<Attributes, Unreadable> {
        let session = review.session.clone();
        let item = Self {
            recharge: review.recharge.clone(),
            session: session.id,
            reason: review.reason.as_str().to_owned(),
            at: review.at,
            is_payment: session.is_payment,
            paid: session.payment_status == PaymentStatus::Paid,
            amount_total: session.amount_total,
            currency: session.currency,
            livemode: session.livemode,
            payment_intent: session.payment_intent,
        };
        write("review", &item)
    }
}
