//! DynamoDB as it is on a bad day: a simulation for tests. README.md tells what it does.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "test code: what is out of range ends the test"
)]

mod admin;
mod expression;
mod failure;
mod read;
mod server;
mod simulator;
mod source;
mod state;
mod stream;
mod table;
mod transact;
mod units;
mod update;
mod value;
mod weather;
mod write;

pub use simulator::{Call, DynamoDbSim, Trimmed};
pub use source::{Batch, EventSource, Trouble};
pub use weather::{Fault, Weather};
