//! The way to Stripe's API: with the key as it is now.

use std::{fmt, sync::Arc};

use secrecy::SecretString;

use super::{StripePayments, parse_base_url};
use crate::{
    adapters::{Setup, secrets::RuntimeSecret},
    app::ports::Outage,
    config::Reading,
};

/// Stripe's API with a key that may change while the function runs. A client is kept for as
/// long as its key is; a new key makes a new client.
pub struct StripeAccess(RuntimeSecret<StripePayments>);

impl fmt::Debug for StripeAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StripeAccess")
    }
}

impl StripeAccess {
    /// Reads `STRIPE_API_KEY` or `STRIPE_API_KEY_SECRET_ID`, and `STRIPE_API_BASE`.
    pub fn read(reading: &mut Reading<'_>, setup: &Setup) -> Option<Self> {
        let base_url = reading.optional("STRIPE_API_BASE", parse_base_url);
        let clock = Arc::clone(&setup.clock);
        let payments = RuntimeSecret::read(reading, setup, "STRIPE_API_KEY", move |key| {
            let key = SecretString::from(key);
            StripePayments::new(&key, base_url.as_deref(), Arc::clone(&clock))
        });
        payments.map(Self)
    }

    /// Stripe with the key as it is now: to be asked for by each operation that needs it, and
    /// not kept.
    ///
    /// # Errors
    /// [`Outage`] if no key is known.
    pub async fn payments(&self) -> Result<Arc<StripePayments>, Outage> {
        self.0.get().await
    }
}
