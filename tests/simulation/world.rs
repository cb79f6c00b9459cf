//! The world itself: it plays, it plays the same again, and its time is virtual.

use std::time::Duration;

use recharge_core::app::Clock;
use recharge_testkit::{
    gift_body,
    simulation::{Ask, Simulation, simulate},
    snapshot,
};
use serde_json::{Value, json};

/// Starts a recharge of 70 coins and pays it; the recharge's id.
pub(crate) async fn start_and_pay(simulation: &Simulation, user: &str, key: &str) -> String {
    let body = json!({"package_id": "coins_70", "currency": "usd", "terms_version": "2026-11-01"});
    let started = simulation
        .ask(&Ask::post(user, "/v1/recharges", key, &body))
        .await;
    assert_eq!(started.status, 201, "{}", started.body);
    let stripe = simulation.stripe();
    let paid = stripe
        .simulator()
        .pay(started.checkout_session(), stripe_sim::Outcome::Succeed);
    paid.unwrap();
    started.body["id"].as_str().unwrap().to_owned()
}

/// The same, with its webhooks delivered.
pub(crate) async fn buy(simulation: &Simulation, user: &str, key: &str) -> String {
    let id = start_and_pay(simulation, user, key).await;
    for event in simulation.stripe().events() {
        let answer = simulation.deliver(&event).await;
        assert!(answer.status < 300, "{}", answer.body);
    }
    id
}

/// A fan buys, a creator is sent a gift and earns; everything that was called and is stored.
async fn play(simulation: Simulation, is_stormy: bool) -> (String, Vec<String>) {
    let accept = json!({"terms_version": "2026-11-01", "display_name": "Creator", "country": "US"});
    let accept = Ask::put("creator", "/v1/creator", &accept);
    let accepted = simulation.ask(&accept).await;
    assert!(accepted.status < 300, "{}", accepted.body);
    buy(&simulation, "fan", "r").await;
    simulation.set_stormy(is_stormy);
    let gift = Ask::post("fan", "/v1/gifts/send", "g", &gift_body("rose"));
    let mut sent = simulation.ask(&gift).await;
    while sent.status == 503 {
        sent = simulation.ask(&gift).await;
    }
    assert_eq!(sent.status, 201, "{}", sent.body);
    while simulation.relay_once().await {}
    simulation.set_stormy(false);
    simulation.relay_all().await;
    let earnings = simulation
        .ask(&Ask::get("creator", "/v1/creator/earnings"))
        .await;
    let calls = simulation.dynamodb().calls();
    let partitions = ["USER#fan", "CREATOR#creator"].map(str::to_owned);
    let mut stored = Vec::new();
    for table in ["LEDGER_TABLE", "VIEWS_TABLE"] {
        let table = simulation.setting(table);
        let found = snapshot(simulation.calm_client(), table, &partitions, &[]).await;
        stored.push(format!("{found:?}"));
    }
    stored.push(earnings.body.to_string());
    (format!("{calls:?}"), stored)
}

#[test]
fn a_fan_buys_and_a_creator_earns() {
    let (_, stored) = simulate(1, |simulation| play(simulation, false));
    let earnings: Value = serde_json::from_str(stored.last().unwrap()).unwrap();
    assert_eq!(earnings["pending"], 1, "{earnings}");
}

#[test]
fn the_same_seed_is_the_same_run() {
    let run = |seed| simulate(seed, |simulation| play(simulation, true));
    let (first, again, other) = (run(7), run(7), run(8));
    assert_eq!(first, again);
    assert_ne!(first.0, other.0, "another seed, other weather");
}

#[test]
fn virtual_days_pass_at_once() {
    simulate(1, |simulation| async move {
        let before = simulation.clock().now().as_second();
        simulation.advance(Duration::from_secs(30 * 86_400)).await;
        assert_eq!(simulation.clock().now().as_second() - before, 30 * 86_400);
    });
}
