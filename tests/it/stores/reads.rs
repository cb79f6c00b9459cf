//! What the stores say about reads, batches, the index and expiry.

use recharge_testkit::Store;
use serde_json::{Value, json};

use super::raw::{Raw, indexed, item};

async fn batch(raw: &Raw, keys: Vec<Value>, consistent: bool) -> Value {
    let request = json!({"Keys": keys, "ConsistentRead": consistent});
    let mut items = serde_json::Map::new();
    items.insert(raw.table.clone(), request);
    let body = json!({"RequestItems": items, "ReturnConsumedCapacity": "TOTAL"});
    let (_, answer) = raw.call("BatchGetItem", body).await;
    answer
}

/// A read of what is not there costs what a read costs; in a batch, DynamoDB Local forgets it.
#[tokio::test]
async fn what_is_not_there_costs_a_read() {
    let raw = Raw::start().await;
    raw.put(item("a")).await;
    raw.put(item("b")).await;
    for (consistent, unit) in [(true, 1.0), (false, 0.5)] {
        let body = json!({
            "Key": item("none"), "ConsistentRead": consistent, "ReturnConsumedCapacity": "TOTAL",
        });
        let alone = raw.ok("GetItem", body).await;
        assert_eq!(alone["ConsumedCapacity"]["CapacityUnits"], unit);
        let keys = vec![item("a"), item("b"), item("none")];
        let several = batch(&raw, keys, consistent).await;
        let found = several["Responses"][&raw.table].as_array().unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(several["UnprocessedKeys"], json!({}));
        assert_eq!(
            several["ConsumedCapacity"][0]["CapacityUnits"],
            unit * Store::unless_dynamodb_local(3.0, 2.0)
        );
    }
    raw.stop().await;
}

#[tokio::test]
async fn a_batch_reads_100_items_and_16_mb_at_most() {
    let raw = Raw::start().await;
    let keys = |count: usize| (0..count).map(|n| item(&n.to_string())).collect();
    let hundred = batch(&raw, keys(100), true).await;
    assert!(hundred["Responses"].is_object(), "{hundred}");
    let more = batch(&raw, keys(101), true).await;
    let error = more["__type"].as_str().unwrap();
    assert!(error.ends_with("ValidationException"), "{error}");
    for number in 0..45 {
        let mut large = item(&number.to_string());
        large["text"] = json!({"S": "x".repeat(399_000)});
        raw.put(large).await;
    }
    let large = batch(&raw, keys(45), true).await;
    let read = large["Responses"][&raw.table].as_array().unwrap();
    let left = large["UnprocessedKeys"][&raw.table]["Keys"]
        .as_array()
        .unwrap();
    assert_eq!((read.len(), left.len()), (42, 3));
    raw.stop().await;
}

#[tokio::test]
async fn a_batch_writes_25_items_at_most() {
    let raw = Raw::start().await;
    let request = |count: usize| {
        let put = |n: usize| json!({"PutRequest": {"Item": item(&n.to_string())}});
        let mut items = serde_json::Map::new();
        items.insert(raw.table.clone(), (0..count).map(put).collect());
        json!({ "RequestItems": items })
    };
    let written = raw.ok("BatchWriteItem", request(25)).await;
    assert_eq!(written["UnprocessedItems"], json!({}));
    let (error, _) = raw.refused("BatchWriteItem", request(26)).await;
    assert_eq!(error, "ValidationException");
    raw.stop().await;
}

/// On AWS it lags.
#[tokio::test]
async fn the_index_has_an_entry_at_once() {
    let raw = Raw::start().await;
    for number in 0..50 {
        let mut entry = indexed("a");
        entry["PK"] = json!({ "S": number.to_string() });
        raw.put(entry).await;
        let query = json!({
            "IndexName": "statement", "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": {"S": number.to_string()}},
        });
        assert_eq!(raw.ok("Query", query).await["Count"], 1);
    }
    raw.stop().await;
}

/// Both keep what has expired: readers must look at the time, as on AWS.
#[tokio::test]
async fn what_has_expired_is_still_there_and_expiry_is_set_once() {
    let raw = Raw::start().await;
    let expiry =
        json!({"TimeToLiveSpecification": {"Enabled": true, "AttributeName": "expires_at"}});
    raw.ok("UpdateTimeToLive", expiry.clone()).await;
    let (again, _) = raw.call("UpdateTimeToLive", expiry).await;
    assert_eq!(again, Store::unless_dynoxide(200, 400));
    let mut expired = item("a");
    expired["expires_at"] = json!({"N": "1"});
    raw.put(expired.clone()).await;
    let found = raw.ok("GetItem", json!({ "Key": item("a") })).await;
    assert_eq!(found["Item"], expired);
    raw.stop().await;
}

#[tokio::test]
async fn an_item_has_400_kb_at_most() {
    let raw = Raw::start().await;
    let mut large = item("a");
    large["text"] = json!({"S": "x".repeat(409_580)});
    raw.put(large.clone()).await;
    large["text"] = json!({"S": "x".repeat(409_600)});
    let (error, _) = raw.refused("PutItem", json!({ "Item": large })).await;
    assert_eq!(error, "ValidationException");
    raw.stop().await;
}

/// What dynoxide takes and DynamoDB does not once hid a query of ours that no AWS would answer.
#[tokio::test]
async fn an_empty_beginning_of_a_key_is_refused_by_dynamodb_local() {
    let raw = Raw::start().await;
    raw.put(item("a")).await;
    let body = json!({
        "KeyConditionExpression": "PK = :pk AND begins_with(SK, :prefix)",
        "ExpressionAttributeValues": {":pk": item("a")["PK"], ":prefix": {"S": ""}},
    });
    let (status, _) = raw.call("Query", body).await;
    assert_eq!(status, Store::unless_dynoxide(200, 400));
    raw.stop().await;
}
