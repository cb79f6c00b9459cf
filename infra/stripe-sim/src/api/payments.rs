//! `/v1/payment_intents` and `/v1/charges`.

use axum::extract::{OriginalUri, State};
use axum::response::Response;

use crate::api::respond::respond;
use crate::api::{Id, ListQuery, Shared, expand, query};
use crate::error::ApiError;
use crate::model::{Charge, PaymentIntent};

/// Answers one payment intent.
pub(crate) async fn retrieve_intent(
    State(hub): Shared,
    OriginalUri(uri): OriginalUri,
    Id(id): Id,
) -> Response {
    respond(query(&uri).and_then(|mut params| {
        let paths = expand::paths(&mut params)?;
        // Publishable keys need the secret; with a secret key it changes nothing.
        params.text("client_secret")?;
        params.finish()?;
        hub.with(|inner, _| {
            let found = inner.world.payment_intents.get(&id);
            let intent = found.ok_or_else(|| ApiError::missing("payment_intent", &id, "intent"))?;
            expand(&inner.world, &hub.base_url, intent.to_json(), &paths)
        })
    }))
}

/// Lists payment intents, newest first.
pub(crate) async fn list_intents(State(hub): Shared, OriginalUri(uri): OriginalUri) -> Response {
    respond(query(&uri).and_then(|mut params| {
        let list = ListQuery::read(&mut params)?;
        let paths = expand::paths(&mut params)?;
        params.finish()?;
        hub.with(|inner, _| {
            let intents = &inner.world.payment_intents;
            let page = list.page(
                intents,
                None,
                "payment_intent",
                "/v1/payment_intents",
                |_| true,
                PaymentIntent::to_json,
            )?;
            expand(&inner.world, &hub.base_url, page, &paths)
        })
    }))
}

/// Answers one charge.
pub(crate) async fn retrieve_charge(
    State(hub): Shared,
    OriginalUri(uri): OriginalUri,
    Id(id): Id,
) -> Response {
    respond(query(&uri).and_then(|mut params| {
        let paths = expand::paths(&mut params)?;
        params.finish()?;
        hub.with(|inner, _| {
            let found = inner.world.charges.get(&id);
            let charge = found.ok_or_else(|| ApiError::missing("charge", &id, "charge"))?;
            expand(
                &inner.world,
                &hub.base_url,
                charge.to_json(&hub.base_url),
                &paths,
            )
        })
    }))
}

/// Lists charges, newest first.
pub(crate) async fn list_charges(State(hub): Shared, OriginalUri(uri): OriginalUri) -> Response {
    respond(query(&uri).and_then(|mut params| {
        let list = ListQuery::read(&mut params)?;
        let paths = expand::paths(&mut params)?;
        let intent = params.text("payment_intent")?;
        params.finish()?;
        hub.with(|inner, _| {
            let render = |charge: &Charge| charge.to_json(&hub.base_url);
            let page = list.page(
                &inner.world.charges,
                intent.as_deref(),
                "charge",
                "/v1/charges",
                |_| true,
                render,
            )?;
            expand(&inner.world, &hub.base_url, page, &paths)
        })
    }))
}
