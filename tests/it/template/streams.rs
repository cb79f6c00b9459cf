//! How the relay hears the ledger: what exactly-once depends on in the template.

use serde_json::json;
use serde_norway::Value;

use super::{STREAMED, document, template, written};

fn mapping() -> Value {
    let document = document();
    let events = &document["Resources"]["RelayFunction"]["Properties"]["Events"];
    events["Ledger"]["Properties"].clone()
}

#[test]
fn the_relay_hears_the_ledger_from_its_beginning_until_it_succeeds() {
    let mapping = mapping();
    let stream = written(&mapping["Stream"]);
    assert_eq!(stream, "!GetAtt LedgerTable.StreamArn");
    for (name, value) in [
        ("StartingPosition", "TRIM_HORIZON"),
        // Given up or cut in two, a batch would be lost or its order with it.
        ("MaximumRetryAttempts", "-1"),
        ("MaximumRecordAgeInSeconds", "-1"),
        ("BisectBatchOnFunctionError", "false"),
        // Two batches of a shard at once would have one mark between them.
        ("ParallelizationFactor", "1"),
    ] {
        assert_eq!(written(&mapping[name]), value, "{name}");
    }
    // Part of a batch reported as failed would move past the rest.
    assert_eq!(mapping["FunctionResponseTypes"], Value::Null);
    assert_eq!(mapping["DestinationConfig"], Value::Null);
}

/// Without a window no event says which shard it comes from, and every one is refused.
#[test]
fn the_mapping_has_a_window() {
    let window = mapping()["TumblingWindowInSeconds"].as_u64().unwrap();
    assert!((1..=900).contains(&window), "{window}");
}

#[test]
fn only_gifts_reach_the_relay() {
    let template = template();
    let mut functions = template.functions().iter();
    let relay = functions
        .find(|function| function.name == STREAMED)
        .unwrap();
    let mapping = &relay.streams[0];
    let record =
        |key: &str| json!({"dynamodb": {"Keys": {"PK": {"S": "USER#a"}, "SK": {"S": key}}}});
    assert!(mapping.lets_pass(&record("ENTRY#gift#k 1")));
    for other in [
        "WALLET",
        "ENTRY#recharge#rch_1",
        "ENTRY#grant#first_recharge",
        "CREATOR",
        "BLOCK#a",
    ] {
        assert!(!mapping.lets_pass(&record(other)), "{other}");
    }
}

/// Else what the relay writes would call it again.
#[test]
fn the_views_have_no_stream() {
    let document = document();
    let views = &document["Resources"]["ViewsTable"]["Properties"];
    assert_eq!(views["StreamSpecification"], Value::Null);
    let ledger = &document["Resources"]["LedgerTable"]["Properties"];
    let view = &ledger["StreamSpecification"]["StreamViewType"];
    assert_eq!(view.as_str(), Some("NEW_IMAGE"));
}
