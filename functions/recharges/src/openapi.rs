//! How the OpenAPI document has these operations.

use recharge_core::{
    domain::RechargeId,
    http::{
        Code,
        openapi::{Access, Operation, Parameter, Value, json},
    },
};

use crate::wire::{RechargeBody, RechargeReply, StartedReply};

const TAG: &str = "Recharges";
const ID: &str = "rch_9483af7d1b29f67dfd47f1eb59e2b058";

/// The operations of this function.
#[must_use]
pub fn operations() -> Vec<Operation> {
    vec![
        start(),
        find(),
        sync(),
        page(
            "GET /return/{id}",
            "showReturnPage",
            "Where a payment leads back to",
        ),
        page(
            "GET /cancel/{id}",
            "showCancelPage",
            "Where leaving a payment leads back to",
        ),
    ]
}

fn id() -> Parameter {
    Parameter::path::<RechargeId>("id", "The recharge.", ID)
}

fn start() -> Operation {
    let body = json!({"package_id": "coins_70", "currency": "usd", "terms_version": "2026-11-01"});
    let example = json!({
        "id": ID,
        "status": "open",
        "checkout_url": "https://checkout.stripe.com/c/pay/cs_test_1",
        "coins": 70,
        "bonus_coins": 0,
        "price": {"amount": 99, "currency": "usd", "exponent": 2},
        "expires_at": "2026-11-23T11:00:00Z",
    });
    let more = "Opens a checkout session at Stripe. `id` follows from user and key. A replay is the first answer, so that `status` is always `open`. `checkout_url` is null in one rare case: the session was paid before its address reached us, and Stripe no longer repeats it.";
    let id = [("id", "$response.body#/id")];
    Operation::new("POST /v1/recharges", "startRecharge", Access::Caller)
        .does(TAG, "Buy coins", more)
        .with_key()
        .with_client()
        .takes::<RechargeBody>(body)
        .creates::<StartedReply<'_>>("The checkout session is open", example)
        .refuses(&[
            Code::AmountOutOfRange,
            Code::ChannelNotAllowed,
            Code::CurrencyUnsupported,
            Code::PackageNotFound,
            Code::RateLimited,
            Code::ReturnUrlNotAllowed,
            Code::TermsOutdated,
        ])
        .leads_to("readRecharge", &id)
        .leads_to("syncRecharge", &id)
        .leads_to("showReturnPage", &id)
        .leads_to("showCancelPage", &id)
}

fn settled() -> Value {
    json!({
        "id": ID,
        "status": "settled",
        "coins": 70,
        "bonus_coins": 0,
        "price": {"amount": 99, "currency": "usd", "exponent": 2},
        "credited_at": "2026-11-22T12:03:04.567Z",
    })
}

fn find() -> Operation {
    let more = "A recharge of somebody else does not exist. `credited_at` is absent until the coins are there.";
    Operation::new("GET /v1/recharges/{id}", "readRecharge", Access::Owner)
        .does(TAG, "What became of a recharge", more)
        .at(id())
        .refuses(&[Code::RechargeNotFound])
        .answers::<RechargeReply<'_>>("The recharge", settled())
        .leads_to("syncRecharge", &[("id", "$response.body#/id")])
}

fn sync() -> Operation {
    let more = "Settles if it is paid, and answers as the read does. The same recharge again within two seconds is refused, and nothing has changed.";
    Operation::new(
        "POST /v1/recharges/{id}/sync",
        "syncRecharge",
        Access::Owner,
    )
    .does(TAG, "Ask Stripe about a recharge now", more)
    .at(id())
    .with_client()
    .refuses(&[Code::RateLimited, Code::RechargeNotFound])
    .answers::<RechargeReply<'_>>("The recharge as it is now", settled())
    .leads_to("readRecharge", &[("id", "$response.body#/id")])
}

fn page(route: &'static str, name: &'static str, summary: &'static str) -> Operation {
    let more = "HTML without scripts, in English, for the browser. It asks Stripe as a sync does, and shows this recharge's status and coins, nothing of its buyer.";
    Operation::new(route, name, Access::Link)
        .does("Pages", summary, more)
        .at(id())
        .shows(&[
            (200, "What became of the recharge"),
            (404, "There is no such recharge"),
            (503, "We cannot tell right now"),
        ])
}
