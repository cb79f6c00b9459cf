//! Items as they are stored. What is named here is stored for ever: add attributes, never
//! rename or repurpose one.

mod catalog;
mod creator;
mod earnings;
mod entry;
mod quota;
mod received;
mod recharge;
mod reconcile;
mod relay;
mod review;
mod wallet;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_item};
use thiserror::Error;

pub(super) use catalog::{CatalogItem, CustomItem, GiftItem, PackageItem};
pub(super) use creator::{BlockItem, CreatorItem};
pub(super) use earnings::EarningsItem;
pub(super) use entry::EntryItem;
pub(super) use quota::QuotaItem;
pub(super) use received::ReceivedItem;
pub(super) use recharge::{CheckoutPageItem, PaymentIntentItem, RechargeItem};
pub(super) use reconcile::ReconcileItem;
pub(super) use relay::{MarkItem, QuarantineItem};
pub(super) use review::ReviewItem;
pub(super) use wallet::WalletItem;

use crate::app::ports::Outage;

/// Attributes as the SDK has them.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// A stored item that we cannot read: written by a newer version, or by hand.
#[derive(Debug, Error)]
#[error("a stored {item} is unreadable: {problem}")]
pub(super) struct Unreadable {
    item: &'static str,
    problem: String,
}

impl Unreadable {
    pub(super) fn new(item: &'static str, problem: impl std::fmt::Display) -> Self {
        Self {
            item,
            problem: problem.to_string(),
        }
    }
}

impl From<Unreadable> for Outage {
    fn from(unreadable: Unreadable) -> Self {
        Self::new("the ledger", unreadable)
    }
}

/// Reads an item's attributes.
pub(super) fn read<T: DeserializeOwned>(
    item: &'static str,
    attributes: Attributes,
) -> Result<T, Unreadable> {
    from_item(attributes).map_err(|error| Unreadable::new(item, error))
}

/// Writes an item's attributes.
pub(super) fn write<T: Serialize>(item: &'static str, value: &T) -> Result<Attributes, Unreadable> {
    to_item(value).map_err(|error| Unreadable::new(item, error))
}
