//! Creating, reading and expiring checkout sessions, and every refusal of these.

use serde_json::{Value, json};

use crate::support::{NOW, SESSION, Sim, reply};

#[tokio::test]
async fn a_new_session_is_complete_open_and_readable() {
    let sim = Sim::start_held().await;
    let created = reply(
        sim.creation(SESSION, None)
            .header("stripe-version", "2025-03-31.basil"),
    )
    .await;
    assert_eq!(created.status, 200);
    assert!(created.header("request-id").starts_with("req_"));
    assert_eq!(created.header("stripe-version"), "2025-03-31.basil");
    assert_eq!(created.header("content-type"), "application/json");

    let session = &created.json;
    let id = session["id"].as_str().unwrap();
    assert!(id.starts_with("cs_test_"));
    for (field, expected) in [
        ("object", json!("checkout.session")),
        ("amount_total", json!(499)),
        ("amount_subtotal", json!(499)),
        ("currency", json!("usd")),
        ("status", json!("open")),
        ("payment_status", json!("unpaid")),
        ("payment_intent", Value::Null),
        ("livemode", json!(false)),
        ("client_reference_id", json!("rch_1")),
        ("metadata", json!({ "recharge": "rch_1" })),
        ("created", json!(NOW)),
        ("expires_at", json!(NOW + 86_400)),
        (
            "success_url",
            json!("http://shop.test/done?s={CHECKOUT_SESSION_ID}"),
        ),
        (
            "url",
            json!(format!("{}/stripe-sim/checkout/{id}", sim.base)),
        ),
    ] {
        assert_eq!(session[field], expected, "{field}");
    }
    assert!(
        session.get("line_items").is_none(),
        "line_items has to be expanded"
    );
    assert_eq!(
        sim.fetch(&format!("/checkout/sessions/{id}")).await,
        *session
    );
    assert!(
        sim.event_types().is_empty(),
        "Stripe has no event for a new session"
    );
}

/// As Stripe's OpenAPI description has it: some fields without a value are null, and some are not there.
#[tokio::test]
async fn what_stripe_leaves_out_is_left_out_and_what_is_null_is_there() {
    let sim = Sim::start_held().await;
    let (session, intent) = sim.paid().await;
    let refund = sim
        .control(&format!("/charges/{intent}/refund"), &json!({}))
        .await;
    let session = sim.fetch(&format!("/checkout/sessions/{session}")).await;
    let charge = sim.charge(&intent).await;
    let intent = sim.fetch(&format!("/payment_intents/{intent}")).await;
    for (object, absent) in [
        (&session, "branding_settings"),
        (&session, "presentment_details"),
        (&session, "redirect_on_completion"),
        (&session, "return_url"),
        (&charge, "presentment_details"),
    ] {
        assert_eq!(object.get(absent), None, "{absent}");
    }
    for (object, null) in [
        (&session, "managed_payments"),
        (&intent, "managed_payments"),
        (&intent, "allowed_payment_method_types"),
        (&refund.json, "customer"),
        (&refund.json, "customer_account"),
        (&refund.json, "payment_method"),
    ] {
        assert_eq!(object.get(null), Some(&Value::Null), "{null}");
    }
}

#[tokio::test]
async fn lines_can_be_expanded_or_listed() {
    let sim = Sim::start_held().await;
    let form = format!("{SESSION}&expand[]=line_items");
    let session = reply(sim.creation(&form, None)).await.json;
    let line = &session["line_items"]["data"][0];
    assert_eq!(line["description"], "Coins");
    assert_eq!(line["amount_total"], 499);
    assert_eq!(line["price"]["unit_amount"], 499);
    let id = session["id"].as_str().unwrap();
    let listed = sim
        .fetch(&format!("/checkout/sessions/{id}/line_items"))
        .await;
    assert_eq!(listed["data"][0], *line);
}

#[tokio::test]
async fn a_refused_creation_answers_stripes_error_and_changes_nothing() {
    let sim = Sim::start_held().await;
    sim.create().await;
    let before = sim.everything().await;
    for (form, expected) in [
        ("", "invalid_request_error parameter_missing mode"),
        ("mode=subscription", "invalid_request_error - mode"),
        (
            &format!("{SESSION}&colour=red"),
            "invalid_request_error parameter_unknown colour",
        ),
        (
            &format!("{SESSION}&expires_at={}", NOW + 60),
            "invalid_request_error - expires_at",
        ),
        (
            &format!("{SESSION}&expires_at={}", NOW + 90_000),
            "invalid_request_error - expires_at",
        ),
        (
            &SESSION.replace("499", "49"),
            "invalid_request_error amount_too_small -",
        ),
        (
            &SESSION.replace("499", "100000000"),
            "invalid_request_error amount_too_large -",
        ),
        (
            &SESSION.replace("usd", "xxx"),
            "invalid_request_error - line_items[0][price_data][currency]",
        ),
        (
            &SESSION.replace("499", "4.99"),
            "invalid_request_error parameter_invalid_integer line_items[0][price_data][unit_amount]",
        ),
        (
            &format!("{SESSION}&expand[]=nothing"),
            "invalid_request_error - expand",
        ),
        ("mode[=payment", "invalid_request_error - mode["),
    ] {
        let refused = reply(sim.creation(form, None)).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (400, expected),
            "{form}"
        );
        assert!(refused.header("request-id").starts_with("req_"));
    }
    let as_json = sim.json("POST", "/stripe-sim/v1/checkout/sessions", SESSION);
    let as_json = reply(as_json.header("authorization", "Bearer sk_test_1")).await;
    assert_eq!(
        (as_json.status, as_json.error().as_str()),
        (400, "invalid_request_error - -")
    );
    let huge = format!("{SESSION}&metadata[x]={}", "x".repeat(2_000_000));
    assert_eq!(reply(sim.creation(&huge, None)).await.status, 413);
    assert_eq!(sim.everything().await, before);
}

#[tokio::test]
async fn a_request_without_a_test_key_is_refused() {
    let sim = Sim::start_held().await;
    let before = sim.everything().await;
    for authorization in ["", "Bearer sk_live_1", "Bearer pk_test_1", "Basic Og=="] {
        let request = sim.json("POST", "/stripe-sim/v1/checkout/sessions", SESSION);
        let refused = reply(request.header("authorization", authorization)).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (401, "invalid_request_error - -")
        );
        assert!(refused.header("request-id").starts_with("req_"));
        assert!(!refused.header("www-authenticate").is_empty());
    }
    assert_eq!(sim.everything().await, before);
    // The user of Basic authentication is what `curl -u sk_test_1:` sends.
    let basic = sim
        .json("GET", "/stripe-sim/v1/charges", "")
        .header("authorization", "Basic c2tfdGVzdF8xOg==");
    assert_eq!(reply(basic).await.status, 200);
}

#[tokio::test]
async fn what_does_not_exist_is_404() {
    let sim = Sim::start_held().await;
    for (path, expected) in [
        (
            "/checkout/sessions/cs_test_x",
            "invalid_request_error resource_missing session",
        ),
        (
            "/checkout/sessions/cs_test_x/line_items",
            "invalid_request_error resource_missing session",
        ),
        (
            "/payment_intents/pi_x",
            "invalid_request_error resource_missing intent",
        ),
        (
            "/charges/ch_x",
            "invalid_request_error resource_missing charge",
        ),
        ("/events/evt_x", "invalid_request_error resource_missing id"),
        (
            "/charges/%ff",
            "invalid_request_error resource_missing charge",
        ),
        (
            "/refunds/re_x",
            "invalid_request_error resource_missing refund",
        ),
        (
            "/disputes/du_x",
            "invalid_request_error resource_missing dispute",
        ),
        ("/customers", "invalid_request_error - -"),
        ("/no/such/thing", "invalid_request_error - -"),
    ] {
        let refused = reply(sim.get(&format!("/stripe-sim/v1{path}"))).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (404, expected),
            "{path}"
        );
    }
    let wrong_method = reply(sim.post("/stripe-sim/v1/charges", "")).await;
    assert_eq!(
        (wrong_method.status, wrong_method.error().as_str()),
        (404, "invalid_request_error - -")
    );
    let unknown = reply(sim.post("/stripe-sim/v1/checkout/sessions/cs_test_x/expire", "")).await;
    assert_eq!(
        unknown.error(),
        "invalid_request_error resource_missing session"
    );
}

#[tokio::test]
async fn expiring_closes_a_session_once() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    let path = format!("/stripe-sim/v1/checkout/sessions/{id}/expire");
    let before = sim.everything().await;
    assert_eq!(
        reply(sim.post(&path, "colour=red")).await.error(),
        "invalid_request_error parameter_unknown colour"
    );
    assert_eq!(sim.everything().await, before);

    let expired = reply(sim.post(&path, "").header("idempotency-key", "k")).await;
    assert_eq!(
        (
            expired.status,
            &expired.json["status"],
            &expired.json["url"]
        ),
        (200, &json!("expired"), &Value::Null)
    );
    assert_eq!(sim.event_types(), ["checkout.session.expired"]);
    let event = &sim.fetch("/events").await["data"][0];
    assert_eq!(event["data"]["object"], expired.json);
    assert_eq!(
        event["request"],
        json!({ "id": expired.header("request-id"), "idempotency_key": "k" })
    );

    let before = sim.everything().await;
    let again = reply(sim.post(&path, "")).await;
    assert_eq!(
        (again.status, again.error().as_str()),
        (400, "invalid_request_error - -")
    );
    assert_eq!(sim.pay(&id, "succeed").await.status, 400);
    assert_eq!(sim.everything().await, before);
}
