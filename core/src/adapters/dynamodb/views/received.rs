//! Reads what creators received.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{Timestamp, civil::Date};

use super::{DynamoViews, views_outage};
use crate::{
    adapters::dynamodb::{
        items::{EarningsItem, ReceivedItem},
        keys::{DAY, RECEIVED, creator_partition, received_partition, received_sort_key},
    },
    app::ports::{Outage, ReceivedGifts},
    domain::{Lane, Month, ReceivedGift, SentGiftId, UserId},
};

impl ReceivedGifts for DynamoViews {
    async fn received(
        &self,
        creator: &UserId,
        month: Month,
        lane: Lane,
        after: Option<&(Timestamp, SentGiftId)>,
        limit: u32,
    ) -> Result<Vec<ReceivedGift>, Outage> {
        let query = self
            .query(received_partition(creator, month, lane))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let query = match after {
            None => query
                .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
                .expression_attribute_values(":prefix", AttributeValue::S(RECEIVED.to_owned())),
            Some((at, id)) => query
                .key_condition_expression("PK = :pk AND SK < :after")
                .expression_attribute_values(
                    ":after",
                    AttributeValue::S(received_sort_key(*at, id)),
                ),
        };
        // At most 100 rows of less than 2 KB: one page has them all.
        let found = query.send().await.map_err(views_outage)?;
        let gifts = found.items.unwrap_or_default().into_iter();
        Ok(gifts.map(ReceivedItem::read).collect::<Result<_, _>>()?)
    }

    async fn earned_before(&self, creator: &UserId, day: Date) -> Result<Option<Date>, Outage> {
        let query = self
            .query(creator_partition(creator))
            .key_condition_expression("PK = :pk AND SK BETWEEN :first AND :day")
            .expression_attribute_values(":first", AttributeValue::S(DAY.to_owned()))
            .expression_attribute_values(":day", AttributeValue::S(format!("{DAY}{day}")))
            .scan_index_forward(false)
            .limit(1);
        let found = query.send().await.map_err(views_outage)?;
        let row = found.items.unwrap_or_default().into_iter().next();
        let row = row.map(EarningsItem::read).transpose()?;
        Ok(row.map(|row| row.date()).transpose()?)
    }
}
