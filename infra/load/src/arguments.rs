//! What a run is told.

use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};

/// Who sends to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// Any fan to any creator
    Uniform,
    /// Any fan to one creator
    HotCreator,
    /// One fan to any creator
    HotFan,
}

impl Shape {
    /// As it is written on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::HotCreator => "hot-creator",
            Self::HotFan => "hot-fan",
        }
    }
}

/// A run: it ends after so many gifts or so many seconds, whichever comes first.
#[derive(Debug, Clone, Args)]
pub struct LoadArguments {
    /// Where the API is: http://127.0.0.1:3000, or the output ApiUrl of a stack
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
    pub base_url: String,
    /// The fans with their tokens, and the creators: what `prepare` prints
    #[arg(long, value_name = "FILE")]
    pub players: PathBuf,
    /// Who sends to whom
    #[arg(long, value_enum, default_value = "uniform")]
    pub shape: Shape,
    /// The most gifts that are sent; each costs a coin, and on AWS money
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub requests: u32,
    /// The most seconds that gifts are sent
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = value_parser!(u64).range(1..=3_600))]
    pub seconds: u64,
    /// How many are on their way at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = value_parser!(u32).range(1..=512))]
    pub concurrency: u32,
    /// So many of a hundred are sent once more after their answer
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = value_parser!(u32).range(0..=100))]
    pub replays: u32,
    /// On so many of a hundred the client hangs up before the answer, and then sends them again
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = value_parser!(u32).range(0..=100))]
    pub lost: u32,
    /// What every chance is drawn from, so that a run can be repeated [default: another each time]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Print one line of JSON instead of a table
    #[arg(long)]
    pub json: bool,
}
