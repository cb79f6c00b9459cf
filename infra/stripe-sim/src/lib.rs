#![doc = include_str!("../README.md")]

mod api;
mod checkout;
pub mod cli;
mod clock;
mod config;
mod controls;
mod delivery;
mod error;
mod faults;
mod form;
mod happenings;
mod hub;
mod ids;
mod model;
mod money;
mod page;
mod reversal;
mod simulator;
mod state;

pub use checkout::{Outcome, Resolution};
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{DEFAULT_SECRET, RetryPolicy, SimulatorConfig};
pub use delivery::{DeliveryReport, DeliverySetting, Undelivered};
pub use error::{ApiError, StartError, StateError};
pub use faults::{Fault, Outage};
pub use reversal::Verdict;
pub use simulator::Simulator;
