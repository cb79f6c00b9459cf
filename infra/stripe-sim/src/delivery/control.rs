//! `/stripe-sim/delivery`, `/deliver`, `/events` and `/faults`: how tests rule what is delivered and what fails.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{ListQuery, error_response, json_response};
use crate::config::check_secrets;
use crate::delivery::DeliveryReport;
use crate::error::ApiError;
use crate::faults::Fault;
use crate::form;
use crate::hub::{Hub, Inner};
use crate::model::{DeliveryStatus, Event};
use crate::state::Change;

/// The control routes, with absolute paths.
pub(crate) fn router(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/stripe-sim/delivery", get(setting).put(set))
        .route("/stripe-sim/deliver", post(deliver))
        .route("/stripe-sim/events", get(events))
        .route("/stripe-sim/faults", get(faults).put(set_faults))
        .route("/stripe-sim/faults/release", post(release))
        .with_state(hub)
}

/// A part of the delivery setting.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingBody {
    hold: Option<bool>,
    secrets: Option<Vec<String>>,
    duplicates: Option<Value>,
    shuffle: Option<Value>,
    lose: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultsBody {
    next: Vec<Fault>,
}

async fn setting(State(hub): State<Arc<Hub>>) -> Response {
    json_response(StatusCode::OK, &setting_json(&hub.lock()))
}

async fn set(State(hub): State<Arc<Hub>>, body: Bytes) -> Response {
    let body: SettingBody = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => {
            return error_response(&ApiError::invalid(format!(
                "Invalid delivery setting: {error}"
            )));
        }
    };
    if let Err(error) = check_setting(&body) {
        return error_response(&error);
    }
    json_response(
        StatusCode::OK,
        &hub.with(|inner, _| {
            if let Some(secrets) = body.secrets {
                inner.secrets = secrets;
            }
            if let Some(hold) = body.hold {
                set_hold(inner, hold);
            }
            setting_json(inner)
        }),
    )
}

fn check_setting(body: &SettingBody) -> Result<(), ApiError> {
    let later = [
        ("duplicates", &body.duplicates),
        ("shuffle", &body.shuffle),
        ("lose", &body.lose),
    ];
    if let Some((name, _)) = later.into_iter().find(|(_, value)| value.is_some()) {
        return Err(ApiError::invalid(format!("`{name}` is not simulated yet.")).param(name));
    }
    match &body.secrets {
        Some(secrets) => {
            check_secrets(secrets).map_err(|reason| ApiError::invalid(reason).param("secrets"))
        }
        None => Ok(()),
    }
}

/// Turning the hold on also holds what waits for its next try; turning it off sends nothing.
pub(crate) fn set_hold(inner: &mut Inner, hold: bool) {
    inner.hold = hold;
    if !hold {
        return;
    }
    let pending: Vec<(String, crate::model::Delivery)> = inner
        .world
        .pending()
        .map(|event| (event.id.clone(), event.delivery.clone()))
        .collect();
    for (event, mut delivery) in pending {
        delivery.status = DeliveryStatus::Held;
        // Not in the file: after a restart held events are due, like all others.
        inner.world.apply(Change::Delivery { event, delivery });
    }
}

fn setting_json(inner: &Inner) -> Value {
    json!({ "hold": inner.hold, "secrets": inner.secrets })
}

async fn deliver(State(hub): State<Arc<Hub>>) -> Response {
    match hub.deliver_everything().await {
        None => error_response(&ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "api_error",
            "The simulator is shutting down.",
        )),
        Some(report) => report_response(&report),
    }
}

fn report_response(report: &DeliveryReport) -> Response {
    let status = if report.is_complete() {
        StatusCode::OK
    } else {
        StatusCode::BAD_GATEWAY
    };
    json_response(status, &json!(report))
}

async fn events(State(hub): State<Arc<Hub>>, OriginalUri(uri): OriginalUri) -> Response {
    let answer = form::parse(uri.query().unwrap_or_default(), b"").and_then(|tree| {
        let mut params = form::Params::new(tree);
        let list = ListQuery::read(&mut params)?;
        params.finish()?;
        let render = Event::to_json_with_delivery;
        hub.with(|inner, _| {
            list.page(
                &inner.world.events,
                "event",
                "/stripe-sim/events",
                |_| true,
                render,
            )
        })
    });
    answer.map_or_else(
        |error| error_response(&error),
        |page| json_response(StatusCode::OK, &page),
    )
}

async fn faults(State(hub): State<Arc<Hub>>) -> Response {
    json_response(StatusCode::OK, &faults_json(&hub))
}

async fn set_faults(State(hub): State<Arc<Hub>>, body: Bytes) -> Response {
    let body: FaultsBody = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => {
            return error_response(&ApiError::invalid(format!("Invalid faults: {error}")));
        }
    };
    if !hub.lock().faults.set(body.next) {
        return error_response(&ApiError::invalid("Too many faults.").param("next"));
    }
    hub.release_stalled();
    json_response(StatusCode::OK, &faults_json(&hub))
}

async fn release(State(hub): State<Arc<Hub>>) -> Response {
    hub.release_stalled();
    json_response(StatusCode::OK, &faults_json(&hub))
}

fn faults_json(hub: &Hub) -> Value {
    json!({ "next": hub.lock().faults.queued(), "stalled": *hub.stalled.borrow() })
}
