//! What the relay costs: the budgets that are deterministic.

use recharge_testkit::{FaultyHttp, World, gift_records, stream_event};
use serde_json::json;

use super::send_gifts;

/// Write units for each gift, and transactions, of a thousand gifts in batches of so many.
async fn cost(world: &World, name: &str, batch: usize, creators: usize) -> (f64, usize) {
    let template = gift_records(world.server.dynamodb(), &world.table(), &["alice"], 1).await;
    let http = FaultyHttp::default();
    let relay = world.lambda(&http).relay();
    let mut number = 0;
    while number < 1_000 {
        let mut records = Vec::new();
        for _ in 0..batch {
            number += 1;
            let mut record = template[0].clone();
            let image = &mut record["dynamodb"]["NewImage"];
            image["creator"] = json!({"S": format!("{name}-{:08}", number % creators)});
            image["sent_gift"] = json!({"S": format!("sent_{name}{number:026}")});
            record["dynamodb"]["SequenceNumber"] = json!(format!("{number:021}"));
            records.push(record);
        }
        let shard = format!("shardId-00000001700000000000-{name}");
        relay.handle(stream_event(&shard, &records)).await.unwrap();
    }
    let units: f64 = http.units().1.to_string().parse().unwrap();
    let calls = http.calls();
    let transactions = calls
        .iter()
        .filter(|call| call.operation == "TransactWriteItems");
    (units / 1_000.0, transactions.count())
}

#[tokio::test]
async fn a_relayed_gift_writes_at_most_its_budget() {
    let world = World::start().await;
    send_gifts(&world, &["alice"], &["bob"], 1).await;
    for (name, batch, creators, budget) in [
        ("one", 10, 1, 1.5),
        ("ten", 10, 10, 3.2),
        ("five", 5, 1, 2.0),
        ("hundred", 100, 1, 1.5),
        ("alone", 1, 1, 5.0),
    ] {
        let (units, transactions) = cost(&world, name, batch, creators).await;
        println!(
            "{batch} gifts a batch to {creators}: {units:.2} write units a gift, {transactions} \
             transactions for a thousand"
        );
        assert!(units <= budget, "{units} > {budget}");
        assert_eq!(transactions, 1_000 / batch);
    }
    world.stop().await;
}
