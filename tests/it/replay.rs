//! A key that succeeded always answers its first success (I3).

use std::time::Duration;

use recharge_core::{
    adapters::dynamodb::publish,
    app::ports::{Freshness, Wallets},
    domain::{Package, WalletStatus},
};
use recharge_testkit::{Answer, Fan, World, contract::store_wallet, gift_body, user};
use serde_json::json;

async fn assert_replays(fan: &Fan, first: &Answer, why: &str) {
    let again = fan.gift("k", "rose").await;
    assert_eq!((again.status, &again.body), (201, &first.body), "{why}");
    assert!(again.is_replay(), "{why}");
}

#[tokio::test]
async fn a_key_answers_its_first_201_whatever_has_changed_since() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 2).await;
    let first = fan.gift("k", "rose").await;
    assert_eq!(first.status, 201, "{}", first.body);
    assert!(!first.is_replay());
    assert_replays(&fan, &first, "at once").await;

    assert_eq!(fan.gift("k2", "rose").await.status, 201);
    assert_replays(&fan, &first, "an emptied wallet").await;
    assert_eq!(
        fan.gift("k3", "rose").await.outcome(),
        (409, "insufficient_coins")
    );

    let mut frozen = world
        .ledger()
        .wallet(&user("alice"), Freshness::Consistent)
        .await
        .unwrap();
    frozen.status = WalletStatus::Frozen;
    frozen.version += 1;
    store_wallet(&world.ledger(), &frozen).await;
    assert_replays(&fan, &first, "a frozen wallet").await;
    assert_eq!(
        fan.gift("k3", "rose").await.outcome(),
        (409, "wallet_frozen")
    );

    frozen.status = WalletStatus::Active;
    frozen.debt = recharge_testkit::coins(5);
    frozen.version += 1;
    store_wallet(&world.ledger(), &frozen).await;
    assert_replays(&fan, &first, "a wallet in debt").await;
    assert_eq!(
        fan.gift("k3", "rose").await.outcome(),
        (409, "wallet_in_debt")
    );
    world.stop().await;
}

#[tokio::test]
async fn a_key_answers_its_first_201_after_its_gift_changed_or_left() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 10).await;
    let mut body = gift_body("rose");
    body["expected_coins"] = json!(1);
    let send = async |key: &'static str| fan.post("/v1/gifts/send", key, &body).await;
    let first = send("k").await;
    assert_eq!(first.status, 201, "{}", first.body);

    let catalog = world.server.catalog();
    let packages: Vec<Package> = catalog.packages.to_vec();
    let (client, table) = (world.server.dynamodb(), world.table());
    let mut gifts = catalog.gifts.to_vec();
    let rose = gifts
        .iter()
        .position(|gift| gift.id.as_str() == "rose")
        .unwrap();
    gifts[rose].coins = recharge_testkit::coins(3);
    let before = publish(client, &table, &packages, None, &gifts)
        .await
        .unwrap();
    // Half a minute later every container has seen the new catalogue.
    world.server.clock().advance(Duration::from_secs(31));
    assert_eq!(send("k").await.body, first.body);
    assert_eq!(send("k2").await.outcome(), (409, "price_changed"));

    gifts.remove(rose);
    let after = publish(client, &table, &packages, None, &gifts)
        .await
        .unwrap();
    assert_eq!(
        (after.packages, after.gifts),
        (before.packages, before.gifts + 1)
    );
    assert_eq!(
        publish(client, &table, &packages, None, &gifts)
            .await
            .unwrap(),
        after,
        "idempotent"
    );
    world.server.clock().advance(Duration::from_secs(31));
    let again = send("k").await;
    assert_eq!((again.status, again.is_replay()), (201, true));
    assert_eq!(again.body, first.body);
    assert_eq!(send("k2").await.outcome(), (409, "gift_unavailable"));
    assert_eq!(fan.coins().await, 9);
    world.stop().await;
}

/// A refusal from a stale cache is decided again: the new price counts at once where it matters.
#[tokio::test]
async fn a_gift_that_is_new_in_the_catalogue_can_be_sent_at_once() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 10).await;
    assert_eq!(fan.gift("warm", "rose").await.status, 201);
    assert_eq!(
        fan.gift("k", "brand_new").await.outcome(),
        (409, "gift_unavailable")
    );
    let catalog = world.server.catalog();
    let mut gifts = catalog.gifts.to_vec();
    gifts.push(recharge_testkit::gift("brand_new", 2));
    let (client, table) = (world.server.dynamodb(), world.table());
    publish(
        client,
        &table,
        &catalog.packages,
        catalog.custom.as_ref(),
        &gifts,
    )
    .await
    .unwrap();
    // A refusal is not stored: the same key may succeed later.
    assert_eq!(fan.gift("k", "brand_new").await.status, 201);
    world.stop().await;
}

#[tokio::test]
async fn a_key_with_another_body_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 100).await;
    assert_eq!(fan.gift("k", "rose").await.status, 201);
    let changes = [
        ("gift_id", json!("heart")),
        ("quantity", json!(2)),
        ("creator_id", json!("other")),
        ("target", json!({"kind": "video", "id": "stream-1"})),
        ("target", json!({"kind": "live", "id": "stream-2"})),
        ("expected_coins", json!(1)),
        ("combo_id", json!("c")),
        ("message", json!("hi")),
    ];
    for (field, value) in changes {
        let mut body = gift_body("rose");
        body[field] = value;
        let answer = fan.post("/v1/gifts/send", "k", &body).await;
        assert_eq!(answer.outcome(), (422, "idempotency_key_reused"), "{field}");
    }
    // The same values in another order and with other spaces are the same body.
    let text = r#" {"target":{"id":"stream-1","kind":"live"}, "creator_id":"creator",
        "quantity":1, "message":null, "gift_id":"rose"} "#;
    let request = fan.request(reqwest::Method::POST, "/v1/gifts/send");
    let request = request.header("idempotency-key", "k").body(text);
    let request = request.header("content-type", "application/json");
    let answer = Answer::read(request.send().await.unwrap()).await;
    assert_eq!((answer.status, answer.is_replay()), (201, true));
    assert_eq!(fan.coins().await, 99);
    assert_eq!(fan.statement(20).await.len(), 1);

    // Keys are scoped to the user and to the operation.
    let other = world.fan_with("bob", 5).await;
    let others = other.gift("k", "rose").await;
    assert_eq!((others.status, others.is_replay()), (201, false));
    let recharge = fan.recharge("k", "coins_70").await;
    assert_eq!((recharge.status, recharge.is_replay()), (201, false));
    world.stop().await;
}

#[tokio::test]
async fn a_recharges_key_answers_its_first_201_and_refuses_another_body() {
    let world = World::start().await;
    let fan = world.fan("alice");
    let first = fan.recharge("k", "coins_70").await;
    assert_eq!(
        (first.status, first.is_replay()),
        (201, false),
        "{}",
        first.body
    );
    world.pay(&first).await;
    let again = fan.recharge("k", "coins_70").await;
    assert_eq!((again.status, again.is_replay()), (201, true));
    assert_eq!(again.body, first.body, "also after it was settled");
    let other = fan.recharge("k", "coins_350").await;
    assert_eq!(other.outcome(), (422, "idempotency_key_reused"));
    // Outdated terms do not refuse what had succeeded, only what is new.
    let body = json!({"package_id": "coins_70", "currency": "usd", "terms_version": "old"});
    let outdated = fan.post("/v1/recharges", "k2", &body).await;
    assert_eq!(outdated.outcome(), (409, "terms_outdated"));
    world.stop().await;
}
