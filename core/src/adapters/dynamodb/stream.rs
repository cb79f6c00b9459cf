//! What Lambda hands over of the ledger's stream.
//!
//! Events are read with small tolerant types of our own, record by record: one record that we
//! cannot read must neither block its shard nor be lost.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use super::items::{Attributes, EntryItem};
use crate::domain::{
    EntryKind, ReceivedGift, RelayContent, RelayRecord, SequenceNumber, ShardId, Unreadable,
    utc_date,
};

/// A batch of the ledger's stream.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamBatch {
    /// The shard that all of it comes from.
    pub shard: ShardId,
    /// The records that are about gifts, as they came.
    pub records: Vec<RelayRecord>,
    /// What the last call of this time window returned; to be returned again.
    pub state: Map<String, Value>,
}

/// Why an event is refused whole: it would not help to go on without it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StreamEventRefused {
    /// Without the shard there is no mark, and without a mark a repeated batch counts twice.
    #[error("the event has no shardId: the event source mapping needs a tumbling window")]
    NoShardId,
    /// It is no event of a stream.
    #[error("the event is no DynamoDB stream event with Records")]
    NoRecords,
    /// A record's place in the shard cannot be read, so it could be neither applied nor put aside.
    #[error("record {index} of the event has no sequence number")]
    NoSequenceNumber {
        /// Which record of the batch.
        index: usize,
    },
}

/// The most of a record's text that is kept whole; with it an item stays below 400 KB. An entry
/// of ours has at most 2 KB.
const RAW_BYTES_MAX: usize = 300_000;
/// The most of a reason that is kept: readers' errors may repeat all that they read.
const REASON_BYTES_MAX: usize = 500;

/// Reads an event of a stream with a tumbling window; its last call of a window has no records.
/// `today` is the day under which a record without a time is put aside.
///
/// # Errors
/// [`StreamEventRefused`].
pub fn read_stream_event(
    unverified_event: &Value,
    today: Date,
) -> Result<StreamBatch, StreamEventRefused> {
    let shard = unverified_event.get("shardId").and_then(Value::as_str);
    let shard = shard.and_then(|shard| ShardId::try_from(shard).ok());
    let shard = shard.ok_or(StreamEventRefused::NoShardId)?;
    let records = match unverified_event.get("Records") {
        Some(Value::Array(records)) => records.as_slice(),
        // The call at the end of a window may have none, in whatever form.
        None | Some(Value::Null) if is_final(unverified_event) => &[],
        None | Some(_) => return Err(StreamEventRefused::NoRecords),
    };
    let mut about_gifts = Vec::with_capacity(records.len());
    for (index, record) in records.iter().enumerate() {
        let sequence = sequence_of(record);
        let sequence = sequence.ok_or(StreamEventRefused::NoSequenceNumber { index })?;
        if !is_about_something_else(record) {
            about_gifts.push(relay_record(record, &shard, sequence, today));
        }
    }
    let state = unverified_event.get("state").and_then(Value::as_object);
    Ok(StreamBatch {
        shard,
        records: about_gifts,
        state: state.cloned().unwrap_or_default(),
    })
}

fn is_final(event: &Value) -> bool {
    event.get("isFinalInvokeForWindow") == Some(&Value::Bool(true))
}

fn sequence_of(record: &Value) -> Option<SequenceNumber> {
    let text = record.pointer("/dynamodb/SequenceNumber")?.as_str()?;
    text.try_into().ok()
}

/// Whether a key says that it is no gift's entry. The mapping's filter should have kept it away;
/// what has no readable key is put aside instead.
fn is_about_something_else(record: &Value) -> bool {
    let key = record
        .pointer("/dynamodb/Keys/SK/S")
        .and_then(Value::as_str);
    let prefix = format!("ENTRY#{}#", EntryKind::Gift.as_str());
    key.is_some_and(|key| !key.starts_with(&prefix))
}

fn relay_record(
    record: &Value,
    shard: &ShardId,
    sequence: SequenceNumber,
    today: Date,
) -> RelayRecord {
    let content = match gift_of(record, shard, &sequence) {
        Ok(gift) => RelayContent::Gift(Box::new(gift)),
        Err(reason) => RelayContent::Unreadable(Unreadable {
            date: date_of(record).unwrap_or(today),
            reason: cut(reason, REASON_BYTES_MAX),
            raw: raw_of(record),
        }),
    };
    RelayRecord { sequence, content }
}

/// The gift that a record tells of, or why it cannot be read.
fn gift_of(
    record: &Value,
    shard: &ShardId,
    sequence: &SequenceNumber,
) -> Result<ReceivedGift, String> {
    #[derive(Deserialize)]
    struct Record {
        #[serde(rename = "eventName")]
        event_name: String,
        dynamodb: Change,
    }
    #[derive(Deserialize)]
    struct Change {
        #[serde(rename = "NewImage")]
        new_image: Option<serde_dynamo::Item>,
    }
    let record = Record::deserialize(record).map_err(|error| error.to_string())?;
    // An entry is written once and never changed (I5).
    if record.event_name != "INSERT" {
        return Err(format!("an entry was changed: {:.20}", record.event_name));
    }
    let image = record.dynamodb.new_image.ok_or("it has no new image")?;
    let attributes: Attributes = HashMap::from(image);
    let entry = EntryItem::read(attributes).map_err(|error| error.to_string())?;
    ReceivedGift::of(&entry, shard, sequence).ok_or_else(|| "it is no gift".to_owned())
}

/// Reads a record that was put aside.
pub(super) fn read_record(raw: &str, shard: &ShardId) -> Result<Box<ReceivedGift>, String> {
    let record: Value = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    let sequence = sequence_of(&record).ok_or("it has no sequence number")?;
    gift_of(&record, shard, &sequence).map(Box::new)
}

/// The day on which DynamoDB says that the change happened.
fn date_of(record: &Value) -> Option<Date> {
    let time = record.pointer("/dynamodb/ApproximateCreationDateTime")?;
    // Whole seconds, written as an integer or with a fraction that does not matter here.
    let seconds = time.to_string();
    let seconds = seconds.split('.').next()?.parse().ok()?;
    Timestamp::from_second(seconds).ok().map(utc_date)
}

/// The whole record; one that is too large without its images, which the ledger still has.
fn raw_of(record: &Value) -> String {
    let raw = record.to_string();
    if raw.len() <= RAW_BYTES_MAX {
        return raw;
    }
    let mut record = record.clone();
    if let Some(change) = record
        .pointer_mut("/dynamodb")
        .and_then(Value::as_object_mut)
    {
        change.retain(|name, _| name == "Keys" || name == "SequenceNumber");
    }
    cut(record.to_string(), RAW_BYTES_MAX)
}

fn cut(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
