//! Disputes and early fraud warnings.

use serde_json::{Value, json};

use crate::support::{Reply, Sim};

async fn dispute(sim: &Sim, intent: &str, body: Value) -> Reply {
    sim.control(&format!("/charges/{intent}/dispute"), &body)
        .await
}

async fn close(sim: &Sim, intent: &str, outcome: &str) -> Reply {
    let path = format!("/charges/{intent}/dispute/close");
    sim.control(&path, &json!({ "outcome": outcome })).await
}

#[tokio::test]
async fn a_dispute_withdraws_the_money_and_marks_the_charge() {
    let sim = Sim::start_held().await;
    let (_, intent) = sim.paid().await;
    let opened = dispute(&sim, &intent, json!({ "reason": "product_not_received" })).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    let charge = sim.charge(&intent).await;
    for (field, expected) in [
        ("object", json!("dispute")),
        ("status", json!("needs_response")),
        ("reason", json!("product_not_received")),
        ("amount", json!(499)),
        ("currency", json!("usd")),
        ("charge", charge["id"].clone()),
        ("payment_intent", json!(intent)),
        ("livemode", json!(false)),
    ] {
        assert_eq!(opened.json[field], expected, "{field}");
    }
    assert!(opened.json["id"].as_str().unwrap().starts_with("du_"));
    assert_eq!(
        (&charge["disputed"], &charge["dispute"]),
        (&json!(true), &opened.json["id"])
    );
    assert_eq!(
        sim.event_types()[3..],
        ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    );
}

#[tokio::test]
async fn a_dispute_is_won_or_lost_once_and_the_charge_stays_disputed() {
    for (outcome, events) in [
        (
            "won",
            vec!["charge.dispute.closed", "charge.dispute.funds_reinstated"],
        ),
        ("lost", vec!["charge.dispute.closed"]),
    ] {
        let sim = Sim::start_held().await;
        let (_, intent) = sim.paid().await;
        dispute(&sim, &intent, json!({})).await;
        let closed = close(&sim, &intent, outcome).await;
        assert_eq!(
            (closed.status, &closed.json["status"]),
            (200, &json!(outcome))
        );
        assert_eq!(sim.event_types()[5..], events);
        assert_eq!(sim.charge(&intent).await["disputed"], true);
        let before = sim.everything().await;
        for again in ["won", "lost"] {
            assert_eq!(close(&sim, &intent, again).await.status, 400);
        }
        assert_eq!(dispute(&sim, &intent, json!({})).await.status, 400);
        assert_eq!(sim.everything().await, before);
        let refunded = sim.simulator.refund(&intent, None);
        assert_eq!(refunded.is_ok(), outcome == "won");
    }
}

#[tokio::test]
async fn what_cannot_be_disputed_says_why_and_changes_nothing() {
    let sim = Sim::start_held().await;
    let (_, paid) = sim.paid().await;
    let open = sim.create_id().await;
    let delayed = sim.pay(&open, "delayed").await.json["payment_intent"].clone();
    let delayed = delayed.as_str().unwrap();
    let before = sim.everything().await;
    for (intent, body, status) in [
        ("pi_x", json!({}), 404),
        (delayed, json!({}), 400),
        (&paid, json!({ "reason": "mood" }), 400),
        (&paid, json!({ "amount": 500 }), 400),
        (&paid, json!({ "amount": 0 }), 400),
        (&paid, json!({ "colour": "red" }), 400),
    ] {
        let refused = dispute(&sim, intent, body.clone()).await;
        assert_eq!(refused.status, status, "{intent} {body}");
        assert!(refused.error().starts_with("invalid_request_error"));
    }
    for outcome in ["won", "draw"] {
        assert_eq!(close(&sim, &paid, outcome).await.status, 400);
    }
    let warning = format!("/charges/{delayed}/early-fraud-warning");
    assert_eq!(sim.control(&warning, &json!({})).await.status, 400);
    assert_eq!(sim.everything().await, before);
}

#[tokio::test]
async fn a_dispute_is_about_what_is_not_refunded_or_what_is_said() {
    let sim = Sim::start_held().await;
    let (_, part) = sim.paid().await;
    let (_, all) = sim.paid().await;
    let (_, said) = sim.paid().await;
    sim.simulator.refund(&part, Some(99)).unwrap();
    sim.simulator.refund(&all, None).unwrap();
    for (intent, amount, expected) in [
        (&part, None, 400),
        (&all, None, 499),
        (&said, Some(250), 250),
    ] {
        let dispute = sim.simulator.dispute(intent, None, amount).unwrap();
        assert_eq!(
            (&dispute["amount"], &dispute["reason"]),
            (&json!(expected), &json!("fraudulent"))
        );
    }
}

#[tokio::test]
async fn disputes_are_read_and_listed() {
    let sim = Sim::start_held().await;
    let (_, first) = sim.paid().await;
    let (_, second) = sim.paid().await;
    let old = sim.simulator.dispute(&first, None, None).unwrap();
    let new = sim.simulator.dispute(&second, None, None).unwrap();
    let charge = old["charge"].as_str().unwrap();
    for (query, expected) in [
        (String::new(), vec![&new, &old]),
        (format!("payment_intent={first}"), vec![&old]),
        (format!("charge={charge}"), vec![&old]),
        ("charge=ch_x".into(), vec![]),
    ] {
        let page = sim.fetch(&format!("/disputes?{query}")).await;
        let found: Vec<&Value> = page["data"].as_array().unwrap().iter().collect();
        assert_eq!(found, expected, "{query}");
    }
    let path = format!("/disputes/{}?expand[]=charge", old["id"].as_str().unwrap());
    assert_eq!(sim.fetch(&path).await["charge"]["disputed"], true);
    let path = format!("/charges/{charge}?expand[]=dispute");
    assert_eq!(sim.fetch(&path).await["dispute"], old);
}

#[tokio::test]
async fn an_early_fraud_warning_is_told() {
    let sim = Sim::start_held().await;
    let (_, intent) = sim.paid().await;
    let path = format!("/charges/{intent}/early-fraud-warning");
    let warning = sim.control(&path, &json!({})).await;
    assert_eq!(
        (warning.status, &warning.json["payment_intent"]),
        (200, &json!(intent))
    );
    let newest = &sim.simulator.events()[0];
    assert_eq!(newest["type"], "radar.early_fraud_warning.created");
    assert_eq!(newest["data"]["object"], warning.json);
}
