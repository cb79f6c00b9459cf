//! Payments that take days.

use serde_json::{Value, json};

use crate::support::{SESSION, Sim, reply};

async fn resolve(sim: &Sim, session: &str, outcome: &str) -> crate::support::Reply {
    let path = format!("/checkout/{session}/resolve");
    sim.control(&path, &json!({ "outcome": outcome })).await
}

async fn whole(sim: &Sim, session: &str) -> Value {
    let path = format!("/checkout/sessions/{session}?expand[]=payment_intent.latest_charge");
    sim.fetch(&path).await
}

/// `status payment_status intent charge` of a session.
fn statuses(session: &Value) -> String {
    let intent = &session["payment_intent"];
    let words = [
        &session["status"],
        &session["payment_status"],
        &intent["status"],
        &intent["latest_charge"]["status"],
    ];
    words.map(|word| word.as_str().unwrap()).join(" ")
}

#[tokio::test]
async fn a_delayed_payment_completes_the_session_unpaid_and_is_paid_when_the_money_comes() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    let delayed = sim.pay(&id, "delayed").await;
    assert_eq!(delayed.status, 200);
    let before = whole(&sim, &id).await;
    assert_eq!(statuses(&before), "complete unpaid processing pending");
    assert_eq!(before["payment_intent"]["amount_received"], 0);
    assert_eq!(before["payment_intent"]["latest_charge"]["paid"], false);
    assert_eq!(
        sim.event_types(),
        [
            "charge.pending",
            "payment_intent.processing",
            "checkout.session.completed"
        ]
    );

    let paid = resolve(&sim, &id, "succeed").await;
    assert_eq!(
        (paid.status, &paid.json["payment_status"]),
        (200, &json!("paid"))
    );
    let after = whole(&sim, &id).await;
    assert_eq!(statuses(&after), "complete paid succeeded succeeded");
    assert_eq!(after["payment_intent"]["amount_received"], 499);
    assert_eq!(
        after["payment_intent"]["latest_charge"]["id"],
        before["payment_intent"]["latest_charge"]["id"]
    );
    assert_eq!(
        sim.event_types()[3..],
        [
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.async_payment_succeeded"
        ]
    );
}

#[tokio::test]
async fn a_delayed_payment_that_fails_leaves_the_session_complete_and_unpaid() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    sim.pay(&id, "delayed").await;
    assert_eq!(resolve(&sim, &id, "fail").await.status, 200);
    let after = whole(&sim, &id).await;
    assert_eq!(
        statuses(&after),
        "complete unpaid requires_payment_method failed"
    );
    let intent = &after["payment_intent"];
    assert_eq!(
        intent["last_payment_error"]["code"],
        "payment_intent_payment_attempt_failed"
    );
    assert_eq!(
        intent["latest_charge"]["failure_code"],
        "generic_could_not_process"
    );
    assert_eq!(
        sim.event_types()[3..],
        [
            "charge.failed",
            "payment_intent.payment_failed",
            "checkout.session.async_payment_failed"
        ]
    );
}

#[tokio::test]
async fn only_what_is_processing_can_be_resolved() {
    let sim = Sim::start_held().await;
    let (open, declined, ended) = (
        sim.create_id().await,
        sim.create_id().await,
        sim.create_id().await,
    );
    let (paid, _) = sim.paid().await;
    sim.pay(&declined, "decline").await;
    sim.pay(&ended, "delayed").await;
    assert_eq!(
        resolve(&sim, &ended, "explode").await.error(),
        "invalid_request_error - outcome"
    );
    assert_eq!(resolve(&sim, &ended, "fail").await.status, 200);
    let before = sim.everything().await;
    for session in [&open, &declined, &paid, &ended] {
        for outcome in ["succeed", "fail"] {
            let refused = resolve(&sim, session, outcome).await;
            assert_eq!(
                (refused.status, refused.error().as_str()),
                (
                    400,
                    "invalid_request_error payment_intent_unexpected_state -"
                )
            );
        }
    }
    assert_eq!(resolve(&sim, "cs_test_x", "succeed").await.status, 404);
    for outcome in ["succeed", "decline", "delayed"] {
        assert_eq!(sim.pay(&ended, outcome).await.status, 400, "{outcome}");
    }
    assert_eq!(sim.everything().await, before);
}

#[tokio::test]
async fn each_currency_offers_its_delayed_method() {
    let sim = Sim::start_held().await;
    for (currency, method) in [
        ("usd", "us_bank_account"),
        ("eur", "sepa_debit"),
        ("gbp", "bacs_debit"),
        ("brl", "boleto"),
        ("jpy", "konbini"),
    ] {
        let form = SESSION.replace("usd", currency);
        let session = reply(sim.creation(&form, None)).await.json;
        assert_eq!(session["payment_method_types"], json!(["card", method]));
        let id = session["id"].as_str().unwrap();
        let page = reply(sim.get(&format!("/stripe-sim/checkout/{id}"))).await;
        assert!(page.text.contains("value=\"delayed\""), "{currency}");
        sim.pay(id, "delayed").await;
        let intent = &whole(&sim, id).await["payment_intent"];
        assert_eq!(intent["payment_method_types"], json!(["card", method]));
        let details = &intent["latest_charge"]["payment_method_details"];
        assert_eq!(details["type"], method);
        assert!(details[method].is_object());
    }
}

#[tokio::test]
async fn without_a_delayed_method_a_payment_cannot_be_delayed() {
    let sim = Sim::start_held().await;
    for form in [
        SESSION.replace("usd", "chf"),
        format!("{SESSION}&payment_method_types[]=card"),
    ] {
        let session = reply(sim.creation(&form, None)).await.json;
        assert_eq!(session["payment_method_types"], json!(["card"]));
        let id = session["id"].as_str().unwrap();
        let before = sim.everything().await;
        assert_eq!(
            sim.pay(id, "delayed").await.error(),
            "invalid_request_error - outcome"
        );
        let path = format!("/stripe-sim/checkout/{id}");
        let page = reply(sim.get(&path)).await;
        assert!(!page.text.contains("value=\"delayed\""));
        let submitted = sim.post(&format!("{path}/pay"), "outcome=delayed");
        assert_eq!(reply(submitted).await.status, 400);
        assert_eq!(sim.everything().await, before);
    }
}

#[tokio::test]
async fn the_page_goes_on_to_the_success_url_and_says_that_the_payment_takes_time() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    let path = format!("/stripe-sim/checkout/{id}");
    let submitted = reply(sim.post(&format!("{path}/pay"), "outcome=delayed")).await;
    assert_eq!(
        (submitted.status, submitted.header("location")),
        (303, format!("http://shop.test/done?s={id}").as_str())
    );
    let page = reply(sim.get(&path)).await;
    assert_eq!(page.status, 410);
    assert!(page.text.contains("its payment takes time"));
}
