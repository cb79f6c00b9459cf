//! `/stripe-sim/faults`: what goes wrong with calls of Stripe's API.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::controls::{json_body, respond};
use crate::error::ApiError;
use crate::faults::Fault;
use crate::hub::Hub;

/// A part of the faults.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultsBody {
    next: Option<Vec<Fault>>,
}

/// Answers the faults still to come, and how many calls wait.
pub(crate) async fn read(State(hub): State<Arc<Hub>>) -> Response {
    respond(Ok(faults_json(&hub)))
}

/// Sets what is given, and lets waiting calls go on.
pub(crate) async fn set(State(hub): State<Arc<Hub>>, body: Bytes) -> Response {
    respond(json_body(&body).and_then(|body: FaultsBody| {
        {
            let mut inner = hub.lock();
            if let Some(next) = body.next
                && !inner.faults.set(next)
            {
                return Err(ApiError::invalid("Too many faults.").param("next"));
            }
        }
        hub.release_stalled();
        Ok(faults_json(&hub))
    }))
}

/// Lets waiting calls go on.
pub(crate) async fn release(State(hub): State<Arc<Hub>>) -> Response {
    hub.release_stalled();
    respond(Ok(faults_json(&hub)))
}

fn faults_json(hub: &Hub) -> Value {
    let inner = hub.lock();
    json!({
        "next": inner.faults.queued(),
        "stalled": *hub.stalled.borrow(),
    })
}
