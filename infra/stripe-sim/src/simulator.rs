//! The handle of a running simulator.

use std::sync::Arc;

use axum::Router;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::checkout::{Outcome, Resolution};
use crate::config::SimulatorConfig;
use crate::delivery::{self, DeliveryReport, DeliverySetting, Worker};
use crate::error::{ApiError, StartError};
use crate::faults::{Fault, Outage};
use crate::hub::Hub;
use crate::reversal::Verdict;
use crate::state::Journal;
use crate::{api, controls, page};

/// More callers of `deliver` than that wait their turn.
const MAX_DELIVER_CALLS: usize = 64;

/// A running simulator. Serve [`Simulator::router`], and end it with [`Simulator::shutdown`].
pub struct Simulator {
    hub: Arc<Hub>,
    worker: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Simulator {
    /// Reads the state file, if there is one, and starts delivering.
    ///
    /// # Errors
    ///
    /// If a setting or the state file cannot be used; nothing runs then.
    pub async fn start(config: SimulatorConfig) -> Result<Self, StartError> {
        config.check()?;
        let (journal, world) = Journal::open(config.state_file.as_deref())?;
        let (deliver_now, commands) = mpsc::channel(MAX_DELIVER_CALLS);
        let hub = Arc::new(Hub::new(config, journal, world, deliver_now));
        let worker = Worker::new(Arc::clone(&hub), commands).map_err(StartError::Client)?;
        let (stop, stopped) = oneshot::channel();
        let worker = tokio::spawn(worker.run(stopped));
        Ok(Self { hub, worker, stop })
    }

    /// All routes, with absolute paths below `/stripe-sim`; merge it into a server's own router.
    pub fn router(&self) -> Router {
        Router::new()
            .merge(page::router(Arc::clone(&self.hub)))
            .merge(controls::router(Arc::clone(&self.hub)))
            .nest("/stripe-sim/v1", api::router(Arc::clone(&self.hub)))
    }

    /// The same, and Stripe's API at `/v1` as well: some clients take a host but no path before `/v1`.
    pub fn router_with_root(&self) -> Router {
        self.router()
            .nest("/v1", api::router(Arc::clone(&self.hub)))
    }

    /// Makes the next calls that create a session fail, one fault each, instead of those queued before.
    /// More than a thousand are too many and leave the queue as it is.
    pub fn set_faults(&self, next: impl IntoIterator<Item = Fault>) {
        self.hub.lock().faults.set(next.into_iter().collect());
        self.hub.release_stalled();
    }

    /// Makes every call of Stripe's API fail like this until it is set back, and lets waiting ones go on.
    pub fn set_outage(&self, outage: Option<Outage>) {
        self.hub.lock().faults.outage = outage;
        self.hub.release_stalled();
    }

    /// Waits until [`Fault::Stall`] or [`Outage::Timeout`] has stopped a request.
    pub async fn stalled(&self) {
        let mut stalled = self.hub.stalled.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        let _ = stalled.wait_for(|count| *count > 0).await;
    }

    /// Waits until no request is stalled: all were released, or their clients gave up.
    pub async fn none_stalled(&self) {
        let mut stalled = self.hub.stalled.subscribe();
        let _ = stalled.wait_for(|count| *count == 0).await;
    }

    /// Lets stalled requests go on.
    pub fn release_stalled(&self) {
        self.hub.release_stalled();
    }

    /// Holds events back until [`Simulator::deliver`], or stops doing so, which sends nothing by itself.
    pub fn set_hold(&self, hold: bool) {
        self.hub.with(|inner, _| {
            let setting = DeliverySetting {
                hold,
                ..inner.delivery.clone()
            };
            delivery::set(inner, setting);
        });
    }

    /// How webhooks are delivered.
    #[must_use]
    pub fn delivery(&self) -> DeliverySetting {
        self.hub.lock().delivery.clone()
    }

    /// Changes how webhooks are delivered.
    ///
    /// # Errors
    ///
    /// If a value is out of range; nothing changes then.
    pub fn set_delivery(&self, setting: DeliverySetting) -> Result<(), ApiError> {
        setting.check()?;
        self.hub.with(|inner, _| delivery::set(inner, setting));
        Ok(())
    }

    /// What the randomness of deliveries began with: the same seed and the same calls repeat a run.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.hub.seed
    }

    /// Does what a buyer does on the pay page, and answers the session as Stripe's API shows it.
    ///
    /// # Errors
    ///
    /// If there is no such session or it is not open any more.
    pub fn pay(&self, session: &str, outcome: Outcome) -> Result<Value, ApiError> {
        let session = self.hub.pay(session, outcome)?;
        Ok(session.to_json(&self.hub.base_url))
    }

    /// Ends a delayed payment, and answers the session.
    ///
    /// # Errors
    ///
    /// If there is no such session or its payment is not processing.
    pub fn resolve(&self, session: &str, resolution: Resolution) -> Result<Value, ApiError> {
        let session = self.hub.resolve(session, resolution)?;
        Ok(session.to_json(&self.hub.base_url))
    }

    /// Refunds the payment (or the charge) with this id, all that is left without an amount, and answers
    /// the refund.
    ///
    /// # Errors
    ///
    /// If there is no such payment, or it cannot be refunded, or not as much.
    pub fn refund(&self, payment_intent: &str, amount: Option<i64>) -> Result<Value, ApiError> {
        Ok(self.hub.refund(payment_intent, amount)?.to_json())
    }

    /// Has the buyer's bank send a refund back, and answers the refund.
    ///
    /// # Errors
    ///
    /// If there is no such refund or it has failed already.
    pub fn fail_refund(&self, refund: &str) -> Result<Value, ApiError> {
        Ok(self.hub.fail_refund(refund)?.to_json())
    }

    /// Has the buyer dispute the payment (or the charge) with this id, and answers the dispute. Without a
    /// reason it is `fraudulent`, without an amount what is not refunded.
    ///
    /// # Errors
    ///
    /// If there is no such payment, or it did not succeed, or was disputed before.
    pub fn dispute(
        &self,
        payment_intent: &str,
        reason: Option<&str>,
        amount: Option<i64>,
    ) -> Result<Value, ApiError> {
        let dispute = self.hub.dispute(payment_intent, reason, amount)?;
        Ok(dispute.to_json())
    }

    /// Has the bank decide the payment's dispute, and answers the dispute.
    ///
    /// # Errors
    ///
    /// If there is no open dispute.
    pub fn close_dispute(&self, payment_intent: &str, verdict: Verdict) -> Result<Value, ApiError> {
        Ok(self.hub.close_dispute(payment_intent, verdict)?.to_json())
    }

    /// Has the bank suspect fraud, and answers the early fraud warning.
    ///
    /// # Errors
    ///
    /// If there is no such payment or it did not succeed.
    pub fn warn_of_fraud(&self, payment_intent: &str) -> Result<Value, ApiError> {
        self.hub.warn_of_fraud(payment_intent)
    }

    /// Sends every event that is held, pending or given up, once, and waits for the answers.
    pub async fn deliver(&self) -> DeliveryReport {
        // The worker lives as long as `self`, so there is always a report.
        self.hub.deliver_everything().await.unwrap_or_default()
    }

    /// Every event with its delivery, newest first.
    pub fn events(&self) -> Vec<Value> {
        self.hub.with(|inner, _| {
            inner
                .world
                .events
                .iter()
                .rev()
                .map(|event| event.to_json_with_delivery())
                .collect()
        })
    }

    /// Stops delivering and lets go of the state file. What was not delivered is, after the next start.
    pub async fn shutdown(self) {
        self.set_outage(None);
        // An error means that the worker has stopped already.
        let _ = self.stop.send(());
        if let Err(error) = self.worker.await {
            tracing::error!(%error, "the delivery worker ended badly");
        }
        self.hub.lock().journal.close();
    }
}
