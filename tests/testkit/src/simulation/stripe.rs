//! Stripe in process: the simulator's state machine behind a network that loses things.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{Request, header::CONTENT_TYPE},
};
use http_body_util::BodyExt;
use recharge_core::adapters::stripe::{StripeAnswer, StripeHttp, StripeRequest, StripeUnanswered};
use serde_json::Value;
use stripe_sim::{Simulator, SimulatorConfig};
use tower::ServiceExt;

use super::{SimClock, steps::Steps};

/// What goes wrong on the way to Stripe and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StripeFault {
    /// The request never arrives, and the caller waits until it gives up.
    LostRequest,
    /// The connection breaks before the request arrives.
    Refused,
    /// Stripe does it, and its answer never arrives.
    LostAnswer,
    /// Stripe fails with a 500 that it keeps under the key.
    ServerError,
    /// Stripe does it, and answers with a 500 all the same, which it keeps under the key.
    ServerErrorAfter,
    /// Too many requests: nothing is kept.
    RateLimited,
}

impl StripeFault {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::LostRequest,
        Self::Refused,
        Self::LostAnswer,
        Self::ServerError,
        Self::ServerErrorAfter,
        Self::RateLimited,
    ];
}

/// How often something goes wrong with a request: a probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StripeWeather {
    /// How long a request takes, in milliseconds at most.
    pub latency_max_ms: u64,
    /// Of any fault.
    pub faults: f64,
}

impl StripeWeather {
    /// Nothing goes wrong and nothing takes time.
    pub const CALM: Self = Self {
        latency_max_ms: 0,
        faults: 0.0,
    };
    /// A bad day.
    pub const STORM: Self = Self {
        latency_max_ms: 1_500,
        faults: 0.2,
    };
}

struct State {
    random: fastrand::Rng,
    weather: StripeWeather,
    calls: Vec<StripeRequest>,
    plans: Vec<(usize, StripeFault, usize)>,
}

/// Stripe in process; clones are the same one.
#[derive(Clone)]
pub struct SimStripe {
    simulator: Arc<Simulator>,
    router: Router,
    state: Arc<Mutex<State>>,
    steps: Steps,
}

impl fmt::Debug for SimStripe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SimStripe").finish_non_exhaustive()
    }
}

impl SimStripe {
    pub(super) async fn start(seed: u64, clock: SimClock, steps: Steps) -> Self {
        let mut config = SimulatorConfig::new("http://stripe.invalid");
        config.clock = Arc::new(clock);
        config.seed = Some(seed);
        let simulator = Simulator::start(config).await.unwrap();
        Self {
            router: simulator.router(),
            simulator: Arc::new(simulator),
            state: Arc::new(Mutex::new(State {
                random: fastrand::Rng::with_seed(seed),
                weather: StripeWeather::CALM,
                calls: Vec::new(),
                plans: Vec::new(),
            })),
            steps,
        }
    }

    /// What buyers and banks do.
    #[must_use]
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// Sets what goes wrong from now on.
    pub fn set_weather(&self, weather: StripeWeather) {
        self.lock().weather = weather;
    }

    /// Forgets the requests so far, and spoils `times` of them from number `from` on (the first is 0).
    pub fn plan(&self, from: usize, fault: StripeFault, times: usize) {
        self.forget();
        self.plan_more(from, fault, times);
    }

    /// Spoils requests besides those that are planned to be.
    pub fn plan_more(&self, from: usize, fault: StripeFault, times: usize) {
        self.lock().plans.push((from, fault, times));
    }

    /// Forgets the requests so far and what was planned.
    pub fn forget(&self) {
        let mut state = self.lock();
        state.calls.clear();
        state.plans.clear();
    }

    /// The requests so far.
    #[must_use]
    pub fn calls(&self) -> Vec<StripeRequest> {
        self.lock().calls.clone()
    }

    /// Every event so far, oldest first, as its webhook's body has it.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        let mut events = self.simulator.events();
        events.reverse();
        for event in &mut events {
            event.as_object_mut().unwrap().remove("delivery");
        }
        events
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, request: &StripeRequest) -> (Duration, Option<StripeFault>) {
        let mut state = self.lock();
        let number = state.calls.len();
        state.calls.push(request.clone());
        let planned = state
            .plans
            .iter()
            .copied()
            .find(|(from, _, times)| (*from..from.saturating_add(*times)).contains(&number));
        let weather = state.weather;
        let latency = match weather.latency_max_ms {
            0 => 0,
            most => state.random.u64(1..=most),
        };
        let unlucky = weather.faults > 0.0 && state.random.f64() < weather.faults;
        let drawn = unlucky.then(|| StripeFault::ALL[state.random.usize(..StripeFault::ALL.len())]);
        let fault = planned.map(|(_, fault, _)| fault).or(drawn);
        (Duration::from_millis(latency), fault)
    }

    async fn answer(&self, request: StripeRequest) -> Result<(u16, Vec<u8>), StripeUnanswered> {
        self.steps.asking_stripe().await;
        let (latency, fault) = self.begin(&request);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        match fault {
            Some(StripeFault::LostRequest) => std::future::pending().await,
            Some(StripeFault::Refused) => return Err(StripeUnanswered::Connection),
            Some(StripeFault::ServerError) if request.method == "POST" => {
                // The simulator keeps it under the key, as Stripe does.
                self.simulator.set_faults([stripe_sim::Fault::Error500]);
            }
            Some(StripeFault::ServerErrorAfter) if request.method == "POST" => {
                let fault = stripe_sim::Fault::Error500AfterEffect;
                self.simulator.set_faults([fault]);
            }
            Some(StripeFault::ServerError | StripeFault::ServerErrorAfter) => {
                return Ok((500, refusal("api_error")));
            }
            Some(StripeFault::RateLimited) => return Ok((429, refusal("rate_limit_error"))),
            Some(StripeFault::LostAnswer) | None => {}
        }
        let answered = self.carry_out(&request).await;
        // One that would have struck only a call with an effect is over, too.
        self.simulator.set_faults([]);
        self.steps.next().await;
        if fault == Some(StripeFault::LostAnswer) {
            std::future::pending::<()>().await;
        }
        Ok(answered)
    }

    async fn carry_out(&self, request: &StripeRequest) -> (u16, Vec<u8>) {
        let sent = Request::builder()
            .method(request.method)
            .uri(format!("/stripe-sim{}", request.target))
            .header("authorization", "Bearer sk_test_local")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let sent = match &request.idempotency_key {
            Some(key) => sent.header("idempotency-key", key),
            None => sent,
        };
        let body = Body::from(request.body.clone().unwrap_or_default());
        let answered = self.router.clone().oneshot(sent.body(body).unwrap());
        let answered = answered.await.unwrap();
        let status = answered.status().as_u16();
        let body = answered.into_body().collect().await.unwrap();
        (status, body.to_bytes().to_vec())
    }
}

fn refusal(kind: &str) -> Vec<u8> {
    format!(r#"{{"error": {{"type": "{kind}", "message": "injected"}}}}"#).into_bytes()
}

impl StripeHttp for SimStripe {
    fn send(&self, request: StripeRequest) -> StripeAnswer<'_> {
        Box::pin(async move {
            let timeout = request.timeout;
            let answered = tokio::time::timeout(timeout, self.answer(request)).await;
            answered.unwrap_or(Err(StripeUnanswered::Timeout))
        })
    }
}
