//! Stores what was decided, in one transaction.

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException,
    types::{
        Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure::AllOld,
        TransactWriteItem, Update,
    },
};

use super::{
    DynamoLedger,
    expression::{Assignment, number},
    failure::{is_collision, is_conflict, outage, transaction_code},
    items::{EntryItem, QuotaItem, RechargeItem, ReviewItem, WalletItem},
    keys::Key,
    reasons::{Cancelled, OldItem, Step, classify, met_another},
};
use crate::{
    app::ports::{CommitError, Commits, Entries, Found, Outage},
    domain::{Change, Entry, EntryKind, QuotaChange, RechargeChange, Review, WalletChange},
};

/// None of this key may be stored.
pub(super) const NEW: &str = "attribute_not_exists(PK)";
/// It must be what was decided on.
pub(super) const UNMOVED: &str = "#version = :expected_version";
/// It must be what was decided on, and whatever that says, the coins must be there (I1).
const UNMOVED_AND_AFFORDED: &str = "#version = :expected_version AND #coins >= :spends";

impl Commits for DynamoLedger {
    async fn commit(&self, changes: &[Change]) -> Result<(), CommitError> {
        let steps: Vec<Step> = changes.iter().map(step).collect();
        let mut items = Vec::with_capacity(changes.len());
        for change in changes {
            items.push(self.transaction_item(change)?);
        }
        // `ClientRequestToken` is left to the SDK: it makes one for each call, so that only its
        // own retries of this very call are one transaction.
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let Err(error) = sent else { return Ok(()) };
        if let Some(TransactionCanceledException(cancelled)) = error.as_service_error() {
            let classified = classify(&steps, cancelled.cancellation_reasons());
            let met_another = met_another(cancelled.cancellation_reasons());
            if matches!(classified, Cancelled::Moved { .. }) && met_another {
                self.collided();
            }
            return Err(self.explain(changes, classified).await?);
        }
        let code = transaction_code(&error);
        if is_collision(code) {
            if is_conflict(code) {
                self.collided();
            }
            return Err(CommitError::Moved(Box::default()));
        }
        Err(outage("the ledger", error).into())
    }
}

const fn step(change: &Change) -> Step {
    match change {
        Change::Wallet(_) => Step::Wallet,
        // A grant that exists answers nobody's request: the wallet has moved, too.
        Change::Entry(entry) if matches!(entry.key.kind, EntryKind::Grant) => Step::Grant,
        Change::Entry(_) => Step::Entry,
        Change::Recharge(_) => Step::Recharge,
        Change::Quota(_) => Step::Quota,
        Change::Review(_) => Step::Review,
    }
}

impl DynamoLedger {
    fn transaction_item(&self, change: &Change) -> Result<TransactWriteItem, Outage> {
        let item = TransactWriteItem::builder();
        Ok(match change {
            Change::Wallet(wallet) => item.update(self.wallet_update(wallet)?).build(),
            Change::Entry(entry) => item.put(self.entry_put(entry)?).build(),
            Change::Recharge(recharge) => item.update(self.recharge_update(recharge)?).build(),
            Change::Quota(quota) => item.update(self.quota_update(quota)?).build(),
            Change::Review(review) => item.put(self.review_put(review)?).build(),
        })
    }

    fn wallet_update(&self, change: &WalletChange) -> Result<Update, Outage> {
        let condition = if change.expected_version == 0 {
            NEW
        } else {
            UNMOVED_AND_AFFORDED
        };
        let mut assignment = Assignment::of(WalletItem::write(&change.after)?);
        if change.expected_version > 0 {
            assignment = assignment
                .with_value(":expected_version", number(change.expected_version))
                .with_value(":spends", number(change.spends.get()));
        }
        self.update(Key::wallet(&change.after.user), condition, assignment)
    }

    fn recharge_update(&self, change: &RechargeChange) -> Result<Update, Outage> {
        let condition = if change.expected_version == 0 {
            NEW
        } else {
            UNMOVED
        };
        let mut assignment = Assignment::of(RechargeItem::write(&change.after)?);
        if change.expected_version > 0 {
            assignment =
                assignment.with_value(":expected_version", number(change.expected_version));
        }
        self.update(Key::recharge(&change.after.id), condition, assignment)
    }

    fn quota_update(&self, change: &QuotaChange) -> Result<Update, Outage> {
        let condition = if change.expected_version == 0 {
            NEW
        } else {
            UNMOVED
        };
        let mut assignment = Assignment::of(QuotaItem::write(&change.after)?);
        if change.expected_version > 0 {
            assignment =
                assignment.with_value(":expected_version", number(change.expected_version));
        }
        self.update(
            Key::recharge_quota(&change.after.user),
            condition,
            assignment,
        )
    }

    fn update(&self, key: Key, condition: &str, assignment: Assignment) -> Result<Update, Outage> {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .update_expression(assignment.expression)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(assignment.names))
            .set_expression_attribute_values(Some(assignment.values))
            .return_values_on_condition_check_failure(AllOld)
            .build()
            .map_err(|error| Outage::new("the ledger", error))
    }

    fn entry_put(&self, entry: &Entry) -> Result<Put, Outage> {
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(EntryItem::write(entry)?))
            .condition_expression(NEW)
            .return_values_on_condition_check_failure(AllOld)
            .build()
            .map_err(|error| Outage::new("the ledger", error))
    }

    fn review_put(&self, review: &Review) -> Result<Put, Outage> {
        let mut item = ReviewItem::write(review)?;
        let key = Key::review(review.asked_at, &review.recharge, &review.session.id);
        item.extend(key.attributes());
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(NEW)
            .build()
            .map_err(|error| Outage::new("the ledger", error))
    }

    /// What a cancellation means to the use case.
    async fn explain(
        &self,
        changes: &[Change],
        cancelled: Cancelled,
    ) -> Result<CommitError, Outage> {
        Ok(match cancelled {
            Cancelled::EntryExists(old) => {
                CommitError::EntryExists(Box::new(self.existing_entry(changes, old).await?))
            }
            Cancelled::ReviewExists => CommitError::ReviewExists,
            Cancelled::Unknown(reason) => {
                CommitError::Unavailable(Outage::new("the ledger", reason))
            }
            Cancelled::Moved { wallet, recharge } => {
                CommitError::Moved(Box::new(found(changes, wallet, recharge)?))
            }
        })
    }

    /// The entry that was in the way: as the cancellation told, or read.
    async fn existing_entry(
        &self,
        changes: &[Change],
        old: Option<OldItem>,
    ) -> Result<Entry, Outage> {
        if let Some(old) = old {
            return Ok(EntryItem::read(old)?);
        }
        let entry = changes.iter().find_map(|change| match change {
            Change::Entry(entry) => Some(entry),
            Change::Wallet(_) | Change::Recharge(_) | Change::Quota(_) | Change::Review(_) => None,
        });
        let missing = || Outage::new("the ledger", "an entry that exists is not there");
        let entry = entry.ok_or_else(missing)?;
        self.entry(&entry.user, &entry.key)
            .await?
            .ok_or_else(missing)
    }
}

fn found(
    changes: &[Change],
    wallet: Option<OldItem>,
    recharge: Option<OldItem>,
) -> Result<Found, Outage> {
    let mut found = Found::default();
    for change in changes {
        match change {
            Change::Wallet(change) => {
                let read = |old| WalletItem::read(&change.after.user, old);
                found.wallet = wallet.clone().map(read).transpose()?;
            }
            Change::Recharge(change) => {
                let read = |old| RechargeItem::read(&change.after.id, old);
                found.recharge = recharge.clone().map(read).transpose()?;
            }
            Change::Entry(_) | Change::Quota(_) | Change::Review(_) => {}
        }
    }
    Ok(found)
}
