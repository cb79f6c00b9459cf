//! What goes wrong, and how often.

use std::time::Duration;

/// What goes wrong, and how often: a probability for each call.
#[derive(Debug, Clone, PartialEq)]
pub struct Weather {
    /// How long a call takes, at least and at most; half of it passes before it takes effect.
    pub latency: (Duration, Duration),
    /// For how long a transaction holds its items: others that want one conflict with it.
    pub conflict_window: Duration,
    /// For how long an index, and reads that are not consistent, may lag behind.
    pub lag_max: Duration,
    /// A conflict with somebody who is not in the simulation.
    pub conflicts: f64,
    /// Throttled calls, and throttled items of transactions.
    pub throttles: f64,
    /// Failures with a 500 that stored nothing.
    pub server_errors: f64,
    /// Failures with a 500 that stored everything all the same.
    pub server_errors_after: f64,
    /// Calls that never arrive: the connection breaks, or the caller waits until it gives up.
    pub lost_requests: f64,
    /// Calls that are carried out, and whose answers never arrive.
    pub lost_answers: f64,
    /// Batches of which a part is left undone.
    pub unprocessed: f64,
}

impl Weather {
    /// Nothing goes wrong and nothing takes time.
    pub const CALM: Self = Self {
        latency: (Duration::ZERO, Duration::ZERO),
        conflict_window: Duration::ZERO,
        lag_max: Duration::ZERO,
        conflicts: 0.0,
        throttles: 0.0,
        server_errors: 0.0,
        server_errors_after: 0.0,
        lost_requests: 0.0,
        lost_answers: 0.0,
        unprocessed: 0.0,
    };
    /// More goes wrong than in the worst hour of a region.
    pub const STORM: Self = Self {
        latency: (Duration::from_millis(2), Duration::from_millis(12)),
        conflict_window: Duration::from_millis(10),
        lag_max: Duration::from_millis(200),
        conflicts: 0.05,
        throttles: 0.05,
        server_errors: 0.03,
        server_errors_after: 0.02,
        lost_requests: 0.03,
        lost_answers: 0.05,
        unprocessed: 0.1,
    };
}

/// A fault that is planned for one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives.
    LostRequest,
    /// It is carried out, and its answer never arrives.
    LostAnswer,
    /// A 500; nothing is stored.
    ServerError,
    /// A 500; everything is stored.
    ServerErrorAfter,
    /// It is throttled; nothing is stored.
    Throttled,
    /// Another write is in the way.
    Conflict,
    /// A batch of which nothing is done.
    Unprocessed,
}

impl Fault {
    /// Whether DynamoDB can do this to `operation`.
    #[must_use]
    pub fn applies_to(self, operation: &str) -> bool {
        let is_read = operation.contains("Get") || matches!(operation, "Query" | "Scan");
        match self {
            Self::LostRequest | Self::LostAnswer | Self::ServerError | Self::Throttled => true,
            Self::ServerErrorAfter => !is_read,
            Self::Conflict => {
                operation == "TransactGetItems" || (!is_read && !operation.starts_with("Batch"))
            }
            Self::Unprocessed => operation.starts_with("Batch"),
        }
    }
}
