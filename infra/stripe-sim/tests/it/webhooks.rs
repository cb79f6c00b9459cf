//! Events on their way to the endpoint.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use stripe_sim::{Simulator, SimulatorConfig};

use crate::support::{Endpoint, NOW, Reply, Sim, Webhook, reply};

/// Checks a signature as a receiver does, with no code of the simulator.
fn is_signed(webhook: &Webhook, secret: &str, at: i64) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{}", webhook.body).as_bytes());
    let expected: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut parts = webhook.signature.split(',');
    parts.next() == Some(&format!("t={at}")) && parts.any(|part| part == format!("v1={expected}"))
}

async fn deliver(sim: &Sim) -> Reply {
    reply(sim.json("POST", "/stripe-sim/deliver", "")).await
}

async fn set(sim: &Sim, body: &str) -> Reply {
    reply(sim.json("PUT", "/stripe-sim/delivery", body)).await
}

fn statuses(sim: &Sim) -> Vec<String> {
    let events = sim.simulator.events();
    events
        .iter()
        .map(|event| event["delivery"]["status"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_payment_is_told_with_signed_events() {
    let mut sim = Sim::start().await;
    let id = sim.create_id().await;
    let session = sim.pay(&id, "succeed").await.json;
    let mut types = Vec::new();
    for _ in 0..3 {
        let webhook = sim.endpoint.next().await;
        assert_eq!(webhook.content_type, "application/json; charset=utf-8");
        assert!(is_signed(&webhook, "whsec_local", NOW));
        let event = webhook.json();
        assert!(event["id"].as_str().unwrap().starts_with("evt_"));
        for (field, expected) in [
            ("object", json!("event")),
            ("livemode", json!(false)),
            ("created", json!(NOW)),
            ("pending_webhooks", json!(1)),
            ("request", json!({ "id": null, "idempotency_key": null })),
        ] {
            assert_eq!(event[field], expected, "{field}");
        }
        assert!(event["api_version"].is_string());
        if event["type"] == "checkout.session.completed" {
            assert_eq!(event["data"]["object"], session);
        }
        types.push(event["type"].as_str().unwrap().to_owned());
    }
    types.sort();
    assert_eq!(
        types,
        [
            "charge.succeeded",
            "checkout.session.completed",
            "payment_intent.succeeded"
        ]
    );
}

#[tokio::test]
async fn an_event_is_tried_again_until_it_is_acknowledged() {
    let mut sim = Sim::start().await;
    sim.endpoint.answer_next(&[500, 302, 404]);
    let id = sim.create_id().await;
    let path = format!("/stripe-sim/v1/checkout/sessions/{id}/expire");
    assert_eq!(reply(sim.post(&path, "")).await.status, 200);
    let first = sim.endpoint.next().await;
    for _ in 0..3 {
        assert_eq!(
            sim.endpoint.next().await.body,
            first.body,
            "the bytes stay the same"
        );
    }
    // Nothing is left to send once the fourth try was acknowledged, which `deliver` waits for.
    assert_eq!(sim.simulator.deliver().await.failed, []);
    assert_eq!(statuses(&sim), ["delivered"]);
    let event = &sim.fetch("/events").await["data"][0];
    assert_eq!(event["pending_webhooks"], 0);
}

#[tokio::test]
async fn held_events_wait_for_deliver_and_turning_the_hold_off_sends_nothing() {
    let mut sim = Sim::start().await;
    assert_eq!(set(&sim, "{\"hold\": true}").await.json["hold"], true);
    let id = sim.create_id().await;
    sim.pay(&id, "succeed").await;
    assert_eq!(statuses(&sim), ["held", "held", "held"]);
    assert_eq!(set(&sim, "{\"hold\": false}").await.json["hold"], false);
    assert_eq!(statuses(&sim), ["held", "held", "held"]);

    // An event after the hold goes out by itself; the held ones still do not.
    let other = sim.create_id().await;
    reply(sim.post(
        &format!("/stripe-sim/v1/checkout/sessions/{other}/expire"),
        "",
    ))
    .await;
    assert_eq!(
        sim.endpoint.next().await.json()["type"],
        "checkout.session.expired"
    );
    assert!(sim.endpoint.waiting().is_empty());

    let delivered = deliver(&sim).await;
    assert_eq!(
        (delivered.status, &delivered.json["failed"]),
        (200, &json!([]))
    );
    assert_eq!(sim.endpoint.waiting().len(), 3);
    assert_eq!(statuses(&sim), ["delivered"; 4]);
    let again = deliver(&sim).await;
    assert_eq!(
        (again.status, &again.json),
        (200, &json!({ "delivered": 0, "failed": [] }))
    );
    assert!(sim.endpoint.waiting().is_empty());
}

#[tokio::test]
async fn deliver_reports_what_was_not_acknowledged_after_one_try_each() {
    let mut sim = Sim::start_held().await;
    let id = sim.create_id().await;
    sim.pay(&id, "decline").await;
    sim.endpoint.answer_next(&[500, 500]);
    let failed = deliver(&sim).await;
    assert_eq!((failed.status, &failed.json["delivered"]), (502, &json!(0)));
    let list = failed.json["failed"].as_array().unwrap();
    assert_eq!(list.len(), 2);
    assert!(
        list.iter()
            .all(|one| one["error"] == "status 500" && one["id"].is_string())
    );
    assert_eq!(sim.endpoint.waiting().len(), 2, "one try each");
    assert_eq!(statuses(&sim), ["held", "held"]);
    let events = reply(sim.get("/stripe-sim/events")).await.json;
    assert_eq!(
        events["data"][0]["delivery"],
        json!({ "status": "held", "attempts": 1, "last_error": "status 500" })
    );

    let delivered = deliver(&sim).await;
    assert_eq!(
        (delivered.status, &delivered.json["delivered"]),
        (200, &json!(2))
    );
}

#[tokio::test]
async fn several_secrets_sign_and_they_can_be_changed_at_any_time() {
    let mut sim = Sim::start_held().await;
    let id = sim.create_id().await;
    sim.pay(&id, "decline").await;
    let body = "{\"secrets\": [\"whsec_old\", \"whsec_new\"]}";
    assert_eq!(
        set(&sim, body).await.json,
        json!({
            "duplicates": 0,
            "shuffle": false,
            "lose": 0.0,
            "hold": true,
            "secrets": ["whsec_old", "whsec_new"],
        })
    );
    assert_eq!(deliver(&sim).await.status, 200);
    for webhook in sim.endpoint.waiting() {
        assert!(is_signed(&webhook, "whsec_old", NOW) && is_signed(&webhook, "whsec_new", NOW));
        assert!(!is_signed(&webhook, "whsec_local", NOW));
    }
}

#[tokio::test]
async fn every_try_is_signed_with_its_own_time() {
    let mut sim = Sim::start_held().await;
    let id = sim.create_id().await;
    sim.pay(&id, "decline").await;
    sim.endpoint.answer_next(&[500, 500]);
    assert_eq!(deliver(&sim).await.status, 502);
    sim.clock.advance(std::time::Duration::from_secs(600));
    assert_eq!(deliver(&sim).await.status, 200);
    let tries = sim.endpoint.waiting();
    assert_eq!(tries.len(), 4);
    assert!(
        tries[..2]
            .iter()
            .all(|webhook| is_signed(webhook, "whsec_local", NOW))
    );
    assert!(
        tries[2..]
            .iter()
            .all(|webhook| is_signed(webhook, "whsec_local", NOW + 600))
    );
    assert_eq!(tries[0].json()["created"], NOW);
}

#[tokio::test]
async fn an_unusable_setting_changes_nothing() {
    let sim = Sim::start_held().await;
    let before = reply(sim.get("/stripe-sim/delivery")).await.json;
    assert_eq!(
        before,
        json!({ "duplicates": 0, "shuffle": false, "lose": 0.0, "hold": true, "secrets": ["whsec_local"] })
    );
    for body in [
        "",
        "{",
        "{\"hold\": 1}",
        "{\"hold\": false, \"speed\": 3}",
        "{\"hold\": false, \"secrets\": []}",
        "{\"hold\": false, \"secrets\": [\"\"]}",
        "{\"hold\": false, \"secrets\": \"whsec\"}",
        "{\"hold\": false, \"duplicates\": -1}",
        "{\"hold\": false, \"duplicates\": 0.5}",
        "{\"hold\": false, \"duplicates\": 101}",
        "{\"hold\": false, \"shuffle\": 1}",
        "{\"hold\": false, \"lose\": 1.5}",
        "{\"hold\": false, \"lose\": -0.5}",
        "{\"hold\": false, \"lose\": \"all\"}",
    ] {
        let refused = set(&sim, body).await;
        assert_eq!(refused.status, 400, "{body}");
        assert!(refused.error().starts_with("invalid_request_error"));
    }
    assert_eq!(reply(sim.get("/stripe-sim/delivery")).await.json, before);
    assert_eq!(set(&sim, "{}").await.json, before);
}

#[tokio::test]
async fn after_the_last_try_only_deliver_sends() {
    let endpoint = Endpoint::start().await;
    endpoint.answer_next(&[500; 4]);
    let mut sim = Sim::with_config(endpoint, |config| config.retry.attempts_max = 2).await;
    let id = sim.create_id().await;
    sim.pay(&id, "decline").await;
    for _ in 0..4 {
        sim.endpoint.next().await;
    }
    assert_eq!(deliver(&sim).await.json["delivered"], 2);
    assert_eq!(
        sim.endpoint.waiting().len(),
        2,
        "two events, two tries each, then one more"
    );
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_tried_again_too() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("http://{}/webhook", listener.local_addr().unwrap());
    drop(listener);
    let endpoint = Endpoint::start().await;
    let sim = Sim::with_config(endpoint, |config| config.webhook_url = Some(nowhere)).await;
    sim.simulator.set_hold(true);
    let id = sim.create_id().await;
    sim.pay(&id, "decline").await;
    let failed = deliver(&sim).await;
    assert_eq!(failed.status, 502);
    assert_eq!(failed.json["failed"][0]["error"], "no connection");
}

#[tokio::test]
async fn without_an_endpoint_events_are_kept_but_never_due() {
    let simulator = Simulator::start(SimulatorConfig::new("http://127.0.0.1:1"))
        .await
        .unwrap();
    assert!(
        simulator
            .pay("cs_test_x", stripe_sim::Outcome::Succeed)
            .is_err()
    );
    assert_eq!(
        simulator.deliver().await,
        stripe_sim::DeliveryReport::default()
    );
    assert_eq!(simulator.events(), Vec::<Value>::new());
    simulator.shutdown().await;
}
