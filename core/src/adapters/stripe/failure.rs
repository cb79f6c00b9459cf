//! What a failed call to Stripe means for the next one.
//!
//! Stripe keeps the answer of a request under its idempotency key once the endpoint has begun
//! to work on it, failures included, and gives it again for a day. It keeps nothing of requests
//! that came no further than authentication, rate limits or the lock on the key.
//! <https://docs.stripe.com/api/idempotent_requests>, <https://docs.stripe.com/error-low-level>

use stripe::{ApiErrors, ApiErrorsType, StripeError};
use thiserror::Error;

use crate::app::ports::{Outage, PaymentsError};

/// What is to be done after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Send the very same again at once, and later, too: the outcome is unknown, or nothing
    /// was kept under the key.
    SameKeyNow,
    /// Later, not now.
    SameKeyLater,
    /// When the other call that holds the key, or what it works on, has ended.
    SameKeyAfterwards,
    /// Another key: this one would be answered the same.
    OtherKey,
}

/// A failed call, for the log. async-stripe's own error is not kept: as we build it, it shows
/// only the status of a refusal.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error("no answer in time")]
    Timeout,
    #[error("no answer: {0}")]
    Connection(String),
    /// Of a success or of a failure: the client does not tell. Either way not a Stripe object.
    #[error("the answer is unreadable: {0}")]
    Unreadable(String),
    #[error("the same idempotency key was used with other parameters: {0}")]
    KeyReused(Refusal),
    #[error("refused: {0}")]
    Refused(Refusal),
    #[error("cannot be asked: {0}")]
    Unasked(String),
}

/// Stripe's error object.
#[derive(Debug, Error)]
#[error("status {status}, type {kind}, code {code}, param {param}: {message}")]
pub(super) struct Refusal {
    status: u16,
    kind: String,
    code: String,
    param: String,
    message: String,
}

impl From<StripeError> for Failure {
    fn from(error: StripeError) -> Self {
        match error {
            StripeError::Timeout => Self::Timeout,
            StripeError::ClientError(text) => Self::Connection(text),
            StripeError::JSONDeserialize(text) => Self::Unreadable(text),
            StripeError::ConfigError(text) => Self::Unasked(text),
            StripeError::Stripe(error, status) => {
                let refusal = Refusal::new(&error, status);
                // A key in use is an `idempotency_error`, too, but a conflict: 409.
                if error.type_ == ApiErrorsType::IdempotencyError && status == 400 {
                    Self::KeyReused(refusal)
                } else {
                    Self::Refused(refusal)
                }
            }
        }
    }
}

impl Failure {
    pub(super) fn next(&self) -> Next {
        match self {
            Self::Timeout | Self::Connection(_) => Next::SameKeyNow,
            Self::Unreadable(_) | Self::Unasked(_) => Next::SameKeyLater,
            Self::KeyReused(_) => Next::OtherKey,
            Self::Refused(refusal) => match refusal.status {
                // `idempotency_key_in_use`: nothing was kept.
                409 => Next::SameKeyAfterwards,
                // `rate_limit`, `lock_timeout`: nothing was kept.
                429 => Next::SameKeyNow,
                // Kept if the endpoint had begun. No session was opened, so that another key
                // cannot open a second one.
                400 | 402 => Next::OtherKey,
                // Kept. A session may have been opened; nobody was ever led to it.
                500.. => Next::OtherKey,
                // 401, 403 and 404 are about our settings; once those are right, the same key is.
                _ => Next::SameKeyLater,
            },
        }
    }

    pub(super) fn into_error(self, what: &'static str) -> PaymentsError {
        match self.next() {
            Next::OtherKey => PaymentsError::StoredFailure(Outage::new(what, self)),
            Next::SameKeyAfterwards => PaymentsError::InProgress(Outage::new(what, self)),
            Next::SameKeyNow | Next::SameKeyLater => {
                PaymentsError::Unavailable(Outage::new(what, self))
            }
        }
    }
}

impl Refusal {
    fn new(error: &ApiErrors, status: u16) -> Self {
        let or_none = |text: Option<&str>| loggable(text.unwrap_or("none"));
        let message = match error.message.as_deref() {
            // They repeat a part of the API key.
            Some(_) if matches!(status, 401 | 403) => "(message withheld)".to_owned(),
            Some(text) if text.contains("sk_") || text.contains("rk_") => {
                "(message withheld)".to_owned()
            }
            message => or_none(message),
        };
        Self {
            status,
            kind: loggable(error.type_.as_str()),
            code: or_none(error.code.as_ref().map(|code| code.as_str())),
            param: or_none(error.param.as_deref()),
            message,
        }
    }
}

/// One line of a bounded length.
fn loggable(text: &str) -> String {
    const LENGTH_MAX: usize = 300;
    text.chars()
        .filter(|char| !char.is_control())
        .take(LENGTH_MAX)
        .collect()
}
