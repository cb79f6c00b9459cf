//! `/stripe-sim/checkout/{session}/resolve`, `/charges/…` and `/refunds/…`: what becomes of payments.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::api::Id;
use crate::checkout::Resolution;
use crate::controls::{json_body, optional_body, respond};
use crate::error::ApiError;
use crate::hub::Hub;
use crate::reversal::Verdict;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeBody {
    outcome: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundBody {
    amount: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DisputeBody {
    reason: Option<String>,
    amount: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBody {}

/// Ends a delayed payment; answers the session.
pub(crate) async fn resolve(State(hub): State<Arc<Hub>>, Id(session): Id, body: Bytes) -> Response {
    let resolution = outcome(&body, Resolution::parse, "succeed, fail");
    respond(resolution.and_then(|resolution| {
        let session = hub.resolve(&session, resolution)?;
        Ok(session.to_json(&hub.base_url))
    }))
}

/// Refunds a part or the rest; answers the refund.
pub(crate) async fn refund(State(hub): State<Arc<Hub>>, Id(id): Id, body: Bytes) -> Response {
    respond(
        optional_body(&body)
            .and_then(|body: RefundBody| Ok(hub.refund(&id, body.amount)?.to_json())),
    )
}

/// Sends a refund back; answers it.
pub(crate) async fn fail_refund(State(hub): State<Arc<Hub>>, Id(id): Id, body: Bytes) -> Response {
    respond(optional_body(&body).and_then(|NoBody {}| Ok(hub.fail_refund(&id)?.to_json())))
}

/// Disputes a charge; answers the dispute.
pub(crate) async fn dispute(State(hub): State<Arc<Hub>>, Id(id): Id, body: Bytes) -> Response {
    respond(optional_body(&body).and_then(|body: DisputeBody| {
        let dispute = hub.dispute(&id, body.reason.as_deref(), body.amount)?;
        Ok(dispute.to_json())
    }))
}

/// Decides a dispute; answers it.
pub(crate) async fn close_dispute(
    State(hub): State<Arc<Hub>>,
    Id(id): Id,
    body: Bytes,
) -> Response {
    let verdict = outcome(&body, Verdict::parse, "won, lost");
    respond(verdict.and_then(|verdict| Ok(hub.close_dispute(&id, verdict)?.to_json())))
}

/// Has the buyer's bank suspect fraud; answers the warning.
pub(crate) async fn warn_of_fraud(
    State(hub): State<Arc<Hub>>,
    Id(id): Id,
    body: Bytes,
) -> Response {
    respond(optional_body(&body).and_then(|NoBody {}| hub.warn_of_fraud(&id)))
}

fn outcome<T>(body: &[u8], parse: impl Fn(&str) -> Option<T>, words: &str) -> Result<T, ApiError> {
    let body: OutcomeBody = json_body(body)?;
    parse(&body.outcome).ok_or_else(|| {
        ApiError::invalid(format!("Invalid outcome: must be one of {words}.")).param("outcome")
    })
}
