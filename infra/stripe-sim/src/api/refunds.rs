//! `/v1/refunds`.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

use crate::api::call::Call;
use crate::api::gate::RequestId;
use crate::api::idempotency::{Done, post};
use crate::api::respond::respond;
use crate::api::{Id, Reversed, Shared, error_response, expand, query};
use crate::checkout::Scene;
use crate::error::ApiError;
use crate::form::{Params, Tree};
use crate::model::{Charge, Refund};
use crate::reversal::{self, Asked, charge_of};
use crate::state::World;

/// Refunds a charge.
pub(crate) async fn create(
    State(hub): Shared,
    Extension(request): Extension<RequestId>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match Call::read(request, &uri, &headers, body) {
        Ok(call) => post(&hub, call, false, execute).await,
        Err(error) => error_response(&error),
    }
}

fn execute(world: &World, scene: &Scene<'_>, tree: Tree) -> Result<Done, ApiError> {
    let mut params = Params::new(tree);
    let paths = expand::paths(&mut params)?;
    let charge = params.text("charge")?;
    let intent = params.text("payment_intent")?;
    let asked = Asked {
        amount: params.integer("amount")?,
        reason: params.choice(
            "reason",
            &["duplicate", "fraudulent", "requested_by_customer"],
        )?,
        metadata: params.metadata("metadata")?,
    };
    params.finish()?;
    let charge = find_charge(world, charge.as_deref(), intent.as_deref())?;
    let (refund, charge, changes) = reversal::refund(world, charge, asked, scene)?;
    let mut body = refund.to_json();
    for path in &paths {
        expand_new(world, scene, &mut body, &charge, path)?;
    }
    Ok(Done { body, changes })
}

fn find_charge<'a>(
    world: &'a World,
    charge: Option<&str>,
    intent: Option<&str>,
) -> Result<&'a Charge, ApiError> {
    let found = match (charge, intent) {
        (Some(charge), _) => world
            .charges
            .get(charge)
            .ok_or_else(|| ApiError::missing("charge", charge, "charge"))?,
        (None, Some(intent)) if world.payment_intents.get(intent).is_some() => {
            charge_of(world, intent)?
        }
        (None, Some(intent)) => {
            return Err(ApiError::missing(
                "payment_intent",
                intent,
                "payment_intent",
            ));
        }
        (None, None) => {
            return Err(ApiError::invalid(
                "One of the following params should be provided for this request: payment_intent or charge.",
            )
            .code("parameter_missing"));
        }
    };
    if intent.is_some_and(|intent| found.payment_intent != intent) {
        return Err(ApiError::invalid(format!(
            "The charge {} does not belong to this payment intent.",
            found.id
        ))
        .param("payment_intent"));
    }
    Ok(found)
}

/// The tables know the charge as it was before, so it is put in by hand, and nothing below it can be.
fn expand_new(
    world: &World,
    scene: &Scene<'_>,
    body: &mut Value,
    charge: &Charge,
    path: &str,
) -> Result<(), ApiError> {
    let object = match path {
        "charge" => charge.to_json(scene.base_url),
        "payment_intent" => world
            .payment_intents
            .get(&charge.payment_intent)
            .map_or(Value::Null, |intent| intent.to_json()),
        _ => return Err(expand::refused(path)),
    };
    if let Some(fields) = body.as_object_mut() {
        fields.insert(path.to_owned(), object);
    }
    Ok(())
}

/// Answers one refund.
pub(crate) async fn retrieve(
    State(hub): Shared,
    OriginalUri(uri): OriginalUri,
    Id(id): Id,
) -> Response {
    respond(query(&uri).and_then(|mut params| {
        let paths = expand::paths(&mut params)?;
        params.finish()?;
        hub.with(|inner, _| {
            let found = inner.world.refunds.get(&id);
            let refund = found.ok_or_else(|| ApiError::missing("refund", &id, "refund"))?;
            expand(&inner.world, &hub.base_url, refund.to_json(), &paths)
        })
    }))
}

/// Lists refunds, newest first.
pub(crate) async fn list(State(hub): Shared, OriginalUri(uri): OriginalUri) -> Response {
    respond(query(&uri).and_then(|mut params| {
        let query = Reversed::read(&mut params)?;
        params.finish()?;
        hub.with(|inner, _| {
            let world = &inner.world;
            let keep = |refund: &Refund| query.keeps_charge(&refund.charge);
            let page = query.list.page(
                &world.refunds,
                query.intent(world),
                "refund",
                "/v1/refunds",
                keep,
                Refund::to_json,
            )?;
            expand(world, &hub.base_url, page, &query.paths)
        })
    }))
}
