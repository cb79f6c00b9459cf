//! `/v1/disputes`.

use axum::extract::{OriginalUri, State};
use axum::response::Response;

use crate::api::respond::respond;
use crate::api::{Id, Reversed, Shared, expand, query};
use crate::error::ApiError;
use crate::model::Dispute;

/// Answers one dispute.
pub(crate) async fn retrieve(
    State(hub): Shared,
    OriginalUri(uri): OriginalUri,
    Id(id): Id,
) -> Response {
    respond(query(&uri).and_then(|mut params| {
        let paths = expand::paths(&mut params)?;
        params.finish()?;
        hub.with(|inner, _| {
            let found = inner.world.disputes.get(&id);
            let dispute = found.ok_or_else(|| ApiError::missing("dispute", &id, "dispute"))?;
            expand(&inner.world, &hub.base_url, dispute.to_json(), &paths)
        })
    }))
}

/// Lists disputes, newest first.
pub(crate) async fn list(State(hub): Shared, OriginalUri(uri): OriginalUri) -> Response {
    respond(query(&uri).and_then(|mut params| {
        let query = Reversed::read(&mut params)?;
        params.finish()?;
        hub.with(|inner, _| {
            let world = &inner.world;
            let keep = |dispute: &Dispute| query.keeps_charge(&dispute.charge);
            let page = query.list.page(
                &world.disputes,
                query.intent(world),
                "dispute",
                "/v1/disputes",
                keep,
                Dispute::to_json,
            )?;
            expand(world, &hub.base_url, page, &query.paths)
        })
    }))
}
