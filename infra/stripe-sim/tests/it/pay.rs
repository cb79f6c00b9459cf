//! The JSON call behind the pay page, and what it leaves in Stripe's API.

use serde_json::{Value, json};

use crate::support::{Sim, reply};

#[tokio::test]
async fn a_success_completes_the_session_and_makes_payment_intent_and_charge() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    let paid = sim.pay(&id, "succeed").await;
    assert_eq!(paid.status, 200);
    assert_eq!(paid.json["status"], "complete");
    assert_eq!(paid.json["payment_status"], "paid");
    assert_eq!(paid.json["url"], Value::Null);
    assert_eq!(paid.json["customer_details"]["email"], "buyer@example.com");

    let path = format!("/checkout/sessions/{id}?expand[]=payment_intent.latest_charge");
    let session = sim.fetch(&path).await;
    let intent = &session["payment_intent"];
    assert_eq!(
        (&intent["status"], &intent["amount_received"]),
        (&json!("succeeded"), &json!(499))
    );
    assert_eq!(intent["metadata"], json!({ "recharge": "rch_1" }));
    let charge = &intent["latest_charge"];
    assert_eq!(
        (&charge["status"], &charge["amount_captured"]),
        (&json!("succeeded"), &json!(499))
    );
    assert_eq!(
        (&charge["paid"], &charge["disputed"], &charge["refunded"]),
        (&json!(true), &json!(false), &json!(false))
    );
    assert_eq!(charge["payment_intent"], intent["id"]);
    assert_eq!(
        sim.event_types(),
        [
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.completed"
        ]
    );
}

#[tokio::test]
async fn a_decline_leaves_the_session_open_and_the_next_try_uses_the_same_payment_intent() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    let declined = sim.pay(&id, "decline").await;
    assert_eq!(
        (declined.status, &declined.json["status"]),
        (200, &json!("open"))
    );
    assert!(declined.json["url"].is_string());
    let intent = declined.json["payment_intent"].as_str().unwrap();
    let failed = sim
        .fetch(&format!("/payment_intents/{intent}?expand[]=latest_charge"))
        .await;
    assert_eq!(failed["status"], "requires_payment_method");
    assert_eq!(failed["last_payment_error"]["code"], "card_declined");
    assert_eq!(failed["latest_charge"]["failure_code"], "card_declined");
    assert_eq!(
        sim.event_types(),
        ["charge.failed", "payment_intent.payment_failed"]
    );

    let paid = sim.pay(&id, "succeed").await;
    assert_eq!(paid.json["payment_intent"], intent);
    let charges = sim
        .fetch(&format!("/charges?payment_intent={intent}"))
        .await;
    let statuses: Vec<&str> = charges["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|c| c["status"].as_str())
        .collect();
    assert_eq!(statuses, ["succeeded", "failed"]);
    assert_eq!(
        sim.fetch(&format!("/payment_intents/{intent}")).await["last_payment_error"],
        Value::Null
    );
}

#[tokio::test]
async fn cancelling_changes_nothing() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    let before = sim.everything().await;
    let cancelled = sim.pay(&id, "cancel").await;
    assert_eq!(
        (cancelled.status, &cancelled.json["status"]),
        (200, &json!("open"))
    );
    assert_eq!(sim.everything().await, before);
}

#[tokio::test]
async fn a_refused_payment_changes_nothing() {
    let sim = Sim::start_held().await;
    let (open, closed) = (sim.create_id().await, sim.create_id().await);
    assert_eq!(sim.pay(&closed, "succeed").await.status, 200);
    let before = sim.everything().await;
    for outcome in ["succeed", "decline", "cancel", "delayed"] {
        let refused = sim.pay(&closed, outcome).await;
        assert_eq!(refused.status, 400, "{outcome}");
        assert_eq!(
            refused.error(),
            "invalid_request_error checkout_session_not_open -"
        );
    }
    assert_eq!(
        sim.pay(&open, "explode").await.error(),
        "invalid_request_error - outcome"
    );
    let unknown = sim.pay("cs_test_x", "succeed").await;
    assert_eq!(
        (unknown.status, unknown.error().as_str()),
        (404, "invalid_request_error resource_missing session")
    );
    let path = format!("/stripe-sim/checkout/{open}/pay");
    let huge = format!("{{\"outcome\": \"{}\"}}", "x".repeat(100_000));
    for body in [
        "",
        "{",
        "[]",
        "{}",
        "\"succeed\"",
        "{\"outcome\": 1}",
        "{\"outcome\": \"succeed\", \"amount\": 1}",
        &huge,
    ] {
        let refused = reply(sim.json("POST", &path, body)).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (400, "invalid_request_error - -"),
            "{body:.40}"
        );
    }
    assert_eq!(sim.everything().await, before);
}

#[tokio::test]
async fn of_simultaneous_payments_exactly_one_succeeds() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    let (a, b, c, d) = tokio::join!(
        sim.pay(&id, "succeed"),
        sim.pay(&id, "succeed"),
        sim.pay(&id, "succeed"),
        sim.pay(&id, "succeed")
    );
    let mut statuses = [a.status, b.status, c.status, d.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400]);
    assert_eq!(sim.event_types().len(), 3);
    assert_eq!(
        sim.fetch("/charges").await["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
