//! The command line.

use std::process::ExitCode;

use anyhow::ensure;
use clap::{Parser, Subcommand, value_parser};

use crate::{LoadArguments, Players, drive, prepare::prepare};

/// Sends gifts to a stack, as many and as long as it is told, and says what came of them.
#[derive(Debug, Parser)]
#[command(name = "recharge-load", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make fans with coins and creators on the local server, and print them as JSON
    Prepare {
        /// Where the local server is
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
        base_url: String,
        /// How many fans
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = value_parser!(u32).range(1..=10_000))]
        fans: u32,
        /// How many creators
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = value_parser!(u32).range(1..=10_000))]
        creators: u32,
    },
    /// Send gifts. Ends with 1 if a wallet paid for another number of gifts than was acknowledged,
    /// or a replay got another answer
    Run(LoadArguments),
}

/// Does what the command line asks for.
pub async fn run() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Prepare {
            base_url,
            fans,
            creators,
        } => prepare_and_print(&base_url, fans, creators).await,
        Command::Run(arguments) => load(&arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn prepare_and_print(base_url: &str, fans: u32, creators: u32) -> anyhow::Result<()> {
    let players = prepare(base_url, fans, creators).await?;
    say(&serde_json::to_string(&players)?);
    Ok(())
}

async fn load(arguments: &LoadArguments) -> anyhow::Result<()> {
    let players = Players::read(&arguments.players)?;
    let report = drive(arguments, players).await?;
    match arguments.json {
        true => say(&serde_json::to_string(&report)?),
        false => say(report.table().trim_end()),
    }
    ensure!(
        report.is_exact,
        "the wallets paid for another number of gifts than was acknowledged"
    );
    let all = report.replays == report.replays_equal;
    ensure!(all, "some replays got another answer than the first");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what was asked for goes there")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(
    clippy::print_stderr,
    reason = "errors are for the person at the terminal"
)]
fn complain(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent_and_every_run_is_bounded() {
        Arguments::command().debug_assert();
        let parse = |line: &str| Arguments::try_parse_from(line.split(' '));
        assert!(parse("recharge-load run --players p --requests 1000000").is_ok());
        for endless in [
            "--requests 0",
            "--requests 1000001",
            "--seconds 3601",
            "--concurrency 513",
        ] {
            let line = format!("recharge-load run --players p {endless}");
            assert!(parse(&line).is_err(), "{endless}");
        }
    }
}
