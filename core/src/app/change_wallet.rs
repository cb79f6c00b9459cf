//! Changes what a wallet may do, without moving a coin: the user's limits, the operator's freeze.

use jiff::Timestamp;
use thiserror::Error;

use super::{
    Attempts,
    ports::{Clock, CommitError, Commits, Freshness, Outage, Wallets},
};
use crate::domain::{
    Change, Coins, LimitsRequest, StatusNote, UserId, Wallet, WalletChange, WalletStatus,
};

/// Why nothing was changed.
#[derive(Debug, Error)]
pub enum SetLimitsError {
    /// The app is too old.
    #[error("the app is too old")]
    UpgradeRequired,
    /// An outage: the same may be asked for again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Why nothing was changed.
#[derive(Debug, Error)]
pub enum SetStatusError {
    /// An outage: the same may be asked for again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Sets a user's limits, and answers the wallet as it is then. Asking for the same again
/// changes nothing, so that no key is needed.
///
/// # Errors
/// [`SetLimitsError`]; after a refusal nothing has changed.
pub async fn set_limits(
    ledger: &(impl Wallets + Commits),
    clock: &dyn Clock,
    is_client_admitted: bool,
    user: &UserId,
    asked: &LimitsRequest,
) -> Result<Wallet, SetLimitsError> {
    if !is_client_admitted {
        return Err(SetLimitsError::UpgradeRequired);
    }
    let decide = |wallet: &Wallet, at: Timestamp| wallet.with_limits(asked, at);
    Ok(change(ledger, clock, user, decide).await?)
}

/// Freezes a wallet, or sets it free, and answers it as it is then.
///
/// # Errors
/// [`SetStatusError`].
pub async fn set_status(
    ledger: &(impl Wallets + Commits),
    clock: &dyn Clock,
    user: &UserId,
    status: WalletStatus,
    reason: &str,
    by: &UserId,
) -> Result<Wallet, SetStatusError> {
    let decide = |wallet: &Wallet, at: Timestamp| {
        let note = StatusNote {
            reason: reason.to_owned(),
            by: by.clone(),
            at,
        };
        wallet.with_status(status, note)
    };
    Ok(change(ledger, clock, user, decide).await?)
}

async fn change(
    ledger: &(impl Wallets + Commits),
    clock: &dyn Clock,
    user: &UserId,
    decide: impl Fn(&Wallet, Timestamp) -> Option<Wallet>,
) -> Result<Wallet, Outage> {
    let mut attempts = Attempts::begin(clock);
    loop {
        let wallet = ledger.wallet(user, Freshness::Consistent).await?;
        let Some(after) = decide(&wallet, clock.now()) else {
            return Ok(wallet);
        };
        let changed = WalletChange {
            expected_version: wallet.version,
            spends: Coins::ZERO,
            after: after.clone(),
        };
        match ledger.commit(&[Change::Wallet(changed)]).await {
            Ok(()) => return Ok(after),
            Err(CommitError::Moved(_)) => attempts.again().await?,
            Err(CommitError::EntryExists(_) | CommitError::ReviewExists) => {
                return Err(Outage::new("the ledger", "a wallet alone has no entry"));
            }
            Err(CommitError::Unavailable(outage)) => return Err(outage),
        }
    }
}
