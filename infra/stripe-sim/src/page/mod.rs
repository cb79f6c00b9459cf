//! The pay page, and the JSON call that does the same.

mod html;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::api::{Id, error_response, json_response};
use crate::checkout::Outcome;
use crate::error::ApiError;
use crate::hub::Hub;
use crate::model::Session;

const MAX_BODY_BYTES: usize = 16 * 1024;

/// The routes of the pay page, with absolute paths.
pub(crate) fn router(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/stripe-sim/checkout/{session}", get(show))
        .route(
            "/stripe-sim/checkout/{session}/pay",
            post(pay).get(back_to_page),
        )
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(hub)
}

async fn show(State(hub): State<Arc<Hub>>, Id(id): Id) -> Response {
    let found = hub.with(|inner, _| inner.world.sessions.get(&id).cloned());
    match found {
        None => view::unknown(),
        Some(session) if session.is_open() => view::open(&session, None),
        Some(session) => view::closed(&session),
    }
}

/// After a decline the address is the form's: reloading it with GET leads back to the page.
async fn back_to_page(Id(id): Id) -> Response {
    go_to(&format!("/stripe-sim/checkout/{id}"))
}

async fn pay(
    State(hub): State<Arc<Hub>>,
    Id(id): Id,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if is_form(&headers) {
        return pay_by_form(&hub, &id, body.as_deref().unwrap_or_default());
    }
    let result = body
        .map_err(|_| ApiError::invalid("The body is too large or broke off."))
        .and_then(|body| json_outcome(&body))
        .and_then(|outcome| hub.pay(&id, outcome));
    match result {
        Ok(session) => json_response(StatusCode::OK, &session.to_json(&hub.base_url)),
        Err(error) => error_response(&error),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    content_type.starts_with(b"application/x-www-form-urlencoded")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayBody {
    outcome: String,
}

fn json_outcome(body: &[u8]) -> Result<Outcome, ApiError> {
    let body: PayBody = serde_json::from_slice(body).map_err(|error| {
        ApiError::invalid(format!(
            "Invalid body: {error}. Send JSON such as {{\"outcome\": \"succeed\"}}."
        ))
    })?;
    Outcome::parse(&body.outcome).ok_or_else(|| {
        ApiError::invalid("Invalid outcome: must be one of succeed, decline, delayed, cancel.")
            .param("outcome")
    })
}

fn pay_by_form(hub: &Hub, id: &str, body: &[u8]) -> Response {
    let fields = form_urlencoded::parse(body);
    let word = fields
        .filter(|(name, _)| name == "outcome")
        .map(|(_, value)| value)
        .last();
    let Some(outcome) = word.as_deref().and_then(Outcome::parse) else {
        return view::bad_form();
    };
    if let Ok(session) = hub.pay(id, outcome) {
        return after(&session, outcome);
    }
    // Refused: the page tells what became of the session, which somebody else may have paid.
    let found = hub.with(|inner, _| inner.world.sessions.get(id).cloned());
    match found {
        None => view::unknown(),
        Some(session) if session.is_open() && !offers(&session, outcome) => view::bad_form(),
        Some(session) if session.is_open() => view::unavailable(),
        Some(session) => view::closed(&session),
    }
}

/// Whether the page has a button for this outcome.
fn offers(session: &Session, outcome: Outcome) -> bool {
    outcome != Outcome::Delayed || session.delayed_method().is_some()
}

fn after(session: &Session, outcome: Outcome) -> Response {
    match (outcome, session.filled_cancel_url()) {
        (Outcome::Succeed | Outcome::Delayed, _) => go_to(&session.filled_success_url()),
        (Outcome::Cancel, Some(url)) => go_to(&url),
        (Outcome::Cancel, None) => view::open(session, None),
        (Outcome::Decline, _) => view::open(
            session,
            Some("Your card was declined. You have not been charged. Try again."),
        ),
    }
}

fn go_to(url: &str) -> Response {
    let Ok(location) = HeaderValue::try_from(url) else {
        return view::unknown();
    };
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, location);
    response
}
