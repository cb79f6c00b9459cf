//! What the relay stores.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, Put, PutRequest, ReturnConsumedCapacity, TransactWriteItem, WriteRequest,
};

use super::{DynamoViews, views_outage};
use crate::{
    adapters::dynamodb::{
        commit::NEW,
        items::{Attributes, MarkItem, QuarantineItem, ReceivedItem},
        keys::Key,
        reasons::Step,
    },
    app::ports::{ApplyError, Freshness, Outage, RelayCommits, RelayMarks},
    domain::{Quarantined, ReceivedGift, RelayStep, SequenceNumber, ShardId, earnings_lane},
};

/// The mark is what the step was made for.
const UNMOVED: &str = "#last = :expected";
/// The most items of a BatchWriteItem.
const BATCH_MAX: usize = 25;

impl RelayMarks for DynamoViews {
    async fn relay_mark(&self, shard: &ShardId) -> Result<Option<SequenceNumber>, Outage> {
        let found = self
            .item(Key::relay_mark(shard), Freshness::Consistent)
            .await?;
        Ok(found.map(MarkItem::read).transpose()?)
    }
}

impl RelayCommits for DynamoViews {
    async fn put_received(&self, gifts: &[ReceivedGift]) -> Result<Vec<ReceivedGift>, Outage> {
        let mut unstored = Vec::new();
        for batch in gifts.chunks(BATCH_MAX) {
            // A call takes each key once; the same gift twice is the same row.
            let mut rows: HashMap<_, (Attributes, &ReceivedGift)> = HashMap::new();
            for gift in batch {
                rows.insert(sort_key(gift), (ReceivedItem::write(gift)?, gift));
            }
            let requests = rows.values().map(|(item, _)| put_request(item.clone()));
            let requests = requests.collect::<Result<Vec<_>, _>>()?;
            let written = self
                .client
                .batch_write_item()
                .request_items(&self.table, requests)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(views_outage)?;
            let left = written.unprocessed_items.unwrap_or_default();
            for request in left.into_values().flatten() {
                let key = request.put_request().and_then(|put| put.item().get("SK"));
                let key = key.and_then(|key| key.as_s().ok());
                let known = key.and_then(|key| rows.get(key));
                let (_, gift) = known.ok_or_else(|| {
                    Outage::new("the views table", "an unprocessed item that was not sent")
                })?;
                unstored.push(ReceivedGift::clone(gift));
            }
        }
        Ok(unstored)
    }

    async fn commit_step(&self, step: &RelayStep) -> Result<(), ApplyError> {
        let mut items = vec![(Step::Mark, self.mark_update(step)?)];
        let lane = earnings_lane(&step.shard);
        for (day, tally) in &step.earnings {
            let row = self.add_earnings(Key::earnings(day, lane), *tally)?;
            items.push((Step::Earnings, row));
        }
        for quarantined in &step.quarantined {
            items.push((Step::Quarantine, self.quarantine_put(quarantined)?));
        }
        self.transact(items).await
    }
}

impl DynamoViews {
    fn mark_update(&self, step: &RelayStep) -> Result<TransactWriteItem, Outage> {
        let text = |number: &SequenceNumber| AttributeValue::S(number.to_string());
        let mut values = HashMap::from([(":last".to_owned(), text(&step.mark))]);
        let condition = match &step.expected_mark {
            None => NEW,
            Some(expected) => {
                values.insert(":expected".to_owned(), text(expected));
                UNMOVED
            }
        };
        self.update(
            Key::relay_mark(&step.shard),
            "SET #last = :last",
            Some(condition),
            &[("#last", "last")],
            values,
        )
    }

    fn quarantine_put(&self, quarantined: &Quarantined) -> Result<TransactWriteItem, Outage> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(QuarantineItem::write(quarantined)?))
            // A clash would be a loss: rather stop.
            .condition_expression(NEW)
            .build()
            .map_err(|error| Outage::new("the views table", error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn sort_key(gift: &ReceivedGift) -> String {
    Key::received(gift).sk
}

fn put_request(item: Attributes) -> Result<WriteRequest, Outage> {
    let put = PutRequest::builder()
        .set_item(Some(item))
        .build()
        .map_err(|error| Outage::new("the views table", error))?;
    Ok(WriteRequest::builder().put_request(put).build())
}
