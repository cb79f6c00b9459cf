//! The views on DynamoDB: all that follows from the ledger and could be built again from it.

mod audit;
mod earnings;
#[cfg(feature = "stream")]
mod quarantine;
mod received;
mod relay;

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{
        query::builders::QueryFluentBuilder,
        transact_write_items::TransactWriteItemsError::{self, TransactionCanceledException},
    },
    types::{AttributeValue, ReturnConsumedCapacity, TransactWriteItem, Update},
};

use super::{
    access,
    expression::number,
    failure::{is_collision, outage, transaction_code},
    items::Attributes,
    keys::Key,
    reasons::{Cancelled, Step, classify},
};
use crate::{
    app::ports::{ApplyError, Freshness, Outage},
    domain::Tally,
};

/// The views table.
#[derive(Debug, Clone)]
pub struct DynamoViews {
    client: Client,
    table: String,
}

impl DynamoViews {
    /// The views in `table`.
    #[must_use]
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    async fn item(&self, key: Key, freshness: Freshness) -> Result<Option<Attributes>, Outage> {
        access::item(&self.client, &self.table, "the views table", key, freshness).await
    }

    /// A query of the partition `pk`, to be added to.
    fn query(&self, pk: String) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// Every item of the partition `pk` whose sort key begins with `prefix`, page by page. Without a
    /// prefix all: DynamoDB takes no empty one.
    async fn all(
        &self,
        pk: String,
        prefix: Option<&str>,
        freshness: Freshness,
    ) -> Result<Vec<Attributes>, Outage> {
        let query = self
            .query(pk)
            .consistent_read(freshness == Freshness::Consistent);
        let query = match prefix {
            None => query.key_condition_expression("PK = :pk"),
            Some(prefix) => query
                .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned())),
        };
        let mut pages = query.into_paginator().items().send();
        let mut items = Vec::new();
        while let Some(item) = pages.try_next().await.map_err(views_outage)? {
            items.push(item);
        }
        Ok(items)
    }

    /// As [`access::at_once`].
    async fn at_once(&self, keys: Vec<Key>) -> Result<Vec<Option<Attributes>>, ApplyError> {
        access::at_once(&self.client, &self.table, "the views table", keys).await
    }

    /// Stores the named items whole or not at all.
    async fn transact(&self, items: Vec<(Step, TransactWriteItem)>) -> Result<(), ApplyError> {
        let (steps, items): (Vec<_>, Vec<_>) = items.into_iter().unzip();
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        sent.map(drop).map_err(|error| apply_error(&steps, error))
    }

    /// An update of `key` that may have a condition, with its names and values.
    fn update(
        &self,
        key: Key,
        expression: &str,
        condition: Option<&str>,
        names: &[(&str, &str)],
        values: HashMap<String, AttributeValue>,
    ) -> Result<TransactWriteItem, Outage> {
        let names = names.iter();
        let names = names.map(|(name, attribute)| ((*name).to_owned(), (*attribute).to_owned()));
        let names: HashMap<_, _> = names.collect();
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .update_expression(expression)
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_names((!names.is_empty()).then_some(names))
            .set_expression_attribute_values(Some(values))
            .build()
            .map_err(|error| Outage::new("the views table", error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Adds to an earnings row, which need not be there yet.
    fn add_earnings(&self, key: Key, tally: Tally) -> Result<TransactWriteItem, Outage> {
        self.update(key, ADD_EARNINGS, None, &[], earnings_values(tally))
    }
}

/// An addition: two shards that share a row need not know of each other.
const ADD_EARNINGS: &str =
    "ADD live :live, live_gifts :live_gifts, video :video, video_gifts :video_gifts";

fn earnings_values(tally: Tally) -> HashMap<String, AttributeValue> {
    let values = [
        (":live", tally.live.diamonds),
        (":live_gifts", tally.live.gifts),
        (":video", tally.video.diamonds),
        (":video_gifts", tally.video.gifts),
    ];
    let values = values.map(|(name, value)| (name.to_owned(), number(value)));
    HashMap::from(values)
}

fn views_outage<E, R>(error: SdkError<E, R>) -> Outage
where
    E: std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    outage("the views table", error)
}

fn apply_error<R>(steps: &[Step], error: SdkError<TransactWriteItemsError, R>) -> ApplyError
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    if let Some(TransactionCanceledException(cancelled)) = error.as_service_error() {
        return match classify(steps, cancelled.cancellation_reasons()) {
            Cancelled::Moved { .. } => ApplyError::Moved,
            Cancelled::Unknown(reason) => Outage::new("the views table", reason).into(),
            Cancelled::EntryExists(_) | Cancelled::ReviewExists => {
                Outage::new("the views table", "views have neither entries nor reviews").into()
            }
        };
    }
    if is_collision(transaction_code(&error)) {
        return ApplyError::Moved;
    }
    views_outage(error).into()
}
