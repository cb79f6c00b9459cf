//! What every function is made of.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;

#[cfg(feature = "secrets")]
use super::secrets::SecretsManager;
use super::{
    SystemClock, dynamodb, metrics::metrics, secrets::SecretStore, stripe::SharedStripeHttp,
};
use crate::{
    app::{Clock, ports::Metrics},
    config::Settings,
};

/// What every function is made of: its settings, a DynamoDB client, secrets, metrics and a
/// clock.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The settings.
    pub settings: Settings,
    /// Made once, and shared: it holds the connections.
    pub dynamodb: Client,
    /// Where secrets are that settings only name; none where they are given as they are.
    pub secrets: Option<Arc<dyn SecretStore>>,
    /// Stands for the network on the way to Stripe; none but in tests.
    pub stripe_http: Option<SharedStripeHttp>,
    /// Where it counts what it does.
    pub metrics: Arc<dyn Metrics>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Setup {
    /// From the process's environment, as in Lambda.
    pub async fn from_environment() -> Self {
        let settings = Settings::from_environment();
        let config = dynamodb::lambda_config().await;
        let dynamodb = dynamodb::client_with(&config, &settings);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        Self {
            metrics: metrics(&settings, &clock),
            settings,
            dynamodb,
            secrets: secret_store(&config),
            stripe_http: None,
            clock,
        }
    }
}

#[cfg(feature = "secrets")]
fn secret_store(config: &SdkConfig) -> Option<Arc<dyn SecretStore>> {
    Some(Arc::new(SecretsManager::new(config)))
}

/// A function that reads no secret at run time does not carry the client for it.
#[cfg(not(feature = "secrets"))]
fn secret_store(_: &SdkConfig) -> Option<Arc<dyn SecretStore>> {
    None
}
