//! Secrets Manager.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::{Client, config::Builder};
use secrecy::SecretString;

use super::{Fetching, SecretStore};
use crate::{adapters::dynamodb, app::ports::Outage};

/// What an outage here is an outage of.
const WHAT: &str = "Secrets Manager";

/// How long a fetch may take, its retries included: a request is waiting for it, and while an
/// old value is known that one serves as well.
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);

/// AWS Secrets Manager, and of each secret the version that is current.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    client: Client,
}

impl SecretsManager {
    /// With region and credentials as the other clients have them.
    #[must_use]
    pub fn new(shared: &SdkConfig) -> Self {
        let timeouts = dynamodb::timeouts()
            .to_builder()
            .operation_timeout(FETCH_TIMEOUT);
        let config = Builder::from(shared)
            .timeout_config(timeouts.build())
            .build();
        Self {
            client: Client::from_conf(config),
        }
    }
}

impl SecretStore for SecretsManager {
    fn fetch<'a>(&'a self, id: &'a str) -> Fetching<'a> {
        Box::pin(async move {
            let got = self.client.get_secret_value().secret_id(id).send().await;
            // Not the error as it is: it holds the raw answer, which may hold the secret.
            let got = got.map_err(|error| match error.into_source() {
                Ok(source) => Outage::new(WHAT, source),
                Err(error) => Outage::new(WHAT, error.to_string()),
            })?;
            let text = got.secret_string.map(SecretString::from);
            text.ok_or_else(|| Outage::new(WHAT, "the secret is not a text"))
        })
    }
}

#[cfg(test)]
#[path = "manager_tests.rs"]
mod tests;
