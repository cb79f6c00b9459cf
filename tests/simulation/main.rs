//! Whole worlds on virtual time and a single thread: the same seed is the same run.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test code: what is not as expected ends the test"
)]

mod economy;
mod world;
