//! `POST /v1/gifts/send`.

use recharge_core::domain::WalletStatus;
use recharge_testkit::{World, coins, contract::store_wallet, gift_body, wallet};
use serde_json::{Value, json};

use super::{NO_IDS, Row, assert_refused, shapes, with, with_text, without};
use crate::support::stored;

const PATH: &str = "/v1/gifts/send";
const REQUIRED: [&str; 4] = ["gift_id", "quantity", "creator_id", "target"];
const OPTIONAL: [&str; 3] = ["expected_coins", "combo_id", "message"];

fn full() -> Value {
    let mut body = gift_body("rose");
    body["expected_coins"] = json!(1);
    body["combo_id"] = json!("combo");
    body["message"] = json!("hello");
    body
}

#[tokio::test]
async fn a_gift_whose_body_is_malformed_is_refused() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 100).await;
    assert_refused(&world, &fan, PATH, shapes(&full(), &REQUIRED, &OPTIONAL)).await;
    world.stop().await;
}

#[tokio::test]
async fn a_gift_with_a_wrong_field_is_refused() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 100).await;
    let body = full();
    let mut rows = Vec::new();
    for pointer in ["/gift_id", "/creator_id", "/target/id", "/combo_id"] {
        for id in NO_IDS {
            rows.push(Row::wrong(pointer, with(&body, pointer, id).to_string()));
        }
        rows.push(Row::wrong(pointer, with(&body, pointer, 7).to_string()));
    }
    for (pointer, value) in [
        ("/target", json!("live")),
        ("/target/kind", json!("room")),
        ("/target/kind", json!("Live")),
        ("/target/kind", json!("")),
        ("/target/kind", json!(null)),
        ("/target/kind", json!(0)),
        ("/target/kind", json!({"live": null, "video": null})),
        ("/target/id", json!(null)),
        ("/target/more", json!(1)),
        ("/expected_coins", json!(-1)),
        ("/expected_coins", json!(1.0)),
        ("/expected_coins", json!(1.5)),
        ("/expected_coins", json!("1")),
        ("/expected_coins", json!(9_007_199_254_740_992_u64)),
        ("/expected_coins", json!(u64::MAX)),
        ("/message", json!("")),
        ("/message", json!(1)),
        ("/message", json!("x".repeat(201))),
        ("/message", json!("🌹".repeat(201))),
        ("/message", json!("two\nlines")),
        ("/message", json!("a\u{0}")),
        ("/message", json!("a\u{7f}")),
        ("/message", json!("a\u{85}")),
        ("/message", json!("\u{1b}[31m")),
    ] {
        rows.push(Row::wrong(pointer, with(&body, pointer, value).to_string()));
    }
    for field in ["/target/kind", "/target/id"] {
        rows.push(Row::wrong("/target", without(&body, field).to_string()));
    }
    // Half of a character.
    rows.push(Row::wrong(
        "/message",
        with_text(&body, "/message", r#""\ud83c""#),
    ));
    assert_refused(&world, &fan, PATH, rows).await;
    world.stop().await;
}

#[tokio::test]
async fn a_quantity_is_a_whole_number_from_1_to_9999() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 100).await;
    let body = gift_body("rose");
    let mut rows = Vec::new();
    for quantity in [
        i64::MIN,
        -9_999,
        -1,
        0,
        10_000,
        65_537,
        4_294_967_297,
        i64::MAX,
    ] {
        let mut row = Row::wrong("/quantity", with(&body, "/quantity", quantity).to_string());
        row.expected = (422, "quantity_out_of_range");
        rows.push(row);
    }
    for quantity in [
        "1.0",
        "1.5",
        "0.1",
        "-0",
        "1e0",
        "1e3",
        "1e999",
        "-1e999",
        "1E400",
        "\"1\"",
        "\"\"",
        "true",
        "false",
        "null",
        "[]",
        "[1]",
        "{}",
        "{\"a\":1}",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "100000000000000000000000000000000000000000000000000000000000000000",
    ] {
        rows.push(Row::wrong(
            "/quantity",
            with_text(&body, "/quantity", quantity),
        ));
    }
    for quantity in [
        "01", "+1", "0x1", "1_000", "1.", ".5", "--1", "Infinity", "1,5",
    ] {
        rows.push(Row::no_json(with_text(&body, "/quantity", quantity)));
    }
    assert_refused(&world, &fan, PATH, rows).await;
    world.stop().await;
}

#[tokio::test]
async fn a_gift_that_makes_no_sense_is_refused() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 100).await;
    let body = gift_body("rose");
    let to_herself = with(&body, "/creator_id", "alice");
    let rows = vec![
        Row::refused(
            (409, "gift_unavailable"),
            &with(&body, "/gift_id", "no_such_gift"),
        ),
        Row::refused((409, "gift_unavailable"), &with(&body, "/gift_id", "ROSE")),
        Row::refused((409, "gift_unavailable"), &with(&body, "/gift_id", "GIFTS")),
        Row::refused((409, "self_gift"), &to_herself),
        Row::refused(
            (409, "self_gift"),
            &with(&to_herself, "/gift_id", "no_such_gift"),
        ),
        Row::refused((409, "price_changed"), &with(&body, "/expected_coins", 0)),
        Row::refused((409, "price_changed"), &with(&body, "/expected_coins", 2)),
        Row::refused(
            (409, "price_changed"),
            &with(&body, "/expected_coins", 9_007_199_254_740_991_u64),
        ),
        // The whole cost is expected, not that of one.
        Row::refused(
            (409, "price_changed"),
            &with(&with(&body, "/quantity", 3), "/expected_coins", 1),
        ),
        Row::refused((409, "insufficient_coins"), &with(&body, "/quantity", 101)),
        Row::refused(
            (409, "insufficient_coins"),
            &with(&body, "/quantity", 9_999),
        ),
    ];
    assert_refused(&world, &fan, PATH, rows).await;
    world.stop().await;
}

/// A wallet that may not spend does not, and neither does one that was never there.
#[tokio::test]
async fn a_wallet_that_may_not_spend_stays_as_it_is() {
    let world = World::start().await;
    let mut frozen = wallet("frozen", 100);
    frozen.status = WalletStatus::Frozen;
    let mut in_debt = wallet("in-debt", 0);
    in_debt.debt = coins(5);
    in_debt.out_total = coins(5);
    let mut limited = wallet("limited", 100);
    limited.limits.daily_coins = Some(coins(0));
    let mut monthly = wallet("monthly", 100);
    monthly.limits.monthly_coins = Some(coins(0));
    for held in [&frozen, &in_debt, &limited, &monthly] {
        store_wallet(&world.ledger(), held).await;
    }
    for (name, code) in [
        ("frozen", "wallet_frozen"),
        ("in-debt", "wallet_in_debt"),
        ("limited", "spending_limit_reached"),
        ("monthly", "spending_limit_reached"),
        ("nobody", "insufficient_coins"),
    ] {
        let rows = vec![Row::refused((409, code), &gift_body("rose"))];
        assert_refused(&world, &world.fan(name), PATH, rows).await;
    }
    world.stop().await;
}

/// What is only just right is no refusal.
#[tokio::test]
async fn what_is_at_the_edge_of_its_range_is_taken() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 30_000).await;
    let longest = "x".repeat(64);
    for creator in [longest.as_str(), "auth0|a_b.c:d-e"] {
        world.creator(creator).await;
    }
    for (number, (pointer, value)) in [
        ("/quantity", json!(9_999)),
        ("/quantity", json!(1)),
        ("/creator_id", json!(longest)),
        ("/creator_id", json!("auth0|a_b.c:d-e")),
        ("/target/id", json!(longest)),
        ("/combo_id", json!(longest)),
        ("/combo_id", json!(null)),
        ("/message", json!("🌹".repeat(200))),
        (
            "/message",
            json!("<script>alert(1)</script> '; -- \\ \" \u{202e}"),
        ),
        ("/message", json!(null)),
        ("/expected_coins", json!(null)),
        ("/target/kind", json!("video")),
    ]
    .into_iter()
    .enumerate()
    {
        let body = with(&gift_body("rose"), pointer, value.clone());
        let before = stored(&world).await;
        let sent = fan.post(PATH, &format!("k{number}"), &body).await;
        assert_eq!(sent.status, 201, "{pointer} {value}: {}", sent.body);
        let echoed = sent.body.pointer(pointer);
        assert!(
            echoed.is_none_or(|echoed| *echoed == value),
            "{pointer}: {}",
            sent.body
        );
        assert!(
            stored(&world).await.count() == before.count() + 1,
            "{pointer} {value}"
        );
    }
    world.stop().await;
}
