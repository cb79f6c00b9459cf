//! Runs every minute: settles what is paid at Stripe and no webhook delivered.

use std::{sync::Arc, time::Duration};

use recharge_core::{
    adapters::{Setup, alarms, dynamodb::DynamoLedger, stripe::StripeAccess},
    app::{
        Clock, ReconcileError, Reconciled, Run,
        ports::{Metric, Metrics, causes},
        reconcile,
    },
    config::SettingsInvalid,
};
use serde::Serialize;

/// Less than the schedule's minute, and than the function's own time-out.
const TIME: Duration = Duration::from_secs(45);

/// The function that reconciles.
#[derive(Debug)]
pub struct Function {
    ledger: DynamoLedger,
    payments: StripeAccess,
    livemode: bool,
    metrics: Arc<dyn Metrics>,
    clock: Arc<dyn Clock>,
}

/// What a run did; for people who run it by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Checkout sessions that were looked at, some of them twice.
    pub looked_at: u64,
    /// Recharges that were settled now.
    pub credited: u64,
    /// Recharges that a person must look at.
    pub needs_review: u64,
    /// Recharges that could not be settled now; the next runs try again.
    pub failed: u64,
    /// Whether there was time for all that was due.
    pub complete: bool,
}

impl Function {
    /// Makes it from its settings.
    ///
    /// # Errors
    /// [`SettingsInvalid`] lists every setting that is missing or wrong.
    pub fn new(setup: &Setup) -> Result<Self, SettingsInvalid> {
        setup.settings.read(|reading| {
            let table = reading.text("LEDGER_TABLE");
            let payments = StripeAccess::read(reading, setup);
            let livemode = reading.required("STRIPE_LIVEMODE", str::parse);
            Some(Self {
                ledger: DynamoLedger::new(setup.dynamodb.clone(), table?).counting(&setup.metrics),
                payments: payments?,
                livemode: livemode?,
                metrics: Arc::clone(&setup.metrics),
                clock: Arc::clone(&setup.clock),
            })
        })
    }

    /// Reconciles once.
    ///
    /// # Errors
    /// [`ReconcileError`]: the next run goes on where this one was.
    pub async fn run(&self) -> Result<Report, ReconcileError> {
        // Boxed: all its futures within each other are more than the compiler likes to lay out.
        let report = Box::pin(self.reconcile()).await;
        self.metrics.tell();
        report
    }

    async fn reconcile(&self) -> Result<Report, ReconcileError> {
        let run = Run {
            livemode: self.livemode,
            time: TIME,
        };
        let mut done = Reconciled::default();
        let (ledger, payments, clock) = (&self.ledger, &self.payments, &*self.clock);
        let ended = reconcile(ledger, payments, clock, run, &mut done).await;
        // Whatever ended it: what it did before is told now or never.
        self.tell_of(&done);
        ended?;
        let report = Report::of(&done);
        tracing::info!(?report, "reconciled");
        Ok(report)
    }

    fn tell_of(&self, done: &Reconciled) {
        let metrics = &*self.metrics;
        for lag in &done.lags {
            metrics.count(Metric::RechargesSettled);
            metrics.count(Metric::RechargesReconciled);
            let lag = u64::try_from(lag.as_millis()).unwrap_or_default();
            metrics.add(Metric::SettlementLag, lag);
        }
        for (recharge, reason) in &done.reviews {
            alarms::needs_review(metrics, recharge, *reason);
        }
        for (recharge, error) in &done.failures {
            let id = recharge.as_str();
            metrics.count(Metric::ReconciliationsFailed);
            let error = causes(error);
            tracing::warn!(recharge.id = id, %error, "a recharge could not be reconciled");
        }
    }
}

impl Report {
    fn of(done: &Reconciled) -> Self {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        Self {
            looked_at: done.looked_at,
            credited: count(done.lags.len()),
            needs_review: count(done.reviews.len()),
            failed: count(done.failures.len()),
            complete: done.is_complete,
        }
    }
}
