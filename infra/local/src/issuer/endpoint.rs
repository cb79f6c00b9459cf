//! `/.well-known/jwks.json` and `POST /dev/token`.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{StatusCode, header};
use recharge_core::app::Clock;
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::json;

use super::{Claims, Issuer};
use crate::random;

/// A token lasts an hour unless asked for otherwise.
const EXPIRES_IN_DEFAULT_S: i64 = 3_600;
/// Ten years: far enough for every test, and every sum with it stays a valid time.
const EXPIRES_IN_MAX_S: i64 = 10 * 366 * 24 * 3_600;

/// What tokens are made with.
#[derive(Debug, Clone)]
pub(crate) struct IssuerState {
    pub(crate) issuer: Issuer,
    pub(crate) name: Arc<str>,
    pub(crate) audience: Arc<str>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl IssuerState {
    /// A token for `user` that expires in so many seconds; a negative number has expired.
    pub(crate) fn token(
        &self,
        user: &str,
        scopes: &[impl AsRef<str>],
        expires_in: i64,
    ) -> anyhow::Result<String> {
        let now = self.clock.now().as_second();
        let scopes: Vec<_> = scopes.iter().map(AsRef::as_ref).collect();
        self.issuer.sign(&Claims {
            iss: &self.name,
            aud: &self.audience,
            sub: user,
            scope: scopes.join(" "),
            iat: now,
            exp: now.saturating_add(expires_in),
        })
    }
}

/// The issuer's routes.
pub(crate) fn router(state: IssuerState) -> Router {
    Router::new()
        .route("/.well-known/jwks.json", get(jwks))
        .route("/dev/token", post(dev_token))
        .with_state(state)
}

async fn jwks(State(state): State<IssuerState>) -> Response {
    (
        [(header::CACHE_CONTROL, "no-store")],
        Json(state.issuer.jwks()),
    )
        .into_response()
}

/// Any user and any scopes, because it is for trying things, hostile names among them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenBody {
    user: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default = "expires_in_default")]
    expires_in: i64,
}

const fn expires_in_default() -> i64 {
    EXPIRES_IN_DEFAULT_S
}

async fn dev_token(State(state): State<IssuerState>, body: Bytes) -> Response {
    let body: TokenBody = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => return refusal(&error),
    };
    if !(-EXPIRES_IN_MAX_S..=EXPIRES_IN_MAX_S).contains(&body.expires_in) {
        let detail = format!("expires_in must be from -{EXPIRES_IN_MAX_S} to {EXPIRES_IN_MAX_S}");
        return body_invalid(StatusCode::UNPROCESSABLE_ENTITY, &detail);
    }
    match state.token(&body.user, &body.scopes, body.expires_in) {
        Ok(token) => (
            [(header::CACHE_CONTROL, "no-store")],
            Json(json!({ "token": token })),
        )
            .into_response(),
        Err(error) => {
            tracing::error!("no token was made: {error:#}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn refusal(error: &serde_json::Error) -> Response {
    let status = match error.classify() {
        Category::Data => StatusCode::UNPROCESSABLE_ENTITY,
        Category::Syntax | Category::Eof | Category::Io => StatusCode::BAD_REQUEST,
    };
    let example = r#"{"user": "alice", "scopes": [], "expires_in": 3600}"#;
    body_invalid(status, &format!("{error}; it must be like {example}"))
}

fn body_invalid(status: StatusCode, detail: &str) -> Response {
    let problem = json!({
        "type": "about:blank",
        "title": "The body is invalid",
        "status": status.as_u16(),
        "detail": detail,
        "code": "body_invalid",
        "request_id": random::text::<12>().ok(),
        "retryable": false,
    });
    let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, content_type, problem.to_string()).into_response()
}
