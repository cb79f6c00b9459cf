//! The JSON of Stripe's answers, as far as we read it.

use jiff::Timestamp;
use miniserde::Deserialize;

use super::super::ours::ours;
use crate::domain::{
    CheckoutSession, CheckoutSessionId, PaymentIntentId, PaymentStatus, RechargeId, SessionReport,
    TakenBack,
};

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
    pub(super) has_more: bool,
}

/// A checkout session with its payment intent in it.
#[derive(Deserialize)]
pub(super) struct Session {
    id: String,
    created: i64,
    status: Option<String>,
    mode: String,
    payment_status: String,
    amount_total: Option<i64>,
    currency: Option<String>,
    livemode: bool,
    pub(super) payment_intent: Option<PaymentIntent>,
    metadata: Option<Metadata>,
    client_reference_id: Option<String>,
}

/// Of all metadata, which any product on the account may fill, the one that is ours.
#[derive(Deserialize)]
pub(super) struct Metadata {
    recharge_id: Option<String>,
}

/// A payment intent with its last charge in it.
#[derive(Deserialize)]
pub(super) struct PaymentIntent {
    pub(super) id: String,
    status: Option<String>,
    pub(super) latest_charge: Option<Charge>,
    metadata: Option<Metadata>,
}

/// A charge: one try to pay.
#[derive(Deserialize)]
pub(super) struct Charge {
    created: Option<i64>,
    pub(super) amount_refunded: Option<u64>,
    pub(super) disputed: Option<bool>,
}

/// A dispute.
#[derive(Deserialize)]
pub(super) struct Dispute {
    status: String,
}

impl Dispute {
    /// Whether the buyer's bank may keep the money, or has it already.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.status.as_str(), "won" | "warning_closed" | "prevented")
    }
}

impl PaymentIntent {
    pub(super) fn recharge(&self) -> Option<RechargeId> {
        let named = self.metadata.as_ref()?.recharge_id.clone();
        named.and_then(ours)
    }
}

impl Session {
    pub(super) fn report(self, taken_back: TakenBack) -> Result<SessionReport, &'static str> {
        let status = self.payment_status();
        let created = Timestamp::from_second(self.created).map_err(|_| "a session's time")?;
        let charge = self
            .payment_intent
            .as_ref()
            .and_then(|intent| intent.latest_charge.as_ref());
        let tried_at = charge
            .and_then(|charge| charge.created)
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        let payment_intent = self
            .payment_intent
            .map(|intent| PaymentIntentId::try_from(intent.id))
            .transpose()
            .map_err(|_| "a payment intent's id")?;
        let named = self.metadata.and_then(|metadata| metadata.recharge_id);
        let recharge = named
            .and_then(ours)
            .or_else(|| self.client_reference_id.and_then(ours));
        let session = CheckoutSession {
            id: CheckoutSessionId::try_from(self.id).map_err(|_| "a session's id")?,
            is_payment: self.mode == "payment",
            payment_status: status,
            amount_total: self.amount_total,
            currency: self.currency,
            livemode: self.livemode,
            payment_intent,
        };
        Ok(SessionReport {
            recharge,
            session,
            created,
            tried_at,
            taken_back,
        })
    }

    /// A session that is complete stays so whatever becomes of a payment that takes days: only
    /// its payment intent tells whether there is still hope.
    fn payment_status(&self) -> PaymentStatus {
        let intent = self.payment_intent.as_ref();
        let intent_status = intent.and_then(|intent| intent.status.as_deref());
        match (self.payment_status.as_str(), self.status.as_deref()) {
            ("paid", _) => PaymentStatus::Paid,
            (_, Some("expired")) => PaymentStatus::Expired,
            (_, Some("complete")) => match intent_status {
                Some("requires_payment_method" | "canceled") => PaymentStatus::Failed,
                _ => PaymentStatus::Processing,
            },
            _ => PaymentStatus::Open,
        }
    }
}
