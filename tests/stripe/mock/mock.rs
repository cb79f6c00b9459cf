//! The way to stripe-mock: passes our requests on, and keeps what was said and who said it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use recharge_core::adapters::stripe::{
    SharedStripeHttp, StripeAnswer, StripeHttp, StripeRequest, StripeUnanswered,
};
use recharge_testkit::simulation::who_calls;
use serde_json::{Value, json};

const ADDRESS: &str = "RECHARGE_TEST_STRIPE_MOCK";

/// What is done to stripe-mock's answers. It always says the same, and we do not always ask the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoil {
    Nothing,
    /// Every charge is disputed.
    Disputed,
    /// Every second request fails once.
    EveryOther,
}

/// A request, who waited for it, and what it was answered.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) request: StripeRequest,
    pub(crate) callers: Vec<String>,
    pub(crate) answer: Value,
}

#[derive(Clone)]
pub(crate) struct Mock {
    pub(crate) url: String,
    client: reqwest::Client,
    state: Arc<Mutex<(Spoil, Vec<Seen>)>>,
}

impl fmt::Debug for Mock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Mock")
    }
}

impl Mock {
    pub(crate) fn new(spoil: Spoil) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests/stripe/run says where stripe-mock is"
        )]
        let url = std::env::var(ADDRESS).unwrap_or_else(|_| {
            panic!("{ADDRESS} must say where stripe-mock is; tests/stripe/run starts one")
        });
        Self {
            url,
            client: reqwest::Client::new(),
            state: Arc::new(Mutex::new((spoil, Vec::new()))),
        }
    }

    pub(crate) fn stand_in(&self) -> SharedStripeHttp {
        Arc::new(self.clone())
    }

    pub(crate) fn spoil(&self, spoil: Spoil) {
        self.state.lock().unwrap().0 = spoil;
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().1.clone()
    }

    /// The first call of each kind.
    pub(crate) fn seen_once_each(&self) -> Vec<Seen> {
        let mut kinds = BTreeMap::new();
        for call in self.seen() {
            kinds.entry(call.kind()).or_insert(call);
        }
        kinds.into_values().collect()
    }

    async fn send(&self, request: &StripeRequest) -> (u16, Value) {
        let url = format!("{}{}", self.url, request.target);
        let method = request.method.parse().unwrap();
        let mut sent = self.client.request(method, url).bearer_auth("sk_test_123");
        if let Some(key) = &request.idempotency_key {
            sent = sent.header("idempotency-key", key);
        }
        if let Some(form) = &request.body {
            sent = sent.header("content-type", "application/x-www-form-urlencoded");
            sent = sent.body(form.clone());
        }
        let answer = sent.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap())
    }

    /// The same call with these parameters instead.
    pub(crate) async fn send_again(
        &self,
        call: &Seen,
        parameters: &[(String, String)],
    ) -> (u16, Value) {
        let form = reqwest::Url::parse_with_params("http://form/", parameters).unwrap();
        let form = form.query().unwrap_or_default().to_owned();
        let mut request = call.request.clone();
        if request.body.is_some() {
            request.body = Some(form);
        } else {
            request.target = format!("{}?{form}", call.path());
        }
        self.send(&request).await
    }

    async fn answer(&self, request: StripeRequest, callers: Vec<String>) -> (u16, Vec<u8>) {
        let (spoil, before) = {
            let state = self.state.lock().unwrap();
            (state.0, state.1.len())
        };
        let (mut status, mut answer) = self.send(&request).await;
        assert_eq!(status, 200, "stripe-mock refuses {request:?}: {answer}");
        let seen = Seen {
            request,
            callers,
            answer: answer.clone(),
        };
        self.state.lock().unwrap().1.push(seen);
        match spoil {
            Spoil::Nothing => {}
            Spoil::Disputed => dispute(&mut answer),
            Spoil::EveryOther if before % 2 == 0 => {
                status = 429;
                answer = json!({"error": {"type": "invalid_request_error", "code": "rate_limit"}});
            }
            Spoil::EveryOther => {}
        }
        (status, answer.to_string().into_bytes())
    }
}

impl StripeHttp for Mock {
    fn send(&self, request: StripeRequest) -> StripeAnswer<'_> {
        Box::pin(async move {
            // Now, when everybody who waits is on the stack.
            let callers = who_calls();
            Ok::<_, StripeUnanswered>(self.answer(request, callers).await)
        })
    }
}

/// Every charge in it becomes a disputed one.
fn dispute(answer: &mut Value) {
    match answer {
        Value::Object(fields) => {
            if let Some(disputed) = fields.get_mut("disputed") {
                *disputed = json!(true);
            }
            fields.values_mut().for_each(dispute);
        }
        Value::Array(items) => items.iter_mut().for_each(dispute),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Seen {
    fn path(&self) -> &str {
        let target = &self.request.target;
        target.split_once('?').map_or(target, |(path, _)| path)
    }

    /// Method and path, ids left out.
    pub(crate) fn kind(&self) -> String {
        let parts = self.path().split('/').map(|part| match part {
            id if id.contains("_test_") || id.starts_with("pi_") => "{id}",
            part => part,
        });
        let path = parts.collect::<Vec<_>>().join("/");
        format!("{} {path}", self.request.method)
    }

    /// The decoded form, or query.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let form = match &self.request.body {
            Some(form) => form.clone(),
            None => self.request.target.split('?').skip(1).collect(),
        };
        let url = reqwest::Url::parse(&format!("http://form/?{form}")).unwrap();
        url.query_pairs().into_owned().collect()
    }

    pub(crate) fn expands(&self) -> Option<String> {
        let mut parameters = self.parameters().into_iter();
        let found = parameters.find(|(name, _)| name == "expand[]");
        found.map(|(_, at)| at)
    }
}
