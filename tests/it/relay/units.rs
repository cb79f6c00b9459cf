//! What the relay costs: the budgets that are deterministic.

use recharge_cost::{Relayed, Units};
use recharge_testkit::{FaultyHttp, Store, World, gift_records, stream_event};
use rust_decimal::Decimal;
use serde_json::json;

use super::send_gifts;

/// What a thousand gifts consume in batches of so many.
async fn cost(world: &World, name: &str, batch: u32, creators: u32) -> Relayed {
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
    let (reads, writes) = http.units();
    let calls: Vec<_> = http
        .calls()
        .into_iter()
        .map(|call| call.operation)
        .collect();
    let of_a_batch = calls.len() / usize::try_from(1_000 / batch).unwrap();
    assert!(
        calls
            .chunks(of_a_batch)
            .all(|each| *each == calls[..of_a_batch]),
        "batches differ"
    );
    Relayed {
        batch,
        creators,
        calls: calls[..of_a_batch].to_vec(),
        reads: (reads / Decimal::from(1_000)).normalize(),
        writes: (writes / Decimal::from(1_000)).normalize(),
    }
}

/// The budgets in write units for a gift; what it is exactly is in `infra/cost/units.toml`, from
/// which the model makes money.
#[tokio::test]
async fn a_relayed_gift_writes_at_most_its_budget() {
    let world = World::start().await;
    send_gifts(&world, &["alice"], &["bob"], 1).await;
    let known = Units::built_in().unwrap();
    for (name, batch, creators, budget) in [
        ("one", 10, 1, "1.5"),
        ("ten", 10, 10, "3.2"),
        ("five", 5, 1, "2.0"),
        ("hundred", 100, 1, "1.5"),
        ("alone", 1, 1, "5.0"),
    ] {
        let relayed = cost(&world, name, batch, creators).await;
        println!("{batch} gifts a batch to {creators}: {relayed:?}");
        assert!(relayed.writes <= budget.parse().unwrap(), "{relayed:?}");
        let transactions = relayed.calls.iter();
        let transactions = transactions.filter(|call| *call == "TransactWriteItems");
        assert_eq!(transactions.count(), 1);
        if Store::of_this_run() != Store::DynamoDbLocal {
            assert_eq!(&relayed, known.relayed(batch, creators).unwrap());
        }
    }
    world.stop().await;
}
