//! Thousands of sessions: what would take minutes if anything grew with the square of their number.

use std::collections::HashSet;

use stripe_sim::Outcome;

use crate::support::{Endpoint, NOW, SESSION, Sim};

const MANY: usize = 3_000;

/// Walks through a list, a hundred at a time.
async fn walk(sim: &Sim, query: &str) -> Vec<serde_json::Value> {
    let mut all: Vec<serde_json::Value> = Vec::new();
    loop {
        let after = all.last().map_or(String::new(), |last| {
            format!("&starting_after={}", last["id"].as_str().unwrap())
        });
        let path = format!("/checkout/sessions?limit=100&{query}{after}");
        let mut page = sim.fetch(&path).await;
        let has_more = page["has_more"] == true;
        all.append(page["data"].as_array_mut().unwrap());
        if !has_more {
            return all;
        }
    }
}

#[tokio::test]
async fn thousands_of_sessions_are_paid_delivered_and_walked_through() {
    let mut endpoint = Endpoint::start().await;
    endpoint.waiting();
    let mut sim = Sim::with_config(endpoint, |_| ()).await;
    sim.simulator.set_hold(true);
    let mut ids = Vec::new();
    for index in 0..MANY {
        if index == MANY / 2 {
            sim.clock.advance(std::time::Duration::from_secs(60));
        }
        let created = sim.creation(SESSION, None).send().await.unwrap();
        let created: serde_json::Value = created.json().await.unwrap();
        let id = created["id"].as_str().unwrap().to_owned();
        if index % 10 != 0 {
            sim.simulator.pay(&id, Outcome::Succeed).unwrap();
        }
        ids.insert(0, id);
    }
    let report = sim.simulator.deliver().await;
    assert_eq!(report.delivered, MANY / 10 * 9 * 3);
    let arrived: HashSet<String> = sim
        .endpoint
        .waiting()
        .iter()
        .map(|webhook| webhook.json()["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(arrived.len(), report.delivered);

    let query = "status=complete&expand[]=data.payment_intent.latest_charge";
    let complete = walk(&sim, query).await;
    assert_eq!(complete.len(), MANY / 10 * 9);
    assert!(
        complete
            .iter()
            .all(|session| session["payment_intent"]["latest_charge"]["paid"] == true)
    );
    let range = format!("created[gte]={}&created[lt]={}", NOW, NOW + 60);
    let older = walk(&sim, &range).await;
    let older: Vec<&str> = older.iter().filter_map(|s| s["id"].as_str()).collect();
    assert_eq!(older, ids[MANY / 2..]);
    for session in complete.iter().step_by(30) {
        let intent = session["payment_intent"]["id"].as_str().unwrap();
        let found = walk(&sim, &format!("payment_intent={intent}")).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["id"], session["id"]);
    }
}
