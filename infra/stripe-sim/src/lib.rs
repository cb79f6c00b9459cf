#![doc = include_str!("../README.md")]

mod api;
mod checkout;
pub mod cli;
mod clock;
mod config;
mod delivery;
mod error;
mod faults;
mod form;
mod hub;
mod ids;
mod model;
mod money;
mod page;
mod simulator;
mod state;

pub use checkout::Outcome;
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{DEFAULT_SECRET, RetryPolicy, SimulatorConfig};
pub use delivery::{DeliveryReport, Undelivered};
pub use error::{ApiError, StartError, StateError};
pub use faults::Fault;
pub use simulator::Simulator;
