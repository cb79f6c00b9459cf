//! What the simulator keeps, and how each object looks in Stripe's API.

mod charge;
mod dispute;
mod event;
pub(crate) mod method;
mod payment_intent;
mod refund;
mod session;
mod session_json;

pub(crate) use charge::{Charge, ChargeStatus};
pub(crate) use dispute::{Dispute, DisputeStatus};
pub(crate) use event::{Delivery, DeliveryStatus, Event, EventKind};
pub(crate) use payment_intent::{PaymentIntent, PaymentIntentStatus};
pub(crate) use refund::{Refund, RefundStatus};
pub(crate) use session::{Line, PaymentStatus, Session, SessionStatus};

use serde_json::{Map, Value};

/// The version of Stripe's API that these objects follow.
pub(crate) const API_VERSION: &str = "2026-09-30.endive";

/// The message of every decline of a card; the card and the reason are always the same.
pub(crate) const DECLINE_MESSAGE: &str = "Your card was declined.";

/// The message of every delayed payment that fails.
pub(crate) const FAILURE_MESSAGE: &str = "The payment failed.";

/// An object of Stripe's API that lives in a table.
pub(crate) trait Resource {
    /// Its id.
    fn id(&self) -> &str;
    /// When it was made, in Unix seconds.
    fn created(&self) -> i64;
    /// The payment intent it belongs to, if it does.
    fn payment_intent(&self) -> Option<&str> {
        None
    }
}

/// One object out of several sets of fields, and the fields that Stripe sends but that are always null here.
fn object_with_nulls<const N: usize>(null: &[&str], fields: [Value; N]) -> Value {
    let mut object: Map<String, Value> = null
        .iter()
        .map(|name| ((*name).to_owned(), Value::Null))
        .collect();
    for set in fields {
        if let Value::Object(set) = set {
            object.extend(set);
        }
    }
    Value::Object(object)
}
