//! The use cases, one file each, and the ports they need.
//!
//! Every money movement is load → decide → commit; the loop that repeats it when something
//! moved in between is `retry`.

mod find_recharge;
pub mod ports;
mod read_statement;
mod retry;
mod send_gift;
mod settle_recharge;
mod start_recharge;

pub use find_recharge::{FindRechargeError, find_recharge};
pub use ports::Clock;
pub use read_statement::{StatementPage, read_statement};
pub use retry::Attempts;
pub use send_gift::{SendGiftError, SentReceipt, send_gift};
pub use settle_recharge::{SettleRechargeError, Settled, settle_recharge};
pub use start_recharge::{StartRechargeError, Started, start_recharge};
