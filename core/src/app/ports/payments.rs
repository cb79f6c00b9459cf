//! What takes payments, and tells about them: Stripe.

use std::future::Future;

use jiff::Timestamp;
use thiserror::Error;

use super::Outage;
use crate::domain::{
    CheckoutParams, CheckoutSessionId, Money, OpenedCheckout, PaymentIntentId, RechargeId,
    SessionReport, TakenBack,
};

/// Tells about payments: Stripe.
pub trait PaymentRecords {
    /// What is true of a checkout session now; `None` if there is none of this id.
    fn session(
        &self,
        id: &CheckoutSessionId,
    ) -> impl Future<Output = Result<Option<SessionReport>, Outage>> + Send;

    /// A page of the sessions that were opened at `from` or later, newest first, beginning
    /// behind the session `after`.
    fn sessions(
        &self,
        from: Timestamp,
        after: Option<&CheckoutSessionId>,
    ) -> impl Future<Output = Result<SessionPage, Outage>> + Send;

    /// What is true of a payment now; `None` if there is no payment intent of this id.
    fn payment(
        &self,
        id: &PaymentIntentId,
    ) -> impl Future<Output = Result<Option<PaymentReport>, Outage>> + Send;
}

/// Some sessions, newest first.
#[derive(Debug, Default)]
pub struct SessionPage {
    /// What is true of them.
    pub reports: Vec<SessionReport>,
    /// The last session of the page, if another page follows.
    pub next_after: Option<CheckoutSessionId>,
}

/// What is true of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentReport {
    /// The recharge that it names; `None` if it is none of ours.
    pub recharge: Option<RechargeId>,
    /// What was taken back of it.
    pub taken_back: TakenBack,
}

/// Takes payments: Stripe.
pub trait Payments {
    /// Opens a checkout session. The same key with the same parameters opens one session,
    /// however often it is asked for.
    ///
    /// # Errors
    /// - MUST be [`PaymentsError::StoredFailure`] if the same key would be answered with this
    ///   failure again.
    /// - MUST be [`PaymentsError::InProgress`] if another call with this key has not ended yet.
    /// - MUST be [`PaymentsError::Unavailable`] if the same key may be tried again.
    fn open_checkout(
        &self,
        checkout: &Checkout<'_>,
        idempotency_key: &str,
    ) -> impl Future<Output = Result<OpenedCheckout, PaymentsError>> + Send;
}

/// Everything that a checkout session is opened with.
#[derive(Debug, Clone, Copy)]
pub struct Checkout<'a> {
    /// For which recharge: on the session, on its payment intent and as the client reference.
    pub recharge: &'a RechargeId,
    /// What it costs.
    pub price: Money,
    /// The rest.
    pub params: &'a CheckoutParams,
}

/// Why no checkout session was opened, or none that we know.
#[derive(Debug, Error)]
pub enum PaymentsError {
    /// Stripe failed, and keeps this answer under the key.
    #[error("Stripe stored a failure")]
    StoredFailure(#[source] Outage),
    /// Another call with this key is being answered.
    #[error("Stripe is answering another call with this key")]
    InProgress(#[source] Outage),
    /// Stripe did not answer, or refused; the session may exist.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}
