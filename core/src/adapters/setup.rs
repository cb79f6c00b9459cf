//! What every function is made of.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

use super::{SystemClock, dynamodb};
use crate::{app::Clock, config::Settings};

/// What every function is made of: its settings, a DynamoDB client and a clock.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The settings.
    pub settings: Settings,
    /// Made once, and shared: it holds the connections.
    pub dynamodb: Client,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Setup {
    /// From the process's environment, as in Lambda.
    pub async fn from_environment() -> Self {
        let settings = Settings::from_environment();
        let dynamodb = dynamodb::client(&settings).await;
        Self {
            settings,
            dynamodb,
            clock: Arc::new(SystemClock::default()),
        }
    }
}
