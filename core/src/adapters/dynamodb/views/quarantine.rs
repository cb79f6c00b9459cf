//! Records that the relay could not apply.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{Timestamp, civil::Date};

use super::DynamoViews;
use crate::{
    adapters::dynamodb::{
        items::QuarantineItem,
        keys::{Key, quarantine_partition},
        reasons::Step,
        stream::read_record,
    },
    app::ports::{ApplyError, Freshness, Outage, Quarantine, QuarantinedRecord, RelayCommits},
    domain::{CreatorDay, ReceivedGift, Tally},
};

/// It is there, and nobody applied it yet.
const WAITING: &str = "attribute_exists(PK) AND attribute_not_exists(applied_at)";

impl Quarantine for DynamoViews {
    async fn quarantined(&self, date: Date) -> Result<Vec<QuarantinedRecord>, Outage> {
        let mut records = Vec::new();
        let rows = self.all(quarantine_partition(date), None, Freshness::Consistent);
        for row in rows.await? {
            // What was applied stays, as a proof.
            if row.contains_key("applied_at") {
                continue;
            }
            let (shard, sequence, raw) = QuarantineItem::read(row)?;
            let content = read_record(&raw, &shard);
            records.push(QuarantinedRecord {
                shard,
                sequence,
                content,
            });
        }
        Ok(records)
    }

    async fn apply_quarantined(
        &self,
        date: Date,
        gift: &ReceivedGift,
        at: Timestamp,
    ) -> Result<(), ApplyError> {
        let values = HashMap::from([(":at".to_owned(), AttributeValue::S(at.to_string()))]);
        let key = Key::quarantined(date, &gift.shard, &gift.sequence);
        let applied = self.update(key, "SET applied_at = :at", Some(WAITING), &[], values)?;
        let day = CreatorDay::of(gift);
        let tally = Tally::of(gift).ok_or_else(|| {
            Outage::new("the views table", "diamonds beyond the range of numbers")
        })?;
        // As the relay does: what is counted is among the received gifts before.
        if !self
            .put_received(std::slice::from_ref(gift))
            .await?
            .is_empty()
        {
            return Err(ApplyError::Moved);
        }
        // A correction, so that a comparison that was made before it is of another state.
        let corrected = self.correction(&day, tally, None, HashMap::new())?;
        let items = vec![(Step::Quarantine, applied), (Step::Earnings, corrected)];
        self.transact(items).await
    }
}
