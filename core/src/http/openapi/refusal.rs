//! What an operation may refuse with.

use std::collections::{BTreeMap, BTreeSet};

use lambda_http::http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::Code;

/// The refusals of an operation: codes by status.
#[derive(Debug, Clone, Default)]
pub(super) struct Refusals(BTreeMap<u16, BTreeSet<(&'static str, &'static str)>>);

impl Refusals {
    pub(super) fn add(&mut self, code: Code) {
        self.add_with(code.status(), code);
    }

    /// `body_invalid` comes with one of two statuses.
    pub(super) fn add_with(&mut self, status: StatusCode, code: Code) {
        let codes = self.0.entry(status.as_u16()).or_default();
        codes.insert((code.as_str(), code.title()));
    }

    /// The answers, by status. What API Gateway refuses by itself comes in a form of its own.
    pub(super) fn answers(&self, by_gateway: &[u16]) -> Map<String, Value> {
        let statuses: BTreeSet<u16> = self.0.keys().chain(by_gateway).copied().collect();
        let answer = |status: u16| {
            let gateway = by_gateway.contains(&status);
            (status.to_string(), self.answer(status, gateway))
        };
        statuses.into_iter().map(answer).collect()
    }

    fn answer(&self, status: u16, by_gateway: bool) -> Value {
        let codes = self.0.get(&status);
        let mut content = Map::new();
        let mut said: Vec<String> = Vec::new();
        if let Some(codes) = codes {
            said.extend(
                codes
                    .iter()
                    .map(|(code, title)| format!("`{code}`: {title}.")),
            );
            content.insert(
                "application/problem+json".to_owned(),
                problem(status, codes),
            );
        }
        if by_gateway {
            said.push(gateway_says(status).to_owned());
            let schema = json!({"$ref": "#/components/schemas/GatewayMessage"});
            content.insert("application/json".to_owned(), json!({"schema": schema}));
        }
        let mut answer = json!({"description": said.join("\n\n"), "content": content});
        if codes.is_some()
            && let Some(fields) = answer.as_object_mut()
        {
            fields.insert("headers".to_owned(), headers(status));
        }
        answer
    }
}

/// A problem of one of these codes. They stand beside the schema, not in it: generated clients get
/// one type of all problems, and a new code breaks no app that was built before.
fn problem(status: u16, codes: &BTreeSet<(&str, &str)>) -> Value {
    let example = |(code, title): &(&str, &str)| {
        let value = json!({
            "type": format!("urn:recharge:problem:{code}"),
            "title": title,
            "status": status,
            "detail": format!("{title}."),
            "code": code,
            "request_id": "JKJaXmPLvHcESHA=",
            "retryable": status == 429 || status >= 500,
        });
        ((*code).to_owned(), json!({ "value": value }))
    };
    json!({
        "schema": {"$ref": "#/components/schemas/Problem"},
        "x-recharge-codes": codes.iter().map(|(code, _)| *code).collect::<Vec<_>>(),
        "examples": codes.iter().map(example).collect::<Map<_, _>>(),
    })
}

fn headers(status: u16) -> Value {
    let header = |name: &str| json!({"$ref": format!("#/components/headers/{name}")});
    match status {
        401 => json!({"WWW-Authenticate": header("WwwAuthenticate")}),
        429 | 503 => json!({"Retry-After": header("RetryAfter")}),
        _ => json!({}),
    }
}

const fn gateway_says(status: u16) -> &'static str {
    match status {
        401 => "Or API Gateway's authorizer found no valid token.",
        404 => "Or API Gateway knows no such route.",
        413 => "Or API Gateway took no more than 10 MB.",
        429 => "API Gateway throttles the route.",
        500 => "API Gateway got no answer of the function.",
        _ => "API Gateway got no answer in time.",
    }
}
