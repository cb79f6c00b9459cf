//! A simulator on a port of its own, its client, and an endpoint that records webhooks.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::{Client, RequestBuilder, Response, redirect};
use serde_json::Value;
use stripe_sim::{ManualClock, RetryPolicy, Simulator, SimulatorConfig};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// When every test begins.
pub(crate) const NOW: i64 = 1_800_000_000;

/// One line of coins for 4.99 USD, and where to go on.
pub(crate) const SESSION: &str = "mode=payment&success_url=http://shop.test/done?s={CHECKOUT_SESSION_ID}\
    &cancel_url=http://shop.test/back&client_reference_id=rch_1&metadata[recharge]=rch_1\
    &payment_intent_data[metadata][recharge]=rch_1&line_items[0][quantity]=1\
    &line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=499\
    &line_items[0][price_data][product_data][name]=Coins";

/// A running simulator with its server and endpoint.
pub(crate) struct Sim {
    pub(crate) base: String,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) simulator: Simulator,
    pub(crate) endpoint: Endpoint,
    http: Client,
    server: JoinHandle<()>,
}

impl Sim {
    /// In memory, with an endpoint.
    pub(crate) async fn start() -> Self {
        Self::with_state(None, Endpoint::start().await).await
    }

    /// With events held back from the start, so that none is on its way by itself.
    pub(crate) async fn start_held() -> Self {
        let sim = Self::start().await;
        sim.simulator.set_hold(true);
        sim
    }

    /// With a state file and an endpoint that may outlive the simulator.
    pub(crate) async fn with_state(state_file: Option<PathBuf>, endpoint: Endpoint) -> Self {
        Self::with_config(endpoint, |config| config.state_file = state_file).await
    }

    /// With whatever else a test needs.
    pub(crate) async fn with_config(
        endpoint: Endpoint,
        change: impl FnOnce(&mut SimulatorConfig),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let clock = Arc::new(ManualClock::at(NOW));
        let moment = Duration::from_millis(1);
        let mut config = SimulatorConfig::new(base.clone());
        config.webhook_url = Some(endpoint.url.clone());
        config.clock = clock.clone();
        config.retry = RetryPolicy {
            first_pause: moment,
            longest_pause: moment,
            attempts_max: 1_000,
        };
        change(&mut config);
        let simulator = Simulator::start(config).await.unwrap();
        let router = simulator.router();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            base,
            clock,
            simulator,
            endpoint,
            http,
            server,
        }
    }

    /// Stops server and simulator; the endpoint goes on.
    pub(crate) async fn stop(self) -> Endpoint {
        self.server.abort();
        self.simulator.shutdown().await;
        self.endpoint
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http
            .get(format!("{}{path}", self.base))
            .header("authorization", "Bearer sk_test_1")
    }

    pub(crate) fn post(&self, path: &str, form: &str) -> RequestBuilder {
        self.http
            .post(format!("{}{path}", self.base))
            .header("authorization", "Bearer sk_test_1")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
    }

    pub(crate) fn json(&self, method: &str, path: &str, body: &str) -> RequestBuilder {
        self.http
            .request(method.parse().unwrap(), format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .body(body.to_owned())
    }

    /// GET below `/stripe-sim/v1` that must succeed.
    pub(crate) async fn fetch(&self, path: &str) -> Value {
        let reply = reply(self.get(&format!("/stripe-sim/v1{path}"))).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.json);
        reply.json
    }

    /// A POST that creates a session, with or without a key.
    pub(crate) fn creation(&self, form: &str, key: Option<&str>) -> RequestBuilder {
        let request = self.post("/stripe-sim/v1/checkout/sessions", form);
        match key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        }
    }

    /// A new session.
    pub(crate) async fn create(&self) -> Value {
        let reply = reply(self.creation(SESSION, None)).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        reply.json
    }

    /// The id of a new session.
    pub(crate) async fn create_id(&self) -> String {
        self.create().await["id"].as_str().unwrap().to_owned()
    }

    /// The JSON call behind the pay page.
    pub(crate) async fn pay(&self, session: &str, outcome: &str) -> Reply {
        let body = serde_json::json!({ "outcome": outcome }).to_string();
        reply(self.json(
            "POST",
            &format!("/stripe-sim/checkout/{session}/pay"),
            &body,
        ))
        .await
    }

    /// A control that takes JSON.
    pub(crate) async fn control(&self, path: &str, body: &Value) -> Reply {
        reply(self.json("POST", &format!("/stripe-sim{path}"), &body.to_string())).await
    }

    /// A new session that was paid, and its payment intent.
    pub(crate) async fn paid(&self) -> (String, String) {
        let session = self.create_id().await;
        let paid = self.pay(&session, "succeed").await;
        assert_eq!(paid.status, 200, "{}", paid.text);
        let intent = paid.json["payment_intent"].as_str().unwrap().to_owned();
        (session, intent)
    }

    /// The charge of a payment intent.
    pub(crate) async fn charge(&self, intent: &str) -> Value {
        let path = format!("/payment_intents/{intent}?expand[]=latest_charge");
        self.fetch(&path).await["latest_charge"].clone()
    }

    /// Everything a caller can see, to prove that nothing changed.
    pub(crate) async fn everything(&self) -> Value {
        let mut all = Vec::new();
        for path in [
            "/checkout/sessions",
            "/payment_intents",
            "/charges",
            "/refunds",
            "/disputes",
            "/events",
        ] {
            all.push(self.fetch(&format!("{path}?limit=100")).await);
        }
        Value::Array(all)
    }

    /// The types of all events, oldest first.
    pub(crate) fn event_types(&self) -> Vec<String> {
        let events = self.simulator.events();
        events
            .iter()
            .rev()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// `type code param` of the error object.
    pub(crate) fn error(&self) -> String {
        let field = |name: &str| self.json["error"][name].as_str().unwrap_or("-").to_owned();
        assert!(self.json["error"]["message"].is_string(), "{}", self.text);
        format!("{} {} {}", field("type"), field("code"), field("param"))
    }
}

/// Sends and reads an answer; what is not JSON has `null`.
pub(crate) async fn reply(request: RequestBuilder) -> Reply {
    let response: Response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Reply {
        status,
        headers,
        text,
        json,
    }
}

/// A webhook as it arrived.
#[derive(Debug)]
pub(crate) struct Webhook {
    pub(crate) signature: String,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Webhook {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A server that records webhooks and answers as told.
pub(crate) struct Endpoint {
    pub(crate) url: String,
    answers: Arc<Mutex<VecDeque<u16>>>,
    arrived: mpsc::UnboundedReceiver<Webhook>,
}

#[derive(Clone)]
struct Recorder {
    answers: Arc<Mutex<VecDeque<u16>>>,
    arrived: mpsc::UnboundedSender<Webhook>,
}

impl Endpoint {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(VecDeque::new()));
        let (sender, arrived) = mpsc::unbounded_channel();
        let recorder = Recorder {
            answers: answers.clone(),
            arrived: sender,
        };
        let router = Router::new()
            .route("/webhook", post(record))
            .with_state(recorder);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            answers,
            arrived,
        }
    }

    /// The statuses of the next answers; after them it is 200 again.
    pub(crate) fn answer_next(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    /// Waits for the next webhook.
    pub(crate) async fn next(&mut self) -> Webhook {
        self.arrived.recv().await.unwrap()
    }

    /// What has arrived and was not asked for yet.
    pub(crate) fn waiting(&mut self) -> Vec<Webhook> {
        std::iter::from_fn(|| self.arrived.try_recv().ok()).collect()
    }
}

async fn record(State(recorder): State<Recorder>, headers: HeaderMap, body: String) -> StatusCode {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let webhook = Webhook {
        signature: header("stripe-signature"),
        content_type: header("content-type"),
        body,
    };
    let status = recorder.answers.lock().unwrap().pop_front().unwrap_or(200);
    // A test may have ended meanwhile.
    let _ = recorder.arrived.send(webhook);
    StatusCode::from_u16(status).unwrap()
}
