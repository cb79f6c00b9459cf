//! `/stripe-sim/delivery`, `/deliver` and `/events`: which webhooks are sent, when and how.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::api::{ListQuery, error_response, json_response};
use crate::controls::{json_body, respond};
use crate::delivery::{self, DeliveryReport, DeliverySetting};
use crate::error::ApiError;
use crate::form;
use crate::hub::Hub;
use crate::model::Event;

/// A part of the delivery setting.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingBody {
    duplicates: Option<u32>,
    shuffle: Option<bool>,
    lose: Option<f64>,
    hold: Option<bool>,
    secrets: Option<Vec<String>>,
}

impl SettingBody {
    /// The setting with this part changed.
    fn change(self, setting: DeliverySetting) -> DeliverySetting {
        DeliverySetting {
            duplicates: self.duplicates.unwrap_or(setting.duplicates),
            shuffle: self.shuffle.unwrap_or(setting.shuffle),
            lose: self.lose.unwrap_or(setting.lose),
            hold: self.hold.unwrap_or(setting.hold),
            secrets: self.secrets.unwrap_or(setting.secrets),
        }
    }
}

/// Answers the whole setting.
pub(crate) async fn read(State(hub): State<Arc<Hub>>) -> Response {
    respond(Ok(json!(hub.lock().delivery)))
}

/// Sets what is given; answers the whole setting.
pub(crate) async fn set(State(hub): State<Arc<Hub>>, body: Bytes) -> Response {
    respond(json_body(&body).and_then(|body: SettingBody| {
        hub.with(|inner, _| {
            let setting = body.change(inner.delivery.clone());
            setting.check()?;
            delivery::set(inner, setting);
            Ok(json!(inner.delivery))
        })
    }))
}

/// Sends everything undelivered, and answers when the endpoint has.
pub(crate) async fn deliver(State(hub): State<Arc<Hub>>) -> Response {
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

/// Lists events with their delivery, newest first.
pub(crate) async fn events(State(hub): State<Arc<Hub>>, OriginalUri(uri): OriginalUri) -> Response {
    let answer = form::parse(uri.query().unwrap_or_default(), b"").and_then(|tree| {
        let mut params = form::Params::new(tree);
        let list = ListQuery::read(&mut params)?;
        params.finish()?;
        let render = Event::to_json_with_delivery;
        hub.with(|inner, _| {
            list.page(
                &inner.world.events,
                None,
                "event",
                "/stripe-sim/events",
                |_| true,
                render,
            )
        })
    });
    respond(answer)
}
