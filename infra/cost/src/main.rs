//! Prints what a million gifts or recharges cost.

use std::process::ExitCode;

fn main() -> ExitCode {
    recharge_cost::run()
}
