//! A whole world on virtual time and a single thread: the very functions, a simulated DynamoDB and
//! a simulated Stripe, with everything that goes wrong decided by a seed. The same seed is the same
//! run.

mod calls;
mod clock;
mod containers;
mod request;
mod steps;
mod stripe;

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client,
    config::{SharedHttpClient, retry::RetryPartition},
};
use aws_smithy_runtime::client::retries::TokenBucket;
use dynamodb_sim::{DynamoDbSim, EventSource, Trouble, Weather};
use recharge_core::{
    adapters::{
        Setup,
        dynamodb::{DynamoLedger, DynamoViews},
    },
    app::{Clock, ports::NoMetrics},
    config::Settings,
};
use recharge_local::{dynamodb_client, prepare};
use serde_json::Value;

pub use self::{
    calls::{SeenCall, Service, who_calls},
    clock::SimClock,
    request::Ask,
    stripe::{SimStripe, StripeFault, StripeWeather},
};
use self::{containers::Containers, request::template, steps::Steps};
use crate::{Answer, Lambda, sign, stream_event};

/// Plays in a new simulation, on a runtime whose time passes only when everybody waits.
pub fn simulate<T, F>(seed: u64, play: impl FnOnce(Simulation) -> F) -> T
where
    F: Future<Output = T>,
{
    // What the SDK's jitter and tokens come from, and the simulator's ids.
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let simulation = Box::pin(Simulation::start(seed)).await;
        Box::pin(play(simulation)).await
    })
}

/// A world; clones are the same one.
#[derive(Debug, Clone)]
pub struct Simulation(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    seed: u64,
    dynamodb: DynamoDbSim,
    clock: SimClock,
    stripe: SimStripe,
    settings: BTreeMap<String, String>,
    client: Client,
    calm: Client,
    steps: Steps,
    containers: Mutex<Arc<Containers>>,
    source: Mutex<EventSource>,
}

impl Simulation {
    async fn start(seed: u64) -> Self {
        let clock = SimClock::new(seed);
        let dynamodb = DynamoDbSim::new(seed, SimClock::epoch_ms());
        let steps = Steps::new();
        let stripe = SimStripe::start(seed, clock.clone(), steps.clone()).await;
        let calm = dynamodb_client(dynamodb.calm_http_client());
        let settings = prepare(&calm, template(), &clock).await.unwrap();
        let client = dynamodb_client(steps.counting(dynamodb.http_client()));
        let client = with_own_budget(&client);
        let mapping = &template()
            .functions()
            .iter()
            .find(|function| function.name == "relay")
            .unwrap()
            .streams[0];
        let source = EventSource::new(
            dynamodb.clone(),
            &settings["LEDGER_TABLE"],
            mapping.batch_size,
            seed,
        );
        let lambda = lambda(&settings, &client, &stripe, &clock);
        Self(Arc::new(Inner {
            seed,
            dynamodb,
            clock,
            stripe,
            settings,
            client,
            calm,
            steps,
            containers: Mutex::new(Arc::new(Containers::start(&lambda))),
            source: Mutex::new(source),
        }))
    }

    /// What decides everything.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.0.seed
    }

    /// The store.
    #[must_use]
    pub fn dynamodb(&self) -> &DynamoDbSim {
        &self.0.dynamodb
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &SimClock {
        &self.0.clock
    }

    /// Stripe.
    #[must_use]
    pub fn stripe(&self) -> &SimStripe {
        &self.0.stripe
    }

    /// A setting of the functions; empty if there is none.
    #[must_use]
    pub fn setting(&self, name: &str) -> &str {
        self.0.settings.get(name).map_or("", String::as_str)
    }

    /// A client of the store without weather, to look at what is stored.
    #[must_use]
    pub fn calm_client(&self) -> &Client {
        &self.0.calm
    }

    /// The ledger, without weather.
    #[must_use]
    pub fn ledger(&self) -> DynamoLedger {
        DynamoLedger::new(self.0.calm.clone(), self.setting("LEDGER_TABLE").to_owned())
    }

    /// The views, without weather.
    #[must_use]
    pub fn views(&self) -> DynamoViews {
        DynamoViews::new(self.0.calm.clone(), self.setting("VIEWS_TABLE").to_owned())
    }

    /// The functions, as new containers that have the weather.
    #[must_use]
    pub fn lambda(&self) -> Lambda {
        let inner = &self.0;
        lambda(&inner.settings, &inner.client, &inner.stripe, &inner.clock)
    }

    /// The same, whose calls of the store take another way.
    #[must_use]
    pub fn lambda_through(&self, http_client: SharedHttpClient) -> Lambda {
        let inner = &self.0;
        let client = with_own_budget(&dynamodb_client(http_client));
        lambda(&inner.settings, &client, &inner.stripe, &inner.clock)
    }

    /// Lets the weather of store, Stripe and stream be bad, or calm.
    pub fn set_stormy(&self, is_stormy: bool) {
        let (store, stripe, trouble) = match is_stormy {
            true => (Weather::STORM, StripeWeather::STORM, Trouble::MUCH),
            false => (Weather::CALM, StripeWeather::CALM, Trouble::NONE),
        };
        self.0.dynamodb.set_weather(store);
        self.0.stripe.set_weather(stripe);
        self.source().set_trouble(trouble);
    }

    /// Lets time pass, in which what was begun goes on.
    pub async fn advance(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    /// Ends every container, with all that it remembers.
    pub fn restart(&self) {
        let containers = Arc::new(Containers::start(&self.lambda()));
        *self
            .0
            .containers
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = containers;
    }

    /// Asks, in containers that are warm.
    pub async fn ask(&self, ask: &Ask) -> Answer {
        let now = self.0.clock.now().as_millisecond();
        let (function, request) = request::event(ask, now);
        let containers = self.containers();
        containers.handle(&function, request).await.into()
    }

    /// Does something whose process is killed at step `deadly`: each call of the store and of Stripe
    /// is two steps, the one before it is sent and the one after it was carried out.
    pub async fn killed_at<T>(&self, deadly: usize, act: impl Future<Output = T>) -> Option<T> {
        self.0.steps.begin(Some(deadly));
        let done = tokio::select! {
            biased;
            done = act => Some(done),
            () = self.0.steps.killed() => None,
        };
        self.0.steps.begin(None);
        if done.is_none() {
            self.restart();
        }
        done
    }

    /// Does something, and tells which calls it made, and from where; to look takes time, and the
    /// first `ignored` calls are not looked at.
    pub async fn watching<T>(
        &self,
        ignored: usize,
        act: impl Future<Output = T>,
    ) -> (T, Vec<SeenCall>) {
        self.0.steps.watch(ignored);
        let done = act.await;
        (done, self.0.steps.watched())
    }

    /// A client of the store that has the weather, and whose calls are steps.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// Delivers an event of Stripe as its webhook, signed now.
    pub async fn deliver(&self, event: &Value) -> Answer {
        self.ask(&self.webhook(event)).await
    }

    /// The webhook of an event, signed now.
    #[must_use]
    pub fn webhook(&self, event: &Value) -> Ask {
        let body = event.to_string();
        let secret = self.setting("STRIPE_WEBHOOK_SECRETS");
        let signature = sign(&body, secret, self.0.clock.now().as_second());
        let mut ask = Ask::new("POST", "", "/v1/stripe/webhook", body);
        ask.user = None;
        ask.headers.push(("stripe-signature", signature));
        ask
    }

    /// Runs the reconciler once; whether it came to an end.
    pub async fn reconcile(&self) -> bool {
        let containers = self.containers();
        Box::pin(containers.reconcile.run())
            .await
            .is_ok_and(|report| report.complete)
    }

    /// Hands the relay one batch of the stream; false if there was none. One that fails comes again.
    ///
    /// # Panics
    /// If records were lost, being older than a day.
    pub async fn relay_once(&self) -> bool {
        let passes = |record: &Value| self.mapping().lets_pass(record);
        let batch = self
            .source()
            .next(passes)
            .expect("no record is older than a day");
        let Some(batch) = batch else { return false };
        let containers = self.containers();
        let event = stream_event(&batch.shard, &batch.records);
        if Box::pin(containers.relay.handle(event)).await.is_ok() {
            self.source().handled(&batch);
        }
        true
    }

    /// Hands the relay the next batch of one shard; its records, if there were any.
    ///
    /// # Panics
    /// If records were lost, being older than a day.
    pub async fn relay_shard(&self, shard: &str) -> Vec<Value> {
        let passes = |record: &Value| self.mapping().lets_pass(record);
        let batch = self.source().next_of(shard, passes);
        let batch = batch.expect("no record is older than a day");
        let Some(batch) = batch else {
            return Vec::new();
        };
        let containers = self.containers();
        let event = stream_event(&batch.shard, &batch.records);
        match Box::pin(containers.relay.handle(event)).await {
            Ok(_) => self.source().handled(&batch),
            Err(_) => return Vec::new(),
        }
        batch.records
    }

    /// Relays until nothing is left, without trouble of the mapping's.
    pub async fn relay_all(&self) {
        self.source().set_trouble(Trouble::NONE);
        while self.relay_once().await {}
    }

    /// Has the relay hear the stream from its beginning again.
    pub fn hear_stream_again(&self) {
        self.source().begin_again();
    }

    /// Sets how the mapping of the relay behaves.
    pub fn set_trouble(&self, trouble: Trouble) {
        self.source().set_trouble(trouble);
    }

    fn mapping(&self) -> &'static recharge_local::template::StreamMapping {
        let mut functions = template().functions().iter();
        &functions
            .find(|function| function.name == "relay")
            .unwrap()
            .streams[0]
    }

    fn source(&self) -> std::sync::MutexGuard<'_, EventSource> {
        self.0.source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn containers(&self) -> Arc<Containers> {
        let containers = self.0.containers.lock();
        Arc::clone(&containers.unwrap_or_else(PoisonError::into_inner))
    }
}

/// The SDK keeps a budget of retries for each service and process: worlds, and containers, share none.
fn with_own_budget(client: &Client) -> Client {
    let budget = RetryPartition::custom("simulation")
        .token_bucket(TokenBucket::default())
        .build();
    let config = client.config().to_builder().retry_partition(budget);
    Client::from_conf(config.build())
}

fn lambda(
    settings: &BTreeMap<String, String>,
    client: &Client,
    stripe: &SimStripe,
    clock: &SimClock,
) -> Lambda {
    let settings = settings.clone();
    Lambda::of(Setup {
        settings: Settings::from_lookup(move |name| settings.get(name).cloned()),
        dynamodb: client.clone(),
        secrets: None,
        stripe_http: Some(Arc::new(stripe.clone())),
        metrics: Arc::new(NoMetrics),
        clock: Arc::new(clock.clone()),
    })
}
