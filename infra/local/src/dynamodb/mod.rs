//! DynamoDB on this machine: an embedded one or one that runs elsewhere, its client, its tables.

mod definition;
mod embedded;
mod tables;

use aws_sdk_dynamodb::{
    Client, Config,
    config::{Credentials, Region, SharedHttpClient, timeout::TimeoutConfig},
};
use recharge_core::adapters::dynamodb::{behavior, retries, timeouts};

pub(crate) use self::{
    embedded::Embedded,
    tables::{TableNames, ensure_tables},
};

/// A client for `endpoint`, through `http_client` if there is one, which behaves as the one on
/// AWS does, but for other timeouts if they are given.
pub(crate) fn client(
    endpoint: &str,
    http_client: Option<SharedHttpClient>,
    other_timeouts: Option<&TimeoutConfig>,
) -> Client {
    let mut config = Config::builder()
        .behavior_version(behavior())
        .retry_config(retries())
        .timeout_config(other_timeouts.cloned().unwrap_or_else(timeouts))
        .region(Region::from_static("us-east-1"))
        .credentials_provider(credentials())
        .endpoint_url(endpoint);
    config.set_http_client(http_client);
    Client::from_conf(config.build())
}

/// Emulators want some, but no particular ones.
fn credentials() -> Credentials {
    Credentials::new("local", "local", None, None, "recharge-local")
}

/// A client for the streams of the tables at `endpoint`.
pub(crate) fn streams(endpoint: &str) -> aws_sdk_dynamodbstreams::Client {
    let config = aws_sdk_dynamodbstreams::Config::builder()
        .behavior_version(behavior())
        .retry_config(retries())
        .timeout_config(timeouts())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(credentials())
        .endpoint_url(endpoint);
    aws_sdk_dynamodbstreams::Client::from_conf(config.build())
}
