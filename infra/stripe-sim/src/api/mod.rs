//! Stripe's API under `/stripe-sim/v1`.

mod auth;
mod call;
mod disputes;
mod events;
mod expand;
mod gate;
mod idempotency;
mod list;
mod payments;
mod refunds;
mod respond;
mod reversed;
mod sessions;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, OriginalUri, State};
use axum::http::{Method, Uri};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, extract::FromRequestParts};

use crate::error::ApiError;
use crate::form;
use crate::hub::Hub;

pub(crate) use expand::expand;
pub(crate) use list::ListQuery;
pub(crate) use respond::{error_response, hang_up, json_response};
pub(crate) use reversed::Reversed;

/// Stripe's requests are far smaller.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// All routes below `/stripe-sim/v1`.
pub(crate) fn router(hub: Arc<Hub>) -> Router {
    let gate = middleware::from_fn_with_state(Arc::clone(&hub), gate::pass);
    Router::new()
        .route(
            "/checkout/sessions",
            get(sessions::list).post(sessions::create),
        )
        .route("/checkout/sessions/{id}", get(sessions::retrieve))
        .route("/checkout/sessions/{id}/expire", post(sessions::expire))
        .route(
            "/checkout/sessions/{id}/line_items",
            get(sessions::line_items),
        )
        .route("/payment_intents", get(payments::list_intents))
        .route("/payment_intents/{id}", get(payments::retrieve_intent))
        .route("/charges", get(payments::list_charges))
        .route("/charges/{id}", get(payments::retrieve_charge))
        .route("/refunds", get(refunds::list).post(refunds::create))
        .route("/refunds/{id}", get(refunds::retrieve))
        .route("/disputes", get(disputes::list))
        .route("/disputes/{id}", get(disputes::retrieve))
        .route("/events", get(events::list))
        .route("/events/{id}", get(events::retrieve))
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_route)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(gate)
        .with_state(hub)
}

async fn unknown_route(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    let path = uri.path().trim_start_matches("/stripe-sim");
    error_response(&ApiError::unknown_route(method.as_str(), path))
}

type Shared = State<Arc<Hub>>;

/// The `{id}` of a path. One that cannot be decoded is the id of nothing.
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &S,
    ) -> Result<Self, Self::Rejection> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.map_or_else(|_| String::new(), |path| path.0)))
    }
}

/// The parameters of a GET.
fn query(uri: &Uri) -> Result<form::Params, ApiError> {
    Ok(form::Params::new(form::parse(
        uri.query().unwrap_or_default(),
        b"",
    )?))
}
