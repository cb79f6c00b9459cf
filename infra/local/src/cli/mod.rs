//! The command line.

mod audit;
mod catalog;
mod sam;
mod serve;
mod signals;
mod views;

use std::{io, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use recharge_core::adapters::stripe::parse_base_url;
use tracing_subscriber::EnvFilter;

use crate::openapi;

/// Recharge on this machine: the API, DynamoDB, a Stripe simulator and a page, on one address.
#[derive(Debug, Parser)]
#[command(name = "recharge", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve everything (what happens without a command, too)
    Serve(ServeArguments),
    /// Check or publish the catalogue of packages and gifts
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Print the OpenAPI document, as docs/openapi.json has it
    Openapi,
    /// Apply the stream records that the relay put into quarantine, as far as this version can
    /// read them
    Replay(views::ReplayArguments),
    /// Compare a creator's earnings of a day with the gifts received on it, and correct them
    Rebuild(views::RebuildArguments),
    /// Read both tables whole, and prove from the stored entries that no coin and no diamond was
    /// made up, lost or below zero. Ends with 0 if so, with 1 if not, with 2 if it cannot tell
    Audit(audit::AuditArguments),
}

#[derive(Debug, clap::Args)]
struct ServeArguments {
    /// The port on 127.0.0.1; 0 takes any that is free
    #[arg(long, env = "PORT", default_value_t = 3000)]
    port: u16,
    /// Keep tables, keys and the simulator's state in this folder [default: in memory]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Use the DynamoDB at this address, such as DynamoDB Local [default: an embedded one]
    #[arg(long, value_name = "URL", env = "DYNAMODB_ENDPOINT")]
    dynamodb_endpoint: Option<String>,
    /// Speak to Stripe's own API in test mode, https://api.stripe.com, with STRIPE_API_KEY and
    /// STRIPE_WEBHOOK_SECRETS of the environment [default: a simulator]
    #[arg(long, value_name = "URL", env = "STRIPE_API_BASE", value_parser = stripe_url)]
    stripe_url: Option<String>,
    /// Read packages.toml and gifts.toml from this folder [default: built in]
    #[arg(long, value_name = "DIR")]
    catalog: Option<PathBuf>,
    #[command(flatten)]
    sam: sam::SamArguments,
}

#[derive(Debug, Subcommand)]
enum CatalogCommand {
    /// Say everything that is wrong with the two files
    Check {
        /// The folder with packages.toml and gifts.toml [default: built in]
        dir: Option<PathBuf>,
    },
    /// Check the two files and publish them to a table on AWS
    Publish {
        /// The ledger's table: the output LedgerTableName of the stack
        #[arg(long, value_name = "NAME")]
        table: String,
        /// The folder with packages.toml and gifts.toml [default: built in]
        dir: Option<PathBuf>,
    },
}

/// The address of an API like Stripe's; empty is none, as a variable may be.
fn stripe_url(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Ok(String::new()),
        url => parse_base_url(url),
    }
}

/// Does what the command line asks for.
pub async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    log_to_stderr();
    let done = match arguments.command {
        None => serve::serve(arguments.serve).await,
        Some(Command::Serve(arguments)) => serve::serve(arguments).await,
        Some(Command::Catalog(CatalogCommand::Check { dir })) => catalog::check(dir.as_deref()),
        Some(Command::Catalog(CatalogCommand::Publish { table, dir })) => {
            catalog::publish(&table, dir.as_deref()).await
        }
        Some(Command::Openapi) => openapi::text().map(|text| say(text.trim_end())),
        Some(Command::Replay(arguments)) => views::replay(arguments).await,
        Some(Command::Rebuild(arguments)) => views::rebuild(arguments).await,
        Some(Command::Audit(arguments)) => return audit::audit(arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// `RUST_LOG` chooses what is logged. The embedded DynamoDB warns of every condition that fails,
/// which is what conditions are for.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_| {
        EnvFilter::new("warn,recharge=info,webhook=info,admin=info,reconcile=warn,recharge_core=warn,dynoxide=error")
    });
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
}

#[expect(
    clippy::print_stdout,
    reason = "what was asked for goes there; logs go to stderr"
)]
fn say(text: &str) {
    println!("{text}");
}

fn complain(error: &anyhow::Error) {
    remark(&format!("error: {error:#}"));
}

#[expect(
    clippy::print_stderr,
    reason = "errors and progress are for the person at the terminal, not a log"
)]
fn remark(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn serving_is_what_happens_without_a_command() {
        let parse = |line: &str| Arguments::try_parse_from(line.split(' '));
        let plain = parse("recharge --port 1 --data d").unwrap();
        assert!(plain.command.is_none());
        assert_eq!((plain.serve.port, plain.serve.data), (1, Some("d".into())));
        let named = parse("recharge serve --port 2").unwrap().command;
        assert!(matches!(
            named,
            Some(Command::Serve(ServeArguments { port: 2, .. }))
        ));
        let stripe = parse("recharge --stripe-url https://api.stripe.com").unwrap();
        assert_eq!(
            stripe.serve.stripe_url.as_deref(),
            Some("https://api.stripe.com/")
        );
        let plain = "recharge --stripe-url http://api.stripe.com";
        assert!(parse(plain).is_err(), "the key would go there in the clear");
        assert!(
            parse("recharge catalog publish").is_err(),
            "the table must be named"
        );
        assert!(parse("recharge catalog check infra/catalog").is_ok());
        assert!(parse("recharge openapi").is_ok());
        assert!(parse("recharge replay --since 2026-11-01").is_ok());
        assert!(parse("recharge rebuild bob --day 2026-11-22 --apply").is_ok());
        assert!(parse("recharge audit --lag 10m --findings 3").is_ok());
        for wrong in [
            "recharge rebuild bob",
            "recharge rebuild a#b --day 2026-11-22",
            "recharge rebuild bob --day 2026-11-31",
            "recharge replay --since yesterday",
            "recharge audit --lag soon",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
