//! The HTTP API as a client sees it.

use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

use crate::Document;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; null if it has none.
    pub body: Value,
}

impl Answer {
    /// Reads a response, and holds it to the OpenAPI document.
    pub async fn read(response: reqwest::Response) -> Self {
        let path = response.url().path().to_owned();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = match text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        };
        let answer = Self {
            status,
            headers,
            body,
        };
        Document::of_this_build().assert_has(&path, &answer);
        answer
    }

    /// Its status and, if it is a problem, its code.
    #[must_use]
    pub fn outcome(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// Whether it answers a request that had succeeded before.
    #[must_use]
    pub fn is_replay(&self) -> bool {
        self.headers
            .get("idempotent-replayed")
            .is_some_and(|value| value == "true")
    }

    /// The checkout session of a recharge that was started.
    #[must_use]
    pub fn checkout_session(&self) -> &str {
        let url = self.body["checkout_url"].as_str();
        url.and_then(|url| url.rsplit('/').next()).unwrap()
    }

    /// A number in its body.
    #[must_use]
    pub fn number(&self, pointer: &str) -> i64 {
        let found = self.body.pointer(pointer).and_then(Value::as_i64);
        found.unwrap_or_else(|| panic!("{pointer} in {}", self.body))
    }
}

/// The API at an address.
#[derive(Debug, Clone)]
pub struct Api {
    base_url: String,
    client: Client,
}

impl Api {
    /// At `base_url`, which has no slash at its end.
    #[must_use]
    pub fn new(base_url: &str) -> Self {
        // Redirects are answers, too.
        let client = Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            base_url: base_url.to_owned(),
            client: client.build().unwrap(),
        }
    }

    /// A request to be added to.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.base_url))
    }

    /// A read without a token.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    /// A JSON body without a token.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::read(
            self.request(Method::POST, path)
                .json(body)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// A fan with that token.
    #[must_use]
    pub fn fan(&self, token: &str) -> Fan {
        Fan {
            api: self.clone(),
            token: token.to_owned(),
        }
    }
}

/// Somebody with a token.
#[derive(Debug, Clone)]
pub struct Fan {
    /// Without the token.
    pub api: Api,
    /// The token.
    pub token: String,
}

impl Fan {
    /// A request with the token, to be added to.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.api.request(method, path).bearer_auth(&self.token)
    }

    /// A read.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    /// Something that moves value, with an idempotency key.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("idempotency-key", key)
            .json(body);
        Answer::read(request.send().await.unwrap()).await
    }

    /// Starts a recharge of a package in US dollars.
    pub async fn recharge(&self, key: &str, package: &str) -> Answer {
        let terms = self.api.get("/v1/config").await.body["terms_version"].clone();
        let body = json!({"package_id": package, "currency": "usd", "terms_version": terms});
        self.post("/v1/recharges", key, &body).await
    }

    /// Sends one gift for a live stream of `creator`.
    pub async fn gift(&self, key: &str, gift: &str) -> Answer {
        self.post("/v1/gifts/send", key, &gift_body(gift)).await
    }

    /// The coins in the wallet.
    pub async fn coins(&self) -> i64 {
        self.get("/v1/wallet").await.number("/coins")
    }

    /// The whole statement, newest first, in pages of `limit`.
    pub async fn statement(&self, limit: u32) -> Vec<Value> {
        let (mut entries, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/v1/wallet/entries?limit={limit}{cursor}");
            let page = self.get(&path).await;
            assert_eq!(page.status, 200, "{}", page.body);
            entries.extend(page.body["data"].as_array().unwrap().iter().cloned());
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return entries,
            }
        }
    }
}

/// The body that sends one gift for a live stream.
#[must_use]
pub fn gift_body(gift: &str) -> Value {
    json!({
        "gift_id": gift,
        "quantity": 1,
        "creator_id": "creator",
        "target": {"kind": "live", "id": "stream-1"},
    })
}
