//! Events as Lambda makes them of a stream's records.

use std::collections::HashMap;

use anyhow::Context;
use aws_sdk_dynamodbstreams::types::{AttributeValue, Record};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A record as Lambda hands it over.
pub(super) fn record(record: &Record, stream: &str) -> anyhow::Result<Value> {
    let change = record.dynamodb().context("a record without a change")?;
    let mut described = json!({
        "Keys": attributes(change.keys())?,
        "SequenceNumber": change.sequence_number(),
        "SizeBytes": change.size_bytes(),
        "StreamViewType": change.stream_view_type().map(|view| view.as_str()),
    });
    if let Some(at) = change.approximate_creation_date_time() {
        // Lambda tells whole seconds.
        described["ApproximateCreationDateTime"] = at.secs().into();
    }
    if change.new_image().is_some() {
        described["NewImage"] = attributes(change.new_image())?;
    }
    Ok(json!({
        "eventID": record.event_id(),
        "eventName": record.event_name().map(|name| name.as_str()),
        "eventVersion": record.event_version(),
        "eventSource": record.event_source(),
        "awsRegion": record.aws_region(),
        "dynamodb": described,
        "eventSourceARN": stream,
    }))
}

fn attributes(attributes: Option<&HashMap<String, AttributeValue>>) -> anyhow::Result<Value> {
    let item: serde_dynamo::Item = attributes.cloned().unwrap_or_default().into();
    Ok(serde_json::to_value(item)?)
}

/// The event of one call. With a window it says which shard it comes from.
pub(super) fn batch(
    records: &[Value],
    stream: &str,
    shard: &str,
    window_s: Option<u64>,
    now: Timestamp,
) -> Value {
    let mut event = json!({ "Records": records });
    if let Some(length) = window_s.and_then(|length| i64::try_from(length).ok()) {
        let into = now.as_second().checked_rem(length).unwrap_or_default();
        let start = Timestamp::from_second(now.as_second().saturating_sub(into)).unwrap_or(now);
        let end = start.saturating_add(SignedDuration::from_secs(length));
        event["window"] = json!({
            "start": start.to_string(),
            "end": end.unwrap_or(start).to_string(),
        });
        event["state"] = json!({});
        event["shardId"] = shard.into();
        event["eventSourceARN"] = stream.into();
        event["isFinalInvokeForWindow"] = false.into();
        event["isWindowTerminatedEarly"] = false.into();
    }
    event
}
