//! The command line.

use std::{fmt::Write as _, fs, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Parser;

use crate::{Figures, gifts, idle_month, recharges, table};

/// What a million gifts and a million recharges cost on AWS, from measured units and a file of
/// prices.
#[derive(Debug, Parser)]
#[command(name = "recharge-cost", version)]
struct Arguments {
    /// Another file of prices, such as your region's [default: infra/cost/prices.toml]
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// How many gifts the relay gets in a batch: 1, 5, 10 or 100
    #[arg(long, value_name = "N", default_value_t = 5)]
    batch: u32,
}

/// Prints the bills.
#[must_use]
pub fn run() -> ExitCode {
    match bills(&Arguments::parse()) {
        Ok(text) => {
            say(&text);
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn bills(arguments: &Arguments) -> anyhow::Result<String> {
    let mut figures = Figures::built_in()?;
    if let Some(path) = &arguments.prices {
        let named = || path.display().to_string();
        let text = fs::read_to_string(path).with_context(named)?;
        figures.prices = toml::from_str(&text).with_context(named)?;
    }
    let mut text = table::bill(&gifts(&figures, arguments.batch, 1)?)?;
    text.push_str("\nThe same by batches: on the request's path, with the relay, everything\n");
    for relayed in &figures.units.relay {
        let bill = gifts(&figures, relayed.batch, relayed.creators)?;
        let (mut sum, mut sums) = (rust_decimal::Decimal::ZERO, String::new());
        for part in &bill.parts {
            sum = crate::sum::total([sum, part.dollars()?])?;
            write!(sums, "{:>9}", table::cents(sum))?;
        }
        let (batch, creators) = (relayed.batch, relayed.creators);
        writeln!(text, "  {batch:>4} gifts to {creators:>2} creators{sums}")?;
    }
    write!(text, "\n{}", table::bill(&recharges(&figures)?)?)?;
    write!(text, "{}", table::rows(&idle_month(&figures)?)?)?;
    write!(text, "\n{}", table::sources(&figures))?;
    Ok(text)
}

#[expect(clippy::print_stdout, reason = "what was asked for goes there")]
fn say(text: &str) {
    print!("{text}");
}

#[expect(
    clippy::print_stderr,
    reason = "errors are for the person at the terminal"
)]
fn complain(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_printed_from_the_built_in_files_or_those_named() {
        let printed = bills(&Arguments::parse_from(["recharge-cost"])).unwrap();
        for part in [
            "A million gifts; batches of the relay have 5",
            "A million recharges",
            "whatever is sent",
            "Believed",
        ] {
            assert!(printed.contains(part), "{printed}");
        }
        let missing = Arguments::parse_from(["recharge-cost", "--prices", "nowhere.toml"]);
        assert!(bills(&missing).unwrap_err().to_string().contains("nowhere"));
        let odd = Arguments::parse_from(["recharge-cost", "--batch", "7"]);
        assert!(
            bills(&odd)
                .unwrap_err()
                .to_string()
                .contains("batches of 7")
        );
    }
}
