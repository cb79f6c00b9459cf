//! The steps of a request, between any two of which its process may be killed.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use serde_json::Value;
use tokio::sync::Notify;

use super::{SeenCall, Service, calls::who_calls};

/// Every call of the store or of Stripe is two steps: before it is sent, and after it was answered.
#[derive(Debug, Clone)]
pub(super) struct Steps(Arc<Counter>);

#[derive(Debug)]
struct Counter {
    passed: AtomicUsize,
    /// The step at which the process ends.
    deadly: AtomicUsize,
    killed: Notify,
    /// While somebody watches: the calls, and how many of the first are of no interest.
    seen: Mutex<Option<(Vec<SeenCall>, usize)>>,
}

impl Steps {
    pub(super) fn new() -> Self {
        Self(Arc::new(Counter {
            passed: AtomicUsize::new(0),
            deadly: AtomicUsize::new(usize::MAX),
            killed: Notify::new(),
            seen: Mutex::new(None),
        }))
    }

    /// Counts from 0 again; at step `deadly` the process ends.
    pub(super) fn begin(&self, deadly: Option<usize>) {
        self.0.passed.store(0, Ordering::SeqCst);
        self.0
            .deadly
            .store(deadly.unwrap_or(usize::MAX), Ordering::SeqCst);
    }

    /// The first step of a call of the store.
    async fn asking_store(&self, request: &HttpRequest) {
        self.see(Service::Store, || {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
            let body = request.body().bytes().unwrap_or_default();
            Some((operation, serde_json::from_slice(body).unwrap_or_default()))
        });
        self.next().await;
    }

    /// The first step of a call of Stripe.
    pub(super) async fn asking_stripe(&self) {
        self.see(Service::Stripe, || None);
        self.next().await;
    }

    /// Notes a call, if somebody watches.
    fn see(&self, service: Service, request: impl FnOnce() -> Option<(String, Value)>) {
        if let Some((seen, ignored)) = &mut *self.seen() {
            let is_ignored = seen.len() < *ignored;
            let callers = if is_ignored { Vec::new() } else { who_calls() };
            seen.push(SeenCall {
                service,
                callers,
                request: request(),
            });
        }
    }

    /// Begins to watch who calls, but for so many calls at first.
    pub(super) fn watch(&self, ignored: usize) {
        *self.seen() = Some((Vec::new(), ignored));
    }

    /// What was seen.
    pub(super) fn watched(&self) -> Vec<SeenCall> {
        self.seen().take().unwrap_or_default().0
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Option<(Vec<SeenCall>, usize)>> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on; or never, and tells who waits for the process's end.
    pub(super) async fn next(&self) {
        let step = self.0.passed.fetch_add(1, Ordering::SeqCst);
        if step == self.0.deadly.load(Ordering::SeqCst) {
            self.0.killed.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// Waits until the process has been killed.
    pub(super) async fn killed(&self) {
        self.0.killed.notified().await;
    }

    /// A client whose calls are steps.
    pub(super) fn counting(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Counting {
            inner,
            steps: self.clone(),
        })
    }
}

#[derive(Debug)]
struct Counting {
    inner: SharedHttpClient,
    steps: Steps,
}

impl HttpClient for Counting {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(CountingConnector {
            inner: self.inner.http_connector(settings, components),
            steps: self.steps.clone(),
        })
    }
}

#[derive(Debug)]
struct CountingConnector {
    inner: SharedHttpConnector,
    steps: Steps,
}

impl HttpConnector for CountingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, steps) = (self.inner.clone(), self.steps.clone());
        HttpConnectorFuture::new(async move {
            steps.asking_store(&request).await;
            let answered = inner.call(request).await;
            steps.next().await;
            answered
        })
    }
}
