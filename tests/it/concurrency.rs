//! Many at once: I1 and I3 under pressure.

use std::collections::BTreeSet;

use recharge_core::app::Clock;
use recharge_testkit::{Answer, Fan, Fault, World};
use serde_json::Value;

/// Sends `keys` at once.
async fn at_once(fan: &Fan, keys: Vec<String>, gift: &'static str) -> Vec<Answer> {
    let sends = keys.into_iter().map(|key| {
        let fan = fan.clone();
        tokio::spawn(async move { fan.gift(&key, gift).await })
    });
    let mut answers = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        answers.push(send.await.unwrap());
    }
    answers
}

fn seqs(statement: &[Value]) -> Vec<i64> {
    statement
        .iter()
        .map(|entry| entry["seq"].as_i64().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_gifts_at_once_from_a_wallet_that_affords_10_exactly_10_succeed() {
    let world = World::standing().await;
    let fan = world.fan_with("alice", 10).await;
    let keys = (0..200).map(|number| format!("k{number}")).collect();
    let answers = at_once(&fan, keys, "rose").await;
    let succeeded = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers
        .iter()
        .filter(|answer| answer.outcome() == (409, "insufficient_coins"))
        .count();
    let others: BTreeSet<_> = answers
        .iter()
        .map(Answer::outcome)
        .filter(|(status, _)| *status > 409)
        .collect();
    assert_eq!((succeeded, refused), (10, 190), "and {others:?}");
    assert_eq!(fan.coins().await, 0);
    let statement = fan.statement(7).await;
    assert_eq!(seqs(&statement), (1..=10).rev().collect::<Vec<_>>());
    let balances: Vec<_> = statement
        .iter()
        .map(|entry| entry["balance_after"].as_i64())
        .collect();
    assert_eq!(balances, (0..10).map(Some).collect::<Vec<_>>());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_replays_of_one_key_at_once_are_one_gift_and_one_answer() {
    let world = World::standing().await;
    // It affords one: a replay that looked at the wallet would be refused.
    let fan = world.fan_with("alice", 1).await;
    let answers = at_once(&fan, vec!["k".to_owned(); 40], "rose").await;
    let bodies: BTreeSet<String> = answers
        .iter()
        .map(|answer| answer.body.to_string())
        .collect();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert!(answers.iter().all(|answer| answer.status == 201));
    let first_uses = answers.iter().filter(|answer| !answer.is_replay()).count();
    assert_eq!(first_uses, 1);
    assert_eq!(fan.coins().await, 0);
    assert_eq!(seqs(&fan.statement(20).await), [1]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_taps_at_once_of_one_fan_with_conflicts_injected_all_resolve() {
    let world = World::standing().await;
    let fan = world.fan_with("alice", 100).await;
    // The first thirty transactions all collide, as taps of one fan do on DynamoDB.
    fan.gift("warm", "rose").await;
    world.faults.plan(0, Fault::Conflict, 30);
    let keys = (0..20).map(|number| format!("k{number}")).collect();
    let answers = at_once(&fan, keys, "rose").await;
    let outcomes: Vec<_> = answers.iter().map(Answer::outcome).collect();
    assert!(
        outcomes.iter().all(|outcome| *outcome == (201, "")),
        "{outcomes:?}"
    );
    assert!(world.faults.struck() > 0, "no conflict was injected");
    assert_eq!(fan.coins().await, 79);
    assert_eq!(
        seqs(&fan.statement(100).await),
        (1..=21).rev().collect::<Vec<_>>()
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_webhooks_at_once_are_one_settlement() {
    let world = World::standing().await;
    let fan = world.fan("alice");
    world.server.stripe().set_hold(true);
    let started = fan.recharge("r", "coins_70").await;
    assert_eq!(started.status, 201, "{}", started.body);
    let session = started.checkout_session();
    let recharge = started.body["id"].as_str().unwrap();
    let price = started.number("/price/amount");
    let now = world.server.clock().now().as_second();
    let event = recharge_testkit::completed_event(recharge, session, price, now).to_string();
    let signature = recharge_testkit::sign(&event, "whsec_local", now);
    let hear = || {
        let (api, event, signature) = (world.api.clone(), event.clone(), signature.clone());
        tokio::spawn(async move {
            let request = api.request(reqwest::Method::POST, "/v1/stripe/webhook");
            let request = request.header("stripe-signature", signature);
            let request = request
                .header("content-type", "application/json")
                .body(event);
            Answer::read(request.send().await.unwrap()).await
        })
    };
    let heard: Vec<_> = (0..5).map(|_| hear()).collect();
    let mut outcomes = Vec::new();
    for one in heard {
        let answer = one.await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        outcomes.push(answer.body["outcome"].as_str().unwrap().to_owned());
    }
    outcomes.sort();
    let mut expected = vec!["already_credited"; 4];
    expected.push("credited");
    assert_eq!(outcomes, expected);
    let coins = started.number("/coins") + started.number("/bonus_coins");
    assert_eq!(fan.coins().await, coins);
    assert_eq!(fan.statement(20).await.len(), 1);
    world.stop().await;
}
