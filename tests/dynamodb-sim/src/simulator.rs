//! The simulator, and the HTTP client through which the AWS SDK reaches it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpClient, SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use crate::{
    failure::Failure,
    state::State,
    weather::{Fault, Weather},
};

/// One call as it went over the wire; an SDK that retries makes several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `GetItem`, `TransactWriteItems`, …
    pub operation: String,
    /// What went wrong with it.
    pub fault: Option<Fault>,
}

/// Records older than a day are gone: the position is before the first that is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trimmed;

/// A DynamoDB in memory; clones are the same one.
#[derive(Debug, Clone)]
pub struct DynamoDbSim(Arc<Mutex<State>>);

impl DynamoDbSim {
    /// An empty one; whatever is left to chance in it follows from `seed`, and its first moment is
    /// `epoch_ms`, in milliseconds since 1970. Time passes as `tokio`'s does.
    #[must_use]
    pub fn new(seed: u64, epoch_ms: u64) -> Self {
        Self(Arc::new(Mutex::new(State::new(seed, epoch_ms))))
    }

    /// For the SDK's configuration: an HTTP client through which this DynamoDB answers.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Http {
            dynamodb: self.clone(),
            is_calm: false,
        })
    }

    /// The same DynamoDB, reached without faults and without waiting, whatever the weather. It sees
    /// transactions as committed that are only about to be.
    #[must_use]
    pub fn calm_http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Http {
            dynamodb: self.clone(),
            is_calm: true,
        })
    }

    /// Gives the streams of tables that are made from now on so many shards, instead of 8.
    pub fn set_shards(&self, shards: u32) {
        self.lock().shards = shards;
    }

    /// Sets what goes wrong from now on.
    pub fn set_weather(&self, weather: Weather) {
        self.lock().weather = weather;
    }

    /// Forgets the calls so far, and spoils `times` calls from number `from` on (the first is 0).
    pub fn plan(&self, from: usize, fault: Fault, times: usize) {
        self.lock().plan(from, fault, times);
    }

    /// Spoils calls besides those that are planned to be.
    pub fn plan_more(&self, from: usize, fault: Fault, times: usize) {
        self.lock().plan_more(from, fault, times);
    }

    /// Forgets the calls so far and what was planned.
    pub fn forget(&self) {
        self.lock().forget();
    }

    /// The calls so far of clients that have the weather.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// How many items of a table's writes others were in the way of.
    #[must_use]
    pub fn conflicts(&self, table: &str) -> usize {
        self.lock()
            .conflicts
            .get(table)
            .copied()
            .unwrap_or_default()
    }

    /// The shards of a table's stream: their ids, and those of their parents.
    #[must_use]
    pub fn shards(&self, table: &str) -> Vec<(String, Option<String>)> {
        let state = self.lock();
        let stream = state
            .tables
            .get(table)
            .and_then(|table| table.stream.as_ref());
        let shards = stream.into_iter().flat_map(|stream| stream.shards());
        shards
            .map(|shard| (shard.id.clone(), shard.parent.clone()))
            .collect()
    }

    /// Closes a shard; two new ones share its keys from now on.
    pub fn split_shard(&self, table: &str, shard: &str) {
        let mut state = self.lock();
        let stream = state
            .tables
            .get_mut(table)
            .and_then(|table| table.stream.as_mut());
        if let Some(stream) = stream {
            stream.split(shard);
        }
    }

    /// Records of a shard behind the sequence number `after`, as Lambda's events have them, and
    /// whether none can follow them.
    ///
    /// # Errors
    /// [`Trimmed`] if records behind `after` are gone.
    pub fn records(
        &self,
        table: &str,
        shard: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Value>, bool), Trimmed> {
        let mut state = self.lock();
        let now = state.now_us();
        state.settle(now);
        let stream = state
            .tables
            .get_mut(table)
            .and_then(|table| table.stream.as_mut());
        let Some(stream) = stream else {
            return Ok((Vec::new(), true));
        };
        stream.trim(now);
        stream.records(shard, after, limit)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The status and the body of an answer without weather.
    pub(crate) fn answer_calmly(&self, operation: &str, body: &[u8]) -> (u16, String) {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let (answer, _) = self.lock().execute(operation, &request, true, None);
        match answer {
            Ok(answer) => (200, answer.to_string()),
            Err(failure) => (failure.status, failure.body().to_string()),
        }
    }

    /// Answers as DynamoDB would, at the time when it would.
    async fn answer(
        self,
        operation: String,
        body: Vec<u8>,
        is_calm: bool,
    ) -> Result<HttpResponse, ConnectorError> {
        let request: Value = serde_json::from_slice(&body).unwrap_or_default();
        let fate = (!is_calm).then(|| self.lock().begin(&operation));
        let fault = fate.as_ref().and_then(|fate| fate.fault);
        let hangs = fate.as_ref().is_some_and(|fate| fate.hangs);
        if let Some(fate) = fate.as_ref().filter(|fate| !fate.before.is_zero()) {
            tokio::time::sleep(fate.before).await;
        }
        let refused = match fault {
            Some(Fault::LostRequest) => return lost(hangs, "the connection broke").await,
            Some(Fault::ServerError) => {
                Some(Failure::new("InternalServerError", "the request failed"))
            }
            Some(Fault::Throttled) => Some(Failure::new(
                "ProvisionedThroughputExceededException",
                "throttled",
            )),
            _ => None,
        };
        if let Some(failure) = refused {
            return Ok(response(failure.status, &failure.body()));
        }
        let (answer, wait) = {
            let mut state = self.lock();
            let (answer, at_us) = state.execute(&operation, &request, is_calm, fault);
            (answer, state.until(at_us))
        };
        let wait = wait + fate.map(|fate| fate.after).unwrap_or_default();
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        match (fault, answer) {
            (Some(Fault::LostAnswer), _) => lost(hangs, "the answer was lost").await,
            (Some(Fault::ServerErrorAfter), Ok(_)) => {
                let failure = Failure::new("InternalServerError", "the request failed, or did it");
                Ok(response(failure.status, &failure.body()))
            }
            (_, Ok(answer)) => Ok(response(200, &answer)),
            (_, Err(failure)) => Ok(response(failure.status, &failure.body())),
        }
    }
}

/// What a caller notices of a call that was lost: a broken connection, or nothing ever.
async fn lost(hangs: bool, why: &'static str) -> Result<HttpResponse, ConnectorError> {
    if hangs {
        std::future::pending::<()>().await;
    }
    Err(ConnectorError::io(why.into()))
}

fn response(status: u16, body: &Value) -> HttpResponse {
    let status = StatusCode::try_from(status).unwrap_or_else(|_| unreachable!("ours are in range"));
    let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
    response
        .headers_mut()
        .insert("content-type", "application/x-amz-json-1.0");
    response
}

#[derive(Debug, Clone)]
struct Http {
    dynamodb: DynamoDbSim,
    is_calm: bool,
}

impl HttpClient for Http {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Http {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = request.body().bytes().unwrap_or_default().to_vec();
        HttpConnectorFuture::new(self.dynamodb.clone().answer(operation, body, self.is_calm))
    }
}
