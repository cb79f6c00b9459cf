//! What operators do from their own machines.

use aws_sdk_dynamodb::types::AttributeValue;
use recharge_core::{app::ports::Earnings, domain::CreatorDay};
use recharge_local::catalog::Catalog;
use recharge_testkit::{simulation::Simulation, stream_event, user};
use serde_json::{Value, json};

use super::{Entry, creators::received, tamper};
use crate::crash_matrix::act::Act;

pub(super) fn entries() -> Vec<Entry> {
    vec![
        Entry::cold("operator: replay", |simulation| {
            Box::pin(async move { Act::Replay(quarantined(&simulation).await.parse().unwrap()) })
        }),
        Entry::cold("operator: rebuild", |simulation| {
            Box::pin(async move {
                received(&simulation).await;
                simulation.relay_all().await;
                let earned = simulation.views().earnings(&user("creator")).await.unwrap();
                let (date, _) = earned.into_iter().next().unwrap();
                let rows = rows(&simulation).await;
                let mut days = rows.into_iter().filter(|(_, sk)| sk.starts_with("DAY#"));
                let (pk, sk) = days.next().unwrap();
                let wrong = [("live", AttributeValue::N("1000".to_owned()))];
                tamper(&simulation, "VIEWS_TABLE", (&pk, &sk), &wrong).await;
                Act::Rebuild(CreatorDay {
                    creator: user("creator"),
                    date,
                })
            })
        }),
        Entry::cold("operator: publish a catalogue", |_| {
            Box::pin(async {
                let mut catalog = Catalog::load(None).unwrap();
                catalog.gifts.pop();
                Act::Publish(catalog)
            })
        }),
    ]
}

/// A record that no version could read when it came, and that this one can; its day.
async fn quarantined(simulation: &Simulation) -> String {
    received(simulation).await;
    let (shard, good) = gift_record(simulation);
    let mut bad = good.clone();
    bad["eventName"] = json!("MODIFY");
    let relay = simulation.lambda().relay();
    relay.handle(stream_event(&shard, &[bad])).await.unwrap();
    let mut rows = rows(simulation).await.into_iter();
    let (pk, sk) = rows.find(|(pk, _)| pk.starts_with("QUARANTINE#")).unwrap();
    let raw = [("raw", AttributeValue::S(good.to_string()))];
    tamper(simulation, "VIEWS_TABLE", (&pk, &sk), &raw).await;
    pk.rsplit('#').next().unwrap().to_owned()
}

/// The stream's first record of a gift, and its shard.
fn gift_record(simulation: &Simulation) -> (String, Value) {
    let (dynamodb, table) = (simulation.dynamodb(), simulation.setting("LEDGER_TABLE"));
    let mut gifts = dynamodb.shards(table).into_iter().flat_map(|(shard, _)| {
        let (records, _) = dynamodb.records(table, &shard, None, 1_000).unwrap();
        records
            .into_iter()
            .map(move |record| (shard.clone(), record))
    });
    let is_gift = |record: &Value| {
        let key = record["dynamodb"]["Keys"]["SK"]["S"].as_str();
        key.is_some_and(|key| key.starts_with("ENTRY#gift#"))
    };
    gifts.find(|(_, record)| is_gift(record)).unwrap()
}

/// The keys of the views.
async fn rows(simulation: &Simulation) -> Vec<(String, String)> {
    let scan = simulation.calm_client().scan();
    let found = scan
        .table_name(simulation.setting("VIEWS_TABLE"))
        .send()
        .await
        .unwrap();
    let items = found.items.unwrap_or_default();
    let text = |value: &AttributeValue| value.as_s().unwrap().clone();
    items
        .iter()
        .map(|item| (text(&item["PK"]), text(&item["SK"])))
        .collect()
}
