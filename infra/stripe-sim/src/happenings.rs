//! What happens at Stripe at nobody's request: what buyers and banks do.

use serde_json::Value;

use crate::checkout::{self, Outcome, Resolution};
use crate::error::ApiError;
use crate::hub::Hub;
use crate::model::{Dispute, Refund, Session};
use crate::reversal::{self, Asked, Verdict, charge_of};
use crate::state::World;

impl Hub {
    /// Does what a buyer does, and answers the session after it.
    pub(crate) fn pay(&self, session: &str, outcome: Outcome) -> Result<Session, ApiError> {
        self.act(|world, scene| checkout::pay(world, find(world, session)?, outcome, scene))
    }

    /// Ends a delayed payment, and answers the session after it.
    pub(crate) fn resolve(
        &self,
        session: &str,
        resolution: Resolution,
    ) -> Result<Session, ApiError> {
        self.act(|world, scene| checkout::resolve(world, find(world, session)?, resolution, scene))
    }

    /// Refunds as the seller does on Stripe's dashboard.
    pub(crate) fn refund(&self, id: &str, amount: Option<i64>) -> Result<Refund, ApiError> {
        let asked = Asked {
            amount,
            ..Asked::default()
        };
        self.act(|world, scene| {
            let charge = charge_of(world, id)?;
            let (refund, _, changes) = reversal::refund(world, charge, asked, scene)?;
            Ok((refund, changes))
        })
    }

    /// Has the buyer's bank send a refund back.
    pub(crate) fn fail_refund(&self, id: &str) -> Result<Refund, ApiError> {
        self.act(|world, scene| {
            let refund = world.refunds.get(id);
            let refund = refund.ok_or_else(|| ApiError::missing("refund", id, "refund"))?;
            reversal::fail(world, refund, scene)
        })
    }

    /// Has the buyer dispute a charge.
    pub(crate) fn dispute(
        &self,
        id: &str,
        reason: Option<&str>,
        amount: Option<i64>,
    ) -> Result<Dispute, ApiError> {
        self.act(|world, scene| reversal::open(charge_of(world, id)?, reason, amount, scene))
    }

    /// Has the bank decide a charge's dispute.
    pub(crate) fn close_dispute(&self, id: &str, verdict: Verdict) -> Result<Dispute, ApiError> {
        self.act(|world, scene| reversal::close(world, charge_of(world, id)?, verdict, scene))
    }

    /// Has the bank suspect fraud.
    pub(crate) fn warn_of_fraud(&self, id: &str) -> Result<Value, ApiError> {
        self.act(|world, scene| reversal::warn_of_fraud(charge_of(world, id)?, scene))
    }
}

fn find<'a>(world: &'a World, id: &str) -> Result<&'a Session, ApiError> {
    let found = world.sessions.get(id);
    found.ok_or_else(|| ApiError::missing("checkout.session", id, "session"))
}
