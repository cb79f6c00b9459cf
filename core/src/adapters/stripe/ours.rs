//! Which recharges are ours.

use crate::domain::RechargeId;

/// The recharge of that id, unless it is somebody else's name for something: other products may
/// use the same Stripe account.
pub(super) fn ours(name: String) -> Option<RechargeId> {
    RechargeId::try_from(name)
        .ok()
        .filter(|id| id.as_str().starts_with("rch_"))
}
