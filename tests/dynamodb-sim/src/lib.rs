//! DynamoDB as it is on a bad day: a simulation for tests.

mod simulator;
mod source;
mod weather;

pub use simulator::{Call, DynamoDbSim, Trimmed};
pub use source::{Batch, EventSource, Trouble};
pub use weather::{Fault, Weather};
