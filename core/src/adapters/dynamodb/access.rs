//! What both tables are read and single items are saved with.

use aws_sdk_dynamodb::{Client, types::ReturnConsumedCapacity};

use super::{
    DynamoLedger,
    commit::{NEW, UNMOVED},
    expression::{Assignment, number},
    failure::{WriteFailure, outage, update_failure},
    items::Attributes,
    keys::Key,
};
use crate::app::ports::{Freshness, Outage, SaveError};

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
