//! Errors as clients see them: RFC 9457 with a stable code.

use lambda_http::{Body, Response, http::StatusCode};
use serde::Serialize;

use super::{Code, reply::json};
use crate::app::ports::Outage;

/// What is wrong with one field of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// A JSON pointer to it.
    pub pointer: String,
    /// What is wrong, as a sentence.
    pub detail: String,
}

/// A refusal or an outage, on its way to the client. What caused it stays here, for the log.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    status: StatusCode,
    detail: String,
    errors: Vec<FieldError>,
    cause: Option<Outage>,
}

#[derive(Serialize)]
struct Wire<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    request_id: &'a str,
    retryable: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// Of `code`, with its usual status.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            status: code.status(),
            detail: detail.into(),
            errors: Vec::new(),
            cause: None,
        }
    }

    /// A query parameter, or a body that is no JSON at all: 400 instead of 422.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            ..Self::new(Code::BodyInvalid, detail)
        }
    }

    /// Adds what is wrong with a field.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        let detail = self.detail.clone();
        self.errors.push(FieldError {
            pointer: pointer.into(),
            detail,
        });
        self
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The response; an outage is logged here, once, with all its causes.
    #[must_use]
    pub fn into_response(self, request_id: &str) -> Response<Body> {
        let (code, title) = (self.code.as_str(), self.code.title());
        let retryable = self.status.is_server_error();
        if let Some(cause) = &self.cause {
            tracing::error!(code, request.id = request_id, cause = %cause.causes(), "a request failed");
        } else {
            tracing::info!(code, request.id = request_id, "a request was refused");
        }
        let wire = Wire {
            r#type: format!("urn:recharge:problem:{code}"),
            title,
            status: self.status.as_u16(),
            detail: &self.detail,
            code,
            request_id,
            retryable,
            errors: &self.errors,
        };
        let response = json(self.status, "application/problem+json", &wire);
        let response = response.header("cache-control", "no-store");
        let response = if self.code == Code::Unauthenticated {
            response.header("www-authenticate", "Bearer")
        } else if retryable {
            response.header("retry-after", "1")
        } else {
            response
        };
        response.finish()
    }
}

impl From<Outage> for Problem {
    fn from(outage: Outage) -> Self {
        let detail = "Nothing is lost; the same request may be sent again.";
        Self {
            cause: Some(outage),
            ..Self::new(Code::ServiceUnavailable, detail)
        }
    }
}
