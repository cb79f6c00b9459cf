//! What is paid, but not as we asked: a person must look, and nothing is lost.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::tz::TimeZone;

use super::*;
use crate::support::{partition, text};

/// The reviews that were found this month.
async fn reviews(world: &World) -> Vec<BTreeMap<String, AttributeValue>> {
    let now = world.server.clock().now().to_zoned(TimeZone::UTC);
    partition(world, &format!("REVIEW#{}", now.strftime("%Y%m"))).await
}

/// Makes one thing of a session wrong.
type Spoil = fn(&mut Value);

#[tokio::test]
async fn what_was_not_paid_as_asked_needs_a_review_and_its_own_session_still_settles() {
    let world = World::start().await;
    let cases: [(Spoil, &str); 6] = [
        (
            |session| session["amount_total"] = json!(98),
            "amount_mismatch",
        ),
        (
            |session| session["currency"] = json!("jpy"),
            "currency_mismatch",
        ),
        (
            |session| session["livemode"] = json!(true),
            "livemode_mismatch",
        ),
        (
            |session| session["mode"] = json!("subscription"),
            "mode_mismatch",
        ),
        (
            |session| session["payment_intent"] = Value::Null,
            "payment_intent_missing",
        ),
        (
            |session| session["id"] = json!("cs_second"),
            "second_session",
        ),
    ];
    for (number, (spoil, reason)) in cases.into_iter().enumerate() {
        let waiting = Waiting::start(&world, &format!("fan-{number}")).await;
        let mut wrong = waiting.event.clone();
        spoil(&mut wrong["data"]["object"]);
        for _ in 0..2 {
            let heard = say(&world, &wrong).await;
            let outcome = (heard.status, &heard.body["outcome"]);
            assert_eq!(outcome, (200, &json!("needs_review")), "{reason}");
            waiting.assert_unsettled("needs_review", reason).await;
        }
        let found = reviews(&world).await;
        assert_eq!(
            found.len(),
            number + 1,
            "{reason}: once, however often it is told"
        );
        let id = waiting.started.body["id"].as_str().unwrap();
        let review = found
            .iter()
            .find(|review| text(review, "recharge") == id)
            .unwrap();
        assert_eq!(text(review, "reason"), reason);
        assert_eq!(
            text(review, "session"),
            wrong["data"]["object"]["id"].as_str().unwrap()
        );

        let heard = say(&world, &waiting.event).await;
        assert_eq!(
            heard.body["outcome"], "credited",
            "{reason}: {}",
            heard.body
        );
        waiting.assert_settled(reason).await;
    }
    world.stop().await;
}

#[tokio::test]
async fn a_second_paid_session_leaves_a_settled_recharge_settled() {
    let world = World::start().await;
    let waiting = Waiting::start(&world, "alice").await;
    assert_eq!(
        say(&world, &waiting.event).await.body["outcome"],
        "credited"
    );
    let id = waiting.started.body["id"].as_str().unwrap();
    let now = world.server.clock().now().as_second();
    let second = completed_event(
        id,
        "cs_second",
        waiting.started.number("/price/amount"),
        now,
    );
    for _ in 0..2 {
        assert_eq!(say(&world, &second).await.body["outcome"], "needs_review");
        waiting
            .assert_settled("a second payment is not kept silently")
            .await;
    }
    let found = reviews(&world).await;
    assert_eq!(found.len(), 1);
    assert_eq!(text(&found[0], "reason"), "second_session");
    assert_eq!(text(&found[0], "payment_intent"), "pi_second");
    world.stop().await;
}

#[tokio::test]
async fn a_payment_intent_leads_to_its_recharge_and_to_no_other() {
    let world = World::start().await;
    let first = Waiting::start(&world, "alice").await;
    assert_eq!(say(&world, &first.event).await.body["outcome"], "credited");
    let intent = first.event["data"]["object"]["payment_intent"]
        .as_str()
        .unwrap();
    let leads_to = async || {
        let found = partition(&world, &format!("STRIPE#{intent}")).await;
        text(&found[0], "recharge").to_owned()
    };
    assert_eq!(leads_to().await, first.started.body["id"].as_str().unwrap());

    let second = Waiting::start(&world, "bob").await;
    let mut stolen = second.event.clone();
    stolen["data"]["object"]["payment_intent"] = json!(intent);
    assert_eq!(say(&world, &stolen).await.body["outcome"], "needs_review");
    second
        .assert_unsettled("needs_review", "the money was another's")
        .await;
    assert_eq!(leads_to().await, first.started.body["id"].as_str().unwrap());
    assert_eq!(say(&world, &second.event).await.body["outcome"], "credited");
    world.stop().await;
}
