//! The one task that sends webhooks.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, header};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::delivery::DeliverNow;
use crate::delivery::batch::Batch;
use crate::delivery::queue::{Next, Queue};
use crate::delivery::signature::sign;
use crate::hub::Hub;
use crate::model::{Delivery, DeliveryStatus};
use crate::state::Change;

/// Stripe waits longer, but on loopback ten seconds mean that nobody answers.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often sessions are closed by the clock when no request does it.
const CLOCK_PERIOD: Duration = Duration::from_secs(1);

/// How an attempt ended: an acknowledgement, or what came instead.
type Attempt = Result<(), String>;

/// A try of one event: all of its copies.
struct Round {
    /// How many copies are not answered yet.
    left: u32,
    error: Option<String>,
}

/// Sends events, a few at a time, each until it is acknowledged.
pub(crate) struct Worker {
    hub: Arc<Hub>,
    client: Client,
    commands: mpsc::Receiver<DeliverNow>,
    attempts: JoinSet<Attempt>,
    in_flight: HashMap<Id, String>,
    rounds: HashMap<String, Round>,
    queue: Queue,
    /// Asked for by `deliver` while a try was under way: they get another if that one fails.
    again: HashSet<String>,
    batches: Vec<Batch>,
}

impl Worker {
    /// A worker that has not started.
    pub(crate) fn new(
        hub: Arc<Hub>,
        commands: mpsc::Receiver<DeliverNow>,
    ) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .timeout(ATTEMPT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent("Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .build()?;
        // Another seed than that of the losses, which happen elsewhere and at other times.
        let queue = Queue::new(!hub.seed);
        Ok(Self {
            hub,
            client,
            commands,
            attempts: JoinSet::new(),
            in_flight: HashMap::new(),
            rounds: HashMap::new(),
            queue,
            again: HashSet::new(),
            batches: Vec::new(),
        })
    }

    /// Works until told to stop; then nothing of it is left running.
    pub(crate) async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let mut clock = interval(CLOCK_PERIOD);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let has_endpoint = self.hub.webhook_url.is_some();
        loop {
            let next_retry = self.start_attempts();
            tokio::select! {
                // A dropped handle stops the worker as well.
                _ = &mut stop => break,
                Some(reply) = self.commands.recv() => self.deliver_now(reply),
                Some(ended) = self.attempts.join_next_with_id() => self.settle(ended),
                () = self.hub.news.notified() => {}
                () = wait_for(next_retry) => {}
                // Without an endpoint nothing is due before somebody looks.
                _ = clock.tick(), if has_endpoint => self.hub.with(|_, _| ()),
            }
        }
        self.attempts.shutdown().await;
    }

    /// Fills the free places; says when the first paused event is due.
    fn start_attempts(&mut self) -> Option<Instant> {
        self.hub.webhook_url.as_ref()?;
        let (fresh, shuffle) = {
            let mut inner = self.hub.lock();
            (inner.world.take_fresh(), inner.delivery.shuffle)
        };
        self.queue.add_due(fresh);
        let next_retry = self.queue.wake(Instant::now());
        while self.in_flight.len() < self.hub.deliveries_at_once {
            match self.queue.next(shuffle) {
                None => break,
                Some(Next::Copy(id)) => self.send(id),
                Some(Next::Urgent(id)) => self.begin(id),
                Some(Next::Due(id)) if self.is_due(&id) => self.begin(id),
                Some(Next::Due(_)) => {}
            }
        }
        next_retry
    }

    /// Whether an event that was due still is.
    fn is_due(&self, id: &str) -> bool {
        let is_elsewhere =
            self.rounds.contains_key(id) || self.queue.is_urgent(id) || self.queue.is_paused(id);
        !is_elsewhere
            && self
                .hub
                .lock()
                .world
                .events
                .get(id)
                .is_some_and(|event| event.delivery.status == DeliveryStatus::Pending)
    }

    /// Begins a try: sends the event, and has its copies sent.
    fn begin(&mut self, id: String) {
        self.queue.end_pause(&id);
        let copies = self.hub.lock().delivery.duplicates;
        let round = Round {
            left: copies.saturating_add(1),
            error: None,
        };
        self.rounds.insert(id.clone(), round);
        self.queue.add_copies(&id, copies);
        self.send(id);
    }

    fn send(&mut self, id: String) {
        let Some(url) = self.hub.webhook_url.clone() else {
            return;
        };
        let (body, signature) = self.hub.with(|inner, now| {
            let body = inner
                .world
                .events
                .get(&id)
                .map(|event| event.payload())
                .unwrap_or_default();
            let signature = sign(&inner.delivery.secrets, now, &body);
            (body, signature)
        });
        let request = self
            .client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header("Stripe-Signature", signature)
            .body(body);
        let task = self.attempts.spawn(async move {
            match request.send().await {
                Ok(response) if response.status().is_success() => Ok(()),
                Ok(response) => Err(format!("status {}", response.status().as_u16())),
                Err(error) if error.is_timeout() => Err("no answer in time".to_owned()),
                Err(error) if error.is_connect() => Err("no connection".to_owned()),
                Err(_) => Err("the connection broke off".to_owned()),
            }
        });
        self.in_flight.insert(task.id(), id);
    }

    fn deliver_now(&mut self, reply: DeliverNow) {
        let undelivered = self.hub.with(|inner, _| inner.world.undelivered());
        // Without an endpoint there is nothing to wait for.
        let ids = if self.hub.webhook_url.is_some() {
            undelivered
        } else {
            Vec::new()
        };
        for id in &ids {
            if self.rounds.contains_key(id) {
                self.again.insert(id.clone());
            } else {
                self.queue.add_urgent(id);
            }
        }
        self.batches
            .extend(Batch::new(&ids, reply).answer_if_done());
    }

    fn settle(&mut self, ended: Result<(Id, Attempt), JoinError>) {
        let (task, attempt) = match ended {
            Ok((task, attempt)) => (task, attempt),
            Err(error) => (error.id(), Err("the attempt broke off".to_owned())),
        };
        let Some(id) = self.in_flight.remove(&task) else {
            return;
        };
        let Some(round) = self.rounds.get_mut(&id) else {
            return;
        };
        round.left = round.left.saturating_sub(1);
        if let Err(error) = attempt {
            round.error = Some(error);
        }
        if round.left > 0 {
            return;
        }
        let error = self.rounds.remove(&id).and_then(|round| round.error);
        self.end(&id, error.map_or(Ok(()), Err));
    }

    /// Ends a try, all copies of which were answered or not.
    fn end(&mut self, id: &str, attempt: Attempt) {
        let kind = self.store(id, &attempt);
        // `deliver` came while this try was under way: it asked for one of its own.
        if self.again.remove(id) && attempt.is_err() {
            self.queue.add_urgent(id);
            return;
        }
        for batch in &mut self.batches {
            batch.note(id, kind, attempt.as_ref().err().map(String::as_str));
        }
        self.batches = std::mem::take(&mut self.batches)
            .into_iter()
            .filter_map(Batch::answer_if_done)
            .collect();
    }

    /// Keeps what became of an attempt, and answers the type of the event.
    fn store(&mut self, id: &str, attempt: &Attempt) -> &'static str {
        let policy = self.hub.retry;
        let (kind, attempts, status) = self.hub.with(|inner, _| {
            let Some(event) = inner.world.events.get(id) else {
                return ("", 0, DeliveryStatus::Delivered);
            };
            let kind = event.kind.as_str();
            let attempts = event.delivery.attempts.saturating_add(1);
            let status = match attempt {
                Ok(()) => DeliveryStatus::Delivered,
                Err(_) if inner.delivery.hold => DeliveryStatus::Held,
                Err(_) if attempts >= policy.attempts_max => DeliveryStatus::GivenUp,
                Err(_) => DeliveryStatus::Pending,
            };
            let delivery = Delivery {
                status,
                attempts,
                last_error: attempt.as_ref().err().cloned(),
            };
            let change = Change::Delivery {
                event: id.to_owned(),
                delivery,
            };
            if let Err(error) = inner.commit(vec![change.clone()]) {
                // In memory it counts all the same; the event is sent once more after a restart.
                tracing::error!(%error, event.id = id, "a delivery could not be stored");
                inner.world.apply(change);
            }
            (kind, attempts, status)
        });
        if status == DeliveryStatus::Pending
            && let Some(due) = Instant::now().checked_add(policy.pause_after(attempts))
        {
            self.queue.pause(id, due);
        }
        match attempt {
            Ok(()) => tracing::info!(event.id = id, event.kind = kind, "webhook delivered"),
            Err(error) => tracing::warn!(
                event.id = id,
                event.kind = kind,
                attempts,
                error,
                "webhook not delivered"
            ),
        }
        kind
    }
}

async fn wait_for(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
