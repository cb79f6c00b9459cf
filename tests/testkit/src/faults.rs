//! Faults at the SDK's HTTP layer: what no emulator does, and DynamoDB does.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The connection breaks before anything is sent: nothing is stored.
    Unsent,
    /// The call is carried out, and then its answer is lost.
    AnswerLost,
    /// DynamoDB fails with a 500: nothing is stored.
    ServerError,
    /// The table is throttled: nothing is stored.
    Throttled,
    /// Another write is in the way: of a transaction, also one that reads, or of a single write.
    Conflict,
    /// A batch is answered, but nothing of it was done.
    Unprocessed,
    /// A transaction is cancelled for these reasons, item by item; cut or repeated to fit.
    Cancelled(&'static [&'static str]),
}

impl Fault {
    /// Whether DynamoDB can do this to `operation`.
    #[must_use]
    pub fn applies_to(&self, operation: &str) -> bool {
        match self {
            Self::Unsent | Self::AnswerLost | Self::ServerError | Self::Throttled => true,
            Self::Conflict => !is_read(operation) || operation == "TransactGetItems",
            Self::Unprocessed => operation.starts_with("Batch"),
            Self::Cancelled(_) => operation == "TransactWriteItems",
        }
    }
}

/// One call as it went over the wire; an SDK that retries makes several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `GetItem`, `TransactWriteItems`, …
    pub operation: String,
    /// What it consumed.
    pub units: Decimal,
}

impl Call {
    /// Whether it reads.
    #[must_use]
    pub fn is_read(&self) -> bool {
        is_read(&self.operation)
    }
}

fn is_read(operation: &str) -> bool {
    operation.contains("Get") || matches!(operation, "Query" | "Scan")
}

/// A fault that is waiting for its call.
#[derive(Debug)]
struct Plan {
    fault: Fault,
    /// The first call it hits, counted from 0.
    from: usize,
    /// How many calls in a row it hits.
    times: usize,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    plan: Option<Plan>,
    struck: usize,
}

/// An HTTP client for the SDK that counts every call and spoils those that are planned.
#[derive(Debug, Clone)]
pub struct FaultyHttp {
    inner: SharedHttpClient,
    state: Arc<Mutex<State>>,
}

impl Default for FaultyHttp {
    fn default() -> Self {
        Self::over(aws_smithy_http_client::Builder::new().build_http())
    }
}

impl FaultyHttp {
    /// On the way of another client.
    #[must_use]
    pub fn over(inner: SharedHttpClient) -> Self {
        Self {
            inner,
            state: Arc::default(),
        }
    }

    /// For the SDK's configuration.
    #[must_use]
    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// Forgets all calls, and spoils `times` calls from number `from` (the first is 0) on.
    pub fn plan(&self, from: usize, fault: Fault, times: usize) {
        let plan = Some(Plan { fault, from, times });
        *self.lock() = State {
            plan,
            ..State::default()
        };
    }

    /// Forgets all calls and spoils none.
    pub fn reset(&self) {
        *self.lock() = State::default();
    }

    /// The calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// How many calls were spoiled.
    #[must_use]
    pub fn struck(&self) -> usize {
        self.lock().struck
    }

    /// What was consumed so far: read units and write units.
    #[must_use]
    pub fn units(&self) -> (Decimal, Decimal) {
        let (reads, writes): (Vec<_>, Vec<_>) = self.calls().into_iter().partition(Call::is_read);
        let sum = |calls: Vec<Call>| calls.iter().map(|call| call.units).sum();
        (sum(reads), sum(writes))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a call; its number, and the fault that is planned for it.
    fn begin(&self, operation: &str) -> (usize, Option<Fault>) {
        let mut state = self.lock();
        let number = state.calls.len();
        state.calls.push(Call {
            operation: operation.to_owned(),
            units: Decimal::ZERO,
        });
        let fault = state.plan.as_ref().and_then(|plan| {
            let end = plan.from.saturating_add(plan.times);
            let hit = (plan.from..end).contains(&number) && plan.fault.applies_to(operation);
            hit.then(|| plan.fault.clone())
        });
        if fault.is_some() {
            state.struck = state.struck.saturating_add(1);
        }
        (number, fault)
    }

    fn consumed(&self, number: usize, units: Decimal) {
        if let Some(call) = self.lock().calls.get_mut(number) {
            call.units = units;
        }
    }
}

impl HttpClient for FaultyHttp {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(FaultyConnector {
            inner,
            http: self.clone(),
        })
    }
}

#[derive(Debug)]
struct FaultyConnector {
    inner: SharedHttpConnector,
    http: FaultyHttp,
}

impl HttpConnector for FaultyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request
            .headers()
            .get("x-amz-target")
            .unwrap_or_default()
            .to_owned();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let items = request.body().bytes().map_or(0, transaction_items);
        let (number, fault) = self.http.begin(&operation);
        match fault {
            None => {}
            Some(Fault::AnswerLost) => {
                let inner = self.inner.call(request);
                return HttpConnectorFuture::new(async move {
                    inner.await?;
                    Err(ConnectorError::timeout("the answer was lost".into()))
                });
            }
            Some(Fault::Unsent) => {
                let broken = ConnectorError::io("the connection broke".into());
                return HttpConnectorFuture::ready(Err(broken));
            }
            Some(Fault::Unprocessed) => {
                let body = request.body().bytes().unwrap_or_default();
                return HttpConnectorFuture::ready(Ok(unprocessed(&operation, body)));
            }
            Some(fault) => {
                return HttpConnectorFuture::ready(Ok(failure(&operation, &fault, items)));
            }
        }
        let (inner, http) = (self.inner.call(request), self.http.clone());
        HttpConnectorFuture::new(async move {
            let mut response = inner.await?;
            let body = std::mem::replace(response.body_mut(), SdkBody::empty());
            let bytes = ByteStream::new(body)
                .collect()
                .await
                .map_err(|error| ConnectorError::io(error.into()))?
                .into_bytes();
            http.consumed(number, units(&bytes));
            *response.body_mut() = SdkBody::from(bytes);
            Ok(response)
        })
    }
}

/// How many items the transaction in a request's body has.
fn transaction_items(body: &[u8]) -> usize {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body["TransactItems"].as_array().map_or(0, Vec::len)
}

/// The capacity that an answer says it consumed.
fn units(body: &[u8]) -> Decimal {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let consumed = &body["ConsumedCapacity"];
    let each = consumed
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![consumed.clone()]);
    let units = each
        .iter()
        .filter_map(|one| one["CapacityUnits"].as_number().cloned());
    units
        .map(|number| number.to_string().parse::<Decimal>().unwrap())
        .sum()
}

/// DynamoDB's answer to a batch that it had no breath for.
fn unprocessed(operation: &str, request: &[u8]) -> HttpResponse {
    let request: Value = serde_json::from_slice(request).unwrap();
    let asked = &request["RequestItems"];
    let body = match operation {
        "BatchGetItem" => json!({"Responses": {}, "UnprocessedKeys": asked}),
        _ => json!({"UnprocessedItems": asked}),
    };
    answer(StatusCode::try_from(200).unwrap(), &body)
}

/// DynamoDB's answer to a call that fails.
fn failure(operation: &str, fault: &Fault, items: usize) -> HttpResponse {
    let (status, code, reasons) = match fault {
        Fault::ServerError => (500, "InternalServerError", None),
        Fault::Throttled => (400, "ProvisionedThroughputExceededException", None),
        Fault::Conflict if operation.starts_with("Transact") => (
            400,
            "TransactionCanceledException",
            Some(["TransactionConflict"].as_slice()),
        ),
        Fault::Conflict => (400, "TransactionConflictException", None),
        Fault::Cancelled(reasons) => (400, "TransactionCanceledException", Some(*reasons)),
        Fault::Unsent | Fault::AnswerLost | Fault::Unprocessed => panic!("{fault:?} has no answer"),
    };
    let mut body = json!({
        "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"),
        "message": "injected",
    });
    if let Some(reasons) = reasons {
        let reasons = reasons.iter().cycle().take(items);
        let reasons = reasons.map(|code| json!({"Code": code, "Message": "injected"}));
        body["CancellationReasons"] = reasons.collect();
    }
    answer(StatusCode::try_from(status).unwrap(), &body)
}

fn answer(status: StatusCode, body: &Value) -> HttpResponse {
    let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
    response
        .headers_mut()
        .insert("content-type", "application/x-amz-json-1.0");
    response
}
