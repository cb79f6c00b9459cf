//! Turns to ask Stripe, and how far the reconciler has come.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use jiff::Timestamp;

use super::{
    DynamoLedger,
    commit::{NEW, UNMOVED},
    expression::number,
    failure::{WriteFailure, put_failure},
    items::ReconcileItem,
    keys::Key,
};
use crate::{
    app::ports::{Freshness, Outage, ReconcileMarks, SaveError, SyncTurns},
    domain::{RechargeId, ReconcileMark},
};

/// Nobody took a turn, or it was before; or it is this very one, whose answer was lost and which
/// the SDK asks for again.
const IS_DUE: &str = "attribute_not_exists(PK) OR at_ms <= :earliest OR turn = :turn";

impl SyncTurns for DynamoLedger {
    async fn take_sync_turn(
        &self,
        id: &RechargeId,
        at: Timestamp,
        earliest: Timestamp,
    ) -> Result<bool, Outage> {
        let mut item = Key::sync_turn(id).attributes();
        item.insert("at_ms".to_owned(), number(at.as_millisecond()));
        let turn = number(fastrand::u64(..));
        item.insert("turn".to_owned(), turn.clone());
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(IS_DUE)
            .expression_attribute_values(":earliest", number(earliest.as_millisecond()))
            .expression_attribute_values(":turn", turn)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match put.send().await.map_err(put_failure) {
            Ok(_) => Ok(true),
            Err(WriteFailure::ConditionFailed) => Ok(false),
            Err(WriteFailure::Collided) => Err(Outage::new("the ledger", "a collision for a turn")),
            Err(WriteFailure::Unavailable(outage)) => Err(outage),
        }
    }
}

impl ReconcileMarks for DynamoLedger {
    async fn reconcile_mark(&self) -> Result<Option<ReconcileMark>, Outage> {
        let found = self
            .item(Key::reconcile_mark(), Freshness::Consistent)
            .await?;
        Ok(found.map(ReconcileItem::read).transpose()?)
    }

    async fn save_reconcile_mark(
        &self,
        expected_version: u64,
        mark: &ReconcileMark,
    ) -> Result<(), SaveError> {
        let mut item = ReconcileItem::write(mark).map_err(Outage::from)?;
        item.extend(Key::reconcile_mark().attributes());
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let put = if expected_version == 0 {
            put.condition_expression(NEW)
        } else {
            put.condition_expression(UNMOVED)
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":expected_version", number(expected_version))
        };
        match put.send().await.map_err(put_failure) {
            Ok(_) => Ok(()),
            Err(WriteFailure::ConditionFailed | WriteFailure::Collided) => Err(SaveError::Moved),
            Err(WriteFailure::Unavailable(outage)) => Err(outage.into()),
        }
    }
}
