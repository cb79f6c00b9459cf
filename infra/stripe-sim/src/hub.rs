//! What every request and the delivery worker share: the state behind one lock, and the ways to wake others.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, mpsc, oneshot, watch};

use crate::checkout::{self, Outcome, Scene};
use crate::clock::Clock;
use crate::config::{RetryPolicy, SimulatorConfig};
use crate::delivery::{DeliverNow, DeliveryReport};
use crate::error::ApiError;
use crate::faults::FaultQueue;
use crate::model::{DeliveryStatus, Session};
use crate::state::{Change, Journal, World};

/// Past this many undelivered events the simulator refuses work instead of growing without end.
const MAX_UNDELIVERED: usize = 50_000;

/// What is behind the lock.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) world: World,
    pub(crate) journal: Journal,
    pub(crate) hold: bool,
    pub(crate) secrets: Vec<String>,
    pub(crate) faults: FaultQueue,
    /// Idempotency keys of requests that are not answered yet.
    pub(crate) keys_in_use: HashSet<String>,
    has_endpoint: bool,
    has_news: bool,
}

impl Inner {
    /// Writes changes to the file, then makes them. On an error nothing changed.
    pub(crate) fn commit(&mut self, changes: Vec<Change>) -> io::Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        self.journal.append(&changes)?;
        for change in changes {
            self.has_news |= matches!(change, Change::Event(_));
            self.world.apply(change);
        }
        Ok(())
    }

    /// How the delivery of an event that happens now begins.
    pub(crate) fn delivery_of_new_events(&self) -> DeliveryStatus {
        match (self.has_endpoint, self.hold) {
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
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
    /// Rings when there is something new to deliver.
    pub(crate) news: Notify,
    /// How many requests a `stall` stopped.
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
        let inner = Inner {
            world,
            journal,
            hold: false,
            secrets: config.secrets,
            faults: FaultQueue::default(),
            keys_in_use: HashSet::new(),
            has_endpoint: config.webhook_url.is_some(),
            has_news: false,
        };
        Self {
            base_url: config.base_url,
            webhook_url: config.webhook_url,
            retry: config.retry,
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

    /// Does what a buyer does, and answers the session after it.
    pub(crate) fn pay(&self, session: &str, outcome: Outcome) -> Result<Session, ApiError> {
        self.with(|inner, now| {
            if inner.is_overloaded() {
                return Err(ApiError::rate_limited());
            }
            let found = inner.world.sessions.get(session);
            let session =
                found.ok_or_else(|| ApiError::missing("checkout.session", session, "session"))?;
            let scene = self.scene(inner, now);
            let (session, changes) = checkout::pay(&inner.world, session, outcome, &scene)?;
            inner.commit(changes).map_err(|error| {
                tracing::error!(%error, "a payment could not be stored");
                ApiError::internal()
            })?;
            Ok(session)
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
