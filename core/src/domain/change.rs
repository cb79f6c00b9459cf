//! What a decision wants stored.

use super::{Coins, Entry, Recharge, RechargeQuota, Review, Wallet};

/// One item of a decision's complete list; the list is committed whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The wallet becomes this, if it is still what was decided on.
    Wallet(WalletChange),
    /// This entry is added, if none of its key exists.
    Entry(Entry),
    /// The recharge becomes this, if it is still what was decided on.
    Recharge(RechargeChange),
    /// The quota becomes this, if it is still what was decided on.
    Quota(QuotaChange),
    /// This review is added, if it does not exist.
    Review(Review),
}

/// What a wallet becomes, and what must still be true of the stored one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletChange {
    /// The stored version; 0 if none may be stored yet.
    pub expected_version: u64,
    /// The coins that must be there, whatever the version says: the second guard of I1.
    pub spends: Coins,
    /// What it becomes.
    pub after: Wallet,
}

/// What a quota becomes, and what must still be true of the stored one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaChange {
    /// The stored version; 0 if none may be stored yet.
    pub expected_version: u64,
    /// What it becomes.
    pub after: RechargeQuota,
}

/// What a recharge becomes, and what must still be true of the stored one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RechargeChange {
    /// The stored version; 0 if none may be stored yet.
    pub expected_version: u64,
    /// What it becomes.
    pub after: Recharge,
}
