//! Refunds by the API and by the control.

use serde_json::{Value, json};

use crate::support::{Reply, Sim, reply};

async fn refund(sim: &Sim, form: &str) -> Reply {
    reply(sim.post("/stripe-sim/v1/refunds", form)).await
}

/// `amount_refunded refunded` of a payment's charge.
async fn refunded(sim: &Sim, intent: &str) -> (Value, Value) {
    let charge = sim.charge(intent).await;
    (
        charge["amount_refunded"].clone(),
        charge["refunded"].clone(),
    )
}

#[tokio::test]
async fn refunds_add_up_on_the_charge_until_all_is_back() {
    let sim = Sim::start_held().await;
    let (_, intent) = sim.paid().await;
    let first = refund(
        &sim,
        &format!(
            "payment_intent={intent}&amount=100&reason=duplicate&metadata[why]=test&expand[]=charge"
        ),
    )
    .await;
    assert_eq!(first.status, 200, "{}", first.text);
    let charge = first.json["charge"].clone();
    assert_eq!(charge["amount_refunded"], 100);
    for (field, expected) in [
        ("object", json!("refund")),
        ("amount", json!(100)),
        ("currency", json!("usd")),
        ("status", json!("succeeded")),
        ("reason", json!("duplicate")),
        ("metadata", json!({ "why": "test" })),
        ("payment_intent", json!(intent)),
    ] {
        assert_eq!(first.json[field], expected, "{field}");
    }
    assert!(first.json["id"].as_str().unwrap().starts_with("re_"));
    assert_eq!(refunded(&sim, &intent).await, (json!(100), json!(false)));

    let control = sim
        .control(&format!("/charges/{intent}/refund"), &json!({}))
        .await;
    assert_eq!(
        (control.status, &control.json["amount"]),
        (200, &json!(399))
    );
    assert_eq!(refunded(&sim, &intent).await, (json!(499), json!(true)));
    assert_eq!(
        sim.event_types()[3..],
        [
            "refund.created",
            "charge.refunded",
            "refund.created",
            "charge.refunded"
        ]
    );
    let newest = &sim.simulator.events()[0]["data"];
    assert_eq!(newest["object"]["amount_refunded"], 499);
    assert_eq!(newest["object"]["metadata"], json!({ "recharge": "rch_1" }));
    assert_eq!(
        newest["previous_attributes"],
        json!({ "amount_refunded": 100, "refunded": false })
    );
}

#[tokio::test]
async fn a_refund_that_fails_gives_the_amount_back_to_the_charge() {
    let sim = Sim::start_held().await;
    let (_, intent) = sim.paid().await;
    let path = format!("/charges/{intent}/refund");
    sim.control(&path, &json!({ "amount": 99 })).await;
    let rest = sim.control(&path, &json!({})).await.json;
    let fail = format!("/refunds/{}/fail", rest["id"].as_str().unwrap());
    let failed = sim.control(&fail, &json!({})).await;
    assert_eq!(
        (
            failed.status,
            &failed.json["status"],
            failed.json["failure_reason"].is_string()
        ),
        (200, &json!("failed"), true)
    );
    assert_eq!(refunded(&sim, &intent).await, (json!(99), json!(false)));
    assert_eq!(sim.event_types()[7..], ["refund.updated", "refund.failed"]);
    let before = sim.everything().await;
    assert_eq!(sim.control(&fail, &json!({})).await.status, 400);
    let unknown = sim.control("/refunds/re_x/fail", &json!({})).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(sim.everything().await, before);
    // What came back can be refunded again.
    let again = sim.control(&path, &json!({ "amount": 400 })).await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn what_cannot_be_refunded_says_why_and_changes_nothing() {
    let sim = Sim::start_held().await;
    let (_, paid) = sim.paid().await;
    let (_, back) = sim.paid().await;
    let (_, disputed) = sim.paid().await;
    let other = sim.charge(&disputed).await["id"].clone();
    let other = other.as_str().unwrap();
    let open = sim.create_id().await;
    let declined = sim.pay(&open, "decline").await.json["payment_intent"].clone();
    let declined = declined.as_str().unwrap();
    sim.simulator.refund(&back, None).unwrap();
    sim.simulator.dispute(&disputed, None, None).unwrap();
    let before = sim.everything().await;
    for (form, status, expected) in [
        (String::new(), 400, "parameter_missing -"),
        ("charge=ch_x".into(), 404, "resource_missing charge"),
        (
            "payment_intent=pi_x".into(),
            404,
            "resource_missing payment_intent",
        ),
        (format!("payment_intent={paid}&amount=500"), 400, "- amount"),
        (
            format!("payment_intent={paid}&amount=0"),
            400,
            "parameter_invalid_integer amount",
        ),
        (
            format!("payment_intent={paid}&reason=mood"),
            400,
            "- reason",
        ),
        (
            format!("payment_intent={paid}&colour=red"),
            400,
            "parameter_unknown colour",
        ),
        (
            format!("payment_intent={paid}&charge={other}"),
            400,
            "- payment_intent",
        ),
        (
            format!("payment_intent={paid}&expand[]=payment_intent.latest_charge"),
            400,
            "- expand",
        ),
        (
            format!("payment_intent={back}"),
            400,
            "charge_already_refunded -",
        ),
        (format!("charge={other}"), 400, "charge_disputed -"),
        (
            format!("payment_intent={declined}"),
            400,
            "charge_not_refundable -",
        ),
    ] {
        let refused = refund(&sim, &form).await;
        assert_eq!(
            (refused.status, refused.error()),
            (status, format!("invalid_request_error {expected}")),
            "{form}"
        );
    }
    assert_eq!(sim.everything().await, before);
}

#[tokio::test]
async fn the_control_refuses_what_it_cannot_read_and_changes_nothing() {
    let sim = Sim::start_held().await;
    let (_, paid) = sim.paid().await;
    let before = sim.everything().await;
    for body in [json!({ "amount": "all" }), json!({ "sum": 1 })] {
        let refused = sim.control(&format!("/charges/{paid}/refund"), &body).await;
        assert_eq!(refused.status, 400, "{body}");
    }
    assert_eq!(
        sim.control("/charges/pi_x/refund", &json!({})).await.status,
        404
    );
    assert_eq!(sim.everything().await, before);
}

#[tokio::test]
async fn the_same_key_refunds_once() {
    let sim = Sim::start_held().await;
    let (_, intent) = sim.paid().await;
    let form = format!("payment_intent={intent}&amount=100");
    let send = || {
        let request = sim.post("/stripe-sim/v1/refunds", &form);
        reply(request.header("idempotency-key", "k"))
    };
    let (first, second) = (send().await, send().await);
    assert_eq!(first.text, second.text);
    assert_eq!(second.header("idempotent-replayed"), "true");
    assert_eq!(refunded(&sim, &intent).await, (json!(100), json!(false)));
}

#[tokio::test]
async fn refunds_are_read_and_listed() {
    let sim = Sim::start_held().await;
    let (_, first) = sim.paid().await;
    let (_, second) = sim.paid().await;
    let mut made = Vec::new();
    for intent in [&first, &second, &first] {
        let refund = sim.simulator.refund(intent, Some(10)).unwrap();
        made.insert(0, refund["id"].as_str().unwrap().to_owned());
    }
    let charge = sim.charge(&first).await["id"].as_str().unwrap().to_owned();
    for (query, expected) in [
        (String::new(), vec![&made[0], &made[1], &made[2]]),
        ("limit=1".into(), vec![&made[0]]),
        (format!("starting_after={}", made[1]), vec![&made[2]]),
        (format!("payment_intent={first}"), vec![&made[0], &made[2]]),
        (
            format!("payment_intent={first}&limit=1&starting_after={}", made[0]),
            vec![&made[2]],
        ),
        (format!("charge={charge}"), vec![&made[0], &made[2]]),
        (format!("charge={charge}&payment_intent={second}"), vec![]),
        ("payment_intent=pi_x".into(), vec![]),
        ("charge=ch_x".into(), vec![]),
    ] {
        let page = sim.fetch(&format!("/refunds?{query}")).await;
        let ids: Vec<&str> = page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|refund| refund["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, expected, "{query}");
    }
    let path = format!("/refunds/{}?expand[]=charge.payment_intent", made[0]);
    assert_eq!(
        sim.fetch(&path).await["charge"]["payment_intent"]["id"],
        first
    );
    let charge = sim
        .fetch(&format!("/charges/{charge}?expand[]=refunds"))
        .await;
    assert_eq!(charge["refunds"]["data"].as_array().unwrap().len(), 2);
    assert_eq!(charge["refunds"]["has_more"], false);
}
