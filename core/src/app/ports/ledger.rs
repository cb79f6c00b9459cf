//! What keeps wallets and their entries.

use std::future::Future;

use thiserror::Error;

use super::{Freshness, Outage};
use crate::domain::{Change, Entry, EntryKey, Recharge, UserId, Wallet};

/// Reads a wallet.
pub trait Wallets {
    /// The wallet of `user`; an empty one if none is stored.
    fn wallet(
        &self,
        user: &UserId,
        freshness: Freshness,
    ) -> impl Future<Output = Result<Wallet, Outage>> + Send;
}

/// Reads a wallet's history, newest first.
pub trait Statements {
    /// Up to `limit` entries with a `seq` below `before` (all if `None`), newest first. The
    /// index behind it lags: it may lack the newest ones and have holes among them.
    fn entries_before(
        &self,
        user: &UserId,
        before: Option<u64>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Entry>, Outage>> + Send;
}

/// Finds an entry by its key.
pub trait Entries {
    /// The entry, read consistently.
    fn entry(
        &self,
        user: &UserId,
        key: &EntryKey,
    ) -> impl Future<Output = Result<Option<Entry>, Outage>> + Send;
}

/// Stores what was decided, whole or not at all.
pub trait Commits {
    /// Stores every change in one transaction.
    ///
    /// # Errors
    /// - MUST be [`CommitError::EntryExists`] if an entry of the same key is stored, whatever
    ///   else failed, and [`CommitError::ReviewExists`] for a review.
    /// - MUST be [`CommitError::Moved`] if something has another version than expected, or
    ///   collided with another write, and then nothing was stored.
    /// - MUST be [`CommitError::Unavailable`] if the outcome is not known.
    fn commit(&self, changes: &[Change]) -> impl Future<Output = Result<(), CommitError>> + Send;
}

/// Why a commit stored nothing, or nothing for certain.
#[derive(Debug, Error)]
pub enum CommitError {
    /// An entry of this key is stored: here it is.
    #[error("an entry of this key exists")]
    EntryExists(Box<Entry>),
    /// A review of this recharge and session is stored.
    #[error("the review exists")]
    ReviewExists,
    /// What was decided on has changed, or another write was in the way: decide again.
    #[error("what was decided on has moved")]
    Moved(Box<Found>),
    /// The outcome is unknown.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// What a failed condition found, as far as it told.
#[derive(Debug, Default)]
pub struct Found {
    /// The wallet as it is.
    pub wallet: Option<Wallet>,
    /// The recharge as it is.
    pub recharge: Option<Recharge>,
}
