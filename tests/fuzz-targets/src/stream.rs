//! Events of the ledger's stream: a record is a gift, or put aside whole, or about something else;
//! none is dropped, and none comes twice or in another order.

use jiff::civil::Date;
use recharge_core::{
    adapters::dynamodb::{StreamBatch, StreamEventRefused, read_stream_event},
    domain::{Coins, ReceivedGift, RelayContent, RelayRecord, Unreadable},
};
use serde_json::Value;

const RAW_BYTES_MAX: usize = 300_000;
const REASON_BYTES_MAX: usize = 500;

/// The event of one call, as JSON.
pub fn stream(data: &[u8]) -> bool {
    let Ok(event) = serde_json::from_slice::<Value>(data) else {
        return false;
    };
    let today: Date = "2026-11-24".parse().unwrap();
    match read_stream_event(&event, today) {
        Ok(batch) => {
            assert_nothing_is_lost(&event, &batch);
            let is_gift = |record: &RelayRecord| matches!(record.content, RelayContent::Gift(_));
            batch.records.iter().any(is_gift)
        }
        Err(refused) => {
            assert_is_refused_rightly(&event, &refused);
            false
        }
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn assert_nothing_is_lost(event: &Value, batch: &StreamBatch) {
    assert_eq!(event["shardId"], batch.shard.as_str());
    let state = event["state"].as_object().cloned();
    assert_eq!(batch.state, state.unwrap_or_default());
    let records = event["Records"].as_array().cloned().unwrap_or_default();
    let about_gifts: Vec<_> = records
        .iter()
        .filter(|record| {
            text(record, "/dynamodb/Keys/SK/S").is_none_or(|key| key.starts_with("ENTRY#gift#"))
        })
        .collect();
    assert_eq!(about_gifts.len(), batch.records.len(), "{event}");
    for (told, read) in about_gifts.into_iter().zip(&batch.records) {
        assert_is_it(told, read);
    }
}

fn assert_is_it(told: &Value, read: &RelayRecord) {
    let sequence = text(told, "/dynamodb/SequenceNumber");
    assert_eq!(sequence, Some(read.sequence.as_str()));
    match &read.content {
        RelayContent::Gift(gift) => assert_is_gift(told, gift),
        RelayContent::Unreadable(Unreadable { reason, raw, .. }) => {
            assert!(!reason.is_empty() && reason.len() <= REASON_BYTES_MAX);
            let whole = told.to_string();
            match whole.len() <= RAW_BYTES_MAX {
                true => assert_eq!(*raw, whole),
                false => assert!(!raw.is_empty() && raw.len() <= RAW_BYTES_MAX),
            }
        }
    }
}

/// What counts for a creator is what the entry says, and the entry is one that was just made.
fn assert_is_gift(told: &Value, gift: &ReceivedGift) {
    assert_eq!(told["eventName"], "INSERT");
    let image = &told["dynamodb"]["NewImage"];
    let sender = format!("USER#{}", gift.sender);
    assert_eq!(image["PK"]["S"], sender.as_str());
    assert_eq!(image["creator"]["S"], gift.creator().as_str());
    let diamonds = image["diamonds"]["N"].as_str().unwrap();
    assert_eq!(diamonds.parse(), Ok(gift.sent.diamonds), "{told}");
    let coins = image["coins"]["N"].as_str().unwrap();
    assert_eq!(coins.parse(), Ok(gift.sent.coins.get()), "{told}");
    assert!(gift.sent.diamonds <= Coins::MAX.get());
    assert!((1..=9_999).contains(&gift.sent.quantity.get()));
}

fn assert_is_refused_rightly(event: &Value, refused: &StreamEventRefused) {
    match refused {
        StreamEventRefused::NoShardId => {
            let shard = event["shardId"].as_str().unwrap_or_default();
            let is_graphic = shard.bytes().all(|byte| byte.is_ascii_graphic());
            let is_one = is_graphic && (1..=300).contains(&shard.len()) && !shard.contains('#');
            assert!(!is_one, "{event}");
        }
        StreamEventRefused::NoRecords => assert!(!event["Records"].is_array(), "{event}"),
        StreamEventRefused::NoSequenceNumber { index } => {
            let sequence = text(&event["Records"][index], "/dynamodb/SequenceNumber");
            let sequence = sequence.unwrap_or_default();
            let is_digits = sequence.bytes().all(|byte| byte.is_ascii_digit());
            assert!(
                !(is_digits && (1..=64).contains(&sequence.len())),
                "{event}"
            );
        }
    }
}
