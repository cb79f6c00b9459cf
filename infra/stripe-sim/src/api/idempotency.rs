//! POST as Stripe's v1 API does it: the first answer of an idempotency key is its answer for a day.
//!
//! Order: faults at the door, the stored answer, the claim on the key, then the execution, whose result
//! (a success, a 500, or a refusal by the session's state) is stored. Parameters that do not validate,
//! ids of nothing, 401, 409 and 429 leave the key free.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::Value;

use crate::api::call::{Call, IDEMPOTENCY_KEY};
use crate::api::respond::{SHOULD_RETRY, text_response};
use crate::api::{error_response, hang_up};
use crate::checkout::Scene;
use crate::error::ApiError;
use crate::faults::Fault;
use crate::form::Tree;
use crate::hub::{Hub, Inner};
use crate::state::{Change, StoredAnswer, World};

const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const ORIGINAL_REQUEST: HeaderName = HeaderName::from_static("original-request");

/// What an execution answers and changes.
pub(crate) struct Done {
    pub(crate) body: Value,
    pub(crate) changes: Vec<Change>,
}

/// A status and a body, and whether they were stored before.
struct Reply {
    status: StatusCode,
    body: String,
    original: Option<String>,
}

/// Answers a POST: from its key if that has an answer, else by executing it.
pub(crate) async fn post(
    hub: &Arc<Hub>,
    call: Call,
    meets_faults: bool,
    execute: impl FnOnce(&World, &Scene<'_>, Tree) -> Result<Done, ApiError>,
) -> Response {
    let at_the_door = if meets_faults {
        hub.lock().faults.take_at_the_door()
    } else {
        None
    };
    match at_the_door {
        Some(Fault::RateLimited) => return error_response(&ApiError::rate_limited()),
        Some(Fault::LockTimeout) => return error_response(&ApiError::lock_timeout()),
        Some(Fault::KeyInUse) => {
            let key = call.key.as_deref().unwrap_or_default();
            return error_response(&ApiError::key_in_use(key));
        }
        Some(_) | None => {}
    }
    let key = call.key.clone();
    let result = answer(hub, call, meets_faults, execute).await;
    if at_the_door == Some(Fault::LostAnswer) {
        return hang_up();
    }
    match result {
        Ok(reply) => reply.into_response(key),
        Err(error) => error_response(&error),
    }
}

async fn answer(
    hub: &Arc<Hub>,
    call: Call,
    meets_faults: bool,
    execute: impl FnOnce(&World, &Scene<'_>, Tree) -> Result<Done, ApiError>,
) -> Result<Reply, ApiError> {
    let fingerprint = call.fingerprint();
    let (replay, claim) = hub.with(|inner, now| match &call.key {
        None => Ok((None, None)),
        Some(key) => match replay(inner, now, key, &call.path, &fingerprint)? {
            Some(reply) => Ok((Some(reply), None)),
            None if inner.keys_in_use.contains(key) => Err(ApiError::key_in_use(key)),
            None => {
                inner.keys_in_use.insert(key.clone());
                Ok((
                    None,
                    Some(Claim {
                        hub: Arc::clone(hub),
                        key: key.clone(),
                    }),
                ))
            }
        },
    })?;
    if let Some(reply) = replay {
        return Ok(reply);
    }
    let releases = hub.releases.subscribe();
    if meets_faults && hub.lock().faults.take_stall() {
        hub.stall(releases).await;
    }
    let reply =
        hub.with(|inner, now| perform(hub, inner, now, call, fingerprint, meets_faults, execute));
    drop(claim);
    reply
}

/// The answer this key has already, if it is for the same request.
fn replay(
    inner: &Inner,
    now: i64,
    key: &str,
    path: &str,
    fingerprint: &str,
) -> Result<Option<Reply>, ApiError> {
    let Some(stored) = inner.world.answer(key, now) else {
        return Ok(None);
    };
    if stored.path != path {
        return Err(ApiError::idempotency(format!(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for \
             ('{path}' vs '{}'). Try using a key other than '{key}' if you meant to execute a different request.",
            stored.path
        )));
    }
    if stored.fingerprint != fingerprint {
        return Err(ApiError::idempotency(format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used \
             with. Try using a key other than '{key}' if you meant to execute a different request."
        )));
    }
    Ok(Some(Reply {
        status: StatusCode::from_u16(stored.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        body: stored.body.clone(),
        original: Some(stored.request.clone()),
    }))
}

/// Executes and stores effect and answer in one commit.
fn perform(
    hub: &Hub,
    inner: &mut Inner,
    now: i64,
    call: Call,
    fingerprint: String,
    meets_faults: bool,
    execute: impl FnOnce(&World, &Scene<'_>, Tree) -> Result<Done, ApiError>,
) -> Result<Reply, ApiError> {
    if inner.is_overloaded() {
        return Err(ApiError::rate_limited());
    }
    let scene = Scene {
        now,
        base_url: &hub.base_url,
        delivery: inner.delivery_of_new_events(),
        request: Some(&call.request),
        idempotency_key: call.key.as_deref(),
    };
    let (status, body, mut changes) = match execute(&inner.world, &scene, call.tree) {
        Ok(done) => (StatusCode::OK, done.body, done.changes),
        Err(refusal) if refusal.is_result() => (refusal.status(), refusal.body(), Vec::new()),
        Err(refusal) => return Err(refusal),
    };
    let fault = if meets_faults {
        inner.faults.take_in_execution()
    } else {
        None
    };
    if fault == Some(Fault::Error500) {
        changes.clear();
    }
    let (status, body) = match fault {
        None => (status, body),
        Some(_) => (ApiError::internal().status(), ApiError::internal().body()),
    };
    let body = format!("{body:#}");
    if let Some(key) = call.key {
        changes.push(Change::Answer(StoredAnswer {
            key,
            created: now,
            path: call.path,
            fingerprint,
            request: call.request,
            status: status.as_u16(),
            body: body.clone(),
        }));
    }
    inner.commit(changes).map_err(|error| {
        tracing::error!(%error, "a request could not be stored");
        ApiError::internal()
    })?;
    Ok(Reply {
        status,
        body,
        original: None,
    })
}

/// A key in use: freed when its request is answered or its client gives up.
struct Claim {
    hub: Arc<Hub>,
    key: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.hub.lock().keys_in_use.remove(&self.key);
    }
}

impl Reply {
    fn into_response(self, key: Option<String>) -> Response {
        let mut response = text_response(self.status, self.body);
        let headers = response.headers_mut();
        if self.status.is_server_error() {
            // Kept under the key: to ask again would be to hear it again.
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        if let Some(key) = key.and_then(|key| HeaderValue::try_from(key).ok()) {
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        if let Some(original) = self.original {
            headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
            if let Ok(original) = HeaderValue::try_from(original) {
                headers.insert(ORIGINAL_REQUEST, original);
            }
        }
        response
    }
}
