//! The Stripe simulator alone: see `stripe-sim --help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    stripe_sim::cli::run().await
}
