//! The simulator over real HTTP on loopback.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod delayed;
mod delivery;
mod disputes;
mod expiry;
mod faults;
mod idempotency;
mod lists;
mod many;
mod outages;
mod page;
mod pay;
mod program;
mod refunds;
mod sessions;
mod state;
mod support;
mod webhooks;
