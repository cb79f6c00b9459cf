//! Reads of wallets and entries.

use std::sync::Arc;

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ReturnConsumedCapacity},
};

use super::{
    access,
    expression::number,
    failure::outage,
    items::{Attributes, EntryItem, WalletItem},
    keys::{Key, STATEMENT_INDEX, user_partition},
};
use crate::{
    app::ports::{Entries, Freshness, Metric, Metrics, Outage, Statements, Wallets},
    domain::{Entry, EntryKey, UserId, Wallet},
};

/// The ledger table.
#[derive(Debug, Clone)]
pub struct DynamoLedger {
    pub(super) client: Client,
    pub(super) table: String,
    metrics: Option<Arc<dyn Metrics>>,
}

impl DynamoLedger {
    /// The ledger in `table`.
    #[must_use]
    pub const fn new(client: Client, table: String) -> Self {
        Self {
            client,
            table,
            metrics: None,
        }
    }

    /// The same, which counts what is in its way.
    #[must_use]
    pub fn counting(self, metrics: &Arc<dyn Metrics>) -> Self {
        Self {
            metrics: Some(Arc::clone(metrics)),
            ..self
        }
    }

    /// Another write was in the way of a commit.
    pub(super) fn collided(&self) {
        if let Some(metrics) = &self.metrics {
            metrics.count(Metric::Conflicts);
        }
    }

    /// One item, or `None`.
    pub(super) async fn item(
        &self,
        key: Key,
        freshness: Freshness,
    ) -> Result<Option<Attributes>, Outage> {
        access::item(&self.client, &self.table, "the ledger", key, freshness).await
    }
}

impl Wallets for DynamoLedger {
    async fn wallet(&self, user: &UserId, freshness: Freshness) -> Result<Wallet, Outage> {
        match self.item(Key::wallet(user), freshness).await? {
            Some(attributes) => Ok(WalletItem::read(user, attributes)?),
            None => Ok(Wallet::empty(user.clone())),
        }
    }
}

impl Entries for DynamoLedger {
    async fn entry(&self, user: &UserId, key: &EntryKey) -> Result<Option<Entry>, Outage> {
        let found = self
            .item(Key::entry(user, key), Freshness::Consistent)
            .await?;
        Ok(found.map(EntryItem::read).transpose()?)
    }
}

impl Statements for DynamoLedger {
    async fn entries_before(
        &self,
        user: &UserId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, Outage> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(STATEMENT_INDEX)
            .expression_attribute_values(":pk", AttributeValue::S(user_partition(user)))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let query = match before {
            Some(before) => query
                .key_condition_expression("PK = :pk AND seq < :before")
                .expression_attribute_values(":before", number(before)),
            None => query.key_condition_expression("PK = :pk"),
        };
        // One page of at most 1 MB: what it may lack, the next page brings.
        let found = query
            .send()
            .await
            .map_err(|error| outage("the ledger", error))?;
        let entries = found
            .items
            .unwrap_or_default()
            .into_iter()
            .map(EntryItem::read);
        Ok(entries.collect::<Result<_, _>>()?)
    }
}
