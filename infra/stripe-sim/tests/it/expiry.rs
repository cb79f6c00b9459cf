//! Sessions that the clock closes.

use std::time::Duration;

use serde_json::Value;

use crate::support::{SESSION, Sim, reply};

#[tokio::test]
async fn a_session_expires_when_its_time_is_over() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    sim.clock.advance(Duration::from_secs(86_399));
    assert_eq!(
        sim.fetch(&format!("/checkout/sessions/{id}")).await["status"],
        "open"
    );
    sim.clock.advance(Duration::from_secs(1));
    let session = sim.fetch(&format!("/checkout/sessions/{id}")).await;
    assert_eq!(
        (&session["status"], &session["url"]),
        (&"expired".into(), &Value::Null)
    );
    assert_eq!(sim.event_types(), ["checkout.session.expired"]);

    let before = sim.everything().await;
    assert_eq!(sim.pay(&id, "succeed").await.status, 400);
    assert_eq!(sim.everything().await, before);
}

#[tokio::test]
async fn a_shorter_time_can_be_asked_for_and_a_paid_session_never_expires() {
    let sim = Sim::start_held().await;
    let (short, paid) = (
        format!("{SESSION}&expires_at=1800001800"),
        sim.create_id().await,
    );
    let short = reply(sim.creation(&short, None)).await.json["id"].clone();
    assert_eq!(sim.pay(&paid, "succeed").await.status, 200);
    sim.clock.advance(Duration::from_secs(1_800));
    let short = sim
        .fetch(&format!("/checkout/sessions/{}", short.as_str().unwrap()))
        .await;
    assert_eq!(short["status"], "expired");
    sim.clock.advance(Duration::from_secs(1_000_000));
    let paid = sim.fetch(&format!("/checkout/sessions/{paid}")).await;
    assert_eq!(paid["status"], "complete");
}

#[tokio::test]
async fn the_clock_alone_expires_and_delivers() {
    let mut sim = Sim::start().await;
    sim.create().await;
    sim.clock.advance(Duration::from_secs(86_400));
    // No request follows: the worker looks at the clock by itself.
    assert_eq!(
        sim.endpoint.next().await.json()["type"],
        "checkout.session.expired"
    );
}
