//! The OpenAPI document of the product: made of what each function says about its operations,
//! served at `/openapi.json`, printed by `recharge openapi`, and committed as docs/openapi.json.
//!
//! What is only local (tokens, the simulator, pages) is not in it.

use anyhow::anyhow;
use axum::{Router, response::IntoResponse, routing::get};
use http::header;
use recharge_core::http::openapi::{Api, Operation, Value, document};

const API: Api = Api {
    title: "Recharge",
    version: env!("CARGO_PKG_VERSION"),
    description: "\
People buy coins with real money, send gifts that cost coins, and creators earn by them.

- JSON in `snake_case`. Times are RFC 3339 in UTC. Coins are integers, and integers are written without a fraction: `1.0` is refused. Money is integer minor units with its exponent.
- Clients must ignore response fields they do not know. Request fields we do not know are refused.
- A field without a value is `null`; only those that are not required may be missing.
- Errors are problems (RFC 9457): branch on `code`. `x-recharge-codes` lists those of each answer; more may come. What API Gateway refuses or fails by itself \
comes as `{\"message\": \"…\"}`.
- Whatever moves value takes an `Idempotency-Key`. A key that succeeded answers its first success for ever, with \
`Idempotent-Replayed: true`, whatever has changed since; with another body it is refused.
- `x-recharge-access` says who may call an operation, and about whom it tells: `public`, `link` (whoever has the id), \
`caller`, `owner` (to others it does not exist), `creator`, `operator`, `stripe`.",
    tags: &[
        ("Catalogue", "What is sold, what can be sent, and what a client must know. Needs no token."),
        ("Recharges", "Buy coins."),
        ("Wallet", "The caller's coins, and how they came to be."),
        ("Gifts", "Spend coins."),
        ("Creators", "Receive gifts, and see what they earned."),
        ("Pages", "For the browser that comes back from Stripe."),
        ("Operators", "For people who run the product."),
        ("Stripe", "For Stripe only."),
    ],
};

/// Every operation of the product.
fn operations() -> Vec<Operation> {
    [
        packages::operations(),
        recharges::operations(),
        wallet::operations(),
        gifts::operations(),
        creators::operations(),
        admin::operations(),
        webhook::operations(),
    ]
    .concat()
}

/// The document.
///
/// # Errors
/// If two types or two operations are called the same.
pub fn value() -> anyhow::Result<Value> {
    document(API, &operations()).map_err(|problem| anyhow!("the OpenAPI document: {problem}"))
}

/// The document as text: equal bytes wherever it is served, printed or committed.
///
/// # Errors
/// As [`value`].
pub fn text() -> anyhow::Result<String> {
    Ok(format!("{:#}\n", value()?))
}

/// Serves the document.
///
/// # Errors
/// As [`value`].
pub(crate) fn router() -> anyhow::Result<Router> {
    let text = text()?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        // Tools and pages of any origin may read it: it says nothing that is not public.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    let serve = get(move || async move { (headers, text).into_response() });
    Ok(Router::new().route("/openapi.json", serve))
}
