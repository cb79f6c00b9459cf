//! What slows a user down: their own limits, the operator's freeze, a limit for each minute, an
//! app that is too old, a request that is too late.

use std::time::Duration;

use recharge_core::app::Clock;
use recharge_local::Options;
use recharge_testkit::{Answer, Fan, World, gift_body};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{assert_points_at, assert_problem, stored};

async fn put(fan: &Fan, path: &str, body: &Value) -> Answer {
    let request = fan.request(Method::PUT, path).json(body);
    Answer::read(request.send().await.unwrap()).await
}

async fn limits(fan: &Fan, body: Value) -> Answer {
    put(fan, "/v1/wallet/limits", &body).await
}

async fn world_with(settings: &[(&str, &str)]) -> World {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    World::with(Options {
        settings: settings.iter().map(owned).collect(),
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn a_limit_is_lowered_at_once_and_raised_a_day_later() {
    let world = World::start().await;
    let alice = world.fan_with("alice", 100).await;
    let set = limits(&alice, json!({"daily_coins": 2})).await;
    assert_eq!(set.status, 200, "{}", set.body);
    assert_eq!(
        set.body["limits"],
        json!({"daily_coins": 2, "monthly_coins": null})
    );
    assert_eq!(set.body["pending_limits"], Value::Null);
    assert_eq!(
        set.body,
        alice.get("/v1/wallet").await.body,
        "it answers the wallet"
    );
    for key in ["a", "b"] {
        assert_eq!(alice.gift(key, "rose").await.status, 201);
    }
    let refused = alice.gift("c", "rose").await;
    assert_eq!(refused.outcome(), (409, "spending_limit_reached"));

    let raised = limits(&alice, json!({"daily_coins": 3})).await;
    assert_eq!(raised.number("/limits/daily_coins"), 2);
    assert_eq!(raised.number("/pending_limits/daily_coins/to"), 3);
    world
        .server
        .clock()
        .advance(Duration::from_secs(24 * 3_600 - 60));
    let again = limits(&alice, json!({"daily_coins": 3})).await;
    assert_eq!(again.body["pending_limits"], raised.body["pending_limits"]);
    world.server.clock().advance(Duration::from_secs(60));
    let wallet = alice.get("/v1/wallet").await;
    assert_eq!(wallet.number("/limits/daily_coins"), 3);
    assert_eq!(wallet.body["pending_limits"], Value::Null);
    for key in ["c", "d", "e"] {
        assert_eq!(alice.gift(key, "rose").await.status, 201, "{key}");
    }
    let refused = alice.gift("f", "rose").await;
    assert_eq!(refused.outcome(), (409, "spending_limit_reached"));
    world.stop().await;
}

#[tokio::test]
async fn limits_that_make_no_sense_are_refused_and_nothing_new_writes_nothing() {
    let world = World::start().await;
    let alice = world.fan_with("alice", 100).await;
    assert_eq!(limits(&alice, json!({"daily_coins": 5})).await.status, 200);
    let before = stored(&world).await;
    for (body, pointer) in [
        (json!({"daily_coins": -1}), "/daily_coins"),
        (json!({"daily_coins": 1.5}), "/daily_coins"),
        (json!({"daily_coins": "5"}), "/daily_coins"),
        (
            json!({"daily_coins": 9_007_199_254_740_992_u64}),
            "/daily_coins",
        ),
        (json!({"weekly_coins": 5}), "/weekly_coins"),
        (json!([5, 6]), ""),
        (json!(null), ""),
    ] {
        let refused = limits(&alice, body.clone()).await;
        assert_eq!(refused.outcome(), (422, "body_invalid"), "{body}");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{body}");
    }
    for body in [
        json!({}),
        json!({"daily_coins": 5}),
        json!({"monthly_coins": null}),
    ] {
        assert_eq!(limits(&alice, body.clone()).await.status, 200, "{body}");
    }
    let nobody = world.api.request(Method::PUT, "/v1/wallet/limits");
    let refused = Answer::read(nobody.json(&json!({})).send().await.unwrap()).await;
    assert_eq!(refused.outcome(), (401, "unauthenticated"));
    let old = alice.request(Method::PUT, "/v1/wallet/limits");
    let old = old
        .header("recharge-client", "ios/0.9.0")
        .json(&json!({"daily_coins": 1}));
    let refused = Answer::read(old.send().await.unwrap()).await;
    assert_eq!(refused.outcome(), (403, "upgrade_required"));
    before.assert_kept(&world, "a limit").await;
    // Who never had a wallet may limit themself, too.
    let bob = world.fan("bob");
    let set = limits(&bob, json!({"monthly_coins": 0})).await;
    assert_eq!(
        (set.number("/limits/monthly_coins"), set.number("/seq")),
        (0, 0)
    );
    world.stop().await;
}

#[tokio::test]
async fn an_operator_freezes_a_wallet_and_sets_it_free() {
    let world = World::start().await;
    let alice = world.fan_with("alice", 100).await;
    let operator = world
        .api
        .fan(&world.server.issue_token("op", &["recharge:admin"], 3_600));
    assert_eq!(alice.gift("first", "rose").await.status, 201);
    let path = "/v1/admin/users/alice/status";
    let frozen = put(
        &operator,
        path,
        &json!({"status": "frozen", "reason": "chargeback"}),
    )
    .await;
    assert_eq!(frozen.status, 200, "{}", frozen.body);
    assert_eq!(frozen.body["user"], "alice");
    assert_eq!(
        (&frozen.body["status"], &frozen.body["by"]),
        (&json!("frozen"), &json!("op"))
    );
    assert_eq!(alice.get("/v1/wallet").await.body["status"], "frozen");
    assert_eq!(
        alice.gift("second", "rose").await.outcome(),
        (409, "wallet_frozen")
    );
    assert!(alice.gift("first", "rose").await.is_replay());
    // Again: the first reason stays.
    let again = put(
        &operator,
        path,
        &json!({"status": "frozen", "reason": "other"}),
    )
    .await;
    assert_eq!(again.body, frozen.body);
    // A freeze never refuses what was paid.
    let started = alice.recharge("r", "coins_70").await;
    world.pay(&started).await;
    assert_eq!(alice.coins().await, 99 + 70);
    let free = put(
        &operator,
        path,
        &json!({"status": "active", "reason": "settled"}),
    )
    .await;
    assert_eq!(free.body["status"], "active");
    assert_eq!(alice.gift("second", "rose").await.status, 201);
    world.stop().await;
}

#[tokio::test]
async fn only_an_operator_freezes_and_only_with_a_reason() {
    let world = World::start().await;
    let alice = world.fan_with("alice", 100).await;
    let operator = world
        .api
        .fan(&world.server.issue_token("op", &["recharge:admin"], 3_600));
    let before = stored(&world).await;
    let path = "/v1/admin/users/alice/status";
    let body = json!({"status": "frozen", "reason": "x"});
    assert_eq!(put(&alice, path, &body).await.outcome(), (403, "forbidden"));
    assert_eq!(
        put(&alice, path, &json!("junk")).await.outcome(),
        (403, "forbidden")
    );
    let nobody = world.api.request(Method::PUT, path).json(&body);
    let refused = Answer::read(nobody.send().await.unwrap()).await;
    assert_eq!(refused.outcome(), (401, "unauthenticated"));
    for (body, pointer) in [
        (json!({"status": "frozen"}), ""),
        (json!({"status": "frozen", "reason": ""}), "/reason"),
        (
            json!({"status": "frozen", "reason": "x".repeat(201)}),
            "/reason",
        ),
        (json!({"status": "gone", "reason": "x"}), "/status"),
        (
            json!({"status": "frozen", "reason": "x", "user": "bob"}),
            "/user",
        ),
    ] {
        let refused = put(&operator, path, &body).await;
        assert_eq!(refused.outcome(), (422, "body_invalid"), "{body}");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{body}");
    }
    let odd = format!("/v1/admin/users/{}/status", "x".repeat(65));
    assert_eq!(
        put(&operator, &odd, &body).await.outcome(),
        (404, "not_found")
    );
    before.assert_kept(&world, "a status").await;
    world.stop().await;
}

#[tokio::test]
async fn a_minute_takes_so_many_gifts_and_neither_replays_nor_refusals_count() {
    let world = world_with(&[("GIFTS_PER_MINUTE", "3")]).await;
    world.begin_minute();
    let alice = world.fan_with("alice", 100).await;
    assert_eq!(
        world
            .api
            .get("/v1/config")
            .await
            .number("/limits/gifts_per_minute"),
        3
    );
    for key in ["a", "b"] {
        assert_eq!(alice.gift(key, "rose").await.status, 201);
        assert!(alice.gift(key, "rose").await.is_replay());
        assert_eq!(
            alice.gift("no", "nothing").await.outcome(),
            (409, "gift_unavailable")
        );
    }
    assert_eq!(alice.gift("c", "rose").await.status, 201);
    let before = stored(&world).await;
    let limited = alice.gift("d", "rose").await;
    assert_eq!(limited.outcome(), (429, "rate_limited"));
    assert_eq!(limited.body["retryable"], true);
    let wait: u64 = limited.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(
        alice.gift("a", "rose").await.is_replay(),
        "after the stored key"
    );
    before.assert_kept(&world, "a gift too many").await;
    world.server.clock().advance(Duration::from_secs(wait));
    assert_eq!(alice.gift("d", "rose").await.status, 201);
    world.stop().await;
}

#[tokio::test]
async fn one_sending_has_the_configured_quantity_at_most() {
    let world = world_with(&[("MAX_QUANTITY", "2")]).await;
    let alice = world.fan_with("alice", 100).await;
    let config = world.api.get("/v1/config").await;
    assert_eq!(config.number("/limits/max_quantity"), 2);
    let send = async |key: &str, quantity: u32| {
        let mut body = gift_body("rose");
        body["quantity"] = quantity.into();
        alice.post("/v1/gifts/send", key, &body).await
    };
    assert_eq!(send("a", 2).await.status, 201);
    let before = stored(&world).await;
    let refused = send("b", 3).await;
    assert_problem(&refused, (422, "quantity_out_of_range"), "3 of 2");
    assert_points_at(&refused, Some("/quantity"), "3 of 2");
    before.assert_kept(&world, "a quantity too many").await;
    assert!(send("a", 2).await.is_replay());
    world.stop().await;
}

#[tokio::test]
async fn an_old_app_moves_no_value_but_reads_and_its_keys_replay() {
    let world = World::start().await;
    let alice = world.fan_with("alice", 100).await;
    let send = async |client: &str, key: &str| {
        let request = alice
            .request(Method::POST, "/v1/gifts/send")
            .header("recharge-client", client)
            .header("idempotency-key", key)
            .json(&gift_body("rose"));
        Answer::read(request.send().await.unwrap()).await
    };
    assert_eq!(send("ios/1.0.0", "a").await.status, 201);
    let before = stored(&world).await;
    for old in ["ios/0.9.9", "android/0.1.0; storefront=US", "web/0.0.1"] {
        assert_eq!(
            send(old, "b").await.outcome(),
            (403, "upgrade_required"),
            "{old}"
        );
        assert!(send(old, "a").await.is_replay(), "{old}");
        for path in ["/v1/config", "/v1/wallet", "/v1/wallet/entries"] {
            let read = alice
                .request(Method::GET, path)
                .header("recharge-client", old);
            assert_eq!(read.send().await.unwrap().status(), 200, "{old} {path}");
        }
    }
    before.assert_kept(&world, "an old app").await;
    for unparsable in ["ios/0.9", "windows/0.0.1", "ios/0.9.9; storefront=usa"] {
        assert_eq!(
            send(unparsable, unparsable).await.status,
            201,
            "{unparsable}"
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn a_gift_that_waited_too_long_is_not_sent_but_replayed_if_it_was() {
    let world = World::start().await;
    let alice = world.fan_with("alice", 100).await;
    let now = world.server.clock().now();
    let mut body = gift_body("rose");
    body["not_after"] = json!((now + Duration::from_secs(60)).to_string());
    let send = async |key: &str, body: &Value| alice.post("/v1/gifts/send", key, body).await;
    assert_eq!(send("a", &body).await.status, 201);
    world.server.clock().advance(Duration::from_secs(3_600));
    let before = stored(&world).await;
    assert_eq!(send("b", &body).await.outcome(), (409, "too_late"));
    assert!(send("a", &body).await.is_replay());
    let mut other = body.clone();
    other["not_after"] = json!((now + Duration::from_secs(61)).to_string());
    assert_eq!(
        send("a", &other).await.outcome(),
        (422, "idempotency_key_reused")
    );
    for bad in [json!("tomorrow"), json!(1_790_000_000), json!("2026-11-23")] {
        other["not_after"] = bad.clone();
        let refused = send("c", &other).await;
        assert_eq!(refused.outcome(), (422, "body_invalid"), "{bad}");
        assert_eq!(refused.body["errors"][0]["pointer"], "/not_after");
    }
    before.assert_kept(&world, "a late gift").await;
    // The same moment, written otherwise, is the same body.
    let east = body["not_after"]
        .as_str()
        .unwrap()
        .parse::<jiff::Timestamp>()
        .unwrap();
    let east = east.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(2)));
    body["not_after"] = json!(east.strftime("%Y-%m-%dT%H:%M:%S.%f%:z").to_string());
    assert!(send("a", &body).await.is_replay());
    world.stop().await;
}

#[tokio::test]
async fn who_has_too_few_coins_is_told_how_many_are_missing() {
    let world = World::start().await;
    let alice = world.fan_with("alice", 3).await;
    let refused = alice.gift("a", "heart").await;
    assert_eq!(refused.outcome(), (409, "insufficient_coins"));
    assert_eq!(refused.number("/missing_coins"), 2);
    let mut body = gift_body("heart");
    body["expected_coins"] = json!(4);
    let refused = alice.post("/v1/gifts/send", "b", &body).await;
    assert_eq!(refused.outcome(), (409, "price_changed"));
    assert_eq!(refused.number("/coins"), 5);
    world.stop().await;
}
