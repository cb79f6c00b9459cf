//! Sends gifts to a stack, as many and as long as it is told, and says what came of them.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    recharge_load::run().await
}
