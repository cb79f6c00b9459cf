//! Recharges outside of transactions: before they are settled nothing else moves with them.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use super::{
    DynamoLedger,
    failure::{WriteFailure, outage, put_failure},
    items::{CheckoutPageItem, PaymentIntentItem, QuotaItem, RechargeItem},
    keys::Key,
};
use crate::{
    app::ports::{
        CheckoutPages, Freshness, LinkError, Outage, PaymentIntents, RechargeQuotas, Recharges,
        SaveError,
    },
    domain::{OpenedCheckout, Pace, PaymentIntentId, Recharge, RechargeId, RechargeQuota, UserId},
};

/// Nothing is stored, or exactly this.
const NEW_OR_SAME: &str = "attribute_not_exists(PK) OR recharge = :recharge";

impl Recharges for DynamoLedger {
    async fn recharge(&self, id: &RechargeId) -> Result<Option<Recharge>, Outage> {
        let found = self.item(Key::recharge(id), Freshness::Consistent).await?;
        Ok(found
            .map(|attributes| RechargeItem::read(id, attributes))
            .transpose()?)
    }

    async fn save_recharge(
        &self,
        expected_version: u64,
        recharge: &Recharge,
    ) -> Result<(), SaveError> {
        let attributes = RechargeItem::write(recharge).map_err(Outage::from)?;
        let key = Key::recharge(&recharge.id);
        self.save(key, attributes, expected_version).await
    }
}

impl RechargeQuotas for DynamoLedger {
    async fn recharge_quota(&self, user: &UserId) -> Result<RechargeQuota, Outage> {
        let found = self
            .item(Key::recharge_quota(user), Freshness::Consistent)
            .await?;
        let unused = || RechargeQuota {
            user: user.clone(),
            pace: Pace::NOTHING,
            version: 0,
        };
        let read = |attributes| QuotaItem::read(user, attributes);
        Ok(found.map(read).transpose()?.unwrap_or_else(unused))
    }
}

impl CheckoutPages for DynamoLedger {
    async fn checkout_page(&self, id: &RechargeId) -> Result<Option<OpenedCheckout>, Outage> {
        let found = self
            .item(Key::checkout_page(id), Freshness::Consistent)
            .await?;
        Ok(found.map(CheckoutPageItem::read).transpose()?)
    }

    async fn save_checkout_page(
        &self,
        id: &RechargeId,
        opened: &OpenedCheckout,
    ) -> Result<(), Outage> {
        let mut item = CheckoutPageItem::write(opened)?;
        item.extend(Key::checkout_page(id).attributes());
        // Unconditional: whoever asks Stripe with the recharge's key gets the same session.
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        put.send()
            .await
            .map_err(|error| outage("the ledger", error))?;
        Ok(())
    }
}

impl PaymentIntents for DynamoLedger {
    async fn link(
        &self,
        payment_intent: &PaymentIntentId,
        recharge: &RechargeId,
    ) -> Result<(), LinkError> {
        let mut item = PaymentIntentItem::write(recharge).map_err(Outage::from)?;
        item.extend(Key::payment_intent(payment_intent).attributes());
        let linked = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(NEW_OR_SAME)
            .expression_attribute_values(":recharge", AttributeValue::S(recharge.to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match linked.map_err(put_failure) {
            Ok(_) => Ok(()),
            Err(WriteFailure::ConditionFailed) => Err(LinkError::Taken),
            Err(WriteFailure::Collided) => {
                Err(Outage::new("the ledger", "a collision while linking").into())
            }
            Err(WriteFailure::Unavailable(outage)) => Err(outage.into()),
        }
    }

    async fn recharge_of(
        &self,
        payment_intent: &PaymentIntentId,
    ) -> Result<Option<RechargeId>, Outage> {
        let found = self
            .item(Key::payment_intent(payment_intent), Freshness::Consistent)
            .await?;
        Ok(found.map(PaymentIntentItem::read).transpose()?)
    }
}
