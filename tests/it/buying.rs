//! What can be bought, at which price, by which app, and how often; and the pages in between.

use std::time::Duration;

use recharge_local::Options;
use recharge_testkit::{Answer, Fan, World};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::stored;

async fn world_with(settings: &[(&str, &str)]) -> World {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    World::with(Options {
        settings: settings.iter().map(owned).collect(),
        ..Options::default()
    })
    .await
}

fn body(world: &World, choice: (&str, Value), currency: &str) -> Value {
    let terms = world.server.setting("TERMS_VERSION");
    let mut body = json!({"currency": currency, "terms_version": terms});
    body[choice.0] = choice.1;
    body
}

async fn buy(world: &World, fan: &Fan, key: &str, coins: i64, currency: &str) -> Answer {
    let body = body(world, ("coins", json!(coins)), currency);
    fan.post("/v1/recharges", key, &body).await
}

#[tokio::test]
async fn an_amount_costs_what_the_published_steps_say_in_every_currency() {
    let world = World::start().await;
    let alice = world.fan("alice");
    let config = world.api.get("/v1/config").await;
    let currencies = config.body["currencies"].as_array().unwrap().clone();
    assert_eq!(currencies, ["usd", "eur", "gbp", "brl", "jpy"]);
    for currency in currencies.iter().map(|code| code.as_str().unwrap()) {
        let sold = world
            .api
            .get(&format!("/v1/packages?currency={currency}"))
            .await;
        let custom = &sold.body["custom"];
        let (min, max) = (
            custom["min_coins"].as_i64().unwrap(),
            custom["max_coins"].as_i64().unwrap(),
        );
        for coins in [min, 100, 1_000, 1_001, 12_345, max] {
            let key = format!("{currency}{coins}");
            let bought = buy(&world, &alice, &key, coins, currency).await;
            assert_eq!(bought.status, 201, "{}", bought.body);
            assert_eq!(
                (bought.number("/coins"), bought.number("/bonus_coins")),
                (coins, 0)
            );
            // By hand, from what was published.
            let steps = custom["steps"].as_array().unwrap();
            let mut exact = 0;
            for (index, step) in steps.iter().enumerate() {
                let from = step["from_coins"].as_i64().unwrap();
                let next = steps
                    .get(index + 1)
                    .map(|next| next["from_coins"].as_i64().unwrap());
                let end = next.map_or(coins, |next| coins.min(next - 1));
                let rate = step["price_per_1000_coins"]["amount"].as_i64().unwrap();
                exact += (end - from + 1).max(0) * rate;
            }
            assert_eq!(
                bought.number("/price/amount"),
                (exact + 999) / 1_000,
                "{key}"
            );
            assert_eq!(bought.body["price"]["currency"], currency);
            // No published package is beaten.
            for package in sold.body["data"].as_array().unwrap() {
                let total =
                    package["coins"].as_i64().unwrap() + package["bonus_coins"].as_i64().unwrap();
                let price = package["price"]["amount"].as_i64().unwrap();
                if total >= 17_500 {
                    assert!(
                        bought.number("/price/amount") * total >= price * coins,
                        "{key}"
                    );
                }
            }
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn an_amount_that_was_chosen_is_paid_and_credited() {
    let world = World::start().await;
    let alice = world.fan_with("alice", 1).await;
    let refused = alice.gift("g", "heart").await;
    let custom = world.api.get("/v1/packages").await.body["custom"].clone();
    let lacking = refused
        .number("/missing_coins")
        .max(custom["min_coins"].as_i64().unwrap());
    let bought = buy(&world, &alice, "r", lacking, "usd").await;
    world.pay(&bought).await;
    assert_eq!(alice.coins().await, 1 + lacking);
    assert_eq!(alice.gift("g", "heart").await.status, 201);
    world.stop().await;
}

#[tokio::test]
async fn what_is_no_choice_or_out_of_range_is_refused_and_stores_nothing() {
    let world = World::start().await;
    let alice = world.fan("alice");
    let before = stored(&world).await;
    let custom = world.api.get("/v1/packages").await.body["custom"].clone();
    let (min, max) = (
        custom["min_coins"].as_i64().unwrap(),
        custom["max_coins"].as_i64().unwrap(),
    );
    for coins in [i64::MIN, -1, 0, min - 1, max + 1, i64::MAX] {
        let refused = buy(&world, &alice, "r", coins, "usd").await;
        assert_eq!(refused.outcome(), (422, "amount_out_of_range"), "{coins}");
        assert_eq!(refused.body["errors"][0]["pointer"], "/coins");
    }
    let mut both = body(&world, ("coins", json!(100)), "usd");
    both["package_id"] = json!("coins_70");
    let neither = json!({"currency": "usd", "terms_version": "x"});
    for (case, pointer) in [
        (both, "/coins"),
        (neither, "/package_id"),
        (body(&world, ("coins", json!("100")), "usd"), "/coins"),
        (body(&world, ("coins", json!(1.5)), "usd"), "/coins"),
        (
            body(
                &world,
                ("coins", json!(9_223_372_036_854_775_808_u64)),
                "usd",
            ),
            "/coins",
        ),
    ] {
        let refused = alice.post("/v1/recharges", "r", &case).await;
        assert_eq!(refused.outcome(), (422, "body_invalid"), "{case}");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{case}");
    }
    let refused = buy(&world, &alice, "r", 100, "chf").await;
    assert_eq!(refused.outcome(), (400, "currency_unsupported"));
    before.assert_kept(&world, "a refused amount").await;
    // The key is still free; then another amount is another body.
    assert_eq!(buy(&world, &alice, "r", 100, "usd").await.status, 201);
    assert!(buy(&world, &alice, "r", 100, "usd").await.is_replay());
    let refused = buy(&world, &alice, "r", 101, "usd").await;
    assert_eq!(refused.outcome(), (422, "idempotency_key_reused"));
    world.stop().await;
}

#[tokio::test]
async fn an_app_buys_where_its_store_allows_it() {
    let world = World::start().await;
    let alice = world.fan("alice");
    let buy = async |client: &str, key: &str| {
        let request = alice
            .request(Method::POST, "/v1/recharges")
            .header("recharge-client", client)
            .header("idempotency-key", key)
            .json(&body(&world, ("package_id", json!("coins_70")), "usd"));
        Answer::read(request.send().await.unwrap()).await
    };
    assert_eq!(buy("ios/3.2.1; storefront=US", "us").await.status, 201);
    assert_eq!(buy("web/1.0.0", "web").await.status, 201);
    let before = stored(&world).await;
    for (client, code) in [
        ("ios/3.2.1; storefront=FR", "channel_not_allowed"),
        ("ios/3.2.1", "channel_not_allowed"),
        ("android/3.2.1; storefront=DE", "channel_not_allowed"),
        ("ios/0.9.0; storefront=US", "upgrade_required"),
    ] {
        assert_eq!(buy(client, "no").await.outcome(), (403, code), "{client}");
        // A key that succeeded answers, whatever app asks now.
        assert!(buy(client, "us").await.is_replay(), "{client}");
    }
    let sync = alice.request(Method::POST, "/v1/recharges/rch_x/sync");
    let sync = sync
        .header("recharge-client", "ios/0.9.0")
        .send()
        .await
        .unwrap();
    assert_eq!(
        Answer::read(sync).await.outcome(),
        (403, "upgrade_required")
    );
    before.assert_kept(&world, "an app that may not buy").await;
    world.stop().await;
}

#[tokio::test]
async fn a_minute_takes_so_many_recharges_and_neither_replays_nor_refusals_count() {
    let world = world_with(&[("RECHARGES_PER_MINUTE", "2")]).await;
    world.begin_minute();
    let alice = world.fan("alice");
    for key in ["a", "b"] {
        assert_eq!(alice.recharge(key, "coins_70").await.status, 201);
        assert!(alice.recharge(key, "coins_70").await.is_replay());
        let refused = alice.recharge("no", "nothing").await;
        assert_eq!(refused.outcome(), (404, "package_not_found"));
    }
    let before = stored(&world).await;
    let limited = alice.recharge("c", "coins_70").await;
    assert_eq!(limited.outcome(), (429, "rate_limited"));
    let wait: u64 = limited.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(alice.recharge("a", "coins_70").await.is_replay());
    before.assert_kept(&world, "a recharge too many").await;
    assert_eq!(world.fan("bob").recharge("a", "coins_70").await.status, 201);
    world.server.clock().advance(Duration::from_secs(wait));
    assert_eq!(alice.recharge("c", "coins_70").await.status, 201);
    world.stop().await;
}

#[tokio::test]
async fn of_many_recharges_at_once_a_minute_takes_exactly_its_limit() {
    let world = world_with(&[("RECHARGES_PER_MINUTE", "5")]).await;
    world.begin_minute();
    let mut tries = tokio::task::JoinSet::new();
    for number in 0..12 {
        let alice = world.fan("alice");
        tries.spawn(async move { alice.recharge(&format!("r{number}"), "coins_70").await });
    }
    let answers = tries.join_all().await;
    let count = |status: u16| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!((count(201), count(429)), (5, 7));
    world.stop().await;
}

#[tokio::test]
async fn only_the_first_recharge_brings_its_bonus_whatever_was_promised() {
    let world = world_with(&[("FIRST_RECHARGE_BONUS_COINS", "25")]).await;
    let alice = world.fan("alice");
    // Both were promised the bonus; one can be the first.
    let (one, two) = (
        alice.recharge("one", "coins_70").await,
        alice.recharge("two", "coins_70").await,
    );
    world.pay(&two).await;
    world.pay(&one).await;
    assert_eq!(alice.coins().await, 70 + 25 + 70);
    let entries = alice.statement(20).await;
    let told: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                entry["kind"].as_str().unwrap(),
                entry["coins"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("recharge", 70), ("grant", 25), ("recharge", 70)]);
    assert_eq!(entries[1]["note"], "first_recharge");
    assert_eq!(entries[1]["recharge"], two.body["id"]);
    world.stop().await;
}

#[tokio::test]
async fn the_pages_between_show_the_recharge_and_nothing_of_its_buyer() {
    let world = World::start().await;
    world.server.stripe().set_hold(true);
    let alice = world.fan("alice-the-buyer");
    let mut asked = body(&world, ("package_id", json!("coins_70")), "usd");
    let onwards = format!("{}/app?a=1&b=%22", world.server.base_url());
    asked["return_url"] = json!(onwards);
    let started = alice.post("/v1/recharges", "r", &asked).await;
    let id = started.body["id"].as_str().unwrap();
    let page = async |path: &str| {
        let response = world.api.request(Method::GET, path).send().await.unwrap();
        let headers = response.headers().clone();
        (
            response.status().as_u16(),
            headers,
            response.text().await.unwrap(),
        )
    };
    let (status, headers, html) = page(&format!("/cancel/{id}")).await;
    assert_eq!(status, 200);
    assert!(html.contains("nothing was charged"), "{html}");
    assert_eq!(headers["cache-control"], "no-store");
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );
    assert!(html.contains("/app?a=1&amp;b=%22\""), "{html}");

    // The page syncs by itself: no webhook has come.
    let session = started.checkout_session();
    let pay = format!("/stripe-sim/checkout/{session}/pay");
    assert_eq!(
        world
            .api
            .post(&pay, &json!({"outcome": "succeed"}))
            .await
            .status,
        200
    );
    world.server.clock().advance(Duration::from_secs(2));
    let (status, _, html) = page(&format!("/return/{id}")).await;
    assert_eq!((status, alice.coins().await), (200, 70));
    assert!(
        html.contains("Your coins are here") && html.contains("70 coins"),
        "{html}"
    );
    for secret in ["alice-the-buyer", "balance", session] {
        assert!(!html.contains(secret), "{secret}: {html}");
    }
    assert!(html.starts_with("<!doctype html>") && html.contains("<html lang=\"en\">"));
    assert!(!html.contains("<script"));

    for nothing in ["rch_0", "%3Cscript%3E", "x%22y"] {
        for way in ["return", "cancel"] {
            let (status, _, html) = page(&format!("/{way}/{nothing}")).await;
            assert_eq!(status, 404, "{nothing}");
            assert!(!html.contains("script>"), "{html}");
        }
    }
    world.stop().await;
}
