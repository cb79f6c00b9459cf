//! The same HTTP shape as Recharge's, as far as the load client calls it. The token is the user's
//! name: checking signatures is not what is compared.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use clap::Parser;
use serde_json::json;
use tokio::net::TcpListener;

use crate::ledger::{Gift, Ledger, Outcome};

/// A plain ledger on PostgreSQL, with the part of Recharge's API that the load client calls.
#[derive(Debug, Parser)]
struct Arguments {
    /// An empty database: postgres://user@/name?host=/folder/of/the/socket
    #[arg(long, value_name = "URL")]
    database: String,
    /// How many fans and how many creators there are
    #[arg(long, value_name = "N", default_value_t = 100)]
    fans: u32,
    #[arg(long, value_name = "N", default_value_t = 50)]
    creators: u32,
    /// Connections to the database
    #[arg(long, value_name = "N", default_value_t = 16)]
    connections: usize,
}

/// Serves on a free port of the loopback address, and prints where, and who plays.
pub(crate) async fn run() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let ledger = Ledger::open(&arguments.database, arguments.connections).await?;
    let names = |what: &str, count| {
        (0..count)
            .map(|number| format!("{what}-{number}"))
            .collect()
    };
    let fans: Vec<String> = names("fan", arguments.fans);
    let creators: Vec<String> = names("creator", arguments.creators);
    ledger.seed(&fans, &creators, 1_000_000).await?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let fans: Vec<_> = fans
        .iter()
        .map(|fan| json!({"user": fan, "token": fan}))
        .collect();
    say(&format!("http://{}", listener.local_addr()?));
    say(&json!({"fans": fans, "creators": creators}).to_string());
    let routes = Router::new()
        .route("/v1/gifts/send", post(send))
        .route("/v1/wallet", get(wallet))
        .with_state(ledger);
    Ok(axum::serve(listener, routes).await?)
}

#[expect(clippy::print_stdout, reason = "who started it reads that")]
fn say(text: &str) {
    println!("{text}");
}

/// An answer, or why there is none.
type Answer = Result<Response, Failure>;

/// What our own faults become.
struct Failure(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let detail = format!("{:#}", self.0);
        let body = json!({"code": "unavailable", "detail": detail});
        (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
    }
}

async fn wallet(State(ledger): State<Ledger>, headers: HeaderMap) -> Answer {
    let coins = ledger.coins(caller(&headers)).await?;
    Ok(match coins {
        Some(coins) => Json(json!({ "coins": coins })).into_response(),
        None => refused(StatusCode::NOT_FOUND, "user_not_found"),
    })
}

async fn send(State(ledger): State<Ledger>, headers: HeaderMap, Json(gift): Json<Gift>) -> Answer {
    let key = text(&headers, "idempotency-key");
    if key.is_empty() {
        return Ok(refused(StatusCode::BAD_REQUEST, "idempotency_key_missing"));
    }
    Ok(match ledger.send(caller(&headers), key, &gift).await? {
        Outcome::Sent(sent) => (StatusCode::CREATED, Json(sent)).into_response(),
        Outcome::Replayed(sent) => (
            StatusCode::CREATED,
            [("idempotent-replayed", "true")],
            Json(sent),
        )
            .into_response(),
        Outcome::KeyReused => refused(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused"),
        Outcome::NoSuchUser => refused(StatusCode::NOT_FOUND, "user_not_found"),
        Outcome::TooFewCoins => refused(StatusCode::CONFLICT, "insufficient_coins"),
    })
}

fn refused(status: StatusCode, code: &str) -> Response {
    (status, Json(json!({ "code": code }))).into_response()
}

fn caller(headers: &HeaderMap) -> &str {
    text(headers, AUTHORIZATION.as_str()).trim_start_matches("Bearer ")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}
