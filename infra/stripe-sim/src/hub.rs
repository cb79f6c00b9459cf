//! What every request and the delivery worker share: the state behind one lock, and the ways to wake others.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, mpsc, oneshot, watch};

use crate::checkout::{self, Scene};
use crate::clock::Clock;
use crate::config::{RetryPolicy, SimulatorConfig};
use crate::delivery::{DeliverNow, DeliveryReport, DeliverySetting};
use crate::error::ApiError;
use crate::faults::Faults;
use crate::model::DeliveryStatus;
use crate::state::{Change, Journal, World};

/// Past this many undelivered events the simulator refuses work instead of growing without end.
const MAX_UNDELIVERED: usize = 50_000;

/// What is behind the lock.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) world: World,
    pub(crate) journal: Journal,
    pub(crate) delivery: DeliverySetting,
    pub(crate) faults: Faults,
    /// Idempotency keys of requests that are not answered yet.
    pub(crate) keys_in_use: HashSet<String>,
    has_endpoint: bool,
    has_news: bool,
    losses: fastrand::Rng,
}

impl Inner {
    /// Writes changes to the file, then makes them. On an error nothing changed.
    pub(crate) fn commit(&mut self, mut changes: Vec<Change>) -> io::Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        self.lose_some(&mut changes);
        self.journal.append(&changes)?;
        for change in changes {
            self.has_news |= matches!(change, Change::Event(_));
            self.world.apply(change);
        }
        Ok(())
    }

    /// Decides once and for all which new events the endpoint will never get.
    fn lose_some(&mut self, changes: &mut [Change]) {
        for change in changes {
            if let Change::Event(event) = change
                && event.delivery.status.is_undelivered()
                && self.losses.f64() < self.delivery.lose
            {
                event.delivery.status = DeliveryStatus::Lost;
            }
        }
    }

    /// How the delivery of an event that happens now begins.
    pub(crate) fn delivery_of_new_events(&self) -> DeliveryStatus {
        match (self.has_endpoint, self.delivery.hold) {
            (false, _) => DeliveryStatus::NoEndpoint,
            (true, true) => DeliveryStatus::Held,
            (true, false) => DeliveryStatus::Pending,
        }
    }

    /// Whether the backlog is too long to add to it.
    pub(crate) fn is_overloaded(&self) -> bool {
        self.world.undelivered_count() >= MAX_UNDELIVERED
    }
}

/// Shared by all requests and the worker.
pub(crate) struct Hub {
    pub(crate) base_url: String,
    pub(crate) webhook_url: Option<String>,
    pub(crate) retry: RetryPolicy,
    pub(crate) deliveries_at_once: usize,
    /// What the randomness of deliveries began with.
    pub(crate) seed: u64,
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
    /// Rings when there is something new to deliver.
    pub(crate) news: Notify,
    /// How many requests wait, stopped by a `stall` or a `timeout`.
    pub(crate) stalled: watch::Sender<usize>,
    /// Changes when stalled requests may go on.
    pub(crate) releases: watch::Sender<u64>,
    /// Asks the worker to send everything now.
    deliver_now: mpsc::Sender<DeliverNow>,
}

impl Hub {
    pub(crate) fn new(
        config: SimulatorConfig,
        journal: Journal,
        world: World,
        deliver_now: mpsc::Sender<DeliverNow>,
    ) -> Self {
        let seed = config.seed.unwrap_or_else(|| fastrand::u64(..));
        tracing::info!(seed, "the randomness of deliveries");
        let inner = Inner {
            world,
            journal,
            delivery: DeliverySetting::new(config.secrets),
            faults: Faults::default(),
            keys_in_use: HashSet::new(),
            has_endpoint: config.webhook_url.is_some(),
            has_news: false,
            losses: fastrand::Rng::with_seed(seed),
        };
        Self {
            base_url: config.base_url,
            webhook_url: config.webhook_url,
            retry: config.retry,
            deliveries_at_once: config.deliveries_at_once,
            seed,
            clock: config.clock,
            inner: Mutex::new(inner),
            news: Notify::new(),
            stalled: watch::Sender::new(0),
            releases: watch::Sender::new(0),
            deliver_now,
        }
    }

    /// Looks at or changes the state, after closing the sessions whose time is over. The lock is held
    /// for one decision and one short write, so blocking on it in a handler is fine.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut Inner, i64) -> R) -> R {
        let now = self.clock.unix_seconds();
        let mut inner = self.lock();
        self.close_overdue(&mut inner, now);
        let result = act(&mut inner, now);
        let has_news = std::mem::take(&mut inner.has_news);
        drop(inner);
        if has_news {
            self.news.notify_one();
        }
        result
    }

    /// Looks at or changes the bookkeeping only.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic in a handler leaves whole changes behind, never half ones: `apply` does not panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets stalled requests go on.
    pub(crate) fn release_stalled(&self) {
        self.releases
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Waits until stalled requests may go on. Subscribe before what makes the request wait is looked at:
    /// a release in between counts then.
    pub(crate) async fn stall(&self, mut releases: watch::Receiver<u64>) {
        let _counted = Stalled::count(self);
        // An error means that the simulator is gone; there is nothing left to wait for.
        let _ = releases.changed().await;
    }

    /// Does what nobody's request asks for: decides, and makes the changes.
    pub(crate) fn act<R>(
        &self,
        decide: impl FnOnce(&World, &Scene<'_>) -> Result<(R, Vec<Change>), ApiError>,
    ) -> Result<R, ApiError> {
        self.with(|inner, now| {
            if inner.is_overloaded() {
                return Err(ApiError::rate_limited());
            }
            let scene = self.scene(inner, now);
            let (result, changes) = decide(&inner.world, &scene)?;
            inner.commit(changes).map_err(|error| {
                tracing::error!(%error, "what happened could not be stored");
                ApiError::internal()
            })?;
            Ok(result)
        })
    }

    /// Has the worker send everything undelivered; none if it has stopped.
    pub(crate) async fn deliver_everything(&self) -> Option<DeliveryReport> {
        let (reply, report) = oneshot::channel();
        self.deliver_now.send(reply).await.ok()?;
        report.await.ok()
    }

    /// Something that happens now, at nobody's request.
    fn scene(&self, inner: &Inner, now: i64) -> Scene<'_> {
        Scene {
            now,
            base_url: &self.base_url,
            delivery: inner.delivery_of_new_events(),
            request: None,
            idempotency_key: None,
        }
    }

    fn close_overdue(&self, inner: &mut Inner, now: i64) {
        inner.world.forget_answers(now);
        let scene = self.scene(inner, now);
        let changes = checkout::close_overdue(&inner.world, &scene);
        if let Err(error) = inner.commit(changes) {
            // They stay overdue and are tried again with the next request.
            tracing::error!(%error, "overdue checkout sessions could not be closed");
        }
    }
}

/// Counts a waiting request for as long as it waits, also when its client gives up.
struct Stalled<'a>(&'a Hub);

impl<'a> Stalled<'a> {
    fn count(hub: &'a Hub) -> Self {
        hub.stalled
            .send_modify(|count| *count = count.saturating_add(1));
        Self(hub)
    }
}

impl Drop for Stalled<'_> {
    fn drop(&mut self) {
        self.0
            .stalled
            .send_modify(|count| *count = count.saturating_sub(1));
    }
}
