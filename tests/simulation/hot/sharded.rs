//! What we did not build: the gift's own transaction adds to one of 16 counters of its creator.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

use super::*;

const SHARDS: u64 = 16;

/// The tries of each gift that was sent, and how many gave up.
async fn rush_on_counters(simulation: Simulation) -> (BTreeMap<usize, usize>, usize) {
    simulation.dynamodb().set_weather(CONTENTION);
    let began = Instant::now();
    let gifts = (0..GIFTS).map(|nth| {
        let simulation = simulation.clone();
        tokio::spawn(async move {
            sleep_until(began + EVERY * u32::try_from(nth).unwrap()).await;
            send(&simulation, nth).await
        })
    });
    let gifts: Vec<_> = gifts.collect();
    let (mut tries, mut gave_up) = (BTreeMap::new(), 0);
    for sent in join_all(gifts).await {
        match sent.unwrap() {
            Some(count) => *tries.entry(count).or_default() += 1,
            None => gave_up += 1,
        }
    }
    (tries, gave_up)
}

/// With the waits and the deadline of ours.
async fn send(simulation: &Simulation, nth: u64) -> Option<usize> {
    let client = recharge_local::dynamodb_client(simulation.dynamodb().http_client());
    let text = |text: String| AttributeValue::S(text);
    let table = simulation.setting("LEDGER_TABLE");
    let mut attempts = Attempts::begin(simulation.clock());
    let mut tries = 0;
    loop {
        let shard = fastrand::u64(..SHARDS);
        let counter = |pk: String| {
            let update = Update::builder()
                .table_name(table)
                .key("PK", text(pk))
                .key("SK", text("COUNTER".to_owned()))
                .update_expression("ADD coins :one")
                .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
                .build();
            TransactWriteItem::builder().update(update.unwrap()).build()
        };
        let entry = Put::builder()
            .table_name(table)
            .item("PK", text(format!("USER#fan-{}", nth % FANS)))
            .item("SK", text(format!("SENT#{nth}")))
            .build();
        let sent = client
            .transact_write_items()
            .transact_items(counter(format!("USER#fan-{}", nth % FANS)))
            .transact_items(TransactWriteItem::builder().put(entry.unwrap()).build())
            .transact_items(counter(format!("CREATOR#creator#{shard}")))
            .send()
            .await;
        tries += 1;
        if sent.is_ok() {
            return Some(tries);
        }
        attempts.again().await.ok()?;
    }
}

#[test]
fn counters_in_the_gifts_transaction_collide() {
    const SEED: u64 = 20;
    let (tries, gave_up) = simulate(SEED, rush_on_counters);
    let at_once = tries.get(&1).copied().unwrap_or_default();
    println!(
        "seed {SEED}, {SHARDS} counters of one creator, gifts by tries: {tries:?}, given up: {gave_up}"
    );
    assert!(at_once < 800, "{at_once} of 1,000 gifts met nobody");
}
