use serde_json::json;

use super::*;

/// A record as Lambda hands it over.
fn record(sequence: &str) -> Value {
    let (pk, sk) = (json!({"S": "USER#alice"}), json!({"S": "ENTRY#gift#k1"}));
    json!({
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_000_000.0,
            "Keys": {"PK": pk, "SK": sk},
            "NewImage": {
                "PK": pk, "SK": sk,
                "seq": {"N": "2"}, "change": {"N": "-30"}, "coins_after": {"N": "70"},
                "debt_after": {"N": "0"}, "in_total": {"N": "100"}, "out_total": {"N": "30"},
                "at": {"S": "2026-11-22T12:00:00.123Z"}, "input_hash": {"S": "0123"},
                "sent_gift": {"S": "sent_1"}, "gift": {"S": "rose"}, "quantity": {"N": "3"},
                "creator": {"S": "bob"}, "target_kind": {"S": "live"}, "target": {"S": "stream-1"},
                "coins": {"N": "30"}, "diamonds": {"N": "30"}, "an_attribute_of_tomorrow": {"BOOL": true},
            },
            "SequenceNumber": sequence,
            "SizeBytes": 400,
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:1:table/t/stream/2026-11-22T00:00:00.000",
    })
}

fn event(records: &[Value]) -> Value {
    json!({
        "Records": records,
        "shardId": "shardId-00000001700000000000-abcdef01",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:1:table/t/stream/2026-11-22T00:00:00.000",
        "window": {"start": "2026-11-22T12:00:00Z", "end": "2026-11-22T12:01:00Z"},
        "state": {"kept": 1},
        "isFinalInvokeForWindow": false,
        "isWindowTerminatedEarly": false,
    })
}

fn today() -> Date {
    "2026-11-24".parse().unwrap()
}

fn read(event: &Value) -> Result<StreamBatch, StreamEventRefused> {
    read_stream_event(event, today())
}

/// The only record of a batch.
fn only(record: Value) -> RelayContent {
    let batch = read(&event(&[record])).unwrap();
    assert_eq!(batch.records.len(), 1);
    batch.records.into_iter().next().unwrap().content
}

#[test]
fn a_gift_is_read_from_its_entry() {
    let batch = read(&event(&[record("100")])).unwrap();
    assert_eq!(
        batch.shard.as_str(),
        "shardId-00000001700000000000-abcdef01"
    );
    assert_eq!(batch.state["kept"], 1);
    let RelayContent::Gift(gift) = &batch.records[0].content else {
        panic!("{batch:?}")
    };
    assert_eq!(
        (gift.sender.as_str(), gift.creator().as_str()),
        ("alice", "bob")
    );
    assert_eq!((gift.sent.diamonds, gift.sent.quantity.get()), (30, 3));
    assert_eq!(gift.at.to_string(), "2026-11-22T12:00:00.123Z");
    assert_eq!((gift.sequence.as_str(), &gift.shard), ("100", &batch.shard));
}

#[test]
fn a_final_call_has_no_records_and_is_fine() {
    let mut last = event(&[]);
    last["isFinalInvokeForWindow"] = json!(true);
    assert_eq!(read(&last).unwrap().records, []);
    last["Records"] = Value::Null;
    assert_eq!(read(&last).unwrap().records, []);
    last.as_object_mut().unwrap().remove("Records");
    assert_eq!(read(&last).unwrap().records, []);
}

#[test]
fn an_event_that_does_not_say_its_shard_is_refused() {
    for shard in [Value::Null, json!(""), json!("a#b"), json!(1)] {
        let mut event = event(&[record("1")]);
        event["shardId"] = shard;
        assert_eq!(read(&event), Err(StreamEventRefused::NoShardId));
    }
    let mut event = event(&[record("1"), record("2")]);
    for sequence in [Value::Null, json!(""), json!("x"), json!(2)] {
        event["Records"][1]["dynamodb"]["SequenceNumber"] = sequence;
        let refused = StreamEventRefused::NoSequenceNumber { index: 1 };
        assert_eq!(read(&event), Err(refused));
    }
    for records in [Value::Null, json!({}), json!("x")] {
        event["Records"] = records;
        assert_eq!(read(&event), Err(StreamEventRefused::NoRecords));
    }
    for hostile in [json!(null), json!([]), json!(1), json!("x")] {
        assert_eq!(read(&hostile), Err(StreamEventRefused::NoShardId));
    }
}

#[test]
fn what_the_filter_should_have_kept_away_is_skipped() {
    for key in [
        "WALLET",
        "ENTRY#recharge#rch_1",
        "ENTRY#grant#first_recharge",
        "ENTRY#giftx#k",
    ] {
        let mut other = record("1");
        other["dynamodb"]["Keys"]["SK"]["S"] = json!(key);
        assert_eq!(read(&event(&[other])).unwrap().records, [], "{key}");
    }
}

/// Each spoils one thing; none of them stops the batch or loses the record.
#[test]
fn what_cannot_be_read_is_put_aside_whole_with_its_reason() {
    type Spoil = fn(&mut Value);
    let spoils: [(&str, Spoil); 9] = [
        ("changed", |it| it["eventName"] = json!("MODIFY")),
        ("changed", |it| it["eventName"] = json!("REMOVE")),
        ("invalid type: null", |it| it["eventName"] = Value::Null),
        ("no new image", |it| {
            it["dynamodb"]["NewImage"] = Value::Null
        }),
        ("an id", |it| {
            it["dynamodb"]["NewImage"]["creator"] = json!({"S": "a#b"})
        }),
        ("missing", |it| {
            it["dynamodb"]["NewImage"]["diamonds"] = json!({"NULL": true})
        }),
        ("no gift", |it| {
            it["dynamodb"]["NewImage"]["diamonds"] = json!({"N": "9007199254740992"})
        }),
        ("entry", |it| {
            it["dynamodb"]["NewImage"]["seq"] = json!({"S": "2"})
        }),
        ("not a known", |it| {
            it["dynamodb"]["NewImage"] = json!({"PK": {"X": 1}})
        }),
    ];
    for (number, (expected, spoil)) in spoils.iter().enumerate() {
        let mut spoiled = record("7");
        spoil(&mut spoiled);
        let RelayContent::Unreadable(unreadable) = only(spoiled.clone()) else {
            panic!("spoil {number} was read")
        };
        let reason = &unreadable.reason;
        assert!(reason.contains(expected), "spoil {number}: {reason}");
        assert_eq!(
            serde_json::from_str::<Value>(&unreadable.raw).unwrap(),
            spoiled
        );
        assert_eq!(unreadable.date.to_string(), "2026-11-18");
        let shard = ShardId::try_from("s").unwrap();
        assert_eq!(read_record(&unreadable.raw, &shard), Err(unreadable.reason));
    }
}

#[test]
fn a_record_without_keys_or_time_is_put_aside_too() {
    let mut spoiled = record("7");
    spoiled["dynamodb"]["Keys"] = json!({});
    spoiled["dynamodb"]["NewImage"]["SK"] = json!({"S": "junk"});
    for time in [Value::Null, json!("x"), json!(1e300)] {
        spoiled["dynamodb"]["ApproximateCreationDateTime"] = time;
        let RelayContent::Unreadable(unreadable) = only(spoiled.clone()) else {
            panic!("was read")
        };
        assert_eq!(unreadable.date, today());
    }
}

#[test]
fn a_record_that_no_item_could_hold_keeps_its_keys() {
    let mut large = record("7");
    large["dynamodb"]["NewImage"]["creator"] = json!({"S": "x".repeat(400_000)});
    let RelayContent::Unreadable(unreadable) = only(large) else {
        panic!("was read")
    };
    let kept: Value = serde_json::from_str(&unreadable.raw).unwrap();
    assert_eq!(kept["dynamodb"]["Keys"]["PK"]["S"], "USER#alice");
    assert_eq!(kept["dynamodb"]["SequenceNumber"], "7");
}

/// Whatever attribute is too large, and whatever its reader repeats of it: it fits an item of 400 KB,
/// or it would block its shard.
#[test]
fn what_is_put_aside_fits_an_item() {
    let names = record("7")["dynamodb"]["NewImage"]
        .as_object()
        .unwrap()
        .clone();
    for name in names.keys() {
        for text in [
            "x".repeat(250_000),
            format!("2026-11-22T12:00:00Z{}", "🌹".repeat(60_000)),
        ] {
            let mut large = record("7");
            large["dynamodb"]["NewImage"][name] = json!({ "S": text });
            if let RelayContent::Unreadable(unreadable) = only(large) {
                let bytes = unreadable.raw.len() + unreadable.reason.len();
                assert!(bytes < 350_000, "{name}: {bytes}");
            }
        }
    }
}
