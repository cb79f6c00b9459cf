//! The ledger's stream, as Lambda hands it over.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use serde_json::{Value, json};

/// A record for each gift that these users sent, in their order, made of the entries that are
/// stored. The first has the sequence number `first`.
pub async fn gift_records(client: &Client, table: &str, users: &[&str], first: u64) -> Vec<Value> {
    let mut images = Vec::new();
    for user in users {
        let found = client
            .query()
            .table_name(table)
            .consistent_read(true)
            .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(format!("USER#{user}")))
            .expression_attribute_values(":prefix", AttributeValue::S("ENTRY#gift#".to_owned()))
            .send()
            .await
            .unwrap();
        for item in found.items.unwrap_or_default() {
            images.push(serde_json::to_value(serde_dynamo::Item::from(item)).unwrap());
        }
    }
    let numbered = images.iter().zip(first..);
    numbered
        .map(|(image, number)| record(image, number))
        .collect()
}

fn record(image: &Value, sequence: u64) -> Value {
    json!({
        "eventID": format!("{sequence:032x}"),
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_000_000,
            "Keys": {"PK": image["PK"], "SK": image["SK"]},
            "NewImage": image,
            "SequenceNumber": sequence.to_string(),
            "SizeBytes": 400,
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:1:table/t/stream/2026-11-22T00:00:00.000",
    })
}

/// The event of one call with records of one shard; the last one of a window has none.
#[must_use]
pub fn stream_event(shard: &str, records: &[Value]) -> Value {
    json!({
        "Records": records,
        "shardId": shard,
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:1:table/t/stream/2026-11-22T00:00:00.000",
        "window": {"start": "2026-11-22T12:00:00Z", "end": "2026-11-22T12:15:00Z"},
        "state": {"kept": "as it came"},
        "isFinalInvokeForWindow": records.is_empty(),
        "isWindowTerminatedEarly": false,
    })
}
