//! Idempotency keys as Stripe's v1 API treats them.

use std::time::Duration;

use stripe_sim::Fault;

use crate::support::{SESSION, Sim, reply};

async fn count(sim: &Sim) -> usize {
    sim.fetch("/checkout/sessions?limit=100").await["data"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn the_same_request_is_replayed_byte_for_byte_whatever_changed() {
    let sim = Sim::start_held().await;
    let first = reply(sim.creation(SESSION, Some("k"))).await;
    assert_eq!((first.status, first.header("idempotency-key")), (200, "k"));
    assert_eq!(first.header("idempotent-replayed"), "");
    sim.pay(first.json["id"].as_str().unwrap(), "succeed").await;

    let reordered: Vec<&str> = SESSION.split('&').rev().collect();
    for form in [SESSION, &reordered.join("&")] {
        let again = reply(sim.creation(form, Some("k"))).await;
        assert_eq!((again.status, &again.text), (200, &first.text));
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.header("original-request"), first.header("request-id"));
        assert_ne!(again.header("request-id"), first.header("request-id"));
    }
    assert_eq!(count(&sim).await, 1);
}

#[tokio::test]
async fn the_same_key_for_something_else_is_refused() {
    let sim = Sim::start_held().await;
    let id = reply(sim.creation(SESSION, Some("k"))).await.json["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let before = sim.everything().await;
    let other = SESSION.replace("499", "999");
    for form in [
        other.as_str(),
        "",
        &format!("{SESSION}&expand[]=line_items"),
    ] {
        let refused = reply(sim.creation(form, Some("k"))).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (400, "idempotency_error - -")
        );
    }
    let expire = format!("/stripe-sim/v1/checkout/sessions/{id}/expire");
    let elsewhere = reply(sim.post(&expire, "").header("idempotency-key", "k")).await;
    assert_eq!(
        (elsewhere.status, elsewhere.error().as_str()),
        (400, "idempotency_error - -")
    );
    assert_eq!(sim.everything().await, before);
}

#[tokio::test]
async fn keys_are_forgotten_after_a_day() {
    let sim = Sim::start_held().await;
    let first = reply(sim.creation(SESSION, Some("k"))).await;
    sim.clock.advance(Duration::from_secs(86_399));
    assert_eq!(
        reply(sim.creation(SESSION, Some("k"))).await.text,
        first.text
    );
    sim.clock.advance(Duration::from_secs(1));
    let second = reply(sim.creation(SESSION, Some("k"))).await;
    assert_ne!(second.json["id"], first.json["id"]);
    assert_eq!(second.header("idempotent-replayed"), "");
    sim.clock.advance(Duration::from_secs(86_399));
    assert_eq!(
        reply(sim.creation(SESSION, Some("k"))).await.text,
        second.text
    );
}

#[tokio::test]
async fn requests_without_a_key_or_with_different_keys_are_different() {
    let sim = Sim::start_held().await;
    for key in [None, None, Some(""), Some(""), Some("a"), Some("b")] {
        assert_eq!(reply(sim.creation(SESSION, key)).await.status, 200);
    }
    assert_eq!(count(&sim).await, 6);
}

#[tokio::test]
async fn what_was_not_executed_leaves_the_key_free() {
    let sim = Sim::start_held().await;
    let invalid = reply(sim.creation("mode=payment", Some("k"))).await;
    assert_eq!(invalid.status, 400);
    let stranger = sim.json("POST", "/stripe-sim/v1/checkout/sessions", SESSION);
    let stranger = stranger.header("authorization", "Bearer sk_live_1");
    assert_eq!(
        reply(stranger.header("idempotency-key", "k")).await.status,
        401
    );
    sim.simulator
        .set_faults([Fault::RateLimited, Fault::KeyInUse]);
    assert_eq!(reply(sim.creation(SESSION, Some("k"))).await.status, 429);
    assert_eq!(reply(sim.creation(SESSION, Some("k"))).await.status, 409);
    assert_eq!(count(&sim).await, 0);
    let first = reply(sim.creation(SESSION, Some("k"))).await;
    assert_eq!(
        (first.status, first.header("idempotent-replayed")),
        (200, "")
    );
}

#[tokio::test]
async fn a_refusal_by_the_state_is_a_result_and_is_replayed() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    sim.pay(&id, "succeed").await;
    let path = format!("/stripe-sim/v1/checkout/sessions/{id}/expire");
    let first = reply(sim.post(&path, "").header("idempotency-key", "k")).await;
    let again = reply(sim.post(&path, "").header("idempotency-key", "k")).await;
    assert_eq!(
        (first.status, again.status, &first.text),
        (400, 400, &again.text)
    );
    assert_eq!(again.header("idempotent-replayed"), "true");
}

#[tokio::test]
async fn a_key_in_use_is_refused_until_its_request_is_answered() {
    let sim = Sim::start_held().await;
    sim.simulator.set_faults([Fault::Stall]);
    let slow = tokio::spawn(reply(sim.creation(SESSION, Some("k"))));
    sim.simulator.stalled().await;
    let meanwhile = reply(sim.creation(SESSION, Some("k"))).await;
    assert_eq!(
        (meanwhile.status, meanwhile.error().as_str()),
        (409, "idempotency_error idempotency_key_in_use -")
    );
    assert_eq!(count(&sim).await, 0);
    assert_eq!(
        reply(sim.creation(SESSION, Some("other"))).await.status,
        200
    );

    sim.simulator.release_stalled();
    let slow = slow.await.unwrap();
    assert_eq!(slow.status, 200);
    let replay = reply(sim.creation(SESSION, Some("k"))).await;
    assert_eq!(replay.text, slow.text);
    assert_eq!(count(&sim).await, 2);
}

#[tokio::test]
async fn a_client_that_gives_up_frees_its_key() {
    let sim = Sim::start_held().await;
    sim.simulator.set_faults([Fault::Stall]);
    let slow = tokio::spawn(reply(sim.creation(SESSION, Some("k"))));
    sim.simulator.stalled().await;
    slow.abort();
    sim.simulator.none_stalled().await;
    assert_eq!(reply(sim.creation(SESSION, Some("k"))).await.status, 200);
    assert_eq!(count(&sim).await, 1);
}

#[tokio::test]
async fn many_at_once_with_one_key_make_one_session() {
    let sim = Sim::start_held().await;
    let requests: Vec<_> = (0..20)
        .map(|_| tokio::spawn(reply(sim.creation(SESSION, Some("k")))))
        .collect();
    let mut ids = Vec::new();
    for request in requests {
        let reply = request.await.unwrap();
        match reply.status {
            200 => ids.push(reply.json["id"].clone()),
            status => assert_eq!(status, 409),
        }
    }
    ids.dedup();
    assert_eq!((ids.len(), count(&sim).await), (1, 1));
}

#[tokio::test]
async fn keys_have_stripes_length() {
    let sim = Sim::start_held().await;
    assert_eq!(
        reply(sim.creation(SESSION, Some(&"k".repeat(255))))
            .await
            .status,
        200
    );
    let refused = reply(sim.creation(SESSION, Some(&"k".repeat(256)))).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (400, "invalid_request_error - -")
    );
    assert_eq!(count(&sim).await, 1);
}
