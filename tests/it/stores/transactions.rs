//! What the stores say about transactions.

use futures_util::future::join_all;
use recharge_testkit::Store;
use serde_json::{Value, json};

use super::raw::{Raw, indexed, item};

async fn units(raw: &Raw, items: Vec<Value>, token: Option<&str>) -> f64 {
    let mut body = json!({"TransactItems": items, "ReturnConsumedCapacity": "TOTAL"});
    if let Some(token) = token {
        body["ClientRequestToken"] = json!(token);
    }
    let done = raw.ok("TransactWriteItems", body).await;
    done["ConsumedCapacity"][0]["CapacityUnits"]
        .as_f64()
        .unwrap()
}

/// DynamoDB Local counts an index twice, and of what costs the same within one transaction only
/// one: its figures for transactions prove nothing.
#[tokio::test]
async fn a_transaction_costs_two_units_an_item_and_one_an_index() {
    let raw = Raw::start().await;
    let plain = |sk| raw.putting(item(sk));
    let indexed = |sk| raw.putting(indexed(sk));
    for (items, dynoxide, dynamodb_local) in [
        (vec![plain("a")], 2.0, 2.0),
        (vec![plain("b"), plain("c")], 4.0, 2.0),
        (vec![indexed("d")], 3.0, 4.0),
        (vec![indexed("e"), indexed("f")], 6.0, 4.0),
        (vec![plain("g"), indexed("h")], 5.0, 6.0),
        (vec![indexed("i"), plain("j"), plain("k")], 7.0, 6.0),
    ] {
        let told = format!("{items:?}");
        let expected = Store::unless_dynamodb_local(dynoxide, dynamodb_local);
        assert_eq!(units(&raw, items, None).await, expected, "{told}");
    }
    raw.stop().await;
}

#[tokio::test]
async fn a_token_answers_for_what_was_done_and_counts_reads() {
    let raw = Raw::start().await;
    let items = || vec![raw.adding("a"), raw.putting(item("b"))];
    // A token of its own, as the table's name is.
    let token = raw.table.replace("recharge-ledger-facts", "token");
    let token = Some(token.as_str());
    assert_eq!(
        units(&raw, items(), token).await,
        Store::unless_dynamodb_local(4.0, 2.0),
        "written"
    );
    assert_eq!(
        units(&raw, items(), token).await,
        Store::unless_dynamodb_local(4.0, 2.0),
        "read"
    );
    let other = json!({"TransactItems": [raw.adding("a")], "ClientRequestToken": token});
    let (error, _) = raw.refused("TransactWriteItems", other).await;
    assert_eq!(error, "IdempotentParameterMismatchException");
    let found = raw
        .ok("GetItem", json!({"Key": item("a"), "ConsistentRead": true}))
        .await;
    assert_eq!(found["Item"]["c"]["N"], "1", "once");
    raw.stop().await;
}

/// Reasons come in the order of the items, with the old item where it was asked for and is there.
#[tokio::test]
async fn a_cancelled_transaction_tells_reasons_and_old_items_and_no_units() {
    let raw = Raw::start().await;
    raw.put(item("a")).await;
    let failing = |sk: &str, condition: &str| {
        json!({"Put": {
            "TableName": raw.table, "Item": item(sk), "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }})
    };
    let items = json!([
        failing("a", "attribute_not_exists(PK)"),
        raw.putting(item("b")),
        failing("c", "attribute_exists(PK)"),
    ]);
    let body = json!({"TransactItems": items, "ReturnConsumedCapacity": "TOTAL"});
    let (error, answer) = raw.refused("TransactWriteItems", body).await;
    assert_eq!(error, "TransactionCanceledException");
    let reasons = answer["CancellationReasons"].as_array().unwrap();
    let codes: Vec<_> = reasons
        .iter()
        .map(|reason| reason["Code"].as_str())
        .collect();
    let failed = Some("ConditionalCheckFailed");
    assert_eq!(codes, [failed, Some("None"), failed]);
    assert_eq!(reasons[0]["Item"], item("a"));
    assert!(reasons[2]["Item"].is_null(), "there was none");
    assert!(answer["ConsumedCapacity"].is_null());
    raw.stop().await;
}

/// As DynamoDB does, dynoxide tells of an update that an item does not allow as one reason among
/// others; DynamoDB Local refuses the whole request, and says nothing of the others.
#[tokio::test]
async fn an_impossible_update_is_a_reason_or_refuses_the_request() {
    let raw = Raw::start().await;
    raw.put(item("a")).await;
    let exists = json!({"Put": {
        "TableName": raw.table, "Item": item("a"), "ConditionExpression": "attribute_not_exists(PK)",
    }});
    let mut impossible = raw.adding("b");
    impossible["Update"]["UpdateExpression"] = json!("SET c = d + :one");
    let body = json!({"TransactItems": [exists, impossible]});
    let (error, answer) = raw.refused("TransactWriteItems", body).await;
    assert_eq!(
        error,
        Store::unless_dynamodb_local("TransactionCanceledException", "ValidationException")
    );
    assert_eq!(
        answer["CancellationReasons"][1]["Code"],
        Store::unless_dynamodb_local(json!("ValidationError"), Value::Null)
    );
    raw.stop().await;
}

#[tokio::test]
async fn a_transaction_has_100_items_at_most_and_4_mb() {
    let raw = Raw::start().await;
    let adding =
        |count: usize| -> Vec<Value> { (0..count).map(|n| raw.adding(&n.to_string())).collect() };
    assert_eq!(
        units(&raw, adding(100), None).await,
        Store::unless_dynamodb_local(200.0, 2.0)
    );
    let body = json!({ "TransactItems": adding(101) });
    let (error, _) = raw.refused("TransactWriteItems", body).await;
    assert_eq!(error, "ValidationException");
    let large = |count: usize| -> Value {
        let putting = |n: usize| {
            let mut large = item(&n.to_string());
            large["text"] = json!({"S": "x".repeat(399_000)});
            raw.putting(large)
        };
        json!({"TransactItems": (0..count).map(putting).collect::<Vec<_>>()})
    };
    raw.ok("TransactWriteItems", large(10)).await;
    let (error, _) = raw.refused("TransactWriteItems", large(11)).await;
    assert_eq!(error, "ValidationException");
    let twice = json!({"TransactItems": [raw.adding("a"), raw.adding("a")]});
    let (error, _) = raw.refused("TransactWriteItems", twice).await;
    assert_eq!(error, "ValidationException", "one item twice");
    raw.stop().await;
}

/// DynamoDB would cancel most of these.
#[tokio::test]
async fn transactions_on_one_item_at_once_never_conflict() {
    let raw = Raw::start().await;
    let adds = (0..50).map(|_| units(&raw, vec![raw.adding("a")], None));
    assert_eq!(join_all(adds).await.len(), 50);
    let found = raw
        .ok("GetItem", json!({"Key": item("a"), "ConsistentRead": true}))
        .await;
    assert_eq!(found["Item"]["c"]["N"], "50");
    raw.stop().await;
}
