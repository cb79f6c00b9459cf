//! What an audit reads: everything. No function has these; only an operator's own command does.

use std::future::Future;

use super::{ApplyError, Outage};
use crate::domain::{
    Account, CreatorDay, Damaged, Entry, ReceivedGift, Recharge, RechargeId, Stored, UserId,
};

/// Where a page of a table begins: behind this item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagePosition {
    /// Its partition.
    pub pk: String,
    /// Its place there.
    pub sk: String,
}

/// A page of a table.
#[derive(Debug)]
pub struct Page<T> {
    /// Its items; an audit has no use for all of them.
    pub items: Vec<T>,
    /// Where the next one begins; `None` behind the last.
    pub next: Option<PagePosition>,
}

/// An item of the ledger, as far as an audit begins with it.
#[derive(Debug)]
pub enum LedgerItem {
    /// A wallet or one of its entries, to be read with all that is beside it.
    OfWallet {
        /// Whose.
        user: UserId,
        /// Whether it is the wallet.
        is_wallet: bool,
    },
    /// A recharge.
    Recharge(Stored<Box<Recharge>>),
    /// What is in nobody's wallet, though it looks so.
    Damaged(Box<Damaged>),
    /// Anything else.
    Other,
}

/// An item of the views, as far as an audit begins with it.
#[derive(Debug)]
pub enum ViewsItem {
    /// A received gift.
    Received(Stored<Box<ReceivedGift>>),
    /// A row of what was earned on a day.
    Earnings(CreatorDay),
    /// What looks like a row of earnings and cannot be read.
    Damaged(Box<Damaged>),
    /// A record that waits in quarantine.
    Quarantined,
    /// Anything else.
    Other,
}

/// What changes with each write of a wallet: `last_seq` and `version`, as far as they can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletStamp(pub Option<(u64, u64)>);

/// Reads the whole ledger. All reads are consistent.
pub trait AuditedLedger {
    /// A page of all items, in any order.
    fn ledger_page(
        &self,
        after: Option<&PagePosition>,
    ) -> impl Future<Output = Result<Page<LedgerItem>, Outage>> + Send;

    /// A wallet with all its entries. What is written meanwhile may be in it or not.
    fn account(&self, user: &UserId) -> impl Future<Output = Result<Account, Outage>> + Send;

    /// Where a wallet stands. Whatever was decided together with anything that
    /// [`AuditedLedger::account`] has told before is in it.
    ///
    /// # Errors
    /// - MUST be [`ApplyError::Moved`] if it is being written.
    fn wallet_stamp(
        &self,
        user: &UserId,
    ) -> impl Future<Output = Result<WalletStamp, ApplyError>> + Send;

    /// Recharges in the order of their ids; `None` where there is none.
    fn recharges(
        &self,
        ids: &[RechargeId],
    ) -> impl Future<Output = Result<Vec<Option<Stored<Recharge>>>, Outage>> + Send;

    /// A recharge and the entry that credited it to `user`, at one moment.
    ///
    /// # Errors
    /// - MUST be [`ApplyError::Moved`] if one of them is being written.
    fn settlement(
        &self,
        user: &UserId,
        id: &RechargeId,
    ) -> impl Future<Output = Result<Settlement, ApplyError>> + Send;
}

/// A recharge and the entry that credited it, as far as they are there.
pub type Settlement = (Option<Stored<Recharge>>, Option<Stored<Entry>>);

/// Reads all views. All reads are consistent.
pub trait AuditedViews {
    /// A page of all items, in any order.
    fn views_page(
        &self,
        after: Option<&PagePosition>,
    ) -> impl Future<Output = Result<Page<ViewsItem>, Outage>> + Send;

    /// What was received of the gifts of these entries, in their order; `None` where nothing was,
    /// and for an entry that is no gift.
    fn received_of(
        &self,
        entries: &[&Entry],
    ) -> impl Future<Output = Result<Vec<Option<Stored<ReceivedGift>>>, Outage>> + Send;

    /// Whether a day has any row of earnings.
    fn has_earnings(&self, day: &CreatorDay) -> impl Future<Output = Result<bool, Outage>> + Send;
}
