//! What anybody may send us, and what must hold for each of it. A target takes any bytes, and
//! panics if something does not hold: the fuzzers of `fuzz/` call it with what they invent, and a
//! test of this crate calls it with the corpora and with seeded mutations of them.
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "test code: what is not as expected ends the test"
)]

mod bodies;
mod cursors;
mod event;
mod signature;
mod stream;
mod webhook;
mod world;

pub use bodies::bodies;
pub use cursors::cursors;
pub use event::event;
pub use signature::signature;
pub use stream::stream;
pub use webhook::webhook;

/// What is fuzzed: it panics if something does not hold, and tells whether the bytes were accepted.
pub type Target = fn(&[u8]) -> bool;

/// Every target by its name, which its corpus has, too.
pub const TARGETS: [(&str, Target); 6] = [
    ("bodies", bodies),
    ("cursors", cursors),
    ("event", event),
    ("signature", signature),
    ("stream", stream),
    ("webhook", webhook),
];
