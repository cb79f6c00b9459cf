//! What both tables are read and single items are saved with.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_get_items::TransactGetItemsError,
    types::{Get, KeysAndAttributes, ReturnConsumedCapacity, TransactGetItem},
};

use super::{
    DynamoLedger,
    commit::{NEW, UNMOVED},
    expression::{Assignment, number},
    failure::{WriteFailure, is_collision, outage, update_failure},
    items::Attributes,
    keys::Key,
};
use crate::app::ports::{ApplyError, Freshness, Outage, SaveError};

/// The most items of a transaction, and of a batch that is read.
pub(super) const AT_ONCE_MAX: usize = 100;

/// One item of a table, or `None`; `what` is the table's name in an outage.
pub(super) async fn item(
    client: &Client,
    table: &str,
    what: &'static str,
    key: Key,
    freshness: Freshness,
) -> Result<Option<Attributes>, Outage> {
    let got = client
        .get_item()
        .table_name(table)
        .set_key(Some(key.attributes()))
        .consistent_read(freshness == Freshness::Consistent)
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .map_err(|error| outage(what, error))?;
    Ok(got.item)
}

/// Several items in one round trip, at most [`AT_ONCE_MAX`], in the order of their keys.
pub(super) async fn many(
    client: &Client,
    table: &str,
    what: &'static str,
    keys: &[Key],
    freshness: Freshness,
) -> Result<Vec<Option<Attributes>>, Outage> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    // A call takes each key once.
    let mut seen = HashSet::new();
    let wanted = keys.iter().filter(|key| seen.insert(*key));
    let wanted = wanted.map(|key| key.clone().attributes());
    let wanted = KeysAndAttributes::builder()
        .set_keys(Some(wanted.collect()))
        .consistent_read(freshness == Freshness::Consistent)
        .build()
        .map_err(|error| Outage::new(what, error))?;
    let got = client
        .batch_get_item()
        .request_items(table, wanted)
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .map_err(|error| outage(what, error))?;
    let found = got.responses.unwrap_or_default().into_values().flatten();
    let mut found: HashMap<_, _> = found
        .filter_map(|item| Some((Key::of(&item)?, item)))
        .collect();
    let unread = got.unprocessed_keys.unwrap_or_default();
    for left in unread.values().flat_map(KeysAndAttributes::keys) {
        // DynamoDB was short of breath. A single read waits and tries again by itself.
        let Some(key) = Key::of(left) else { continue };
        if let Some(found_later) = item(client, table, what, key.clone(), freshness).await? {
            found.insert(key, found_later);
        }
    }
    Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
}

/// Several items as they are at one moment, in the order of their keys, of which there are at most
/// [`AT_ONCE_MAX`]. One that is being written is told as moved.
pub(super) async fn at_once(
    client: &Client,
    table: &str,
    what: &'static str,
    keys: Vec<Key>,
) -> Result<Vec<Option<Attributes>>, ApplyError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let gets = keys.into_iter().map(|key| {
        let get = Get::builder().table_name(table);
        let get = get.set_key(Some(key.attributes())).build();
        get.map(|get| TransactGetItem::builder().get(get).build())
    });
    let gets = gets.collect::<Result<Vec<_>, _>>();
    let gets = gets.map_err(|error| Outage::new(what, error))?;
    let got = client
        .transact_get_items()
        .set_transact_items(Some(gets))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await;
    match got {
        Ok(got) => {
            let found = got.responses.unwrap_or_default().into_iter();
            Ok(found.map(|response| response.item).collect())
        }
        Err(error) if is_being_written(&error) => Err(ApplyError::Moved),
        Err(error) => Err(outage(what, error).into()),
    }
}

fn is_being_written<R>(error: &SdkError<TransactGetItemsError, R>) -> bool {
    let Some(error) = error.as_service_error() else {
        return false;
    };
    if let TransactGetItemsError::TransactionCanceledException(cancelled) = error {
        let mut reasons = cancelled.cancellation_reasons().iter();
        return reasons.any(|reason| reason.code() == Some("TransactionConflict"));
    }
    is_collision(error.code())
}

impl DynamoLedger {
    /// Sets an item's attributes if the stored one has `expected_version`; 0 if none may be stored.
    pub(super) async fn save(
        &self,
        key: Key,
        attributes: Attributes,
        expected_version: u64,
    ) -> Result<(), SaveError> {
        let mut assignment = Assignment::of(attributes);
        if expected_version > 0 {
            assignment = assignment.with_value(":expected_version", number(expected_version));
        }
        let saved = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .update_expression(assignment.expression)
            .condition_expression(if expected_version == 0 { NEW } else { UNMOVED })
            .set_expression_attribute_names(Some(assignment.names))
            .set_expression_attribute_values(Some(assignment.values))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match saved.map_err(update_failure) {
            Ok(_) => Ok(()),
            // After a lost answer the SDK's own retry fails its condition on what it stored
            // itself; who is told "moved" reads again and finds it.
            Err(WriteFailure::ConditionFailed | WriteFailure::Collided) => Err(SaveError::Moved),
            Err(WriteFailure::Unavailable(outage)) => Err(outage.into()),
        }
    }
}
