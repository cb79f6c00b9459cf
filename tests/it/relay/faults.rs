//! Every call of the relay, spoiled in every way: after Lambda's repetitions the views equal a
//! clean run's.

use recharge_core::app::ports::Quarantine;
use recharge_testkit::{FaultyHttp, World, gift_records, stream_event};
use serde_json::{Value, json};

use super::{Credited, credited, send_gifts};
use crate::faults::cases;

/// The same records for a creator and a shard of their own.
fn told_of(records: &[Value], creator: &str) -> Vec<Value> {
    let mut records = records.to_vec();
    for record in &mut records {
        record["dynamodb"]["NewImage"]["creator"] = json!({"S": creator});
    }
    // One of them is for quarantine.
    records[1]["eventName"] = json!("MODIFY");
    records
}

fn alike(credited: Credited) -> Vec<String> {
    let received = credited.received.into_values();
    let earned = credited.earned.into_values();
    let texts = received.zip(earned).map(|pair| format!("{pair:?}"));
    texts.collect()
}

#[tokio::test]
async fn the_relay_heals_from_every_fault_at_every_call() {
    let world = World::start().await;
    send_gifts(&world, &["alice"], &["bob"], 30).await;
    let records = gift_records(world.server.dynamodb(), &world.table(), &["alice"], 1).await;
    let http = FaultyHttp::default();
    let relay = world.lambda(&http).relay();
    let event = |creator: &str| {
        let records = told_of(&records, creator);
        // Each case has places of its own, because quarantine is kept by place.
        stream_event(&format!("shard-{creator}"), &renumbered(records, creator))
    };
    http.reset();
    relay.handle(event("0")).await.unwrap();
    let calls = http.calls();
    let expected = alike(credited(&world, &["0"]).await);
    let (cases, mut repeated) = (cases(&calls), 0);
    for case in &cases {
        let (creator, name) = (case.number.to_string(), &case.name);
        http.plan(case.call, case.fault.clone(), case.times);
        let mut answer = relay.handle(event(&creator)).await;
        assert!(http.struck() > 0, "{name} never struck");
        if answer.is_err() {
            repeated += 1;
            http.reset();
            answer = relay.handle(event(&creator)).await;
        }
        answer.unwrap_or_else(|error| panic!("{name}: {error}"));
        let told = alike(credited(&world, &[&creator]).await);
        assert_eq!(told, expected, "{name}");
    }
    println!(
        "{} calls, {} cases, {repeated} of them came again",
        calls.len(),
        cases.len()
    );
    assert!(repeated > 0 && repeated < cases.len());
    // One of each case and one of the clean run: none twice, none lost.
    let date = "2026-11-18".parse().unwrap();
    let quarantined = world.views().quarantined(date).await.unwrap();
    assert_eq!(quarantined.len(), cases.len() + 1);
    world.stop().await;
}

fn renumbered(mut records: Vec<Value>, creator: &str) -> Vec<Value> {
    let base = 1_000 * (1 + creator.parse::<usize>().unwrap());
    for (at, record) in records.iter_mut().enumerate() {
        record["dynamodb"]["SequenceNumber"] = json!((base + at).to_string());
    }
    records
}
