//! `POST /v1/stripe/webhook`: Stripe tells what happened.
//!
//! Answered 2xx only after the effect is stored (I6). Our own fault answers 5xx, so that Stripe
//! tells again; what is not for us answers 2xx, because telling again would not change that.

#[cfg(feature = "openapi")]
mod openapi;

use std::sync::Arc;

use lambda_http::{Body, Request, Response};
use recharge_core::{
    adapters::{
        Setup, alarms,
        dynamodb::DynamoLedger,
        secrets::RuntimeSecret,
        stripe::{EventKind, SessionEvent, StripeAccess, StripeEvent, WebhookSecrets, verify},
    },
    app::{
        Clock, Evidence, Noted, Settled, note_taken_back,
        ports::{Metric, Metrics},
        settle_recharge,
    },
    config::SettingsInvalid,
    domain::{PaymentIntentId, PaymentStatus},
    http::{Code, Problem, answer, body_bytes, header, ok, route_key},
};
use serde::Serialize;

#[cfg(feature = "openapi")]
pub use openapi::operations;

/// Stripe's largest events have tens of kilobytes.
const SIZE_MAX: usize = 512 * 1024;

/// An older event has been on its way for long, or is told again.
const FRESH_FOR_SECONDS: i64 = 300;

/// The function that hears Stripe.
#[derive(Debug)]
pub struct Function {
    ledger: DynamoLedger,
    payments: StripeAccess,
    secrets: RuntimeSecret<WebhookSecrets>,
    livemode: bool,
    metrics: Arc<dyn Metrics>,
    clock: Arc<dyn Clock>,
}

/// What became of an event; for people who look at deliveries in Stripe's dashboard.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "HeardEvent")
)]
struct EventReply {
    #[cfg_attr(feature = "openapi", schemars(with = "openapi::Outcome"))]
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
            let payments = StripeAccess::read(reading, setup);
            let livemode = reading.required("STRIPE_LIVEMODE", str::parse);
            let ledger = DynamoLedger::new(setup.dynamodb.clone(), table?).counting(&setup.metrics);
            let clock = Arc::clone(&setup.clock);
            Some(Self {
                ledger,
                payments: payments?,
                secrets: secrets?,
                livemode: livemode?,
                metrics: Arc::clone(&setup.metrics),
                clock,
            })
        })
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        answer(&*self.metrics, &request, async {
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
            EventKind::CheckoutCompleted(session)
            | EventKind::CheckoutAsyncSucceeded(session)
            | EventKind::CheckoutAsyncFailed(session)
            | EventKind::CheckoutExpired(session) => self.settle(&event, session).await?,
            EventKind::TakenBack(payment_intent) => self.note(payment_intent).await?,
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
            self.metrics.count(Metric::EventsUnreadable);
            tracing::error!(%unreadable, "a signed Stripe event is unreadable");
            Problem::malformed("The event is signed, but unreadable.")
        })
    }

    async fn settle(
        &self,
        event: &StripeEvent,
        about: &SessionEvent,
    ) -> Result<&'static str, Problem> {
        let Some(recharge) = &about.recharge else {
            return Ok("not_ours");
        };
        let session = &about.session;
        let is_paid = session.payment_status == PaymentStatus::Paid;
        let evidence = if is_paid && self.is_late(event) {
            // A session stays paid after a refund: what is known of it must be asked for.
            Evidence::Ask(&self.payments, &session.id)
        } else {
            Evidence::Told(session)
        };
        let (ledger, clock) = (&self.ledger, &*self.clock);
        let settled = settle_recharge(ledger, clock, self.livemode, recharge, &evidence).await?;
        if settled == Settled::Credited {
            let lag = self.clock.now().as_millisecond();
            let lag = lag.saturating_sub(event.created.saturating_mul(1_000));
            self.metrics.add(
                Metric::SettlementLag,
                u64::try_from(lag).unwrap_or_default(),
            );
        }
        alarms::settled(&*self.metrics, recharge, settled);
        Ok(outcome(settled))
    }

    /// Whether so much time has passed since that a refund may have come in between.
    fn is_late(&self, event: &StripeEvent) -> bool {
        self.clock.now().as_second().saturating_sub(event.created) > FRESH_FOR_SECONDS
    }

    async fn note(&self, payment_intent: &PaymentIntentId) -> Result<&'static str, Problem> {
        let (ledger, clock) = (&self.ledger, &*self.clock);
        let noted =
            note_taken_back(ledger, &self.payments, clock, self.livemode, payment_intent).await?;
        Ok(match noted {
            Noted::Noted => "noted",
            Noted::Nothing => "nothing",
            Noted::Judged(recharge, settled) => {
                alarms::settled(&*self.metrics, &recharge, settled);
                outcome(settled)
            }
            Noted::NotOurs => "not_ours",
        })
    }
}

const fn outcome(settled: Settled) -> &'static str {
    match settled {
        Settled::Credited => "credited",
        Settled::Already => "already_credited",
        Settled::Shown(status) => status.as_str(),
        Settled::TakenBack => "taken_back",
        Settled::Nothing => "nothing",
        Settled::NeedsReview(_) | Settled::InReview(_) => "needs_review",
        Settled::NotOurs => "not_ours",
    }
}
