//! How tests rule what happens at Stripe: what is delivered, what fails, and what becomes of payments.

mod delivery;
mod faults;
mod payments;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::api::{error_response, json_response};
use crate::error::ApiError;
use crate::hub::Hub;

/// No control takes more.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// The control routes, with absolute paths.
pub(crate) fn router(hub: Arc<Hub>) -> Router {
    Router::new()
        .route(
            "/stripe-sim/delivery",
            get(delivery::read).put(delivery::set),
        )
        .route("/stripe-sim/deliver", post(delivery::deliver))
        .route("/stripe-sim/events", get(delivery::events))
        .route("/stripe-sim/faults", get(faults::read).put(faults::set))
        .route("/stripe-sim/faults/release", post(faults::release))
        .route(
            "/stripe-sim/checkout/{session}/resolve",
            post(payments::resolve),
        )
        .route("/stripe-sim/charges/{id}/refund", post(payments::refund))
        .route("/stripe-sim/charges/{id}/dispute", post(payments::dispute))
        .route(
            "/stripe-sim/charges/{id}/dispute/close",
            post(payments::close_dispute),
        )
        .route(
            "/stripe-sim/charges/{id}/early-fraud-warning",
            post(payments::warn_of_fraud),
        )
        .route("/stripe-sim/refunds/{id}/fail", post(payments::fail_refund))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(hub)
}

/// Reads a body of JSON that may be left out if nothing in it is needed.
fn optional_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    json_body(if body.is_empty() { b"{}" } else { body })
}

/// Reads a body of JSON.
fn json_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::invalid(format!("Invalid body: {error}")))
}

/// 200 with the answer, or the refusal.
fn respond(answer: Result<Value, ApiError>) -> Response {
    answer.map_or_else(
        |error| error_response(&error),
        |body| json_response(StatusCode::OK, &body),
    )
}
