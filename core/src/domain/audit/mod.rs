//! What an audit proves, decided purely: the stored entries are believed, and all else is held
//! against them.

mod finding;
mod gifts;
mod settlements;
mod totals;
mod wallet;

#[cfg(test)]
mod agreement_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod wallet_tests;

pub use finding::{Damaged, Finding, Place, Reason, Stored};
pub use gifts::{GiftSums, check_received};
pub use settlements::check_settlement;
pub use totals::{Flow, Totals};
pub use wallet::{Account, check_account};
