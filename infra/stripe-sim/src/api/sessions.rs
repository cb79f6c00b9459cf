//! `/v1/checkout/sessions`.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::api::call::Call;
use crate::api::gate::RequestId;
use crate::api::idempotency::{Done, post};
use crate::api::respond::respond;
use crate::api::{Id, ListQuery, Shared, error_response, expand, query};
use crate::checkout;
use crate::error::ApiError;
use crate::form::Params;
use crate::model::Session;
use crate::state::{Change, World};

type Body = Result<Bytes, BytesRejection>;

/// Creates a session.
pub(crate) async fn create(
    State(hub): Shared,
    Extension(request): Extension<RequestId>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let call = match Call::read(request, &uri, &headers, body) {
        Ok(call) => call,
        Err(error) => return error_response(&error),
    };
    post(&hub, call, true, |world, scene, tree| {
        let mut params = Params::new(tree);
        let paths = expand::paths(&mut params)?;
        let session = checkout::create(params, scene)?;
        let mut body = session.to_json(scene.base_url);
        // The lines are not in any table yet, so they cannot be looked up.
        if let (true, Some(fields)) = (
            paths.iter().any(|path| path == "line_items"),
            body.as_object_mut(),
        ) {
            fields.insert("line_items".into(), session.lines_json());
        }
        let paths: Vec<String> = paths
            .into_iter()
            .filter(|path| path != "line_items")
            .collect();
        let body = expand(world, scene.base_url, body, &paths)?;
        Ok(Done {
            body,
            changes: vec![Change::Session(session)],
        })
    })
    .await
}

/// Expires a session.
pub(crate) async fn expire(
    State(hub): Shared,
    Extension(request): Extension<RequestId>,
    OriginalUri(uri): OriginalUri,
    Id(id): Id,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let call = match Call::read(request, &uri, &headers, body) {
        Ok(call) => call,
        Err(error) => return error_response(&error),
    };
    post(&hub, call, false, |world, scene, tree| {
        let mut params = Params::new(tree);
        let paths = expand::paths(&mut params)?;
        params.finish()?;
        let (session, changes) = checkout::expire(find(world, &id)?, scene)?;
        let body = expand(
            world,
            scene.base_url,
            session.to_json(scene.base_url),
            &paths,
        )?;
        Ok(Done { body, changes })
    })
    .await
}

/// Answers one session.
pub(crate) async fn retrieve(
    State(hub): Shared,
    OriginalUri(uri): OriginalUri,
    Id(id): Id,
) -> Response {
    let answer = query(&uri).and_then(|mut params| {
        let paths = expand::paths(&mut params)?;
        params.finish()?;
        hub.with(|inner, _| {
            let session = find(&inner.world, &id)?.to_json(&hub.base_url);
            expand(&inner.world, &hub.base_url, session, &paths)
        })
    });
    respond(answer)
}

/// Lists sessions, newest first.
pub(crate) async fn list(State(hub): Shared, OriginalUri(uri): OriginalUri) -> Response {
    let answer = query(&uri).and_then(|mut params| {
        let list = ListQuery::read(&mut params)?;
        let paths = expand::paths(&mut params)?;
        let intent = params.text("payment_intent")?;
        let status = params.choice("status", &["complete", "expired", "open"])?;
        params.finish()?;
        let keep = |session: &Session| {
            status
                .as_ref()
                .is_none_or(|status| session.status.as_str() == status)
        };
        hub.with(|inner, _| {
            let render = |session: &Session| session.to_json(&hub.base_url);
            let world = &inner.world;
            let page = list.page(
                &world.sessions,
                intent.as_deref(),
                "checkout.session",
                "/v1/checkout/sessions",
                keep,
                render,
            )?;
            expand(world, &hub.base_url, page, &paths)
        })
    });
    respond(answer)
}

/// Answers what a session sells. All of it: a session has at most as many lines as a page.
pub(crate) async fn line_items(
    State(hub): Shared,
    OriginalUri(uri): OriginalUri,
    Id(id): Id,
) -> Response {
    let answer = query(&uri).and_then(|mut params| {
        params.integer("limit")?;
        params.finish()?;
        hub.with(|inner, _| Ok(find(&inner.world, &id)?.lines_json()))
    });
    respond(answer)
}

fn find<'a>(world: &'a World, id: &str) -> Result<&'a Session, ApiError> {
    world
        .sessions
        .get(id)
        .ok_or_else(|| ApiError::missing("checkout.session", id, "session"))
}
