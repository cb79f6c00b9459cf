//! What happens to a checkout session, decided without touching anything: every function returns what
//! is to change or why nothing does.

mod closing;
mod create;
mod payment;
mod resolution;

pub(crate) use closing::{close_overdue, expire};
pub(crate) use create::create;
pub use payment::Outcome;
pub(crate) use payment::pay;
pub use resolution::Resolution;
pub(crate) use resolution::resolve;

use serde_json::Value;

use crate::ids;
use crate::model::{Delivery, DeliveryStatus, Event, EventKind};
use crate::state::Change;

/// When, where and at whose request something happens.
#[derive(Clone, Debug)]
pub(crate) struct Scene<'a> {
    /// Now, in Unix seconds.
    pub(crate) now: i64,
    /// What links begin with.
    pub(crate) base_url: &'a str,
    /// How the delivery of new events begins.
    pub(crate) delivery: DeliveryStatus,
    /// The API request that caused it; none for the pay page and the clock.
    pub(crate) request: Option<&'a str>,
    /// Its idempotency key.
    pub(crate) idempotency_key: Option<&'a str>,
}

impl Scene<'_> {
    /// An event with a snapshot of its object.
    pub(crate) fn event(&self, kind: EventKind, object: Value) -> Change {
        self.event_of_change(kind, object, None)
    }

    /// The same, with what the fields that changed were before.
    pub(crate) fn event_of_change(
        &self,
        kind: EventKind,
        object: Value,
        previous: Option<Value>,
    ) -> Change {
        Change::Event(Event {
            id: ids::event(),
            kind,
            created: self.now,
            object,
            previous,
            request: self.request.map(str::to_owned),
            idempotency_key: self.idempotency_key.map(str::to_owned),
            delivery: Delivery::new(self.delivery),
        })
    }
}
