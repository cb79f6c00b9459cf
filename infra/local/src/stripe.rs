//! The Stripe simulator, mounted under `/stripe-sim`. It stands for Stripe: what it does, it does
//! over HTTP, with our API as anybody's.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use recharge_core::{adapters::SystemClock, app::Clock};
use stripe_sim::{Simulator, SimulatorConfig};

/// Where Stripe's events go.
const WEBHOOK_PATH: &str = "/v1/stripe/webhook";

/// Starts the simulator of a server at `base_url`.
pub(crate) async fn start(
    base_url: &str,
    state_file: Option<PathBuf>,
    clock: SystemClock,
) -> anyhow::Result<Simulator> {
    let mut config = SimulatorConfig::new(base_url);
    config.webhook_url = Some(format!("{base_url}{WEBHOOK_PATH}"));
    config.state_file = state_file;
    config.clock = Arc::new(SharedClock(clock));
    Simulator::start(config)
        .await
        .context("the Stripe simulator does not start")
}

/// The server's own clock, so that both go forward together.
#[derive(Debug)]
struct SharedClock(SystemClock);

impl stripe_sim::Clock for SharedClock {
    fn unix_seconds(&self) -> i64 {
        self.0.now().as_second()
    }
}
