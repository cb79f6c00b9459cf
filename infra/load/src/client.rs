//! The API, as far as a run calls it.

use anyhow::{Context, ensure};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::Fan;

/// What is sent: the cheapest of the catalogue.
const GIFT: &str = "rose";

/// A gift that is asked for, perhaps several times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) fan: &'a Fan,
    pub(crate) creator: &'a str,
    pub(crate) key: &'a str,
}

/// An answer to a gift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Whether it says that it is a replay.
    pub(crate) is_replay: bool,
    pub(crate) body: Value,
}

impl Answer {
    /// What a refusal is called; the status, where it has no name.
    pub(crate) fn code(&self) -> String {
        let code = self.body.get("code").and_then(Value::as_str);
        code.map_or_else(|| self.status.to_string(), str::to_owned)
    }
}

/// The API at an address.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    http: Client,
    base_url: String,
}

impl Api {
    pub(crate) fn new(base_url: &str) -> anyhow::Result<Self> {
        Ok(Self {
            http: Client::builder().build()?,
            base_url: base_url.trim_end_matches('/').to_owned(),
        })
    }

    /// A gift, ready to be sent.
    pub(crate) fn gift(&self, ask: Ask<'_>) -> RequestBuilder {
        let body = json!({
            "gift_id": GIFT, "quantity": 1, "creator_id": ask.creator,
            "target": {"kind": "live", "id": "load"},
        });
        self.http
            .post(format!("{}/v1/gifts/send", self.base_url))
            .bearer_auth(&ask.fan.token)
            .header("idempotency-key", ask.key)
            .json(&body)
    }

    /// Sends it and reads the answer.
    pub(crate) async fn send(&self, ask: Ask<'_>) -> reqwest::Result<Answer> {
        let response = self.gift(ask).send().await?;
        let replayed = response.headers().get("idempotent-replayed");
        let is_replay = replayed.is_some_and(|value| value == "true");
        let status = response.status().as_u16();
        let text = response.text().await?;
        Ok(Answer {
            status,
            is_replay,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        })
    }

    /// The coins of a fan.
    pub(crate) async fn coins(&self, fan: &Fan) -> anyhow::Result<i64> {
        let path = format!("{}/v1/wallet", self.base_url);
        let wallet = self.http.get(path).bearer_auth(&fan.token);
        let wallet = json_of(wallet, "the wallet").await?;
        let coins = wallet.get("coins").and_then(Value::as_i64);
        coins.context("a wallet without coins")
    }

    /// Any other call, which must succeed.
    pub(crate) async fn call(
        &self,
        token: Option<&str>,
        key: &str,
        (method, path): (reqwest::Method, &str),
        body: Value,
    ) -> anyhow::Result<Value> {
        let url = match path.starts_with('/') {
            true => format!("{}{path}", self.base_url),
            false => path.to_owned(),
        };
        let mut request = self.http.request(method, url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        json_of(request, path).await
    }
}

async fn json_of(request: RequestBuilder, what: &str) -> anyhow::Result<Value> {
    let response = request.send().await.with_context(|| what.to_owned())?;
    let (status, text) = (response.status(), response.text().await?);
    ensure!(status.is_success(), "{what}: {status}: {text}");
    serde_json::from_str(&text).with_context(|| format!("{what}: not JSON"))
}
