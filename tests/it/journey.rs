//! The journey of a fan, as a client makes it.

use recharge_testkit::{Answer, World};
use serde_json::{Value, json};

#[tokio::test]
async fn a_fan_buys_coins_sends_gifts_and_reads_the_statement() {
    let world = World::start().await;
    world.creator("bob").await;
    let token = world
        .api
        .post("/dev/token", &json!({"user": "alice"}))
        .await;
    let fan = world.api.fan(token.body["token"].as_str().unwrap());
    assert_eq!(fan.coins().await, 0);

    let packages = world.api.get("/v1/packages?currency=usd").await;
    assert!(packages.body["data"].as_array().unwrap().len() >= 7);
    let package = packages.body["data"][1].clone();
    let started = fan.recharge("buy-1", package["id"].as_str().unwrap()).await;
    assert_eq!(started.status, 201, "{}", started.body);
    assert_eq!(started.body["status"], "open");
    assert_eq!(started.body["price"], package["price"]);
    let path = format!("/v1/recharges/{}", started.body["id"].as_str().unwrap());
    let open = fan.get(&path).await;
    assert_eq!((open.status, &open.body["status"]), (200, &json!("open")));
    assert!(open.body.get("credited_at").is_none());

    let paid = world.pay(&started).await;
    assert_eq!(
        (paid.status, &paid.body["payment_status"]),
        (200, &json!("paid"))
    );
    let settled = fan.get(&path).await;
    assert_eq!(settled.body["status"], "settled", "{}", settled.body);
    assert!(settled.body["credited_at"].is_string());
    let bought = started.number("/coins") + started.number("/bonus_coins");
    assert_eq!(fan.coins().await, bought);

    let gifts = world.api.get("/v1/gifts").await;
    assert!(gifts.body["data"].as_array().unwrap().len() >= 10);
    let rose = &gifts.body["data"][1];
    let live = send(&fan, "live", "g1", rose, 2).await;
    let video = send(&fan, "video", "g2", rose, 1).await;
    let price = rose["coins"].as_i64().unwrap();
    assert_eq!(
        (live.number("/coins"), video.number("/coins")),
        (2 * price, price)
    );
    assert_eq!((live.number("/seq"), video.number("/seq")), (2, 3));
    assert_eq!(video.number("/balance_after"), bought - 3 * price);

    let statement = fan.statement(2).await;
    let lines: Vec<_> = statement
        .iter()
        .map(|e| (e["kind"].clone(), e["coins"].clone()))
        .collect();
    let expected = [
        (json!("gift"), json!(-price)),
        (json!("gift"), json!(-2 * price)),
        (json!("recharge"), json!(bought)),
    ];
    assert_eq!(lines, expected);
    assert_eq!(statement[2]["recharge"], started.body["id"]);
    assert_eq!(statement[0]["sent_gift"], video.body["id"]);
    let wallet = fan.get("/v1/wallet").await;
    assert_eq!(
        (wallet.number("/seq"), wallet.number("/spent/day")),
        (3, 3 * price)
    );
    assert_eq!(wallet.headers["cache-control"], "no-store");
    world.stop().await;
}

async fn send(
    fan: &recharge_testkit::Fan,
    kind: &str,
    key: &str,
    gift: &Value,
    quantity: i64,
) -> Answer {
    let cost = gift["coins"].as_i64().unwrap() * quantity;
    let body = json!({
        "gift_id": gift["id"],
        "quantity": quantity,
        "creator_id": "bob",
        "target": {"kind": kind, "id": "t-1"},
        "expected_coins": cost,
        "message": "for you 🌹",
    });
    let answer = fan.post("/v1/gifts/send", key, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer
}

#[tokio::test]
async fn what_is_public_is_cacheable_and_has_every_field_of_the_contract() {
    let world = World::start().await;
    for (path, pointers) in [
        (
            "/v1/config",
            vec![
                "/terms_version",
                "/min_app_version/ios",
                "/min_app_version/web",
                "/min_app_version/android",
                "/currencies/0",
                "/recharge_channels/0/platform",
                "/recharge_channels/0/storefronts",
                "/recharge_channels/0/channel",
                "/limits/max_quantity",
                "/limits/gifts_per_minute",
                "/limits/recharges_per_minute",
            ],
        ),
        (
            "/v1/packages?currency=jpy",
            vec![
                "/data/0/id",
                "/data/0/coins",
                "/data/0/bonus_coins",
                "/data/0/price/amount",
                "/data/0/price/currency",
                "/data/0/price/exponent",
                "/data/0/price_per_100_coins/amount",
            ],
        ),
        (
            "/v1/gifts",
            vec![
                "/version",
                "/data/0/id",
                "/data/0/name",
                "/data/0/tier",
                "/data/0/coins",
                "/data/0/icon",
                "/data/0/animation",
                "/data/0/combo",
                "/data/0/money_equivalent/amount",
            ],
        ),
    ] {
        let answer = world.api.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        for pointer in pointers {
            assert!(
                answer.body.pointer(pointer).is_some(),
                "{path} {pointer}: {}",
                answer.body
            );
        }
        assert!(
            answer.headers["cache-control"]
                .to_str()
                .unwrap()
                .starts_with("public"),
            "{path}"
        );
        let etag = answer.headers["etag"].clone();
        assert!(etag.to_str().unwrap().starts_with('"'), "{path}: strong");
        let again = world
            .api
            .request(reqwest::Method::GET, path)
            .header("if-none-match", &etag);
        let again = Answer::read(again.send().await.unwrap()).await;
        assert_eq!((again.status, &again.body), (304, &Value::Null), "{path}");
        assert_eq!(again.headers["etag"], etag);
    }
    let jpy = world.api.get("/v1/packages?currency=jpy").await;
    assert_eq!(jpy.body["data"][0]["price"]["exponent"], 0);
    for path in ["/v1/packages?currency=xxx", "/v1/gifts?currency=USD"] {
        assert_eq!(
            world.api.get(path).await.outcome(),
            (400, "currency_unsupported"),
            "{path}"
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn a_declined_card_and_a_cancelled_checkout_cost_nothing_and_can_be_tried_again() {
    let world = World::start().await;
    let fan = world.fan("alice");
    let started = fan.recharge("r", "coins_70").await;
    let session = started.checkout_session();
    let pay = format!("/stripe-sim/checkout/{session}/pay");
    for outcome in ["decline", "cancel"] {
        let answer = world.api.post(&pay, &json!({"outcome": outcome})).await;
        assert_eq!(
            (answer.status, &answer.body["status"]),
            (200, &json!("open")),
            "{outcome}"
        );
        assert_eq!(fan.coins().await, 0);
    }
    world.pay(&started).await;
    assert_eq!(
        fan.coins().await,
        started.number("/coins") + started.number("/bonus_coins")
    );
    let twice = world.api.post(&pay, &json!({"outcome": "succeed"})).await;
    assert_eq!(twice.status, 400);
    world.stop().await;
}
