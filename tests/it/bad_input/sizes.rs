//! Bodies that are too large, and those that only just are not.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use recharge_testkit::{Fan, World, gift_body};
use serde_json::{Value, json};

use crate::support::{assert_points_at, assert_problem, send, stored};

const MOVES: [&str; 2] = ["/v1/gifts/send", "/v1/recharges"];
const SIZE_MAX: usize = 64 * 1024;

/// The body with spaces behind it, so many bytes in all.
fn padded(body: &Value, size: usize) -> String {
    let text = body.to_string();
    format!("{text}{}", " ".repeat(size - text.len()))
}

async fn assert_too_large(world: &World, fan: &Fan, path: &str, body: impl Into<Vec<u8>>) {
    let (before, body) = (stored(world).await, body.into());
    let case = format!("{path} {} bytes", body.len());
    let answer = send(&fan.api, &fan.token, path, "k", body).await;
    assert_problem(&answer, (413, "body_too_large"), &case);
    assert_points_at(&answer, None, &case);
    before.assert_kept(world, &case).await;
}

#[tokio::test]
async fn a_body_of_more_than_64_kib_is_refused_whatever_is_in_it() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 100).await;
    for path in MOVES {
        assert_too_large(&world, &fan, path, padded(&gift_body("rose"), SIZE_MAX + 1)).await;
        assert_too_large(
            &world,
            &fan,
            path,
            padded(&gift_body("rose"), 2 * 1024 * 1024),
        )
        .await;
        assert_too_large(&world, &fan, path, "x".repeat(2 * 1024 * 1024)).await;
        assert_too_large(&world, &fan, path, "[".repeat(2 * 1024 * 1024)).await;
        assert_too_large(&world, &fan, path, vec![0; SIZE_MAX + 1]).await;
        // Not text: it comes to the function in base64.
        assert_too_large(&world, &fan, path, vec![0xff; SIZE_MAX + 1]).await;
    }
    // In characters it would be small enough.
    let roses = json!({"message": "🌹".repeat(SIZE_MAX / 4)}).to_string();
    assert_too_large(&world, &fan, MOVES[0], roses).await;

    let exactly = padded(&gift_body("rose"), SIZE_MAX);
    let sent = send(&world.api, &fan.token, MOVES[0], "k", exactly).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    world.stop().await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_no_json() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 100).await;
    let before = stored(&world).await;
    let mut latin_1 = gift_body("rose").to_string().into_bytes();
    let end = latin_1.len() - 1;
    latin_1.splice(end..end, *b",\"message\":\"\xe4\"");
    for path in MOVES {
        for body in [
            b"\xff\xfe{\0}\0".to_vec(),
            vec![0xff; 100],
            vec![0x1f, 0x8b, 8, 0],
        ] {
            let case = format!("{path} {body:?}");
            let answer = send(&world.api, &fan.token, path, "k", body).await;
            assert_problem(&answer, (400, "body_invalid"), &case);
        }
    }
    let answer = send(&world.api, &fan.token, MOVES[0], "k", latin_1).await;
    assert_problem(&answer, (400, "body_invalid"), "a text in another encoding");
    before.assert_kept(&world, "all of it").await;
    world.stop().await;
}

/// API Gateway takes 10 MB, and says so before it has read them: here no byte of them is sent.
#[tokio::test]
async fn a_body_of_11_mb_ends_at_the_gateway() {
    let world = World::start().await;
    let fan = world.fan_with("alice", 100).await;
    let before = stored(&world).await;
    for path in ["/v1/gifts/send", "/v1/recharges", "/v1/stripe/webhook"] {
        let host = world
            .server
            .base_url()
            .strip_prefix("http://")
            .unwrap()
            .to_owned();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\n\
             idempotency-key: k\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            fan.token,
            11 * 1024 * 1024,
        );
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(host).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        let answer = answer.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{path}: {answer}");
        let body = json!({"message": "Request Entity Too Large"}).to_string();
        assert!(answer.ends_with(&body), "{path}: {answer}");
    }
    before.assert_kept(&world, "all of it").await;
    world.stop().await;
}
