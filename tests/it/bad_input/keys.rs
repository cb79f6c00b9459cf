//! `Idempotency-Key`.

use recharge_testkit::{Answer, Fan, World, gift_body};
use reqwest::{Method, header::HeaderValue};
use serde_json::{Value, json};

use crate::support::{assert_points_at, assert_problem, sessions, stored};

async fn post(fan: &Fan, path: &str, keys: &[&[u8]], body: &Value) -> Answer {
    let mut request = fan.request(Method::POST, path).json(body);
    for key in keys {
        request = request.header("idempotency-key", HeaderValue::from_bytes(key).unwrap());
    }
    Answer::read(request.send().await.unwrap()).await
}

/// What moves value, with a body that would be fine.
fn operations(world: &World) -> [(&'static str, Value); 2] {
    let terms = world.server.setting("TERMS_VERSION");
    let recharge = json!({"package_id": "coins_70", "currency": "usd", "terms_version": terms});
    [
        ("/v1/gifts/send", gift_body("rose")),
        ("/v1/recharges", recharge),
    ]
}

#[tokio::test]
async fn a_key_that_is_missing_or_no_key_is_refused_before_the_body_is_read() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 100).await;
    let before = stored(&world).await;
    let (long, missing) = ([b'k'; 256], (400, "idempotency_key_missing"));
    let invalid = (400, "idempotency_key_invalid");
    let keys: [(&[&[u8]], _); 9] = [
        (&[], missing),
        (&[b""], invalid),
        (&[b"   "], invalid), // HTTP trims it
        (&[&long], invalid),
        (&[b"a\tb"], invalid),
        (&["ä".as_bytes()], invalid),
        (&["🌹".as_bytes()], invalid),
        (&[b"\xe4"], invalid),
        (&[b"a\xffb"], invalid),
    ];
    for (path, body) in operations(&world) {
        for (keys, expected) in &keys {
            for body in [&body, &json!("junk"), &Value::Null] {
                let answer = post(&fan, path, keys, body).await;
                let case = format!("{path} {keys:?} {body}");
                assert_problem(&answer, *expected, &case);
                assert_points_at(&answer, None, &case);
                before.assert_kept(&world, &case).await;
            }
        }
    }
    assert!(sessions(&world.api).await.is_empty());
    world.stop().await;
}

#[tokio::test]
async fn a_key_may_have_255_printable_characters_and_stays_apart_from_others() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 100).await;
    let printable: String = (' '..='~').collect();
    let longest = format!("a#b c~{}", "k".repeat(249));
    assert_eq!(longest.len(), 255);
    let keys = [
        longest.as_str(),
        printable.trim(),
        "#",
        "a#b",
        "a",
        "ENTRY#gift#a",
        "a b",
        "~",
    ];
    for (path, body) in operations(&world) {
        let mut ids = std::collections::BTreeSet::new();
        for key in keys {
            let first = post(&fan, path, &[key.as_bytes()], &body).await;
            assert_eq!(
                (first.status, first.is_replay()),
                (201, false),
                "{path} {key}"
            );
            let again = post(&fan, path, &[key.as_bytes()], &body).await;
            assert_eq!(
                (again.status, again.is_replay()),
                (201, true),
                "{path} {key}"
            );
            assert_eq!(again.body, first.body, "{path} {key}");
            assert!(ids.insert(first.body["id"].to_string()), "{path} {key}");
        }
    }
    assert_eq!(fan.coins().await, 100 - i64::try_from(keys.len()).unwrap());
    assert_eq!(sessions(&world.api).await.len(), keys.len());
    world.stop().await;
}
