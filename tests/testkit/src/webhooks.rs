//! Webhooks as Stripe sends them. Written apart from the simulator and from our verifier.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// `Stripe-Signature` of `body`, signed at `at` seconds since 1970.
#[must_use]
pub fn sign(body: &str, secret: &str, at: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    let hex: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("t={at},v1={hex}")
}

/// A paid session of a recharge as an event of `created` seconds since 1970; change what a test
/// needs otherwise.
#[must_use]
pub fn completed_event(recharge: &str, session: &str, amount: i64, created: i64) -> Value {
    json!({
        "id": format!("evt_{session}"),
        "object": "event",
        "type": "checkout.session.completed",
        "created": created,
        "livemode": false,
        "data": {"object": {
            "id": session,
            "object": "checkout.session",
            "mode": "payment",
            "payment_status": "paid",
            "status": "complete",
            "amount_total": amount,
            "currency": "usd",
            "livemode": false,
            "payment_intent": session.replacen("cs_", "pi_", 1),
            "client_reference_id": recharge,
            "metadata": {"recharge_id": recharge},
        }},
    })
}
