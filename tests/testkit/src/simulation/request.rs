//! Requests as API Gateway makes events of them.

use std::{collections::BTreeMap, sync::OnceLock};

use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use lambda_http::{Request, request::LambdaRequest};
use recharge_local::template::{Route, Template};
use serde_json::{Value, json};

/// A request of somebody whom the authorizer has let in, or of nobody.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// `POST`
    pub method: &'static str,
    /// `/v1/gifts/send`, perhaps with a query.
    pub path: String,
    /// Who asks.
    pub user: Option<String>,
    /// Whether they are an operator.
    pub is_operator: bool,
    /// More headers, by names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body; none if empty.
    pub body: String,
    /// Whether the gateway encodes the body, as it does with what it takes for binary.
    pub is_base64: bool,
}

impl Ask {
    /// A read.
    #[must_use]
    pub fn get(user: &str, path: &str) -> Self {
        Self::new("GET", user, path, String::new())
    }

    /// Something with a body.
    #[must_use]
    pub fn put(user: &str, path: &str, body: &Value) -> Self {
        Self::new("PUT", user, path, body.to_string())
    }

    /// Something that moves value, with an idempotency key.
    #[must_use]
    pub fn post(user: &str, path: &str, key: &str, body: &Value) -> Self {
        let mut ask = Self::new("POST", user, path, body.to_string());
        ask.headers.push(("idempotency-key", key.to_owned()));
        ask
    }

    /// Anything.
    #[must_use]
    pub fn new(method: &'static str, user: &str, path: &str, body: String) -> Self {
        Self {
            method,
            path: path.to_owned(),
            user: Some(user.to_owned()),
            is_operator: false,
            headers: Vec::new(),
            body,
            is_base64: false,
        }
    }

    /// The same, of an operator.
    #[must_use]
    pub fn of_operator(mut self) -> Self {
        self.is_operator = true;
        self
    }

    /// The route of the template that it takes.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn route(&self) -> &'static Route {
        let path = self.path.split('?').next().unwrap_or_default();
        let of_method = template()
            .routes()
            .filter(|route| route.method == self.method);
        let matching = of_method.filter(|route| route.path.matches(path).is_some());
        matching
            .min_by(|one, other| one.path.precedence(&other.path))
            .expect("a route of the template")
    }
}

/// The template, which takes long to read.
pub(super) fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| Template::built_in().unwrap())
}

/// The event that API Gateway makes of a request, and the function that it calls with it.
pub(super) fn event(ask: &Ask, now_ms: i64) -> (String, Request) {
    let (path, query) = ask.path.split_once('?').unwrap_or((&ask.path, ""));
    let route = ask.route();
    let parameters = route.path.matches(path).unwrap_or_default();
    let query_parameters: BTreeMap<_, _> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let scope = if ask.is_operator {
        "recharge:admin"
    } else {
        ""
    };
    let authorizer = ask
        .user
        .as_ref()
        .map(|user| json!({"jwt": {"claims": {"sub": user, "scope": scope}, "scopes": null}}));
    let headers: BTreeMap<_, _> = ask.headers.iter().cloned().collect();
    let body = match ask.is_base64 {
        true => STANDARD.encode(&ask.body),
        false => ask.body.clone(),
    };
    let event = json!({
        "version": "2.0",
        "routeKey": route.key(),
        "rawPath": path,
        "rawQueryString": query,
        "queryStringParameters": query_parameters,
        "headers": headers,
        "pathParameters": (!parameters.is_empty()).then_some(parameters),
        "requestContext": {
            "accountId": "1",
            "apiId": "api",
            "routeKey": route.key(),
            "stage": "$default",
            "requestId": "request",
            "timeEpoch": now_ms,
            "authorizer": authorizer,
            "http": {"method": ask.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
        },
        "body": body,
        "isBase64Encoded": ask.is_base64,
    });
    let request = serde_json::from_value::<LambdaRequest>(event).unwrap();
    (route.function.clone(), request.into())
}
