//! `/stripe-sim/faults`: what goes wrong with calls of Stripe's API.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::controls::{json_body, respond};
use crate::error::ApiError;
use crate::faults::{Fault, Outage};
use crate::hub::Hub;

/// A part of the faults.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultsBody {
    next: Option<Vec<Fault>>,
    /// None if it is not given, `Some(None)` if it is null.
    #[serde(default, deserialize_with = "given")]
    outage: Option<Option<Outage>>,
}

fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<Outage>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Answers the faults still to come, the outage, and how many calls wait.
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
            if let Some(outage) = body.outage {
                inner.faults.outage = outage;
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
        "outage": inner.faults.outage,
        "stalled": *hub.stalled.borrow(),
    })
}
