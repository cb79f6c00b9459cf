//! How the OpenAPI document has this operation.

use std::borrow::Cow;

use recharge_core::http::openapi::{Access, Operation, json, names};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::EventReply;

/// What became of an event.
pub(crate) struct Outcome;

impl JsonSchema for Outcome {
    fn schema_name() -> Cow<'static, str> {
        "Outcome".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let outcomes = [
            "credited",
            "already_credited",
            "processing",
            "failed",
            "expired",
            "taken_back",
            "noted",
            "nothing",
            "needs_review",
            "not_ours",
            "unused",
        ];
        names("What became of an event.", &outcomes)
    }
}

/// The operations of this function.
#[must_use]
pub fn operations() -> Vec<Operation> {
    vec![hear()]
}

fn hear() -> Operation {
    let more = "For Stripe only. The body is proven by `Stripe-Signature` over its very bytes before anything reads it. Answered 2xx only after the effect is stored; after anything else Stripe tells again.";
    let event = json!({
        "id": "evt_1", "object": "event", "type": "customer.created", "created": 1_764_000_000,
        "livemode": false, "data": {"object": {}},
    });
    Operation::new("POST /v1/stripe/webhook", "hearStripe", Access::Stripe)
        .does("Stripe", "Stripe tells what happened", more)
        .takes_signed(event)
        .answers::<EventReply>("The event was heard", json!({"outcome": "credited"}))
}
