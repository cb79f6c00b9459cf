//! `cargo run`: the whole product on one loopback address.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    recharge_local::cli::run().await
}
