//! What the money movements cost: the budgets that are deterministic.

use recharge_core::domain::{LimitRaise, LimitRaises, StatusNote};
use recharge_local::Options;
use recharge_testkit::{
    Answer, FaultyHttp, Lambda, Store, World, completed_event, contract::store_wallet, gift_body,
    invoke, sign,
};
use serde_json::{Value, json};

use crate::cost::assert_is_in_the_model;

/// A budget in write units, by the store that counts them. dynoxide counts as AWS does; how
/// DynamoDB Local counts is in `a_transaction_costs_two_units_an_item_and_one_an_index`.
fn writes(dynoxide: f64, dynamodb_local: f64) -> f64 {
    Store::unless_dynamodb_local(dynoxide, dynamodb_local)
}

const SEND: &str = "POST /v1/gifts/send";

async fn send(function: &gifts::Function, user: &str, key: &str, body: &Value) -> Answer {
    let request = invoke(SEND, user, &[("idempotency-key", key)], &body.to_string());
    function.handle(request).await.into()
}

/// Reads and writes in units, as text: DynamoDB counts in halves.
fn consumed(faults: &FaultyHttp) -> (f64, f64) {
    let (reads, writes) = faults.units();
    (
        reads.to_string().parse().unwrap(),
        writes.to_string().parse().unwrap(),
    )
}

#[tokio::test]
async fn a_gift_is_one_load_and_one_transaction_of_two_items() {
    let world = World::start().await;
    world.fan_with("alice", 100).await;
    let faults = FaultyHttp::default();
    let function = world.lambda(&faults).gifts();

    let first = send(&function, "alice", "k1", &gift_body("rose")).await;
    assert_eq!(first.status, 201, "{}", first.body);
    let cold = consumed(&faults);
    let operations: Vec<_> = faults
        .calls()
        .into_iter()
        .map(|call| call.operation)
        .collect();
    assert_eq!(
        operations,
        ["GetItem", "BatchGetItem", "TransactWriteItems"],
        "cold: catalogue too"
    );
    assert_is_in_the_model("gift_in_a_cold_container", &faults);
    faults.reset();
    assert_eq!(
        send(&function, "alice", "k2", &gift_body("rose"))
            .await
            .status,
        201
    );
    let warm = consumed(&faults);
    let operations: Vec<_> = faults
        .calls()
        .into_iter()
        .map(|call| call.operation)
        .collect();
    assert_eq!(operations, ["BatchGetItem", "TransactWriteItems"], "warm");
    assert_is_in_the_model("gift", &faults);
    println!("gift: cold {cold:?}, warm {warm:?} (read, write units)");
    assert!(cold.0 <= 3.0 && cold.1 <= writes(5.0, 6.0), "{cold:?}");
    assert!(warm.0 <= 1.0 && warm.1 <= writes(5.0, 6.0), "{warm:?}");

    world.creator("carol").await;
    let mut to_carol = gift_body("rose");
    to_carol["creator_id"] = json!("carol");
    faults.reset();
    let sent = send(&function, "alice", "k3", &to_carol).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    assert_is_in_the_model("gift_to_another_creator", &faults);

    // The largest gift there can be: every text as long as it may be.
    let mut body = gift_body("rose");
    let long = "x".repeat(64);
    world.creator(&long).await;
    body["creator_id"] = json!(long);
    body["target"] = json!({"kind": "video", "id": long});
    body["combo_id"] = json!(long);
    body["message"] = json!("🌹".repeat(200));
    faults.reset();
    let sent = send(&function, "alice", &"k".repeat(255), &body).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let largest = consumed(&faults);
    println!("the largest gift: {largest:?}");
    assert!(largest.1 <= writes(8.0, 10.0), "{largest:?}");

    faults.reset();
    assert!(
        send(&function, "alice", "k1", &gift_body("rose"))
            .await
            .is_replay()
    );
    assert_is_in_the_model("gift_replayed", &faults);
    faults.reset();
    let refused = send(&function, "nobody", "k1", &gift_body("rose")).await;
    assert_eq!(refused.outcome(), (409, "insufficient_coins"));
    let refusal = consumed(&faults);
    println!("a refusal: {refusal:?}");
    assert_eq!(refusal.1, 0.0, "a refusal writes nothing");
    world.stop().await;
}

async fn hear(lambda: &Lambda, event: &Value) -> Answer {
    let (body, now) = (event.to_string(), lambda.now());
    let signature = sign(&body, "whsec_local", now);
    let headers = [("stripe-signature", signature.as_str())];
    let request = invoke("POST /v1/stripe/webhook", "stripe", &headers, &body);
    lambda.webhook().handle(request).await.into()
}

async fn start(lambda: &Lambda, user: &str, return_url: &str, terms: &str) -> Answer {
    let body = json!({
        "package_id": "coins_70", "currency": "usd", "terms_version": terms, "return_url": return_url,
    });
    let headers = [("idempotency-key", "r")];
    let request = invoke("POST /v1/recharges", user, &headers, &body.to_string());
    let started: Answer = lambda.recharges().handle(request).await.into();
    assert_eq!(started.status, 201, "{}", started.body);
    started
}

#[tokio::test]
async fn a_settlement_writes_at_most_8_units_and_a_duplicate_webhook_none() {
    let world = World::start().await;
    let faults = FaultyHttp::default();
    let lambda = world.lambda(&faults);
    let terms = world.server.setting("TERMS_VERSION");
    // A long user and a return URL of a length that apps have.
    let alice = "a".repeat(64);
    let return_url = format!("{}/coins?from=live-stream-1", world.server.base_url());
    let started = start(&lambda, &alice, &return_url, terms).await;
    assert_is_in_the_model("recharge_start", &faults);

    // Stripe's session ids have 66 characters.
    let session = started.checkout_session();
    assert!(session.len() >= 60, "{session}");
    let recharge = started.body["id"].as_str().unwrap();
    let event = completed_event(
        recharge,
        session,
        started.number("/price/amount"),
        lambda.now(),
    );
    faults.reset();
    let first = hear(&lambda, &event).await;
    assert_eq!(first.body["outcome"], "credited", "{}", first.body);
    let settlement = consumed(&faults);
    println!("settlement: {settlement:?}");
    assert_is_in_the_model("settlement", &faults);
    assert!(settlement.1 <= writes(8.0, 7.0), "{settlement:?}");
    faults.reset();
    assert_eq!(
        hear(&lambda, &event).await.body["outcome"],
        "already_credited"
    );
    let duplicate = consumed(&faults);
    println!("duplicate webhook: {duplicate:?}");
    assert_is_in_the_model("duplicate_webhook", &faults);
    assert!(duplicate.0 <= 1.0, "{duplicate:?}");
    assert_eq!(duplicate.1, 0.0);

    // The longest return URL makes the row larger than 1 KB.
    let longest = format!("{return_url}{}", "x".repeat(512 - return_url.len()));
    let started = start(&lambda, &"b".repeat(64), &longest, terms).await;
    let session = started.checkout_session();
    let recharge = started.body["id"].as_str().unwrap();
    let event = completed_event(
        recharge,
        session,
        started.number("/price/amount"),
        lambda.now(),
    );
    faults.reset();
    assert_eq!(hear(&lambda, &event).await.body["outcome"], "credited");
    let largest = consumed(&faults);
    println!("the largest settlement: {largest:?}");
    assert!(largest.1 <= writes(10.0, 7.0), "{largest:?}");
    world.stop().await;
}

#[tokio::test]
async fn a_first_recharge_with_its_grant_writes_at_most_11_units() {
    let world = World::with(Options {
        settings: [("FIRST_RECHARGE_BONUS_COINS".to_owned(), "25".to_owned())].into(),
        ..Options::default()
    })
    .await;
    let faults = FaultyHttp::default();
    let lambda = world.lambda(&faults);
    let terms = world.server.setting("TERMS_VERSION");
    let return_url = format!("{}/coins?from=live-stream-1", world.server.base_url());
    let started = start(&lambda, &"a".repeat(64), &return_url, terms).await;
    let session = started.checkout_session();
    let recharge = started.body["id"].as_str().unwrap();
    let price = started.number("/price/amount");
    let event = completed_event(recharge, session, price, lambda.now());
    faults.reset();
    assert_eq!(hear(&lambda, &event).await.body["outcome"], "credited");
    let first = consumed(&faults);
    println!("a first recharge with its grant: {first:?}");
    assert!(first.1 <= writes(11.0, 7.0), "{first:?}");
    world.stop().await;
}

/// What operators and users may add to a wallet does not make its gifts dearer.
#[tokio::test]
async fn a_gift_costs_the_same_from_a_wallet_with_all_that_it_may_have() {
    let world = World::start().await;
    let user = "a".repeat(64);
    let mut full = recharge_testkit::wallet(&user, 9_007_199_254_740_991);
    let at = recharge_testkit::noon();
    let raise = Some(LimitRaise {
        to: Some(recharge_testkit::coins(9_007_199_254_740_991)),
        from: at,
    });
    full.raises = LimitRaises {
        daily: raise,
        monthly: raise,
    };
    full.limits.daily_coins = Some(recharge_testkit::coins(9_007_199_254_740_990));
    full.limits.monthly_coins = full.limits.daily_coins;
    full.status_note = Some(StatusNote {
        reason: "x".repeat(200),
        by: recharge_testkit::user(&"o".repeat(64)),
        at,
    });
    store_wallet(&world.ledger(), &full).await;
    let faults = FaultyHttp::default();
    let function = world.lambda(&faults).gifts();
    let sent = send(&function, &user, "k", &gift_body("rose")).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let cost = consumed(&faults);
    println!("a gift from the fullest wallet: {cost:?}");
    assert!(cost.0 <= 3.0 && cost.1 <= writes(5.0, 6.0), "{cost:?}");
    world.stop().await;
}
