//! What the suites are made of: a world to play in, clients for it, faults at the HTTP layer of
//! the AWS SDK, and the contract that every store must keep.
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test code: what is not as expected ends the test"
)]

mod api;
pub mod contract;
mod faults;
mod lambda;
mod openapi;
mod samples;
mod secrets;
pub mod simulation;
mod snapshot;
mod store;
mod stream;
mod webhooks;
mod world;

pub use api::{Answer, Api, Fan, gift_body};
pub use faults::{Call, Fault, FaultyHttp};
pub use lambda::{Lambda, invoke, invoke_at};
pub use openapi::{Document, DocumentedOperation};
pub use samples::*;
pub use secrets::HeldSecrets;
pub use snapshot::{Snapshot, snapshot, snapshot_of_all};
pub use store::Store;
pub use stream::{gift_records, stream_event};
pub use webhooks::{completed_event, sign};
pub use world::World;
