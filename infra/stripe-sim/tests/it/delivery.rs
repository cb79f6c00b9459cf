//! Webhooks that come twice, in another order, or never.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stripe_sim::DeliverySetting;

use crate::support::{Endpoint, Sim, Webhook, reply};

fn change(sim: &Sim, change: impl FnOnce(&mut DeliverySetting)) {
    let mut setting = sim.simulator.delivery();
    change(&mut setting);
    sim.simulator.set_delivery(setting).unwrap();
}

async fn one_at_a_time(seed: u64) -> Sim {
    let sim = Sim::with_config(Endpoint::start().await, |config| {
        config.deliveries_at_once = 1;
        config.seed = Some(seed);
    })
    .await;
    change(&sim, |setting| setting.hold = true);
    sim
}

fn id(webhook: &Webhook) -> String {
    webhook.json()["id"].as_str().unwrap().to_owned()
}

/// Where each event that arrived stands in the order in which they happened.
fn order(sim: &mut Sim) -> Vec<usize> {
    let mut ids: Vec<Value> = sim.simulator.events();
    ids.reverse();
    let place = |id: &str| ids.iter().position(|event| event["id"] == id).unwrap();
    sim.endpoint
        .waiting()
        .iter()
        .map(|webhook| place(&id(webhook)))
        .collect()
}

#[tokio::test]
async fn every_event_comes_as_often_as_asked_for() {
    let mut sim = Sim::start_held().await;
    change(&sim, |setting| setting.duplicates = 3);
    sim.paid().await;
    // `deliver` answers only when every copy is acknowledged.
    assert_eq!(sim.simulator.deliver().await.delivered, 3);
    let mut copies: BTreeMap<String, Vec<Webhook>> = BTreeMap::new();
    for webhook in sim.endpoint.waiting() {
        copies.entry(id(&webhook)).or_default().push(webhook);
    }
    assert_eq!(copies.len(), 3);
    for copies in copies.values() {
        assert_eq!(copies.len(), 4);
        assert!(copies.iter().all(|copy| copy.body == copies[0].body));
    }
}

#[tokio::test]
async fn a_try_is_acknowledged_when_all_of_its_copies_are() {
    let mut sim = one_at_a_time(1).await;
    change(&sim, |setting| setting.duplicates = 1);
    let session = sim.create_id().await;
    let expire = format!("/stripe-sim/v1/checkout/sessions/{session}/expire");
    reply(sim.post(&expire, "")).await;
    sim.endpoint.answer_next(&[200, 500]);
    let report = sim.simulator.deliver().await;
    assert_eq!((report.delivered, report.failed.len()), (0, 1));
    assert_eq!(sim.endpoint.waiting().len(), 2);
    assert_eq!(sim.simulator.events()[0]["delivery"]["attempts"], 1);
    assert!(sim.simulator.deliver().await.is_complete());
    assert_eq!(sim.endpoint.waiting().len(), 2);
}

#[tokio::test]
async fn one_at_a_time_events_arrive_in_order_unless_they_are_shuffled() {
    let mut sim = one_at_a_time(7).await;
    for _ in 0..5 {
        sim.paid().await;
    }
    assert_eq!(sim.simulator.deliver().await.delivered, 15);
    assert_eq!(order(&mut sim), (0..15).collect::<Vec<_>>());

    let mut orders = BTreeSet::new();
    for seed in [7, 7, 8] {
        let mut sim = one_at_a_time(seed).await;
        change(&sim, |setting| setting.shuffle = true);
        for _ in 0..5 {
            sim.paid().await;
        }
        assert_eq!(sim.simulator.deliver().await.delivered, 15);
        let order = order(&mut sim);
        let all: BTreeSet<usize> = order.iter().copied().collect();
        assert_eq!(all, (0..15).collect(), "seed {seed}");
        orders.insert(order);
    }
    assert_eq!(orders.len(), 2, "a seed repeats its order");
}

#[tokio::test]
async fn what_is_lost_never_comes() {
    let mut sim = Sim::start().await;
    change(&sim, |setting| setting.lose = 1.0);
    let (_, intent) = sim.paid().await;
    change(&sim, |setting| setting.lose = 0.0);
    assert_eq!(sim.simulator.deliver().await.delivered, 0);
    sim.simulator.refund(&intent, None).unwrap();
    let mut types = Vec::new();
    for _ in 0..2 {
        let webhook = sim.endpoint.next().await.json();
        types.push(webhook["type"].as_str().unwrap().to_owned());
    }
    types.sort();
    assert_eq!(types, ["charge.refunded", "refund.created"]);
    assert!(sim.simulator.deliver().await.is_complete());
    assert!(sim.endpoint.waiting().is_empty());
    let lost: Vec<Value> = sim.simulator.events().split_off(2);
    assert!(
        lost.iter()
            .all(|event| event["delivery"]["status"] == "lost")
    );
    // Stripe has not seen an acknowledgement.
    let page = sim.fetch("/events?delivery_success=false").await;
    assert_eq!(page["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_share_is_lost_and_a_seed_repeats_which() {
    let mut all = Vec::new();
    for seed in [5, 5, 6] {
        let sim = one_at_a_time(seed).await;
        change(&sim, |setting| setting.lose = 0.5);
        for _ in 0..20 {
            sim.paid().await;
        }
        let statuses: Vec<String> = sim
            .simulator
            .events()
            .iter()
            .map(|event| event["delivery"]["status"].as_str().unwrap().to_owned())
            .collect();
        let lost = statuses.iter().filter(|status| *status == "lost").count();
        assert!((1..60).contains(&lost), "seed {seed}: {lost} of 60");
        assert_eq!(sim.simulator.deliver().await.delivered, 60 - lost);
        all.push(statuses);
    }
    assert_eq!(all[0], all[1]);
    assert_ne!(all[0], all[2]);
}

#[tokio::test]
async fn without_a_seed_each_simulator_has_its_own() {
    let (one, other) = (Sim::start().await, Sim::start().await);
    assert_ne!(one.simulator.seed(), other.simulator.seed());
}

#[tokio::test]
async fn any_part_of_the_setting_can_be_changed_over_http() {
    let sim = Sim::start().await;
    for body in [
        json!({ "duplicates": 2 }),
        json!({ "shuffle": true }),
        json!({ "lose": 0.25, "hold": true }),
        json!({ "secrets": ["whsec_new"] }),
    ] {
        let put = sim.json("PUT", "/stripe-sim/delivery", &body.to_string());
        let answered = reply(put).await;
        assert_eq!(answered.status, 200);
        for (name, value) in body.as_object().unwrap() {
            assert_eq!(answered.json[name], *value);
        }
    }
    let expected = json!({
        "duplicates": 2, "shuffle": true, "lose": 0.25, "hold": true, "secrets": ["whsec_new"],
    });
    assert_eq!(reply(sim.get("/stripe-sim/delivery")).await.json, expected);
    assert_eq!(json!(sim.simulator.delivery()), expected);
    let mut unusable = sim.simulator.delivery();
    unusable.lose = 2.0;
    assert!(sim.simulator.set_delivery(unusable).is_err());
    assert_eq!(json!(sim.simulator.delivery()), expected);
}
