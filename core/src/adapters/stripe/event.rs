//! Reads what we use of a Stripe event, and nothing else.
//!
//! Stripe adds, drops and reshapes fields with every API version, and an endpoint may be set to
//! any version. What is not read cannot cost a paid event: unknown fields are skipped, and the
//! object of an event that we do not use is not even looked at.

mod wire;

use thiserror::Error;

use super::VerifiedBody;
use crate::domain::{CheckoutSession, PaymentStatus, RechargeId};

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
        let kind = match envelope.kind.as_str() {
            "checkout.session.completed" => EventKind::CheckoutCompleted(session(body)?),
            "checkout.session.async_payment_succeeded" => {
                EventKind::CheckoutAsyncSucceeded(session(body)?)
            }
            other => EventKind::Other(loggable(other)),
        };
        Ok(Self {
            id: loggable(&envelope.id),
            kind,
            created: envelope.created,
        })
    }
}

/// The name ends up in logs and metrics, which have limits of their own.
fn loggable(name: &str) -> String {
    const LENGTH_MAX: usize = 100;
    name.chars()
        .filter(char::is_ascii_graphic)
        .take(LENGTH_MAX)
        .collect()
}

fn session(body: VerifiedBody<'_>) -> Result<SessionEvent, EventUnreadable> {
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
            _ => PaymentStatus::Unpaid,
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

/// The recharge of that id, unless it is somebody else's name for something: other products may
/// use the same Stripe account.
fn ours(name: String) -> Option<RechargeId> {
    RechargeId::try_from(name)
        .ok()
        .filter(|id| id.as_str().starts_with("rch_"))
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
