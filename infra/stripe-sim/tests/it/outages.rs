//! Outages of Stripe's whole API.

use serde_json::json;
use stripe_sim::{Fault, Outage};

use crate::support::{SESSION, Sim, reply};

#[tokio::test]
async fn an_outage_of_500s_meets_every_call_and_no_key_keeps_it() {
    let sim = Sim::start_held().await;
    let (session, intent) = sim.paid().await;
    let before = sim.everything().await;
    sim.simulator.set_outage(Some(Outage::Error500));
    for path in [
        "/checkout/sessions".to_owned(),
        format!("/checkout/sessions/{session}"),
        format!("/payment_intents/{intent}"),
        "/events".to_owned(),
    ] {
        let failed = reply(sim.get(&format!("/stripe-sim/v1{path}"))).await;
        assert_eq!(
            (failed.status, failed.error().as_str()),
            (500, "api_error - -"),
            "{path}"
        );
    }
    let form = format!("payment_intent={intent}");
    let refund = || {
        let request = sim.post("/stripe-sim/v1/refunds", &form);
        reply(request.header("idempotency-key", "k"))
    };
    assert_eq!(refund().await.status, 500);
    sim.simulator.set_outage(None);
    assert_eq!(sim.everything().await, before);
    assert_eq!(refund().await.status, 200);
}

#[tokio::test]
async fn a_closed_connection_had_its_effect_or_not() {
    let sim = Sim::start_held().await;
    for (outage, effects) in [(Outage::ClosedBefore, 0), (Outage::ClosedAfter, 1)] {
        sim.simulator.set_outage(Some(outage));
        let lost = sim.creation(SESSION, Some("k")).send().await;
        assert!(lost.unwrap_err().status().is_none(), "no status may arrive");
        assert!(
            sim.get("/stripe-sim/v1/checkout/sessions")
                .send()
                .await
                .is_err()
        );
        sim.simulator.set_outage(None);
        let sessions = sim.fetch("/checkout/sessions").await;
        assert_eq!(sessions["data"].as_array().unwrap().len(), effects);
    }
    let again = reply(sim.creation(SESSION, Some("k"))).await;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (200, "true")
    );
}

#[tokio::test]
async fn a_timeout_answers_nothing_until_it_is_released_or_changed() {
    let sim = Sim::start_held().await;
    sim.simulator.set_outage(Some(Outage::Timeout));
    let waiting = tokio::spawn(reply(sim.creation(SESSION, None)));
    sim.simulator.stalled().await;
    assert_eq!(sim.simulator.events().len(), 0);
    sim.simulator.release_stalled();
    assert_eq!(waiting.await.unwrap().status, 200);

    let waiting = tokio::spawn(reply(sim.get("/stripe-sim/v1/checkout/sessions")));
    sim.simulator.stalled().await;
    sim.simulator.set_outage(None);
    assert_eq!(
        waiting.await.unwrap().json["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn who_gives_up_waiting_has_no_effect() {
    let sim = Sim::start_held().await;
    sim.simulator.set_outage(Some(Outage::Timeout));
    let waiting = tokio::spawn(reply(sim.creation(SESSION, Some("k"))));
    sim.simulator.stalled().await;
    waiting.abort();
    sim.simulator.none_stalled().await;
    sim.simulator.set_outage(None);
    let sessions = sim.fetch("/checkout/sessions").await;
    assert_eq!(sessions["data"], json!([]));
    assert_eq!(reply(sim.creation(SESSION, Some("k"))).await.status, 200);
}

#[tokio::test]
async fn outages_are_set_over_http_beside_the_queue() {
    let sim = Sim::start_held().await;
    sim.simulator.set_faults([Fault::RateLimited]);
    let set = |body: &str| reply(sim.json("PUT", "/stripe-sim/faults", body));
    for outage in ["error_500", "timeout", "closed_before", "closed_after"] {
        let body = json!({ "outage": outage }).to_string();
        let standing = json!({ "next": ["rate_limited"], "outage": outage, "stalled": 0 });
        assert_eq!(set(&body).await.json, standing);
        assert_eq!(set("{}").await.json, standing);
    }
    let changed = set("{\"next\": []}").await.json;
    assert_eq!(
        (&changed["next"], &changed["outage"]),
        (&json!([]), &json!("closed_after"))
    );
    // Pay page and controls are no part of Stripe's API: they go on.
    assert_eq!(sim.pay("cs_test_x", "succeed").await.status, 404);
    assert_eq!(set("{\"outage\": null}").await.json["outage"], json!(null));
    assert_eq!(reply(sim.creation(SESSION, None)).await.status, 200);
}
