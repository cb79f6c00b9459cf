//! How DynamoDB is reached.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, SdkConfig,
    environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider},
    meta::region::ProvideRegion,
    retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_sdk_dynamodb::{
    Client,
    config::{Builder, SharedCredentialsProvider},
};

use crate::config::Settings;

/// Pinned, so that an update of the SDK changes no behaviour.
#[must_use]
pub fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// A client for a person's own machine: region and credentials from wherever AWS's tools look for
/// them; the endpoint that `DYNAMODB_ENDPOINT` names, or AWS's own.
pub async fn client(settings: &Settings) -> Client {
    let config = aws_config::defaults(behavior())
        .retry_config(retries())
        .timeout_config(timeouts());
    client_with(&config.load().await, settings)
}

/// What all clients of AWS share in Lambda, which puts region and credentials into the environment.
/// To look nowhere else keeps profiles, roles and metadata services out of the executable, and out
/// of every cold start.
pub(crate) async fn lambda_config() -> SdkConfig {
    let credentials = EnvironmentVariableCredentialsProvider::new();
    SdkConfig::builder()
        .behavior_version(behavior())
        .region(EnvironmentVariableRegionProvider::new().region().await)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(retries())
        .timeout_config(timeouts())
        .build()
}

/// As [`client`], with a configuration that other clients have, too.
pub(crate) fn client_with(shared: &SdkConfig, settings: &Settings) -> Client {
    let mut config = Builder::from(shared);
    config.set_endpoint_url(
        settings
            .get("DYNAMODB_ENDPOINT")
            .or_else(|| shared.endpoint_url().map(str::to_owned)),
    );
    Client::from_conf(config.build())
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
