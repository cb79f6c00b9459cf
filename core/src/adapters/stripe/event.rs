//! Reads what we use of a Stripe event, and nothing else.
//!
//! Stripe adds, drops and reshapes fields with every API version, and an endpoint may be set to
//! any version. What is not read cannot cost a paid event: unknown fields are skipped, and the
//! object of an event that we do not use is not even looked at.

mod wire;

use thiserror::Error;

use super::{VerifiedBody, ours::ours};
use crate::domain::{CheckoutSession, PaymentIntentId, PaymentStatus, RechargeId};

/// An event of Stripe's, as far as we use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeEvent {
    /// Stripe's id of it: `evt_…`, printable ASCII.
    pub id: String,
    /// What happened.
    pub kind: EventKind,
    /// When it happened, in seconds since 1970.
    pub created: i64,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// `checkout.session.completed`: the buyer is done, and may have paid.
    CheckoutCompleted(SessionEvent),
    /// `checkout.session.async_payment_succeeded`: a payment that takes days came in.
    CheckoutAsyncSucceeded(SessionEvent),
    /// `checkout.session.async_payment_failed`: a payment that takes days did not come.
    CheckoutAsyncFailed(SessionEvent),
    /// `checkout.session.expired`: the buyer did not pay in time.
    CheckoutExpired(SessionEvent),
    /// A refund or a dispute of this payment came, changed, or ended.
    TakenBack(PaymentIntentId),
    /// Anything else; the start of its type's name, printable ASCII.
    Other(String),
}

/// A checkout session, and the recharge that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEvent {
    /// The recharge; `None` if the session is none of ours.
    pub recharge: Option<RechargeId>,
    /// The session.
    pub session: CheckoutSession,
}

/// A signed body that is no event as we know them. Nothing of the body is repeated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the event is unreadable at `{at}`: {problem}")]
pub struct EventUnreadable {
    /// Which of the fields that we read, or the one around it.
    at: &'static str,
    problem: &'static str,
}

impl StripeEvent {
    /// Reads a body that Stripe signed.
    ///
    /// # Errors
    /// [`EventUnreadable`] if something that we read is missing or of another type.
    pub fn parse(body: VerifiedBody<'_>) -> Result<Self, EventUnreadable> {
        let envelope: wire::Envelope = wire::read(body)?;
        // What a session without money means, its event tells: `unpaid` covers it all.
        let kind = match envelope.kind.as_str() {
            "checkout.session.completed" => {
                EventKind::CheckoutCompleted(session(body, PaymentStatus::Processing)?)
            }
            "checkout.session.async_payment_succeeded" => {
                EventKind::CheckoutAsyncSucceeded(session(body, PaymentStatus::Processing)?)
            }
            "checkout.session.async_payment_failed" => {
                EventKind::CheckoutAsyncFailed(session(body, PaymentStatus::Failed)?)
            }
            "checkout.session.expired" => {
                EventKind::CheckoutExpired(session(body, PaymentStatus::Expired)?)
            }
            other if TAKEN_BACK.contains(&other) => match payment_of(body)? {
                Some(payment_intent) => EventKind::TakenBack(payment_intent),
                None => EventKind::Other(loggable(other)),
            },
            other => EventKind::Other(loggable(other)),
        };
        Ok(Self {
            id: loggable(&envelope.id),
            kind,
            created: envelope.created,
        })
    }
}

/// The events after which Stripe is asked what is taken back of a payment. Their objects differ
/// (a refund, a dispute, a charge), but all name the payment intent.
const TAKEN_BACK: [&str; 10] = [
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.refund.updated",
    "charge.refunded",
    "refund.created",
    "refund.failed",
    "refund.updated",
];

/// `None` for charges from before there were payment intents: none of ours.
fn payment_of(body: VerifiedBody<'_>) -> Result<Option<PaymentIntentId>, EventUnreadable> {
    let object = wire::read::<wire::PaymentEnvelope>(body)?.data.object;
    Ok(object.payment_intent.map(|intent| intent.0))
}

/// The name ends up in logs and metrics, which have limits of their own.
fn loggable(name: &str) -> String {
    const LENGTH_MAX: usize = 100;
    name.chars()
        .filter(char::is_ascii_graphic)
        .take(LENGTH_MAX)
        .collect()
}

fn session(
    body: VerifiedBody<'_>,
    without_money: PaymentStatus,
) -> Result<SessionEvent, EventUnreadable> {
    let wire::Session {
        id,
        object,
        mode,
        payment_status,
        amount_total,
        currency,
        livemode,
        payment_intent,
        metadata,
        client_reference_id,
    } = wire::read::<wire::SessionEnvelope>(body)?.data.object;
    if object != "checkout.session" {
        return Err(EventUnreadable {
            at: "data.object.object",
            problem: "not a checkout session",
        });
    }
    let named = metadata.and_then(|metadata| metadata.recharge_id);
    let session = CheckoutSession {
        id,
        is_payment: mode == "payment",
        payment_status: match payment_status.as_str() {
            "paid" => PaymentStatus::Paid,
            _ => without_money,
        },
        amount_total,
        currency,
        livemode,
        payment_intent: payment_intent.map(|intent| intent.0),
    };
    let recharge = named
        .and_then(ours)
        .or_else(|| client_reference_id.and_then(ours));
    Ok(SessionEvent { recharge, session })
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
