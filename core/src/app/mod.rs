//! The use cases, one file each, and the ports they need.
//!
//! Every money movement is load → decide → commit; the loop that repeats it when something
//! moved in between is `retry`.

mod audit;
mod change_wallet;
mod creators;
mod find_recharge;
mod note_taken_back;
pub mod ports;
mod read_received;
mod read_statement;
mod reconcile;
mod relay;
mod repair;
mod retry;
mod send_gift;
mod settle_recharge;
mod start_recharge;
mod sync_recharge;

pub use audit::{Audited, Told, audit};
pub use change_wallet::{SetLimitsError, SetStatusError, set_limits, set_status};
pub use creators::{
    BecomeCreatorError, ChangeCreatorError, CreatorTerms, become_creator, find_creator,
    set_accepting, set_blocked,
};
pub use find_recharge::{FindRechargeError, find_recharge};
pub use note_taken_back::{NoteTakenBackError, Noted, note_taken_back};
pub use ports::Clock;
pub use read_received::{ReceivedPage, read_received};
pub use read_statement::{StatementPage, read_statement};
pub use reconcile::{ReconcileError, Reconciled, Run, reconcile};
pub use relay::{RelayError, Relayed, relay};
pub use repair::{
    DayComparison, RebuildError, Replayed, compare_day, correct_day, replay_quarantine,
};
pub use retry::Attempts;
pub use send_gift::{SendGiftError, SentReceipt, send_gift};
pub use settle_recharge::{Evidence, SettleRechargeError, Settled, settle_recharge};
pub use start_recharge::{StartRechargeError, Started, start_recharge};
pub use sync_recharge::{SyncRechargeError, Synced, sync_recharge};
