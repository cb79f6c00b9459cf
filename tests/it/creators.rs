//! Creators: becoming one, pausing and resuming, blocking, and what that means for a gift.

use std::time::Duration;

use recharge_core::app::ports::{Creators, Freshness};
use recharge_testkit::{Answer, Fan, FaultyHttp, World, gift_body, invoke, user};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{assert_points_at, assert_problem, stored};

async fn call(fan: &Fan, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let request = fan.request(method, path);
    let request = match body {
        Some(body) => request.json(body),
        None => request,
    };
    Answer::read(request.send().await.unwrap()).await
}

async fn put(fan: &Fan, path: &str, body: &Value) -> Answer {
    call(fan, Method::PUT, path, Some(body)).await
}

fn asked(terms: &Value) -> Value {
    json!({"display_name": "Bob 🌹", "terms_version": terms, "country": "DE"})
}

async fn become_creator(world: &World, fan: &Fan) -> Answer {
    let terms = world.server.setting("TERMS_VERSION");
    let answer = put(fan, "/v1/creator", &asked(&json!(terms))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

async fn accepting(fan: &Fan, accepting: bool) {
    let body = json!({ "accepting": accepting });
    let answer = put(fan, "/v1/creator/status", &body).await;
    assert_eq!(
        (answer.status, &answer.body["accepting"]),
        (200, &body["accepting"])
    );
}

async fn to_bob(fan: &Fan, key: &str) -> Answer {
    let mut body = gift_body("rose");
    body["creator_id"] = json!("bob");
    fan.post("/v1/gifts/send", key, &body).await
}

#[tokio::test]
async fn a_user_becomes_a_creator_and_changes_what_they_said() {
    let world = World::start().await;
    let bob = world.fan("bob");
    for path in [
        "/v1/creator",
        "/v1/creator/earnings",
        "/v1/creator/gifts",
        "/v1/creator/blocked",
    ] {
        let none = bob.get(path).await;
        assert_problem(&none, (404, "creator_not_found"), "");
    }
    let created = become_creator(&world, &bob).await;
    let expected = json!({
        "id": "bob", "display_name": "Bob 🌹", "country": "DE", "accepting": true,
        "terms_version": world.server.setting("TERMS_VERSION"),
        "created_at": created.body["created_at"],
    });
    assert_eq!(created.body, expected);
    assert_eq!(bob.get("/v1/creator").await.body, expected);
    // The same again writes nothing.
    assert_eq!(become_creator(&world, &bob).await.body, expected);
    let row = async || {
        let found = world
            .ledger()
            .creator(&user("bob"), Freshness::Consistent)
            .await;
        found.unwrap().unwrap()
    };
    assert_eq!(row().await.version, 1);

    accepting(&bob, false).await;
    let mut other = asked(&expected["terms_version"]);
    other["country"] = json!("FR");
    let changed = put(&bob, "/v1/creator", &other).await;
    assert_eq!(
        (&changed.body["country"], &changed.body["accepting"]),
        (&json!("FR"), &json!(false))
    );
    assert_eq!(row().await.version, 3);
    let earnings = bob.get("/v1/creator/earnings").await;
    let nothing = json!({
        "pending": 0, "available": 0, "reserved": 0, "paid": 0, "days": [],
        "money_equivalent": {"amount": 0, "currency": "usd", "exponent": 2},
        "money_per_1000_diamonds": {"amount": 500, "currency": "usd", "exponent": 2},
    });
    assert_eq!(earnings.body, nothing);
    assert_eq!(earnings.headers["cache-control"], "no-store");
    world.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_and_changes_nothing() {
    let world = World::start().await;
    let bob = world.fan("bob");
    let terms = json!(world.server.setting("TERMS_VERSION"));
    let before = stored(&world).await;
    let with = |pointer: &str, value: Value| {
        let mut body = asked(&terms);
        body[pointer.trim_start_matches('/')] = value;
        body
    };
    for (pointer, value) in [
        ("/display_name", json!("")),
        ("/display_name", json!("  ")),
        ("/display_name", json!("x".repeat(51))),
        ("/display_name", json!("a\nb")),
        ("/display_name", json!(null)),
        ("/display_name", json!(7)),
        ("/country", json!("de")),
        ("/country", json!("ZZ")),
        ("/country", json!("DEU")),
        ("/country", json!(null)),
        ("/terms_version", json!("")),
        ("/terms_version", json!(1)),
        ("/extra", json!(1)),
    ] {
        let answer = put(&bob, "/v1/creator", &with(pointer, value.clone())).await;
        assert_problem(&answer, (422, "body_invalid"), "");
        assert_points_at(&answer, Some(pointer), &value.to_string());
    }
    let outdated = put(&bob, "/v1/creator", &with("/terms_version", json!("old"))).await;
    assert_problem(&outdated, (409, "terms_outdated"), "");
    for (body, status) in [
        (json!({"accepting": "yes"}), 422),
        (json!({}), 422),
        (json!([]), 422),
    ] {
        let answer = put(&bob, "/v1/creator/status", &body).await;
        assert_problem(&answer, (status, "body_invalid"), "");
    }
    let status = put(&bob, "/v1/creator/status", &json!({"accepting": true})).await;
    assert_problem(&status, (404, "creator_not_found"), "");
    for method in [Method::PUT, Method::DELETE] {
        let path = "/v1/creator/blocked/alice";
        let nobodys = call(&bob, method.clone(), path, None).await;
        assert_problem(&nobodys, (404, "creator_not_found"), "");
        let odd = call(&bob, method, "/v1/creator/blocked/a%23b", None).await;
        assert_problem(&odd, (404, "not_found"), "");
    }
    for path in [
        "/v1/creator/earnings?limit=0",
        "/v1/creator/gifts?limit=101",
    ] {
        assert_problem(&bob.get(path).await, (400, "body_invalid"), "");
    }
    let currency = bob.get("/v1/creator/earnings?currency=chf").await;
    assert_problem(&currency, (400, "currency_unsupported"), "");
    before.assert_kept(&world, "a refusal").await;
    world.stop().await;
}

#[tokio::test]
async fn an_app_that_is_too_old_reads_but_changes_nothing() {
    let world = World::start().await;
    let bob = world.fan("bob");
    become_creator(&world, &bob).await;
    let before = stored(&world).await;
    let old = async |method: Method, path: &str, body: Value| {
        let request = bob
            .request(method, path)
            .header("recharge-client", "ios/0.9.0");
        Answer::read(request.json(&body).send().await.unwrap()).await
    };
    for (method, path, body) in [
        (Method::PUT, "/v1/creator", asked(&json!("any"))),
        (
            Method::PUT,
            "/v1/creator/status",
            json!({"accepting": false}),
        ),
        (Method::PUT, "/v1/creator/blocked/alice", Value::Null),
        (Method::DELETE, "/v1/creator/blocked/alice", Value::Null),
    ] {
        assert_problem(
            &old(method, path, body).await,
            (403, "upgrade_required"),
            "",
        );
    }
    for path in [
        "/v1/creator",
        "/v1/creator/earnings",
        "/v1/creator/gifts",
        "/v1/creator/blocked",
    ] {
        assert_eq!(
            old(Method::GET, path, Value::Null).await.status,
            200,
            "{path}"
        );
    }
    before.assert_kept(&world, "a refusal").await;
    world.stop().await;
}

#[tokio::test]
async fn a_gift_to_nobody_is_refused_until_they_are_a_creator() {
    let world = World::start().await;
    let (alice, bob) = (world.fan_with("alice", 100).await, world.fan("bob"));
    let before = stored(&world).await;
    assert_problem(&to_bob(&alice, "k").await, (404, "creator_not_found"), "");
    before.assert_kept(&world, "a refusal").await;
    become_creator(&world, &bob).await;
    // The same key, at once: a refusal is not stored, and nothing remembers that there was nobody.
    assert_eq!(to_bob(&alice, "k").await.status, 201);
    world.stop().await;
}

#[tokio::test]
async fn a_pause_takes_effect_within_half_a_minute_and_its_end_at_once() {
    let world = World::start().await;
    let (alice, bob) = (world.fan_with("alice", 100).await, world.fan("bob"));
    become_creator(&world, &bob).await;
    assert_eq!(to_bob(&alice, "k1").await.status, 201);
    accepting(&bob, false).await;
    // A warm container may not know it yet; a cold one does.
    assert_eq!(to_bob(&alice, "k2").await.status, 201);
    let cold = world.lambda(&FaultyHttp::default()).gifts();
    let mut body = gift_body("rose");
    body["creator_id"] = json!("bob");
    let request = |key| {
        let headers = [("idempotency-key", key)];
        invoke("POST /v1/gifts/send", "alice", &headers, &body.to_string())
    };
    let refused: Answer = cold.handle(request("k3")).await.into();
    assert_eq!(refused.outcome(), (409, "creator_not_accepting"));
    world.server.clock().advance(Duration::from_secs(30));
    let before = stored(&world).await;
    assert_problem(
        &to_bob(&alice, "k3").await,
        (409, "creator_not_accepting"),
        "",
    );
    before.assert_kept(&world, "a refusal").await;
    // A key that succeeded answers its first success.
    assert!(to_bob(&alice, "k1").await.is_replay());

    accepting(&bob, true).await;
    assert_eq!(to_bob(&alice, "k3").await.status, 201);
    let resumed: Answer = cold.handle(request("k4")).await.into();
    assert_eq!(resumed.status, 201, "{}", resumed.body);
    world.stop().await;
}

#[tokio::test]
async fn a_block_is_of_one_sender_and_one_creator_and_can_be_taken_back() {
    let world = World::start().await;
    let (alice, bob) = (world.fan_with("alice", 100).await, world.fan("bob"));
    let carol = world.fan_with("carol", 100).await;
    become_creator(&world, &bob).await;
    assert_eq!(to_bob(&alice, "k1").await.status, 201);
    let path = "/v1/creator/blocked/alice";
    for _ in 0..2 {
        let blocked = call(&bob, Method::PUT, path, None).await;
        assert_eq!(
            (blocked.status, blocked.body),
            (200, json!({"user": "alice", "blocked": true}))
        );
    }
    let before = stored(&world).await;
    // Senders are not told that they are blocked.
    assert_problem(
        &to_bob(&alice, "k2").await,
        (409, "creator_not_accepting"),
        "",
    );
    before.assert_kept(&world, "a refusal").await;
    assert!(to_bob(&alice, "k1").await.is_replay());
    assert_eq!(to_bob(&carol, "k").await.status, 201);
    assert_eq!(
        alice.gift("k3", "rose").await.status,
        201,
        "to another creator"
    );
    let list = bob.get("/v1/creator/blocked").await;
    assert_eq!(list.body["data"][0]["user"], "alice");

    let freed = call(&bob, Method::DELETE, path, None).await;
    assert_eq!((freed.status, &freed.body["blocked"]), (200, &json!(false)));
    assert_eq!(to_bob(&alice, "k2").await.status, 201);
    assert_eq!(
        bob.get("/v1/creator/blocked").await.body,
        json!({"data": []})
    );
    world.stop().await;
}

#[tokio::test]
async fn the_blocked_are_listed_in_pages() {
    let world = World::start().await;
    let bob = world.fan("bob");
    become_creator(&world, &bob).await;
    for name in ["a", "b", "c", "d", "e"] {
        let path = format!("/v1/creator/blocked/{name}");
        assert_eq!(call(&bob, Method::PUT, &path, None).await.status, 200);
    }
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = bob
            .get(&format!("/v1/creator/blocked?limit=2{cursor}"))
            .await;
        assert_eq!(page.status, 200, "{}", page.body);
        let users = page.body["data"].as_array().unwrap();
        listed.extend(
            users
                .iter()
                .map(|it| it["user"].as_str().unwrap().to_owned()),
        );
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(listed, ["a", "b", "c", "d", "e"]);
    // Somebody else's cursor is none.
    let next = bob.get("/v1/creator/blocked?limit=2").await;
    let next = next.body["next_cursor"].as_str().unwrap();
    let eve = world.creator("eve").await;
    let foreign = eve.get(&format!("/v1/creator/blocked?cursor={next}")).await;
    assert_problem(&foreign, (400, "cursor_invalid"), "");
    world.stop().await;
}
