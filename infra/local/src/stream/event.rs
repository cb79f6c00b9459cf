//! Events as Lambda makes them of a stream's records.

use std::collections::HashMap;

use anyhow::Context;
use aws_sdk_dynamodbstreams::{
    primitives::DateTime,
    types::{AttributeValue, Record},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A record as Lambda hands it over.
pub(super) fn record(record: &Record, stream: &str) -> anyhow::Result<Value> {
    let change = record.dynamodb().context("a record without a change")?;
    // Lambda tells whole seconds.
    let at = change.approximate_creation_date_time().map(DateTime::secs);
    let image = change.new_image();
    let image = image.map(|image| attributes(Some(image))).transpose()?;
    Ok(json!({
        "eventID": record.event_id(),
        "eventName": record.event_name().map(|name| name.as_str()),
        "eventVersion": record.event_version(),
        "eventSource": record.event_source(),
        "awsRegion": record.aws_region(),
        "dynamodb": {
            "ApproximateCreationDateTime": at,
            "Keys": attributes(change.keys())?,
            "NewImage": image,
            "SequenceNumber": change.sequence_number(),
            "SizeBytes": change.size_bytes(),
            "StreamViewType": change.stream_view_type().map(|view| view.as_str()),
        },
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
    let Some(length) = window_s.and_then(|length| i64::try_from(length).ok()) else {
        return json!({ "Records": records });
    };
    let into = now.as_second().checked_rem(length).unwrap_or_default();
    let start = Timestamp::from_second(now.as_second().saturating_sub(into)).unwrap_or(now);
    let end = start.saturating_add(SignedDuration::from_secs(length));
    json!({
        "Records": records,
        "window": {
            "start": start.to_string(),
            "end": end.unwrap_or(start).to_string(),
        },
        "state": {},
        "shardId": shard,
        "eventSourceARN": stream,
        "isFinalInvokeForWindow": false,
        "isWindowTerminatedEarly": false,
    })
}
