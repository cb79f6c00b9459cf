//! Whole worlds on virtual time and a single thread: the same seed is the same run.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test code: what is not as expected ends the test"
)]

mod audit;
mod crash_matrix;
mod economy;
mod gallery;
mod hot;
mod linearizability;
mod world;

/// A number that this run was given.
fn setting(name: &str) -> Option<u64> {
    Some(text_setting(name)?.parse().unwrap())
}

/// A text that this run was given.
#[expect(
    clippy::disallowed_methods,
    reason = "RECHARGE_TEST_SEED runs a printed seed again"
)]
fn text_setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
