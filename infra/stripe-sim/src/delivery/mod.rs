//! Webhooks: signing events, and sending them until they are acknowledged.

mod batch;
mod queue;
mod setting;
mod signature;
mod worker;

use serde::Serialize;
use tokio::sync::oneshot;

pub use setting::DeliverySetting;
pub(crate) use setting::set;
pub(crate) use worker::Worker;

/// What `deliver` sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeliveryReport {
    /// How many events the endpoint acknowledged.
    pub delivered: usize,
    /// Those it did not, each after one try.
    pub failed: Vec<Undelivered>,
}

impl DeliveryReport {
    /// Whether everything was acknowledged.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
    }
}

/// An event that the endpoint did not acknowledge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undelivered {
    /// The event.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened instead of a 2xx.
    pub error: String,
}

/// Asks the worker to send everything undelivered, and where to report.
pub(crate) type DeliverNow = oneshot::Sender<DeliveryReport>;
