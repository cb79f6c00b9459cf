//! Reads a recharge.

use thiserror::Error;

use super::ports::{Outage, Recharges};
use crate::domain::{Recharge, RechargeId, UserId};

/// Why no recharge was found.
#[derive(Debug, Error)]
pub enum FindRechargeError {
    /// There is none of this id, or it is somebody else's: who asks cannot tell which.
    #[error("the recharge does not exist")]
    NotFound,
    /// An outage.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// The recharge of that id, if it is `user`'s own.
///
/// # Errors
/// [`FindRechargeError`].
pub async fn find_recharge(
    store: &impl Recharges,
    user: &UserId,
    id: &RechargeId,
) -> Result<Recharge, FindRechargeError> {
    let found = store.recharge(id).await?;
    found
        .filter(|recharge| recharge.user == *user)
        .ok_or(FindRechargeError::NotFound)
}
