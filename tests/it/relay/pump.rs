//! The whole way, as `cargo run` goes it: from a gift to what its creator sees.

use std::time::Duration;

use recharge_local::Pumped;
use recharge_testkit::World;

use super::{assert_all_agree, credited, send_gifts};

#[tokio::test]
async fn what_fans_send_is_what_creators_receive_and_earn() {
    const FANS: [&str; 3] = ["f1", "f2", "f3"];
    const CREATORS: [&str; 2] = ["c1", "c2"];
    let world = World::start().await;
    send_gifts(&world, &FANS, &CREATORS, 12).await;
    let pumped = world.server.relay().await.unwrap();
    assert_eq!((pumped.handed_over, pumped.calls), (12, 1), "{pumped:?}");
    assert!(pumped.read > 12, "wallets are filtered away: {pumped:?}");
    assert_all_agree(&world, &FANS, &CREATORS).await;

    let bob = world.fan("c1");
    let earnings = bob.get("/v1/creator/earnings").await;
    let gifts = bob.get("/v1/creator/gifts").await;
    assert_eq!(gifts.body["data"].as_array().unwrap().len(), 6);
    let diamonds: i64 = (0..6)
        .map(|at| gifts.number(&format!("/data/{at}/diamonds")))
        .sum();
    assert_eq!(earnings.number("/pending"), diamonds);
    world.stop().await;
}

#[tokio::test]
async fn an_idle_table_stays_idle() {
    let world = World::start().await;
    send_gifts(&world, &["f1"], &["c1"], 2).await;
    world.server.relay().await.unwrap();
    let told = credited(&world, &["c1"]).await;
    // The relay's own writes are in the views, which have no stream.
    for _ in 0..3 {
        world.faults.reset();
        assert_eq!(world.server.relay().await.unwrap(), Pumped::default());
        assert_eq!(world.faults.calls(), [], "no call of DynamoDB by the relay");
    }
    // What is no gift reaches it neither.
    let started = world.fan("f1").recharge("r", "coins_70").await;
    world.pay(&started).await;
    world.faults.reset();
    let pumped = world.server.relay().await.unwrap();
    assert!(pumped.read > 0 && pumped.handed_over == 0, "{pumped:?}");
    assert_eq!(world.faults.calls(), []);
    assert_eq!(credited(&world, &["c1"]).await, told);
    world.stop().await;
}

#[tokio::test]
async fn received_gifts_are_listed_newest_first_across_lanes_and_months() {
    let world = World::start().await;
    let bob = world.creator("bob").await;
    let alice = world.fan_with("alice", 100_000).await;
    let mut sent = Vec::new();
    // Three months, with one between them in which nothing was received.
    for (days, count) in [(0, 7), (31, 3), (62, 5)] {
        world
            .server
            .clock()
            .advance(Duration::from_secs(days * 86_400));
        for number in 0..count {
            world.server.clock().advance(Duration::from_millis(40));
            let mut body = recharge_testkit::gift_body("rose");
            body["creator_id"] = serde_json::json!("bob");
            body["message"] = serde_json::json!(format!("{days} {number}"));
            let key = format!("{days}-{number}");
            let answer = alice.post("/v1/gifts/send", &key, &body).await;
            assert_eq!(answer.status, 201, "{}", answer.body);
            sent.push(answer.body["id"].clone());
        }
    }
    world.server.relay().await.unwrap();
    sent.reverse();
    for limit in [1, 2, 4, 100] {
        let (mut listed, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = bob
                .get(&format!("/v1/creator/gifts?limit={limit}{cursor}"))
                .await;
            assert_eq!(page.status, 200, "{}", page.body);
            let gifts = page.body["data"].as_array().unwrap();
            assert!(gifts.len() <= limit, "{}", page.body);
            listed.extend(gifts.iter().map(|gift| gift["id"].clone()));
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(listed, sent, "in pages of {limit}");
    }
    let newest = bob.get("/v1/creator/gifts?limit=1").await;
    assert_eq!(newest.body["data"][0]["sender"], "alice");
    assert_eq!(newest.body["data"][0]["message"], "62 4");
    let days = bob.get("/v1/creator/earnings?limit=2").await;
    assert_eq!(days.body["days"].as_array().unwrap().len(), 2);
    assert_eq!(days.number("/pending"), 15);
    let next = days.body["next_cursor"].as_str().unwrap();
    let rest = bob
        .get(&format!("/v1/creator/earnings?cursor={next}"))
        .await;
    assert_eq!(rest.number("/days/0/live_gifts"), 7);
    assert_eq!(rest.body["next_cursor"], serde_json::Value::Null);
    // A cursor is of one list and one user.
    let foreign = bob.get(&format!("/v1/creator/gifts?cursor={next}")).await;
    assert_eq!(foreign.outcome(), (400, "cursor_invalid"));
    world.stop().await;
}

/// Gifts of one moment, in one lane and in several: no page repeats or skips one.
#[tokio::test]
async fn gifts_of_one_moment_are_listed_each_once() {
    let world = World::standing().await;
    send_gifts(&world, &["f1"], &["c1"], 40).await;
    world.server.relay().await.unwrap();
    let bob = world.fan("c1");
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = bob.get(&format!("/v1/creator/gifts?limit=1{cursor}")).await;
        let gifts = page.body["data"].as_array().unwrap();
        listed.extend(gifts.iter().map(|gift| gift["id"].to_string()));
        assert!(gifts.iter().all(|gift| gift["at"] == gifts[0]["at"]));
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let mut each = listed.clone();
    each.sort();
    each.dedup();
    assert_eq!((listed.len(), each.len()), (40, 40));
    world.stop().await;
}
