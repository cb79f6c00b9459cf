//! Opens checkout sessions.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use stripe::{ClientBuilder, IdempotencyKey, RequestStrategy, StripeRequest};
use stripe_checkout::{
    CheckoutSession, CheckoutSessionMode,
    checkout_session::{
        CreateCheckoutSession, CreateCheckoutSessionLineItems,
        CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData,
        ProductData,
    },
};

use super::{
    failure::{Failure, Next},
    http::SharedStripeHttp,
    parse_base_url,
    transport::Transport,
};
use crate::{
    app::ports::{Checkout, Clock, Outage, Payments, PaymentsError},
    domain::{CheckoutSessionId, OpenedCheckout},
};

/// What an outage here is an outage of.
pub(super) const WHAT: &str = "Stripe";

/// How long one try may take, connecting included. Stripe opens a session in about a second.
const TRY_TIMEOUT: Duration = Duration::from_secs(6);

/// How often one call tries, in all: 2 × 6 s and a wait stay well below the 29 s after which
/// API Gateway gives up on us. The client's own retry comes later, with the same key.
const TRIES: u32 = 2;

/// The wait before another try is from `WAIT_MIN` to `WAIT_MIN + WAIT_JITTER`: long enough for
/// a request with the same key to end, which is what a conflict is mostly about.
pub(super) const WAIT_MIN: Duration = Duration::from_millis(250);
pub(super) const WAIT_JITTER: Duration = Duration::from_millis(500);

/// Stripe's API, through async-stripe.
///
/// The client is to be made once: making it reads the root certificates, a clone is a few
/// reference counts. It keeps no idle connection (its pool is fixed to zero), so that every
/// call pays for TCP and TLS; that is bearable because a recharge makes one call, and spares us
/// the connections that die while a Lambda sleeps. It has no timeout unless told, and its own
/// retry strategies would send other keys than ours, or none: we ask it for single tries only.
#[derive(Clone)]
pub struct StripePayments {
    pub(super) client: Transport,
    pub(super) clock: Arc<dyn Clock>,
}

impl fmt::Debug for StripePayments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StripePayments")
            .finish_non_exhaustive()
    }
}

impl StripePayments {
    /// A client with that API key, for Stripe itself or for an API like it at `base_url`.
    ///
    /// # Errors
    /// What is wrong with the key or the URL, without repeating the key.
    pub fn new(
        api_key: &SecretString,
        base_url: Option<&str>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        Self::with_timeout(api_key, base_url, clock, TRY_TIMEOUT)
    }

    pub(super) fn with_timeout(
        api_key: &SecretString,
        base_url: Option<&str>,
        clock: Arc<dyn Clock>,
        timeout: Duration,
    ) -> Result<Self, String> {
        let key = api_key.expose_secret();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a Stripe API key is printable ASCII without spaces".to_owned());
        }
        let mut builder = ClientBuilder::new(key).timeout(timeout);
        if let Some(url) = base_url {
            builder = builder.url(parse_base_url(url)?);
        }
        let client = builder.build().map_err(|error| error.to_string())?;
        let client = Transport::Network(Box::new(client));
        Ok(Self { client, clock })
    }

    /// A client whose requests go another way than over the network.
    #[must_use]
    pub fn over(http: SharedStripeHttp, clock: Arc<dyn Clock>) -> Self {
        let client = Transport::StandIn(http, TRY_TIMEOUT);
        Self { client, clock }
    }

    async fn try_once(
        &self,
        request: &CreateCheckoutSession,
        key: &IdempotencyKey,
    ) -> Result<OpenedCheckout, Failure> {
        let strategy = RequestStrategy::Idempotent(key.clone());
        let request = request.customize().request_strategy(strategy);
        let CheckoutSession { id, url, .. } = request.send(&self.client).await?;
        let session = CheckoutSessionId::try_from(id.as_str())
            .map_err(|_| Failure::Unreadable("no usable session id".to_owned()))?;
        let url = url.ok_or_else(|| Failure::Unreadable("a session without URL".to_owned()))?;
        Ok(OpenedCheckout { session, url })
    }
}

impl Payments for StripePayments {
    async fn open_checkout(
        &self,
        checkout: &Checkout<'_>,
        idempotency_key: &str,
    ) -> Result<OpenedCheckout, PaymentsError> {
        let key = IdempotencyKey::new(idempotency_key).map_err(|error| Outage::new(WHAT, error))?;
        let request = request(checkout)?;
        let mut tries = 1;
        loop {
            match self.try_once(&request, &key).await {
                Ok(opened) => return Ok(opened),
                Err(failure) if failure.next() == Next::SameKeyNow && tries < TRIES => {
                    tracing::warn!(tries, cause = %failure, "Stripe is asked once more");
                    let wait = WAIT_MIN.saturating_add(self.clock.jitter(WAIT_JITTER));
                    self.clock.sleep(wait).await;
                    tries = tries.saturating_add(1);
                }
                Err(failure) => return Err(failure.into_error(WHAT)),
            }
        }
    }
}

/// The same for the same checkout, to the byte: Stripe refuses a key that comes with anything
/// else than before. `payment_method_types` stays unset, so that Stripe offers what suits.
fn request(checkout: &Checkout<'_>) -> Result<CreateCheckoutSession, Outage> {
    let Checkout {
        recharge,
        price,
        params,
    } = *checkout;
    let amount = i64::try_from(price.amount()).map_err(|error| Outage::new(WHAT, error))?;
    let Ok(currency) = price.currency().code().parse();
    let price_data = CreateCheckoutSessionLineItemsPriceData {
        currency,
        product: None,
        product_data: Some(ProductData::new(params.product_name.as_str())),
        recurring: None,
        tax_behavior: None,
        unit_amount: Some(amount),
        unit_amount_decimal: None,
    };
    let item = CreateCheckoutSessionLineItems {
        price_data: Some(price_data),
        quantity: Some(1),
        ..CreateCheckoutSessionLineItems::new()
    };
    // One entry and no more: a map of several is written in another order each time.
    let metadata = HashMap::from([("recharge_id".to_owned(), recharge.as_str().to_owned())]);
    // Refunds and disputes name the payment intent, not the session.
    let payment_intent = CreateCheckoutSessionPaymentIntentData {
        metadata: Some(metadata.clone()),
        ..CreateCheckoutSessionPaymentIntentData::new()
    };
    Ok(CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .line_items(vec![item])
        .client_reference_id(recharge.as_str())
        .metadata(metadata)
        .payment_intent_data(payment_intent)
        .success_url(params.success_url.as_str())
        .cancel_url(params.cancel_url.as_str())
        .expires_at(params.expires_at.as_second()))
}

#[cfg(test)]
#[path = "checkout_tests.rs"]
mod tests;
