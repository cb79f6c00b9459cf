//! Stripe's error object, and why a simulator does not start.

use std::path::PathBuf;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// A refusal in Stripe's own form: `{"error": {"type", "code", "message", "param", "doc_url"}}`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
    is_result: bool,
}

const INVALID_REQUEST: &str = "invalid_request_error";

impl ApiError {
    /// 400 `invalid_request_error`, what most refusals are.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, INVALID_REQUEST, message)
    }

    /// 400 `idempotency_error`: a key came back with something else.
    pub(crate) fn idempotency(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", message)
    }

    /// 401: no key, or not one of test mode.
    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, INVALID_REQUEST, message)
    }

    /// 404 `resource_missing`.
    pub(crate) fn missing(object: &str, id: &str, param: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            INVALID_REQUEST,
            format!("No such {object}: '{id}'"),
        )
        .code("resource_missing")
        .param(param)
    }

    /// 409 `idempotency_key_in_use`: the first request with this key has not been answered yet.
    pub(crate) fn key_in_use(key: &str) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "idempotency_error",
            format!(
                "There is currently another in-progress request using this Idempotent Key (that \
                 probably means you submitted twice, and the other request is still going \
                 through): {key}. Please try again later."
            ),
        )
        .code("idempotency_key_in_use")
    }

    /// 429 `lock_timeout`: by its status a rate limit, and nothing but its code tells it from one.
    pub(crate) fn lock_timeout() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            INVALID_REQUEST,
            "This object cannot be accessed right now because another API request or Stripe \
             process is currently accessing it. If you see this error intermittently, retry the \
             request.",
        )
        .code("lock_timeout")
    }

    /// 429 `rate_limit`.
    pub(crate) fn rate_limited() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            INVALID_REQUEST,
            "Request rate limit exceeded. Learn more about rate limits here \
             https://stripe.com/docs/rate-limits.",
        )
        .code("rate_limit")
    }

    /// 500 `api_error`.
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "api_error",
            "An unknown error occurred while processing your request.",
        )
    }

    /// Any other status.
    pub(crate) fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code: None,
            message: message.into(),
            param: None,
            is_result: false,
        }
    }

    /// 404 for a path or method that Stripe (or this simulator) does not have.
    pub(crate) fn unknown_route(method: &str, path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            INVALID_REQUEST,
            format!(
                "Unrecognized request URL ({method}: {path}). stripe-sim serves a part of Stripe's API: see its README."
            ),
        )
    }

    /// Adds Stripe's machine-readable code.
    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Names the parameter at fault.
    pub(crate) fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// Marks a refusal that is the result of an execution: Stripe stores those under the key.
    pub(crate) fn into_result(mut self) -> Self {
        self.is_result = true;
        self
    }

    /// Whether an idempotency key keeps this refusal.
    pub(crate) fn is_result(&self) -> bool {
        self.is_result
    }

    /// Whether the same request will soon be answered otherwise: somebody else holds what it needs.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.code, Some("lock_timeout" | "idempotency_key_in_use"))
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The error object as Stripe sends it.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut error = Map::new();
        error.insert("type".into(), self.kind.into());
        error.insert("message".into(), self.message.as_str().into());
        if let Some(code) = self.code {
            let page = code.replace('_', "-");
            error.insert("code".into(), code.into());
            error.insert(
                "doc_url".into(),
                format!("https://stripe.com/docs/error-codes/{page}").into(),
            );
        }
        if let Some(param) = &self.param {
            error.insert("param".into(), param.as_str().into());
        }
        json!({ "error": error })
    }
}

/// Why a simulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting cannot be used.
    #[error("{setting} is not usable: {reason}")]
    Setting {
        /// Which one.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The client that delivers webhooks could not be made.
    #[error("the webhook client could not be made")]
    Client(#[source] reqwest::Error),
    /// The state file could not be used.
    #[error(transparent)]
    State(#[from] StateError),
}

/// What is wrong with a state file.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file system refused.
    #[error("cannot {action} the state file {}", path.display())]
    Io {
        /// What was tried: `read`, `write`, `replace`, `lock`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The file system's reason.
        #[source]
        source: std::io::Error,
    },
    /// Another simulator has it open.
    #[error("the state file {} is in use by another simulator", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is some other program's file, or from another version.
    #[error("{} is not a state file of this version of stripe-sim (its first line should be {expected})", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The first line of a state file.
        expected: &'static str,
    },
    /// A line in it cannot be read.
    #[error("line {line} of the state file {} cannot be read", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// The parser's reason.
        #[source]
        source: serde_json::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_object_has_stripes_fields_and_only_those_with_a_value() {
        let error = ApiError::missing("payment_intent", "pi_x", "intent");
        assert_eq!(error.status(), StatusCode::NOT_FOUND);
        assert_eq!(
            error.body(),
            json!({ "error": {
                "type": "invalid_request_error",
                "code": "resource_missing",
                "doc_url": "https://stripe.com/docs/error-codes/resource-missing",
                "message": "No such payment_intent: 'pi_x'",
                "param": "intent",
            }})
        );
        assert_eq!(
            ApiError::idempotency("no").body(),
            json!({ "error": { "type": "idempotency_error", "message": "no" } })
        );
    }
}
