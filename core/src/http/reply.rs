//! Answers on their way out.

use std::future::Future;

use lambda_http::{Body, Request, RequestExt, Response, http::StatusCode, request::RequestContext};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Problem, header};
use crate::app::ports::Metrics;

/// A response that is being put together.
pub(super) struct Draft {
    builder: lambda_http::http::response::Builder,
    body: String,
}

impl Draft {
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    pub(super) fn finish(self) -> Response<Body> {
        // Names are ours and values printable: this cannot fail, and a bare answer is no panic.
        self.builder.body(Body::Text(self.body)).unwrap_or_default()
    }
}

/// A JSON response.
pub(super) fn json(status: StatusCode, content_type: &str, value: &impl Serialize) -> Draft {
    let body = serde_json::to_string(value).unwrap_or_default();
    let builder = Response::builder()
        .status(status)
        .header("content-type", content_type);
    Draft { builder, body }
}

/// Runs a handler, turns what it refuses into a problem, and tells what was counted.
pub async fn answer<F>(metrics: &dyn Metrics, request: &Request, handled: F) -> Response<Body>
where
    F: Future<Output = Result<Response<Body>, Problem>>,
{
    let response = handled.await.unwrap_or_else(|problem| {
        metrics.count(problem.metric());
        problem.into_response(request_id(request))
    });
    metrics.tell();
    response
}

/// API Gateway's id of the request.
fn request_id(request: &Request) -> &str {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            context.request_id.as_deref().unwrap_or_default()
        }
        Some(_) | None => "",
    }
}

/// 200 with something private: it is never cached.
pub fn ok(value: &impl Serialize) -> Response<Body> {
    json(StatusCode::OK, JSON, value)
        .header("cache-control", "no-store")
        .finish()
}

/// Whether an answer was stored by an earlier request with the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayed {
    /// It was.
    Yes,
    /// This very request made it.
    No,
}

impl From<bool> for Replayed {
    fn from(replayed: bool) -> Self {
        if replayed { Self::Yes } else { Self::No }
    }
}

/// 201 with what was created, now or by an earlier request with the same key.
pub fn created(value: &impl Serialize, replayed: Replayed) -> Response<Body> {
    let draft = json(StatusCode::CREATED, JSON, value).header("cache-control", "no-store");
    match replayed {
        Replayed::Yes => draft.header("idempotent-replayed", "true").finish(),
        Replayed::No => draft.finish(),
    }
}

/// How long shared caches may keep an answer.
#[derive(Debug, Clone, Copy)]
pub struct Cacheable {
    /// Fresh for so many seconds.
    pub max_age_s: u32,
}

/// 200 with something public, or 304 if the client has it already.
pub fn cacheable(request: &Request, value: &impl Serialize, caching: Cacheable) -> Response<Body> {
    let draft = json(StatusCode::OK, JSON, value);
    let etag = etag(&draft.body);
    let cache_control = format!("public, max-age={}", caching.max_age_s);
    let draft = if header(request, "if-none-match").is_some_and(|known| names(known, &etag)) {
        Draft {
            builder: Response::builder().status(StatusCode::NOT_MODIFIED),
            body: String::new(),
        }
    } else {
        draft
    };
    draft
        .header("etag", &etag)
        .header("cache-control", &cache_control)
        .finish()
}

const JSON: &str = "application/json";

/// A strong ETag: equal bodies, and only those, share it.
fn etag(body: &str) -> String {
    let hash = Sha256::digest(body.as_bytes());
    let hex: String = hash
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{hex}\"")
}

/// Whether an `If-None-Match` names `etag`. Caches may weaken it on the way (`W/`).
fn names(known: &str, etag: &str) -> bool {
    known
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.trim_start_matches("W/") == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_found_in_a_list_and_when_weakened() {
        let etag = etag("{}");
        for known in [etag.clone(), format!("\"a\", W/{etag}"), "*".to_owned()] {
            assert!(names(&known, &etag), "{known}");
        }
        for known in [
            "\"a\"".to_owned(),
            String::new(),
            etag.trim_matches('"').to_owned(),
        ] {
            assert!(!names(&known, &etag), "{known}");
        }
    }
}
