//! `/v1/events`.

use axum::extract::{OriginalUri, State};
use axum::response::Response;

use crate::api::respond::respond;
use crate::api::{Id, ListQuery, Shared, query};
use crate::error::ApiError;
use crate::model::Event;

/// Answers one event.
pub(crate) async fn retrieve(
    State(hub): Shared,
    OriginalUri(uri): OriginalUri,
    Id(id): Id,
) -> Response {
    respond(query(&uri).and_then(|params| {
        params.finish()?;
        hub.with(|inner, _| {
            let event = inner.world.events.get(&id);
            Ok(event
                .ok_or_else(|| ApiError::missing("event", &id, "id"))?
                .to_json())
        })
    }))
}

/// Lists events, newest first.
pub(crate) async fn list(State(hub): Shared, OriginalUri(uri): OriginalUri) -> Response {
    respond(query(&uri).and_then(|mut params| {
        let list = ListQuery::read(&mut params)?;
        let kind = params.text("type")?;
        let kinds = params.texts("types")?;
        let delivered = params.choice("delivery_success", &["true", "false"])?;
        params.finish()?;
        let keep = |event: &Event| {
            let name = event.kind.as_str();
            let is_delivered = (!event.delivery.status.is_unacknowledged()).to_string();
            kind.as_ref().is_none_or(|kind| matches_kind(kind, name))
                && (kinds.is_empty() || kinds.iter().any(|kind| matches_kind(kind, name)))
                && delivered
                    .as_ref()
                    .is_none_or(|delivered| *delivered == is_delivered)
        };
        hub.with(|inner, _| {
            list.page(
                &inner.world.events,
                None,
                "event",
                "/v1/events",
                keep,
                Event::to_json,
            )
        })
    }))
}

/// `charge.*` stands for every event of charges.
fn matches_kind(wanted: &str, name: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => wanted == name,
    }
}
