//! Answers that are errors.

use serde_json::{Map, Value, json};

/// A failed call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    message: String,
    /// More members of the body.
    more: Map<String, Value>,
}

impl Failure {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        let status = if code == "InternalServerError" {
            500
        } else {
            400
        };
        Self {
            status,
            code,
            message: message.into(),
            more: Map::new(),
        }
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// A condition that does not hold, with the item that it does not hold for if it was asked for.
    pub(crate) fn condition(old: Option<Value>) -> Self {
        let mut failure = Self::new(
            "ConditionalCheckFailedException",
            "The conditional request failed",
        );
        if let Some(old) = old {
            failure.more.insert("Item".to_owned(), old);
        }
        failure
    }

    /// A transaction that was cancelled, with a reason for each of its items.
    pub(crate) fn cancelled(reasons: Vec<Reason>) -> Self {
        let codes: Vec<_> = reasons.iter().map(|reason| reason.code).collect();
        let message = format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", ")
        );
        let mut failure = Self::new("TransactionCanceledException", message);
        let reasons = reasons.into_iter().map(Reason::into_json).collect();
        failure
            .more
            .insert("CancellationReasons".to_owned(), reasons);
        failure
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = self.more.clone();
        let kind = format!("com.amazonaws.dynamodb.v20120810#{}", self.code);
        body.insert("__type".to_owned(), json!(kind));
        body.insert("message".to_owned(), json!(self.message));
        Value::Object(body)
    }
}

/// One item's part in a cancellation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reason {
    pub(crate) code: &'static str,
    pub(crate) old: Option<Value>,
}

impl Reason {
    pub(crate) const NONE: Self = Self::of("None");

    pub(crate) const fn of(code: &'static str) -> Self {
        Self { code, old: None }
    }

    fn into_json(self) -> Value {
        let mut reason = json!({"Code": self.code});
        if self != Self::NONE {
            reason["Message"] = json!("see its code");
        }
        if let Some(old) = self.old {
            reason["Item"] = old;
        }
        reason
    }
}
