//! How DynamoDB is reached.

use std::time::Duration;

use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::Client;

use crate::config::Settings;

/// Pinned, so that an update of the SDK changes no behaviour.
#[must_use]
pub fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// A client for the endpoint that `DYNAMODB_ENDPOINT` names, or AWS's own.
pub async fn client(settings: &Settings) -> Client {
    let mut config = aws_config::defaults(behavior())
        .retry_config(retries())
        .timeout_config(timeouts());
    if let Some(endpoint) = settings.get("DYNAMODB_ENDPOINT") {
        config = config.endpoint_url(endpoint);
    }
    Client::new(&config.load().await)
}

/// What the SDK tries again by itself: timeouts, 5xx and throttled calls. It repeats a
/// transaction with the same `ClientRequestToken`, which makes that safe; a cancelled
/// transaction it does not repeat, and must not: that is decided again.
#[must_use]
pub fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(50))
        .with_max_backoff(Duration::from_millis(400))
}

/// A call takes milliseconds; one that takes a second has lost its way.
#[must_use]
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(5))
        .build()
}
