//! What the use cases need from outside. Each port is named by its role and is as narrow as
//! the permissions that the function behind it has.

mod audit;
mod catalog;
mod clock;
mod creators;
mod ledger;
mod metrics;
mod outage;
mod payments;
mod recharges;
mod views;

pub use audit::{
    AuditedLedger, AuditedViews, LedgerItem, Page, PagePosition, Settlement, ViewsItem, WalletStamp,
};
pub use catalog::{Gifts, Packages};
pub use clock::Clock;
pub use creators::{BlockedPage, Blocks, Creators, GiftParties, GiftPartiesOf};
pub use ledger::{CommitError, Commits, Entries, Found, Statements, Wallets};
pub use metrics::{Metric, Metrics, NoMetrics};
pub use outage::{Outage, causes};
pub use payments::{Checkout, PaymentRecords, PaymentReport, Payments, PaymentsError, SessionPage};
pub use recharges::{
    CheckoutPages, LinkError, PaymentIntents, RechargeQuotas, Recharges, ReconcileMarks, SaveError,
    SyncTurns,
};
pub use views::{
    ApplyError, Earnings, EarningsCorrections, Marks, Quarantine, QuarantinedRecord, ReceivedGifts,
    RelayCommits, RelayMarks,
};

/// How fresh a read must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// May be cached, or lag: good enough to succeed on, because a commit is conditional.
    Recent,
    /// Reflects every write that was acknowledged before: what a refusal must be decided on.
    Consistent,
}
