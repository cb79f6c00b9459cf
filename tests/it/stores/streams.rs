//! What the stores say about streams: what the pump of the local server builds on.

use recharge_testkit::Store;
use serde_json::{Value, json};

use super::raw::{Raw, item};

async fn shards(raw: &Raw, more: Value) -> Vec<Value> {
    let mut body = more;
    body["StreamArn"] = raw.stream.clone();
    let described = raw.ok("DescribeStream", body).await;
    described["StreamDescription"]["Shards"]
        .as_array()
        .unwrap()
        .clone()
}

fn iterator_from(raw: &Raw, shard: &Value, from: &str, number: Option<&str>) -> Value {
    let mut body = json!({"StreamArn": raw.stream, "ShardId": shard, "ShardIteratorType": from});
    if let Some(number) = number {
        body["SequenceNumber"] = json!(number);
    }
    body
}

async fn iterator(raw: &Raw, from: &str, number: Option<&str>) -> Value {
    let shard = shards(raw, json!({})).await[0]["ShardId"].clone();
    let body = iterator_from(raw, &shard, from, number);
    raw.ok("GetShardIterator", body).await["ShardIterator"].clone()
}

/// The records that an iterator leads to, and the next iterator.
async fn records(raw: &Raw, iterator: &Value) -> (Vec<Value>, Value) {
    let read = raw
        .ok("GetRecords", json!({ "ShardIterator": iterator }))
        .await;
    let next = read["NextShardIterator"].clone();
    assert!(next.is_string(), "an open shard always has a next iterator");
    (read["Records"].as_array().unwrap().clone(), next)
}

fn sequence_numbers(records: &[Value]) -> Vec<&str> {
    let numbers = records.iter().map(|it| &it["dynamodb"]["SequenceNumber"]);
    numbers.map(|number| number.as_str().unwrap()).collect()
}

/// Both have one shard. dynoxide tells the last number of one that is open, which on AWS only a
/// closed one has: whoever takes it for closed stops reading.
#[tokio::test]
async fn an_open_shard_has_a_last_number_on_dynoxide() {
    let raw = Raw::start().await;
    let empty = shards(&raw, json!({})).await;
    let range = &empty[0]["SequenceNumberRange"];
    let has_start = range["StartingSequenceNumber"].is_string();
    assert_eq!(
        has_start,
        Store::unless_dynoxide(false, true),
        "of an empty shard"
    );
    raw.put(item("a")).await;
    let written = shards(&raw, json!({})).await;
    assert_eq!(written.len(), 1);
    let range = &written[0]["SequenceNumberRange"];
    assert!(range["StartingSequenceNumber"].is_string());
    let has_end = range["EndingSequenceNumber"].is_string();
    assert_eq!(has_end, Store::unless_dynoxide(true, false));
    assert!(written[0]["ParentShardId"].is_null());
    // The next page of shards: dynoxide has no pages, and tells the same one again.
    let after = json!({"ExclusiveStartShardId": written[0]["ShardId"]});
    assert_eq!(
        shards(&raw, after).await.len(),
        Store::unless_dynoxide(1, 0)
    );
    raw.stop().await;
}

#[tokio::test]
async fn an_iterator_reads_again_and_reads_what_came_later() {
    let raw = Raw::start().await;
    raw.put(item("a")).await;
    let begin = iterator(&raw, "TRIM_HORIZON", None).await;
    let latest = iterator(&raw, "LATEST", None).await;
    let (_, after) = records(&raw, &begin).await;
    assert_eq!(records(&raw, &after).await.0.len(), 0);
    raw.put_elsewhere(item("a")).await;
    raw.put(item("b")).await;
    for (iterator, expected) in [(&begin, 2), (&begin, 2), (&latest, 1), (&after, 1)] {
        assert_eq!(records(&raw, iterator).await.0.len(), expected);
    }
    raw.stop().await;
}

/// DynamoDB Local numbers the changes of all tables together. An iterator that was taken before a
/// shard's first record points to a number that may go to another table; then it counts as older
/// than the oldest record, and a new one from TRIM_HORIZON has to be taken. Nothing is lost.
#[tokio::test]
async fn an_iterator_of_an_empty_shard_is_lost_on_dynamodb_local() {
    let raw = Raw::start().await;
    let early = iterator(&raw, "TRIM_HORIZON", None).await;
    raw.put_elsewhere(item("a")).await;
    raw.put(item("a")).await;
    let read = json!({ "ShardIterator": early });
    let (status, answer) = raw.call("GetRecords", read).await;
    assert_eq!(status, Store::unless_dynamodb_local(200, 400), "{answer}");
    if Store::unless_dynamodb_local(false, true) {
        let error = answer["__type"].as_str().unwrap();
        assert!(error.ends_with("TrimmedDataAccessException"), "{error}");
    }
    let again = iterator(&raw, "TRIM_HORIZON", None).await;
    assert_eq!(records(&raw, &again).await.0.len(), 1);
    raw.stop().await;
}

#[tokio::test]
async fn sequence_numbers_have_21_digits_and_grow() {
    let raw = Raw::start().await;
    for sk in ["a", "b", "c"] {
        raw.put(item(sk)).await;
    }
    let begin = iterator(&raw, "TRIM_HORIZON", None).await;
    let (read, _) = records(&raw, &begin).await;
    let numbers = sequence_numbers(&read);
    assert!(numbers.is_sorted() && numbers.len() == 3, "{numbers:?}");
    for number in &numbers {
        assert!(number.len() == 21 && number.bytes().all(|it| it.is_ascii_digit()));
        // Those of DynamoDB Local have zeros before them.
        assert_eq!(
            number.starts_with('0'),
            Store::unless_dynamodb_local(false, true)
        );
    }
    for (from, expected) in [("AT_SEQUENCE_NUMBER", 2), ("AFTER_SEQUENCE_NUMBER", 1)] {
        let from = iterator(&raw, from, Some(numbers[1])).await;
        assert_eq!(records(&raw, &from).await.0.len(), expected);
    }
    raw.stop().await;
}

/// AWS promises an order for the changes of one item only.
#[tokio::test]
async fn a_transaction_is_in_the_stream_in_the_order_of_its_items() {
    let raw = Raw::start().await;
    let items = ["z", "a", "m"].map(|sk| raw.putting(item(sk)));
    raw.ok("TransactWriteItems", json!({ "TransactItems": items }))
        .await;
    let begin = iterator(&raw, "TRIM_HORIZON", None).await;
    let (read, _) = records(&raw, &begin).await;
    let keys: Vec<_> = read
        .iter()
        .map(|it| it["dynamodb"]["Keys"]["SK"]["S"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["z", "a", "m"]);
    raw.stop().await;
}

/// A write that changes nothing is no change to AWS and DynamoDB Local.
#[tokio::test]
async fn a_write_that_changes_nothing_has_a_record_on_dynoxide() {
    let raw = Raw::start().await;
    raw.put(item("a")).await;
    raw.put(item("a")).await;
    let begin = iterator(&raw, "TRIM_HORIZON", None).await;
    let (read, _) = records(&raw, &begin).await;
    assert_eq!(read.len(), Store::unless_dynoxide(2, 1));
    raw.stop().await;
}

/// DynamoDB Local rounds the time down to its minute.
#[tokio::test]
async fn the_time_of_a_record_is_approximate() {
    let raw = Raw::start().await;
    raw.put(item("a")).await;
    let begin = iterator(&raw, "TRIM_HORIZON", None).await;
    let (read, _) = records(&raw, &begin).await;
    let at = read[0]["dynamodb"]["ApproximateCreationDateTime"]
        .as_f64()
        .unwrap();
    assert!(at > 1_700_000_000.0, "{at}");
    if Store::unless_dynamodb_local(false, true) {
        assert!(at.rem_euclid(60.0) < 0.001, "{at}");
    }
    raw.stop().await;
}

#[tokio::test]
async fn an_unknown_shard_is_refused_by_dynamodb_local() {
    let raw = Raw::start().await;
    let unknown = json!("shardId-00000000000000000000-00000000");
    let body = iterator_from(&raw, &unknown, "TRIM_HORIZON", None);
    let (status, answer) = raw.call("GetShardIterator", body).await;
    assert_eq!(status, Store::unless_dynoxide(200, 400), "{answer}");
    raw.stop().await;
}
