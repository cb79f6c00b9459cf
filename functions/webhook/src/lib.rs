//! `POST /v1/stripe/webhook`: Stripe tells what happened.
//!
//! Answered 2xx only after the effect is stored (I6). Our own fault answers 5xx, so that Stripe
//! tells again; what is not for us answers 2xx, because telling again would not change that.

use std::sync::Arc;

use lambda_http::{Body, Request, Response};
use recharge_core::{
    adapters::{
        Setup,
        dynamodb::DynamoLedger,
        secrets::RuntimeSecret,
        stripe::{EventKind, SessionEvent, StripeEvent, WebhookSecrets, verify},
    },
    app::{Clock, Settled, settle_recharge},
    config::SettingsInvalid,
    http::{Code, Problem, answer, body_bytes, header, ok, route_key},
};
use serde::Serialize;

/// Stripe's largest events have tens of kilobytes.
const SIZE_MAX: usize = 512 * 1024;

/// The function that hears Stripe.
#[derive(Debug)]
pub struct Function {
    ledger: DynamoLedger,
    secrets: RuntimeSecret<WebhookSecrets>,
    livemode: bool,
    clock: Arc<dyn Clock>,
}

/// What became of an event; for people who look at deliveries in Stripe's dashboard.
#[derive(Debug, Serialize)]
struct EventReply {
    outcome: &'static str,
}

impl Function {
    /// Makes it from its settings.
    ///
    /// # Errors
    /// [`SettingsInvalid`] lists every setting that is missing or wrong.
    pub fn new(setup: &Setup) -> Result<Self, SettingsInvalid> {
        setup.settings.read(|reading| {
            let table = reading.text("LEDGER_TABLE");
            let secrets = RuntimeSecret::read(reading, setup, "STRIPE_WEBHOOK_SECRETS", str::parse);
            let livemode = reading.required("STRIPE_LIVEMODE", str::parse);
            let ledger = DynamoLedger::new(setup.dynamodb.clone(), table?);
            let clock = Arc::clone(&setup.clock);
            Some(Self {
                ledger,
                secrets: secrets?,
                livemode: livemode?,
                clock,
            })
        })
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        answer(&request, async {
            match route_key(&request) {
                "POST /v1/stripe/webhook" => self.hear(&request).await,
                _ => Err(Problem::new(Code::NotFound, "No such operation.")),
            }
        })
        .await
    }

    async fn hear(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let secrets = self.secrets.get().await?;
        let event = self.verified_event(request, &secrets)?;
        let outcome = match &event.kind {
            EventKind::CheckoutCompleted(session) | EventKind::CheckoutAsyncSucceeded(session) => {
                self.settle(session).await?
            }
            EventKind::Other(_) => "unused",
        };
        tracing::info!(event.id = event.id, outcome, "heard a Stripe event");
        Ok(ok(&EventReply { outcome }))
    }

    fn verified_event(
        &self,
        request: &Request,
        secrets: &WebhookSecrets,
    ) -> Result<StripeEvent, Problem> {
        let unverified_body = body_bytes(request, SIZE_MAX)?;
        let unverified_header = header(request, "stripe-signature").unwrap_or_default();
        let now = self.clock.now();
        let body = verify(unverified_body, unverified_header, secrets, now).map_err(|_| {
            let detail = "Stripe-Signature does not fit the body, the time or our secrets.";
            Problem::new(Code::SignatureInvalid, detail)
        })?;
        StripeEvent::parse(body).map_err(|unreadable| {
            // Signed by Stripe, so it is we who are wrong: somebody must look.
            tracing::error!(%unreadable, "a signed Stripe event is unreadable");
            Problem::malformed("The event is signed, but unreadable.")
        })
    }

    async fn settle(&self, event: &SessionEvent) -> Result<&'static str, Problem> {
        let Some(recharge) = &event.recharge else {
            return Ok("not_ours");
        };
        let (ledger, clock) = (&self.ledger, &*self.clock);
        let settled =
            settle_recharge(ledger, clock, self.livemode, recharge, &event.session).await?;
        if let Settled::NeedsReview(reason) = settled {
            let (recharge, reason) = (recharge.as_str(), reason.as_str());
            tracing::error!(
                recharge.id = recharge,
                reason,
                "a paid recharge needs a review"
            );
        }
        Ok(match settled {
            Settled::Credited => "credited",
            Settled::Already => "already_credited",
            Settled::Processing => "processing",
            Settled::Nothing => "nothing",
            Settled::NeedsReview(_) => "needs_review",
            Settled::NotOurs => "not_ours",
        })
    }
}
