//! The ledger on DynamoDB: the truth, append-only entries and the items they move. And the views,
//! all that follows from it.
//!
//! Keys are made in `keys`, items in `items`; every write that
//! moves coins or a recharge is conditional.

mod access;
mod audit;
mod catalog;
mod client;
mod commit;
mod creators;
mod expression;
mod failure;
mod gift_parties;
mod items;
mod keys;
mod ledger;
mod publish;
mod reasons;
mod recharges;
mod reconcile;
#[cfg(feature = "stream")]
mod stream;
mod views;

pub use catalog::DynamoCatalog;
pub use client::{behavior, client, retries, timeouts};
pub(super) use client::{client_with, lambda_config};
pub use gift_parties::DynamoGiftParties;
pub use keys::STATEMENT_INDEX;
pub use ledger::DynamoLedger;
pub use publish::{Published, publish};
#[cfg(feature = "stream")]
pub use stream::{StreamBatch, StreamEventRefused, read_stream_event};
pub use views::DynamoViews;
