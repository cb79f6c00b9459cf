//! The ledger on DynamoDB: the truth, append-only entries and the items they move.
//!
//! Keys are made in `keys`, items in `items`; every write that
//! moves coins or a recharge is conditional.

mod catalog;
mod client;
mod commit;
mod expression;
mod failure;
mod items;
mod keys;
mod ledger;
mod publish;
mod reasons;
mod recharges;
mod reconcile;

pub use catalog::DynamoCatalog;
pub use client::{behavior, client, retries, timeouts};
pub(super) use client::{client_with, sdk_config};
pub use keys::STATEMENT_INDEX;
pub use ledger::DynamoLedger;
pub use publish::{Published, publish};
