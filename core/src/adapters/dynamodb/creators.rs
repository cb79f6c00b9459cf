//! Creators, and whom they block.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use jiff::Timestamp;

use super::{
    DynamoLedger,
    expression::Assignment,
    failure::outage,
    items::{Attributes, BlockItem, CreatorItem, Unreadable},
    keys::{BLOCK, Key, creator_partition},
};
use crate::{
    app::ports::{BlockedPage, Blocks, Creators, Freshness, Outage, SaveError},
    domain::{Creator, UserId},
};

impl Creators for DynamoLedger {
    async fn creator(&self, id: &UserId, freshness: Freshness) -> Result<Option<Creator>, Outage> {
        let found = self.item(Key::creator(id), freshness).await?;
        let read = |attributes| CreatorItem::read(id, attributes);
        Ok(found.map(read).transpose()?)
    }

    async fn save_creator(
        &self,
        expected_version: u64,
        creator: &Creator,
    ) -> Result<(), SaveError> {
        let attributes = CreatorItem::write(creator).map_err(Outage::from)?;
        let key = Key::creator(&creator.id);
        self.save(key, attributes, expected_version).await
    }
}

impl Blocks for DynamoLedger {
    async fn save_block(
        &self,
        creator: &UserId,
        user: &UserId,
        is_blocked: bool,
        at: Timestamp,
    ) -> Result<(), Outage> {
        let assignment = Assignment::of(BlockItem::write(is_blocked, at)?);
        // Unconditional: the last word of the creator holds, however often it is said.
        let saved = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(Key::block(creator, user).attributes()))
            .update_expression(assignment.expression)
            .set_expression_attribute_names(Some(assignment.names))
            .set_expression_attribute_values(Some(assignment.values))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        saved.map_err(|error| outage("the ledger", error))?;
        Ok(())
    }

    async fn blocked(
        &self,
        creator: &UserId,
        after: Option<&UserId>,
        limit: u32,
    ) -> Result<BlockedPage, Outage> {
        let start = after.map(|after| Key::block(creator, after).attributes());
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(creator_partition(creator)))
            .expression_attribute_values(":prefix", AttributeValue::S(BLOCK.to_owned()))
            .set_exclusive_start_key(start)
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| outage("the ledger", error))?;
        let mut page = BlockedPage {
            next_after: found
                .last_evaluated_key
                .map(|key| blocked_user(&key))
                .transpose()?,
            ..BlockedPage::default()
        };
        for item in found.items.unwrap_or_default() {
            let user = blocked_user(&item)?;
            if let Some(since) = BlockItem::read(item)? {
                page.users.push((user, since));
            }
        }
        Ok(page)
    }
}

/// Whom a block's key names.
fn blocked_user(attributes: &Attributes) -> Result<UserId, Unreadable> {
    let key = attributes.get("SK").and_then(|key| key.as_s().ok());
    let user = key.and_then(|key| key.strip_prefix(BLOCK)?.try_into().ok());
    user.ok_or_else(|| Unreadable::new("block", "its key"))
}
