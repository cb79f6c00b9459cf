//! The client tells a sound ledger from one that makes mistakes.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "test code: what is not as expected ends the test"
)]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use recharge_load::{Fan, LoadArguments, Players, Report, Shape, drive};
use serde_json::json;
use tokio::net::TcpListener;

/// What a ledger does with a key that it has seen.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Memory {
    /// It answers what it answered.
    Keeps,
    /// It takes the coins again.
    Forgets,
    /// It takes nothing, and answers something else.
    Confuses,
}

#[derive(Clone)]
struct Ledger {
    memory: Memory,
    state: Arc<Mutex<(i64, HashMap<String, i64>)>>,
}

async fn wallet(State(ledger): State<Ledger>) -> Json<serde_json::Value> {
    Json(json!({"coins": ledger.state.lock().unwrap().0}))
}

async fn send(State(ledger): State<Ledger>, headers: HeaderMap) -> Response {
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    let mut state = ledger.state.lock().unwrap();
    let (coins, known) = &mut *state;
    let earlier = known.get(&key).copied();
    if let (Some(after), Memory::Keeps | Memory::Confuses) = (earlier, ledger.memory) {
        let after = if ledger.memory == Memory::Keeps {
            after
        } else {
            0
        };
        let replayed = [("idempotent-replayed", "true")];
        return (StatusCode::CREATED, replayed, Json(json!({"after": after}))).into_response();
    }
    if *coins == 0 {
        return (
            StatusCode::CONFLICT,
            Json(json!({"code": "insufficient_coins"})),
        )
            .into_response();
    }
    *coins -= 1;
    known.insert(key, *coins);
    (StatusCode::CREATED, Json(json!({"after": *coins}))).into_response()
}

async fn played(memory: Memory, coins: i64, replays: u32, lost: u32) -> Report {
    let state = Arc::new(Mutex::new((coins, HashMap::new())));
    let routes = Router::new()
        .route("/v1/wallet", get(wallet))
        .route("/v1/gifts/send", post(send))
        .with_state(Ledger { memory, state });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let arguments = LoadArguments {
        base_url,
        players: "none".into(),
        shape: Shape::HotFan,
        requests: 100,
        seconds: 60,
        concurrency: 8,
        replays,
        lost,
        seed: Some(1),
        json: false,
    };
    let fan = Fan {
        user: "f".to_owned(),
        token: "t".to_owned(),
    };
    let players = Players {
        fans: vec![fan],
        creators: vec!["c".to_owned()],
    };
    drive(&arguments, players).await.unwrap()
}

#[tokio::test]
async fn a_ledger_that_keeps_its_keys_is_exact_whatever_is_repeated_or_lost() {
    let repeated = played(Memory::Keeps, 1_000, 100, 0).await;
    assert_eq!(
        (repeated.sent, repeated.replays, repeated.replays_equal),
        (100, 100, 100)
    );
    assert!(
        repeated.is_exact && repeated.refused.is_empty(),
        "{repeated:?}"
    );
    let lost = played(Memory::Keeps, 1_000, 0, 100).await;
    assert_eq!((lost.sent, lost.lost, lost.coins_spent), (100, 100, 100));
    assert!(lost.is_exact, "{lost:?}");
}

#[tokio::test]
async fn a_ledger_that_forgets_its_keys_is_found_by_what_wallets_paid() {
    let report = played(Memory::Forgets, 1_000, 100, 0).await;
    assert_eq!(
        (report.sent, report.coins_spent, report.replays_equal),
        (100, 200, 0)
    );
    assert!(!report.is_exact);
}

#[tokio::test]
async fn a_ledger_that_answers_a_replay_otherwise_is_found_by_the_answer() {
    let report = played(Memory::Confuses, 1_000, 100, 0).await;
    assert!(
        report.is_exact && report.replays_equal < report.replays,
        "{report:?}"
    );
}

#[tokio::test]
async fn refusals_are_counted_by_their_code() {
    let report = played(Memory::Keeps, 40, 0, 0).await;
    assert_eq!(report.sent, 40);
    assert_eq!(report.refused.get("insufficient_coins"), Some(&60));
    assert!(report.is_exact);
}
