//! What the simulator adds to what emulators do. That it does what they do is shown by the suites of
//! Recharge, which run on it as on the others.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "test code: what is not as expected ends the test"
)]

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::ProvideErrorMetadata,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, Get, GlobalSecondaryIndex,
        KeySchemaElement, KeyType, KeysAndAttributes, Projection, ProjectionType, Put,
        ScalarAttributeType, StreamSpecification, StreamViewType, TransactGetItem,
        TransactWriteItem,
    },
};
use dynamodb_sim::{DynamoDbSim, EventSource, Fault, Trimmed, Trouble, Weather};

const TABLE: &str = "things";
const WINDOW: Weather = Weather {
    conflict_window: Duration::from_millis(10),
    ..Weather::CALM
};

fn client(dynamodb: &DynamoDbSim) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("none", "none", None, None, "test"))
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .endpoint_url("http://dynamodb.invalid")
        .http_client(dynamodb.http_client());
    Client::from_conf(config.build())
}

/// A simulator with a table, and a client of it.
async fn start(seed: u64) -> (DynamoDbSim, Client) {
    let dynamodb = DynamoDbSim::new(seed, 1_795_530_000_000);
    let client = client(&dynamodb);
    let attribute = |name: &str, kind| {
        let attribute = AttributeDefinition::builder().attribute_name(name);
        attribute.attribute_type(kind).build().unwrap()
    };
    let key = |name: &str, kind| {
        let key = KeySchemaElement::builder().attribute_name(name);
        key.key_type(kind).build().unwrap()
    };
    let index = GlobalSecondaryIndex::builder()
        .index_name("by_seq")
        .key_schema(key("PK", KeyType::Hash))
        .key_schema(key("seq", KeyType::Range))
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::All)
                .build(),
        )
        .build();
    let stream = StreamSpecification::builder().stream_enabled(true);
    let stream = stream.stream_view_type(StreamViewType::NewImage).build();
    let create = client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("PK", ScalarAttributeType::S))
        .attribute_definitions(attribute("SK", ScalarAttributeType::S))
        .attribute_definitions(attribute("seq", ScalarAttributeType::N))
        .key_schema(key("PK", KeyType::Hash))
        .key_schema(key("SK", KeyType::Range))
        .global_secondary_indexes(index.unwrap())
        .stream_specification(stream.unwrap());
    create.send().await.unwrap();
    dynamodb.forget();
    (dynamodb, client)
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn put(pk: &str, seq: u32) -> Put {
    Put::builder()
        .table_name(TABLE)
        .item("PK", text(pk))
        .item("SK", text(&format!("{seq:03}")))
        .item("seq", AttributeValue::N(seq.to_string()))
        .item("value", AttributeValue::N(seq.to_string()))
        .build()
        .unwrap()
}

/// Overwrites one item with a value.
fn set(pk: &str, value: u32) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(TABLE)
        .item("PK", text(pk))
        .item("SK", text("000"))
        .item("value", AttributeValue::N(value.to_string()));
    TransactWriteItem::builder()
        .put(put.build().unwrap())
        .build()
}

async fn transact(client: &Client, items: Vec<TransactWriteItem>) -> Result<(), Vec<String>> {
    let sent = client
        .transact_write_items()
        .set_transact_items(Some(items));
    let Err(error) = sent.send().await else {
        return Ok(());
    };
    let error = error.into_service_error();
    let cancelled = error.is_transaction_canceled_exception();
    assert!(cancelled, "{error:?}");
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        return Err(Vec::new());
    };
    let codes = cancelled.cancellation_reasons().iter();
    Err(codes
        .map(|reason| reason.code().unwrap_or_default().to_owned())
        .collect())
}

fn key(pk: &str) -> [(String, AttributeValue); 2] {
    [("PK".to_owned(), text(pk)), ("SK".to_owned(), text("000"))]
}

#[tokio::test(start_paused = true)]
async fn of_two_transactions_on_one_item_at_once_one_is_cancelled_for_the_conflict() {
    let (dynamodb, client) = start(1).await;
    dynamodb.set_weather(WINDOW);
    let (one, other) = tokio::join!(
        transact(&client, vec![set("a", 1), set("b", 1)]),
        transact(&client, vec![set("b", 2), set("c", 2)]),
    );
    let reasons: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    let conflicts = reasons[0]
        .iter()
        .filter(|code| *code == "TransactionConflict");
    assert_eq!(conflicts.count(), 1, "{reasons:?}");
    assert_eq!(dynamodb.conflicts(TABLE), 1);
    // Afterwards nothing is in the way.
    transact(&client, vec![set("b", 3)]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_asked_for_again_and_done_once() {
    let (dynamodb, client) = start(1).await;
    dynamodb.plan(0, Fault::LostAnswer, 1);
    transact(&client, vec![set("a", 1)]).await.unwrap();
    let calls = dynamodb.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
    let mut source = EventSource::new(dynamodb, TABLE, 10, 0);
    let batch = source.next(|_| true).unwrap().unwrap();
    assert_eq!(batch.records.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_reads_without_a_transaction_may_see_half_of_one_and_who_reads_with_one_never() {
    let (mut halves, mut whole, mut conflicts) = (0, 0, 0);
    for seed in 0..50 {
        let (dynamodb, client) = start(seed).await;
        transact(&client, vec![set("a", 1), set("b", 1)])
            .await
            .unwrap();
        dynamodb.set_weather(WINDOW);
        let write = transact(&client, vec![set("a", 2), set("b", 2)]);
        let keys = ["a", "b"].map(|pk| key(pk).into());
        let asked = KeysAndAttributes::builder()
            .set_keys(Some(keys.to_vec()))
            .consistent_read(true);
        let reads = async {
            tokio::time::sleep(Duration::from_millis(7)).await;
            let batch = client
                .batch_get_item()
                .request_items(TABLE, asked.build().unwrap());
            let found = batch.send().await.unwrap().responses.unwrap();
            let values: BTreeSet<_> = found[TABLE]
                .iter()
                .map(|item| item["value"].as_n().unwrap().clone())
                .collect();
            let gets = ["a", "b"].map(|pk| {
                let get = Get::builder()
                    .table_name(TABLE)
                    .set_key(Some(key(pk).into()));
                TransactGetItem::builder().get(get.build().unwrap()).build()
            });
            let together = client
                .transact_get_items()
                .set_transact_items(Some(gets.to_vec()))
                .send()
                .await;
            (values, together)
        };
        let (written, (values, together)) = tokio::join!(write, reads);
        written.unwrap();
        halves += usize::from(values.len() == 2);
        match together {
            Ok(together) => {
                let items = together.responses.unwrap();
                let values: BTreeSet<_> = items
                    .iter()
                    .map(|one| {
                        one.item.clone().unwrap()["value"]
                            .clone()
                            .as_n()
                            .unwrap()
                            .clone()
                    })
                    .collect();
                assert_eq!(values.len(), 1, "half of a transaction");
                whole += 1;
            }
            Err(error) => {
                assert_eq!(error.code(), Some("TransactionCanceledException"));
                conflicts += 1;
            }
        }
    }
    println!(
        "seeds 0 to 50: {halves} halves in batches; of transactions {whole} whole, {conflicts} conflicts"
    );
    assert!(halves > 0 && conflicts > 0);
}

#[tokio::test(start_paused = true)]
async fn an_index_may_have_a_newer_item_and_not_yet_an_older_one() {
    let mut holes = 0;
    for seed in 0..50 {
        let (dynamodb, client) = start(seed).await;
        dynamodb.set_weather(Weather {
            lag_max: Duration::from_millis(100),
            ..Weather::CALM
        });
        for seq in 1..=5 {
            transact(
                &client,
                vec![TransactWriteItem::builder().put(put("a", seq)).build()],
            )
            .await
            .unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let query = || {
            let query = client.query().table_name(TABLE).index_name("by_seq");
            let query = query.key_condition_expression("PK = :pk");
            query.expression_attribute_values(":pk", text("a")).send()
        };
        let found: Vec<u32> = query()
            .await
            .unwrap()
            .items()
            .iter()
            .map(|item| item["seq"].as_n().unwrap().parse().unwrap())
            .collect();
        let consecutive: Vec<u32> = (1..).take(found.len()).collect();
        holes += usize::from(found != consecutive);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(query().await.unwrap().count(), 5, "it catches up");
    }
    assert!(holes > 0);
}

#[tokio::test(start_paused = true)]
async fn a_shard_that_was_split_is_heard_before_its_children_whatever_comes_again() {
    let (dynamodb, client) = start(3).await;
    let mut last = std::collections::BTreeMap::new();
    for seq in 1..=40 {
        let pk = format!("pk-{}", seq % 5);
        transact(
            &client,
            vec![TransactWriteItem::builder().put(put(&pk, seq)).build()],
        )
        .await
        .unwrap();
        if seq % 10 == 0 {
            for (shard, _) in dynamodb.shards(TABLE) {
                dynamodb.split_shard(TABLE, &shard);
            }
        }
    }
    assert!(dynamodb.shards(TABLE).len() > 8);
    let mut source = EventSource::new(dynamodb, TABLE, 4, 3);
    source.set_trouble(Trouble::MUCH);
    let (mut seen, mut heard) = (BTreeSet::new(), 0);
    for _ in 0..2_000 {
        let Some(batch) = source.next(|_| true).unwrap() else {
            continue;
        };
        for record in &batch.records {
            let image = &record["dynamodb"]["NewImage"];
            let pk = image["PK"]["S"].as_str().unwrap().to_owned();
            let seq: u32 = image["seq"]["N"].as_str().unwrap().parse().unwrap();
            heard += 1;
            // What is new of an item's partition is newer than all that was heard of it.
            if seen.insert(seq) {
                let before = last.insert(pk, seq);
                assert!(before.is_none_or(|before| before < seq));
            }
        }
        source.handled(&batch);
    }
    assert_eq!(seen.len(), 40, "nothing is lost");
    assert!(heard > 40, "some came again");
}

#[tokio::test(start_paused = true)]
async fn after_a_day_a_record_is_gone() {
    let (dynamodb, client) = start(1).await;
    transact(&client, vec![set("a", 1)]).await.unwrap();
    let mut source = EventSource::new(dynamodb.clone(), TABLE, 10, 0);
    let batch = source.next(|_| true).unwrap().unwrap();
    source.handled(&batch);
    transact(&client, vec![set("a", 2)]).await.unwrap();
    tokio::time::sleep(Duration::from_secs(24 * 3_600 + 1)).await;
    assert!(matches!(source.next(|_| true), Err(Trimmed)));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_simulated_is_refused_and_not_ignored() {
    let (_, client) = start(1).await;
    let update = client
        .update_item()
        .table_name(TABLE)
        .set_key(Some(key("a").into()));
    let update = update
        .update_expression("SET a.b = :v")
        .expression_attribute_values(":v", text("v"));
    let error = update.send().await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"));
}
