//! What survives a restart.

use std::path::PathBuf;

use stripe_sim::{Resolution, Simulator, SimulatorConfig, StartError, StateError, Verdict};
use tempfile::TempDir;

use crate::support::{Endpoint, SESSION, Sim, reply};

fn state_file(dir: &TempDir) -> Option<PathBuf> {
    Some(dir.path().join("stripe.jsonl"))
}

#[tokio::test]
async fn objects_and_keys_survive() {
    let dir = tempfile::tempdir().unwrap();
    let sim = Sim::with_state(state_file(&dir), Endpoint::start().await).await;
    let first = reply(sim.creation(SESSION, Some("k"))).await;
    let paid = first.json["id"].as_str().unwrap().to_owned();
    sim.pay(&paid, "decline").await;
    sim.pay(&paid, "succeed").await;
    let open = sim.create_id().await;
    assert!(sim.simulator.deliver().await.is_complete());
    let (before, base) = (sim.everything().await.to_string(), sim.base.clone());
    let endpoint = sim.stop().await;

    let sim = Sim::with_state(state_file(&dir), endpoint).await;
    // Links are made for the address that is served now.
    assert_eq!(
        sim.everything().await.to_string().replace(&sim.base, &base),
        before
    );
    let again = reply(sim.creation(SESSION, Some("k"))).await;
    assert_eq!(
        (&again.text, again.header("idempotent-replayed")),
        (&first.text, "true")
    );
    let other = reply(sim.creation(&SESSION.replace("499", "999"), Some("k"))).await;
    assert_eq!(other.error(), "idempotency_error - -");
    assert_eq!(sim.pay(&paid, "succeed").await.status, 400);
    assert_eq!(sim.pay(&open, "succeed").await.status, 200);
}

#[tokio::test]
async fn what_was_not_delivered_is_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let sim = Sim::with_state(state_file(&dir), Endpoint::start().await).await;
    sim.simulator.set_hold(true);
    let id = sim.create_id().await;
    sim.pay(&id, "succeed").await;
    let mut endpoint = sim.stop().await;
    assert!(endpoint.waiting().is_empty());

    let mut sim = Sim::with_state(state_file(&dir), endpoint).await;
    let mut types = Vec::new();
    for _ in 0..3 {
        types.push(
            sim.endpoint.next().await.json()["type"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
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
    assert!(sim.simulator.deliver().await.is_complete());

    let mut endpoint = sim.stop().await;
    endpoint.waiting();
    let mut sim = Sim::with_state(state_file(&dir), endpoint).await;
    assert_eq!(sim.simulator.deliver().await.delivered, 0);
    assert!(
        sim.endpoint.waiting().is_empty(),
        "what was acknowledged is not sent again"
    );
}

#[tokio::test]
async fn a_shut_down_simulator_answers_500_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::start().await;
    let simulator = Simulator::start(SimulatorConfig {
        state_file: state_file(&dir),
        ..SimulatorConfig::new("http://127.0.0.1:1")
    })
    .await
    .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/stripe-sim/v1/checkout/sessions",
        listener.local_addr().unwrap()
    );
    let router = simulator.router();
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    simulator.shutdown().await;
    let request = reqwest::Client::new()
        .post(url)
        .bearer_auth("sk_test_1")
        .body(SESSION);
    assert_eq!(reply(request).await.status, 500);
    server.abort();
    let sim = Sim::with_state(state_file(&dir), endpoint).await;
    assert_eq!(
        sim.fetch("/checkout/sessions").await["data"],
        serde_json::json!([])
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = state_file(&dir).unwrap();
    let start = || {
        Simulator::start(SimulatorConfig {
            state_file: Some(file.clone()),
            ..SimulatorConfig::new("http://127.0.0.1:1")
        })
    };
    std::fs::write(&file, "something else\n").unwrap();
    let foreign = start().await.err().unwrap();
    assert!(matches!(
        foreign,
        StartError::State(StateError::Foreign { .. })
    ));
    assert!(foreign.to_string().contains("stripe.jsonl"));
    std::fs::remove_file(&file).unwrap();
    let running = start().await.unwrap();
    assert!(matches!(
        start().await.err(),
        Some(StartError::State(StateError::InUse { .. }))
    ));
    running.shutdown().await;
    start().await.unwrap().shutdown().await;
}

#[tokio::test]
async fn refunds_disputes_delayed_payments_and_losses_survive() {
    let dir = tempfile::tempdir().unwrap();
    let sim = Sim::with_state(state_file(&dir), Endpoint::start().await).await;
    let (_, refunded) = sim.paid().await;
    let (_, disputed) = sim.paid().await;
    let delayed = sim.create_id().await;
    sim.simulator.refund(&refunded, Some(99)).unwrap();
    let back = sim.simulator.refund(&refunded, Some(100)).unwrap();
    sim.simulator
        .fail_refund(back["id"].as_str().unwrap())
        .unwrap();
    sim.simulator.dispute(&disputed, None, None).unwrap();
    assert!(sim.simulator.deliver().await.is_complete());
    let mut setting = sim.simulator.delivery();
    setting.lose = 1.0;
    sim.simulator.set_delivery(setting).unwrap();
    sim.pay(&delayed, "delayed").await;
    let (before, base) = (sim.everything().await.to_string(), sim.base.clone());
    let mut endpoint = sim.stop().await;
    endpoint.waiting();

    let mut sim = Sim::with_state(state_file(&dir), endpoint).await;
    assert_eq!(
        sim.everything().await.to_string().replace(&sim.base, &base),
        before
    );
    assert_eq!(sim.simulator.deliver().await.delivered, 0);
    assert!(sim.endpoint.waiting().is_empty(), "what is lost stays lost");
    assert_eq!(sim.simulator.delivery().lose, 0.0);
    sim.simulator
        .resolve(&delayed, Resolution::Succeed)
        .unwrap();
    sim.simulator
        .close_dispute(&disputed, Verdict::Won)
        .unwrap();
    let rest = sim.simulator.refund(&refunded, None).unwrap();
    assert_eq!(rest["amount"], 400);
}

#[tokio::test]
async fn a_file_from_before_refunds_and_disputes_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = state_file(&dir);
    std::fs::write(file.as_ref().unwrap(), include_str!("old_state.jsonl")).unwrap();
    let sim = Sim::with_state(file, Endpoint::start().await).await;
    assert_eq!(sim.simulator.deliver().await.failed, []);
    let charge = sim.charge("pi_1").await;
    assert_eq!(
        (&charge["amount_refunded"], &charge["disputed"]),
        (&0.into(), &false.into())
    );
    assert_eq!(charge["payment_method_details"]["type"], "card");
    assert_eq!(sim.pay("cs_test_2", "delayed").await.status, 400);
    assert_eq!(sim.pay("cs_test_2", "succeed").await.status, 200);
    sim.simulator.refund("pi_1", None).unwrap();
    assert_eq!(sim.charge("pi_1").await["refunded"], true);
}
