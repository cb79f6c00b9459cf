//! Asks Stripe about a recharge now, for somebody who waits for it.

use std::time::Duration;

use jiff::SignedDuration;
use thiserror::Error;

use super::{
    Evidence, SettleRechargeError, Settled,
    ports::{
        Clock, Commits, Outage, PaymentIntents, PaymentRecords, Recharges, SyncTurns, Wallets,
    },
    settle_recharge,
};
use crate::domain::{Recharge, RechargeId, UserId};

/// How often Stripe is asked about one recharge.
const INTERVAL: SignedDuration = SignedDuration::from_secs(2);

/// A recharge after Stripe was asked.
#[derive(Debug)]
pub struct Synced {
    /// As it is now.
    pub recharge: Recharge,
    /// What came of asking.
    pub settled: Settled,
}

/// Why Stripe was not asked.
#[derive(Debug, Error)]
pub enum SyncRechargeError {
    /// There is none of this id, or it is somebody else's: who asks cannot tell which.
    #[error("the recharge does not exist")]
    NotFound,
    /// It was asked less than two seconds ago.
    #[error("the recharge was synced just now")]
    TooSoon {
        /// When it may be asked again, at the latest.
        retry_after: Duration,
        /// The recharge as it is.
        recharge: Box<Recharge>,
    },
    /// An outage.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

impl From<SettleRechargeError> for SyncRechargeError {
    fn from(error: SettleRechargeError) -> Self {
        match error {
            SettleRechargeError::Unavailable(outage) => Self::Unavailable(outage),
        }
    }
}

/// Asks Stripe about the recharge `id`, and settles it if it is paid.
///
/// `owner` is who must have bought it; `None` for pages without a token, which show nothing of
/// the buyer.
///
/// # Errors
/// [`SyncRechargeError`]; after a refusal nothing has changed.
pub async fn sync_recharge(
    store: &(impl Recharges + SyncTurns + PaymentIntents + Wallets + Commits),
    records: &impl PaymentRecords,
    clock: &dyn Clock,
    livemode: bool,
    owner: Option<&UserId>,
    id: &RechargeId,
) -> Result<Synced, SyncRechargeError> {
    let found = store.recharge(id).await?;
    let recharge = found
        .filter(|recharge| owner.is_none_or(|owner| recharge.user == *owner))
        .ok_or(SyncRechargeError::NotFound)?;
    let now = clock.now();
    let earliest = now.saturating_sub(INTERVAL).unwrap_or(now);
    if !store.take_sync_turn(id, now, earliest).await? {
        return Err(SyncRechargeError::TooSoon {
            retry_after: INTERVAL.unsigned_abs(),
            recharge: Box::new(recharge),
        });
    }
    // Without a session nobody can have paid: its page was never given to anybody.
    let Some(session) = &recharge.session else {
        return Ok(Synced {
            recharge,
            settled: Settled::Nothing,
        });
    };
    let evidence = Evidence::Ask(records, session);
    let settled = settle_recharge(store, clock, livemode, id, &evidence).await?;
    let recharge = store.recharge(id).await?.unwrap_or(recharge);
    Ok(Synced { recharge, settled })
}
