//! What the ports are outside of tests: DynamoDB, Stripe, Secrets Manager, the system's clock.

pub mod alarms;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
#[cfg(feature = "dynamodb")]
pub mod metrics;
#[cfg(feature = "dynamodb")]
pub mod secrets;
#[cfg(feature = "dynamodb")]
mod setup;
#[cfg(any(feature = "dynamodb", feature = "http", feature = "stripe"))]
pub mod stripe;
#[cfg(test)]
#[cfg(any(feature = "secrets", feature = "stripe"))]
mod stub;
#[cfg(feature = "dynamodb")]
mod system;

#[cfg(feature = "dynamodb")]
pub use setup::Setup;
#[cfg(feature = "dynamodb")]
pub use system::SystemClock;
