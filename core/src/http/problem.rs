//! Errors as clients see them: RFC 9457 with a stable code.

use std::{collections::BTreeMap, time::Duration};

use lambda_http::{Body, Response, http::StatusCode};
use serde::Serialize;

use super::{Code, reply::json};
use crate::app::ports::{Metric, Outage};

/// What is wrong with one field of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
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
    cause: Option<Box<Outage>>,
    retry_after: Option<Duration>,
    amount: Option<(&'static str, u64)>,
}

/// A refusal or an outage (RFC 9457).
#[derive(Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Problem")
)]
pub(super) struct Wire<'a> {
    /// `urn:recharge:problem:` and the code.
    r#type: String,
    /// For people; may change.
    title: &'a str,
    /// The HTTP status.
    #[cfg_attr(feature = "openapi", schemars(range(min = 400, max = 599)))]
    status: u16,
    /// For people; may change.
    detail: &'a str,
    /// What clients branch on. `x-recharge-codes` of each answer lists its own; more may come.
    code: &'a str,
    /// Names the request in the logs.
    request_id: &'a str,
    /// Whether the same request may succeed later, after `Retry-After`.
    retryable: bool,
    /// What is wrong with fields of the body.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    /// An extension member: a number that a client can act on.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "Amounts"))]
    amount: Option<BTreeMap<&'a str, u64>>,
}

/// The extension members there are.
#[cfg(feature = "openapi")]
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "only described")]
struct Amounts {
    /// With `insufficient_coins`: how many coins are missing.
    #[schemars(with = "u64", skip_serializing_if = "Option::is_none")]
    missing_coins: Option<u64>,
    /// With `price_changed`: the whole cost now.
    #[schemars(with = "u64", skip_serializing_if = "Option::is_none")]
    coins: Option<u64>,
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
            retry_after: None,
            amount: None,
        }
    }

    /// A query parameter, or a body that is no JSON at all: 400 instead of 422.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            ..Self::new(Code::BodyInvalid, detail)
        }
    }

    /// Adds a number that a client can act on, as a member of the problem.
    #[must_use]
    pub fn with_amount(mut self, name: &'static str, amount: u64) -> Self {
        self.amount = Some((name, amount));
        self
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

    /// Too often: after `retry_after` it may be tried again.
    pub fn rate_limited(detail: impl Into<String>, retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Code::RateLimited, detail)
        }
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// What it counts as.
    #[must_use]
    pub fn metric(&self) -> Metric {
        if self.status.is_server_error() {
            Metric::Outages
        } else {
            Metric::Refusals(self.code.as_str())
        }
    }

    /// The response; an outage is logged here, once, with all its causes.
    #[must_use]
    pub fn into_response(self, request_id: &str) -> Response<Body> {
        let (code, title) = (self.code.as_str(), self.code.title());
        let retryable = self.status.is_server_error() || self.retry_after.is_some();
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
            amount: self.amount.map(|amount| BTreeMap::from([amount])),
        };
        let response = json(self.status, "application/problem+json", &wire);
        let response = response.header("cache-control", "no-store");
        let response = if self.code == Code::Unauthenticated {
            response.header("www-authenticate", "Bearer")
        } else if retryable {
            let seconds = self.retry_after.map_or(1, |after| after.as_secs().max(1));
            response.header("retry-after", &seconds.to_string())
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
            cause: Some(Box::new(outage)),
            ..Self::new(Code::ServiceUnavailable, detail)
        }
    }
}
