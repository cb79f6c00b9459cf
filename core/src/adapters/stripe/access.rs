//! The way to Stripe's API: with the key as it is now.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;

use super::{StripePayments, parse_base_url};
use crate::{
    adapters::{Setup, secrets::RuntimeSecret},
    app::ports::{
        Checkout, Outage, PaymentRecords, PaymentReport, Payments, PaymentsError, SessionPage,
    },
    config::Reading,
    domain::{CheckoutSessionId, OpenedCheckout, PaymentIntentId, SessionReport},
};

/// Stripe's API with a key that may change while the function runs. A client is kept for as
/// long as its key is; a new key makes a new client.
///
/// The key is fetched by the first call that Stripe is asked for, and not before: while it
/// cannot be had, everything that does not need Stripe works.
#[derive(Debug)]
pub struct StripeAccess(RuntimeSecret<StripePayments>);

impl StripeAccess {
    /// Reads `STRIPE_API_KEY` or `STRIPE_API_KEY_SECRET_ID`, and `STRIPE_API_BASE`.
    pub fn read(reading: &mut Reading<'_>, setup: &Setup) -> Option<Self> {
        let base_url = reading.optional("STRIPE_API_BASE", parse_base_url);
        let clock = Arc::clone(&setup.clock);
        let stand_in = setup.stripe_http.clone();
        let payments = RuntimeSecret::read(reading, setup, "STRIPE_API_KEY", move |key| {
            let key = SecretString::from(key);
            if let Some(http) = stand_in.clone() {
                return Ok(StripePayments::over(http, Arc::clone(&clock)));
            }
            StripePayments::new(&key, base_url.as_deref(), Arc::clone(&clock))
        });
        payments.map(Self)
    }
}

impl Payments for StripeAccess {
    async fn open_checkout(
        &self,
        checkout: &Checkout<'_>,
        idempotency_key: &str,
    ) -> Result<OpenedCheckout, PaymentsError> {
        let payments = self.0.get().await?;
        payments.open_checkout(checkout, idempotency_key).await
    }
}

impl PaymentRecords for StripeAccess {
    async fn session(&self, id: &CheckoutSessionId) -> Result<Option<SessionReport>, Outage> {
        self.0.get().await?.session(id).await
    }

    async fn sessions(
        &self,
        from: Timestamp,
        after: Option<&CheckoutSessionId>,
    ) -> Result<SessionPage, Outage> {
        self.0.get().await?.sessions(from, after).await
    }

    async fn payment(&self, id: &PaymentIntentId) -> Result<Option<PaymentReport>, Outage> {
        self.0.get().await?.payment(id).await
    }
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
