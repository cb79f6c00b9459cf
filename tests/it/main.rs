//! The suites that cross crates.

mod architecture;
mod audit;
mod authorization;
mod bad_input;
mod brakes;
mod buying;
mod concurrency;
mod creators;
mod docs;
mod faults;
mod journey;
mod metrics;
mod money_in;
mod openapi;
mod recorded;
mod relay;
mod repair;
mod replay;
mod secrets;
mod stores;
mod stripe_calls;
mod support;
mod template;
mod tokens;
mod units;
mod webhooks;
