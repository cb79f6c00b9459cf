//! The failures that tests can ask for.

use stripe_sim::Fault;

use crate::support::{SESSION, Sim, reply};

async fn count(sim: &Sim) -> usize {
    sim.fetch("/checkout/sessions").await["data"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn a_500_without_effect_is_stored_under_its_key() {
    let sim = Sim::start_held().await;
    sim.simulator.set_faults([Fault::Error500]);
    for _ in 0..3 {
        let failed = reply(sim.creation(SESSION, Some("k"))).await;
        assert_eq!(
            (failed.status, failed.error().as_str()),
            (500, "api_error - -")
        );
        assert_eq!(failed.header("stripe-should-retry"), "false");
    }
    assert_eq!(count(&sim).await, 0);
    assert_eq!(reply(sim.creation(SESSION, Some("next"))).await.status, 200);
}

#[tokio::test]
async fn a_500_after_the_effect_is_stored_and_the_session_exists() {
    let sim = Sim::start_held().await;
    sim.simulator.set_faults([Fault::Error500AfterEffect]);
    for _ in 0..3 {
        assert_eq!(reply(sim.creation(SESSION, Some("k"))).await.status, 500);
    }
    let sessions = sim.fetch("/checkout/sessions").await;
    assert_eq!(sessions["data"].as_array().unwrap().len(), 1);
    assert_eq!(sessions["data"][0]["client_reference_id"], "rch_1");
}

#[tokio::test]
async fn a_lost_answer_closes_the_connection_and_the_retry_replays() {
    let sim = Sim::start_held().await;
    sim.simulator
        .set_faults([Fault::LostAnswer, Fault::LostAnswer]);
    for _ in 0..2 {
        let lost = sim.creation(SESSION, Some("k")).send().await;
        assert!(lost.unwrap_err().status().is_none(), "no status may arrive");
        assert_eq!(count(&sim).await, 1);
    }
    let retried = reply(sim.creation(SESSION, Some("k"))).await;
    assert_eq!(
        (retried.status, retried.header("idempotent-replayed")),
        (200, "true")
    );
    assert_eq!(count(&sim).await, 1);
}

#[tokio::test]
async fn throttling_and_locks_have_no_effect() {
    let sim = Sim::start_held().await;
    sim.simulator
        .set_faults([Fault::RateLimited, Fault::LockTimeout, Fault::KeyInUse]);
    let throttled = reply(sim.creation(SESSION, None)).await;
    assert_eq!(
        (throttled.status, throttled.error().as_str()),
        (429, "invalid_request_error rate_limit -")
    );
    assert_eq!(throttled.header("stripe-should-retry"), "");
    let locked = reply(sim.creation(SESSION, None)).await;
    assert_eq!(
        (locked.status, locked.error().as_str()),
        (429, "invalid_request_error lock_timeout -")
    );
    assert_eq!(locked.header("stripe-should-retry"), "true");
    let in_use = reply(sim.creation(SESSION, Some("k"))).await;
    assert_eq!(
        (in_use.status, in_use.error().as_str()),
        (409, "idempotency_error idempotency_key_in_use -")
    );
    assert_eq!(in_use.header("stripe-should-retry"), "true");
    assert_eq!(count(&sim).await, 0);
}

#[tokio::test]
async fn only_creations_meet_faults_and_an_invalid_one_meets_no_500() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    sim.simulator.set_faults([Fault::Error500]);
    let expire = format!("/stripe-sim/v1/checkout/sessions/{id}/expire");
    assert_eq!(reply(sim.post(&expire, "")).await.status, 200);
    assert_eq!(reply(sim.creation("mode=payment", None)).await.status, 400);
    assert_eq!(reply(sim.creation(SESSION, None)).await.status, 500);
    assert_eq!(reply(sim.creation(SESSION, None)).await.status, 200);
}

#[tokio::test]
async fn faults_are_set_and_read_over_http() {
    let sim = Sim::start_held().await;
    let set = |body: &str| reply(sim.json("PUT", "/stripe-sim/faults", body));
    let names = r#"["error_500","error_500_after_effect","lost_answer","rate_limited","lock_timeout","key_in_use","stall"]"#;
    let all = set(&format!("{{\"next\": {names}}}")).await;
    assert_eq!(
        (all.status, all.json["next"].to_string().as_str()),
        (200, names)
    );
    for body in [
        "",
        "{",
        "{\"next\": [\"explode\"]}",
        "{\"next\": [], \"outage\": \"explode\"}",
        "{\"next\": [], \"more\": 1}",
        "{\"next\": \"stall\"}",
    ] {
        let refused = set(body).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (400, "invalid_request_error - -"),
            "{body}"
        );
    }
    let read = reply(sim.get("/stripe-sim/faults")).await;
    assert_eq!(read.json["next"].to_string(), names);

    assert_eq!(set("{\"next\": [\"stall\"]}").await.status, 200);
    let slow = tokio::spawn(reply(sim.creation(SESSION, None)));
    sim.simulator.stalled().await;
    assert_eq!(
        reply(sim.get("/stripe-sim/faults")).await.json["stalled"],
        1
    );
    assert_eq!(
        reply(sim.json("POST", "/stripe-sim/faults/release", ""))
            .await
            .status,
        200
    );
    assert_eq!(slow.await.unwrap().status, 200);
}
