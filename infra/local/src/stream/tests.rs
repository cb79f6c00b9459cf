use aws_sdk_dynamodb::types::AttributeValue;
use recharge_core::domain::ShardId;

use super::*;
use crate::{Issuer, LocalServer, Options};

async fn started() -> LocalServer {
    let options = Options {
        issuer: Some(Issuer::shared()),
        ..Options::default()
    };
    LocalServer::start(options).await.unwrap()
}

/// Puts what could be a gift's entry, but cannot be read.
async fn put(server: &LocalServer, key: &str) {
    let put = server
        .dynamodb()
        .put_item()
        .table_name(server.ledger_table());
    let put = put
        .item("PK", AttributeValue::S("USER#alice".to_owned()))
        .item("SK", AttributeValue::S(key.to_owned()));
    put.send().await.unwrap();
}

#[tokio::test]
async fn what_the_filter_lets_pass_is_handed_over_once_and_in_batches() {
    let server = started().await;
    server.relay().await.unwrap(); // What was written at the start.
    for number in 0..253 {
        put(&server, &format!("ENTRY#gift#k{number}")).await;
        put(&server, &format!("ENTRY#other#k{number}")).await;
    }
    let pumped = server.relay().await.unwrap();
    let expected = Pumped {
        read: 506,
        handed_over: 253,
        calls: 2,
    };
    assert_eq!(pumped, expected, "batches of 250");
    assert_eq!(server.relay().await.unwrap(), Pumped::default());
    server.shutdown().await;
}

/// A pump that starts anew reads the stream from its beginning; the marks are in the views.
#[tokio::test]
async fn a_new_pump_hands_everything_over_again_and_nothing_is_counted_twice() {
    let server = started().await;
    put(&server, "ENTRY#gift#k").await;
    assert_eq!(server.relay().await.unwrap().handed_over, 1);
    let again = server.pump.restarted();
    assert_eq!(again.drain().await.unwrap().handed_over, 1);
    let kept = server
        .dynamodb()
        .scan()
        .table_name(server.setting("VIEWS_TABLE"))
        .filter_expression("begins_with(PK, :prefix)")
        .expression_attribute_values(":prefix", AttributeValue::S("QUARANTINE#".to_owned()));
    assert_eq!(kept.send().await.unwrap().count(), 1);
    server.shutdown().await;
}

#[test]
fn an_event_names_its_shard_and_its_window() {
    let now = "2026-11-22T12:34:56Z".parse().unwrap();
    let event = event::batch(&[], "arn", "shard-1", Some(900), now);
    assert_eq!(event["shardId"], "shard-1");
    assert!(ShardId::try_from(event["shardId"].as_str().unwrap()).is_ok());
    assert_eq!(event["window"]["start"], "2026-11-22T12:30:00Z");
    assert_eq!(event["window"]["end"], "2026-11-22T12:45:00Z");
    // As Lambda does without a window: then the relay refuses it.
    let ordinary = event::batch(&[], "arn", "shard-1", None, now);
    assert!(ordinary.get("shardId").is_none());
}
