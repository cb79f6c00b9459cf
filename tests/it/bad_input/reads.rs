//! Reads: pages, cursors, recharges, and what the gateway answers by itself.

use recharge_core::http::{CursorKeys, Cursors};
use recharge_testkit::{Answer, Fan, World, user};
use reqwest::Method;
use serde_json::json;

use crate::support::{assert_points_at, assert_problem, stored};

const ENTRIES: &str = "/v1/wallet/entries";

/// A fan with a statement of several pages.
async fn sender(world: &World, name: &str) -> Fan {
    let fan = world.fan_with(name, 100).await;
    for number in 0..6 {
        assert_eq!(fan.gift(&format!("k{number}"), "rose").await.status, 201);
    }
    fan
}

async fn assert_bad(fan: &Fan, path: &str, expected: (u16, &str)) {
    let answer = fan.get(path).await;
    assert_problem(&answer, expected, path);
    assert_points_at(&answer, None, path);
}

#[tokio::test]
async fn a_limit_is_a_whole_number_from_1_to_100() {
    let world = World::start().await;
    let fan = sender(&world, "alice").await;
    let before = stored(&world).await;
    for limit in [
        "0",
        "101",
        "abc",
        "-1",
        "",
        "1.0",
        "1e1",
        "0x10",
        "%201",
        "1%20",
        "4294967297",
        "99999999999999999999",
        "null",
        "true",
        "%F0%9F%8C%B9",
        "1%00",
    ] {
        assert_bad(
            &fan,
            &format!("{ENTRIES}?limit={limit}"),
            (400, "body_invalid"),
        )
        .await;
    }
    for (limit, count) in [("1", 1), ("100", 6), ("3", 3)] {
        let page = fan.get(&format!("{ENTRIES}?limit={limit}")).await;
        assert_eq!(
            page.body["data"].as_array().unwrap().len(),
            count,
            "{limit}"
        );
    }
    before.assert_kept(&world, "all of it").await;
    world.stop().await;
}

#[tokio::test]
async fn a_cursor_is_ones_own_and_of_this_list() {
    let world = World::start().await;
    let (alice, bob) = (sender(&world, "alice").await, sender(&world, "bob").await);
    let before = stored(&world).await;
    let page = alice.get(&format!("{ENTRIES}?limit=2")).await;
    let own = page.body["next_cursor"].as_str().unwrap();
    let next = alice.get(&format!("{ENTRIES}?limit=2&cursor={own}")).await;
    assert_eq!((next.status, next.number("/data/0/seq")), (200, 4));

    let secret = world.server.setting("CURSOR_SECRETS").to_owned();
    let keys = |secret: &str| CursorKeys::new(vec![CursorKeys::parse_one(secret).unwrap()]);
    let sign = |secret: &str, list, position: &str| {
        Cursors::new(keys(secret), list).sign(&user("alice"), position)
    };
    let signed = alice
        .get(&format!(
            "{ENTRIES}?cursor={}",
            sign(&secret, "entries", "5")
        ))
        .await;
    assert_eq!(
        signed.number("/data/0/seq"),
        4,
        "the secret is the server's own"
    );

    let bad = [
        String::new(),
        "5".to_owned(),
        "junk".to_owned(),
        "null".to_owned(),
        "%00".to_owned(),
        "%F0%9F%8C%B9".to_owned(),
        "A".repeat(22),
        "A".repeat(4_000),
        own[..own.len() - 1].to_owned(),
        own[..own.len() - 2].to_owned(),
        own[1..].to_owned(),
        format!("{own}A"),
        format!("{own}="),
        format!("{own}%20"),
        own.to_lowercase(),
        sign(&secret, "received_gifts", "5"),
        sign(&secret, "", "5"),
        sign(&"another".repeat(5), "entries", "5"),
    ];
    for cursor in bad {
        assert_ne!(cursor, own);
        assert_bad(
            &alice,
            &format!("{ENTRIES}?cursor={cursor}"),
            (400, "cursor_invalid"),
        )
        .await;
    }
    assert_bad(
        &bob,
        &format!("{ENTRIES}?limit=2&cursor={own}"),
        (400, "cursor_invalid"),
    )
    .await;
    before.assert_kept(&world, "all of it").await;
    world.stop().await;
}

#[tokio::test]
async fn another_users_recharge_is_one_that_does_not_exist() {
    let world = World::start().await;
    let (alice, bob) = (world.fan("alice"), world.fan("bob"));
    let started = alice.recharge("k", "coins_70").await;
    let id = started.body["id"].as_str().unwrap();
    let before = stored(&world).await;
    let path = format!("/v1/recharges/{id}");
    assert_eq!(alice.get(&path).await.status, 200);
    assert_bad(&bob, &path, (404, "recharge_not_found")).await;
    let nobodys = bob
        .get("/v1/recharges/rch_0123456789abcdef0123456789abcdef")
        .await;
    let theirs = bob.get(&path).await;
    assert_eq!(
        nobodys.body["detail"], theirs.body["detail"],
        "nobody can tell them apart"
    );

    for id in [
        "x",
        "rch_",
        "%20",
        "a%20b",
        "a%23b",
        "%23",
        "a%00b",
        "%F0%9F%8C%B9",
        "%C3%A4",
        "%25",
        "a%2523b",
        "a+b",
        "'",
        "*",
        "{id}",
        "$default",
        "..%5c",
        "rch_1%0A",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        assert_bad(
            &alice,
            &format!("/v1/recharges/{id}"),
            (404, "recharge_not_found"),
        )
        .await;
    }
    // Another's key leads to a recharge of one's own, and not to theirs.
    let own = bob.recharge("k", "coins_70").await;
    assert_eq!((own.status, own.is_replay()), (201, false));
    assert_ne!(own.body["id"], started.body["id"]);
    assert!(stored(&world).await.count() > before.count());
    world.stop().await;
}

#[tokio::test]
async fn what_has_no_route_the_gateway_answers_by_itself() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 100).await;
    let before = stored(&world).await;
    for (method, path) in [
        ("GET", "/v1"),
        ("GET", "/v1/"),
        ("GET", "/v1/nothing"),
        ("GET", "/V1/wallet"),
        ("GET", "/v1/wallet/"),
        ("GET", "/v1//wallet"),
        ("GET", "/v1/wallet/entries/1"),
        ("GET", "/v1/recharges"),
        ("GET", "/v1/recharges/"),
        ("GET", "/v1/recharges/a%2Fb"),
        ("GET", "/v1/recharges/a/b"),
        ("GET", "/v1/gifts/send"),
        ("GET", "/v1/stripe/webhook"),
        ("GET", "/v1/admin/users/alice/status"),
        ("POST", "/v1/wallet"),
        ("POST", "/v1/gifts"),
        ("POST", "/v1/config"),
        ("PUT", "/v1/wallet"),
        ("PUT", "/v1/gifts/send"),
        ("PATCH", "/v1/recharges"),
        ("DELETE", "/v1/wallet/entries"),
        ("DELETE", "/v1/recharges/rch_1"),
        ("OPTIONS", "/v1/gifts/send"),
        ("HEAD", "/v1/wallet"),
        ("TRACE", "/v1/wallet"),
        ("BREW", "/v1/wallet"),
    ] {
        let asked = fan.request(Method::from_bytes(method.as_bytes()).unwrap(), path);
        let request = asked
            .header("x-http-method-override", "GET")
            .header("idempotency-key", "k");
        let answer = Answer::read(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.body);
        if method != "HEAD" {
            assert_eq!(
                answer.body,
                json!({"message": "Not Found"}),
                "{method} {path}"
            );
        }
    }
    before.assert_kept(&world, "all of it").await;
    world.stop().await;
}
