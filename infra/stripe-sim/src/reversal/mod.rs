//! What takes money back from the seller, decided without touching anything: refunds and disputes.

mod dispute;
mod refund;

pub use dispute::Verdict;
pub(crate) use dispute::{close, open, warn_of_fraud};
pub(crate) use refund::{Asked, fail, refund};

use crate::error::ApiError;
use crate::model::Charge;
use crate::state::World;

/// The charge with this id, or the last one of the payment intent with it.
pub(crate) fn charge_of<'a>(world: &'a World, id: &str) -> Result<&'a Charge, ApiError> {
    if let Some(charge) = world.charges.get(id) {
        return Ok(charge);
    }
    let intent = world
        .payment_intents
        .get(id)
        .ok_or_else(|| ApiError::missing("payment_intent", id, "payment_intent"))?;
    world
        .charges
        .get(&intent.latest_charge)
        .ok_or_else(|| ApiError::missing("charge", &intent.latest_charge, "charge"))
}
