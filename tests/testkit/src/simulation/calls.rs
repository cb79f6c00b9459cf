//! Who makes a call: the lines of our own code that wait for it.

use std::backtrace::Backtrace;

use serde_json::Value;

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// DynamoDB.
    Store,
    /// Stripe.
    Stripe,
}

/// A call, and the lines that wait for it, the innermost first, such as
/// `core/src/app/send_gift.rs:90`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenCall {
    /// Who was called.
    pub service: Service,
    /// The lines with the `.await`s that wait for the answer.
    pub callers: Vec<String>,
    /// What the store was asked: the operation, and its body.
    pub request: Option<(String, Value)>,
}

/// The sources of what we ship. What a simulation runs is polled from the outermost future to the
/// innermost without a task in between, so that everybody who waits is on the stack.
const OURS: [&str; 2] = ["core/src/", "functions/"];

/// The lines of ours that are on the stack. Their numbers come from the debug information of the
/// `dev` profile; a build without it knows none.
#[must_use]
pub fn who_calls() -> Vec<String> {
    let stack = format!("{:?}", Backtrace::force_capture());
    let frames = stack.split("{ fn: ").filter_map(|frame| {
        let (_, rest) = frame.split_once("file: \"")?;
        let (file, rest) = rest.split_once("\", line: ")?;
        let line = rest.split([' ', '}', ',']).next()?;
        let start = OURS.iter().find_map(|ours| file.find(ours))?;
        Some(format!("{}:{line}", file.get(start..)?))
    });
    frames.collect()
}
