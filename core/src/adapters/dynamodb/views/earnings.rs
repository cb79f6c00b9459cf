//! Reads what creators earned, and corrects it.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use super::{ADD_EARNINGS, DynamoViews, earnings_values};
use crate::{
    adapters::dynamodb::{
        access::AT_ONCE_MAX,
        commit::NEW,
        expression::number,
        items::{EarningsItem, MarkItem, ReceivedItem, Unreadable},
        keys::{DAY, Key, RECEIVED, creator_partition, received_partition},
        reasons::Step,
    },
    app::ports::{ApplyError, Earnings, EarningsCorrections, Freshness, Marks, Outage},
    domain::{
        CreatorDay, EARNINGS_LANES, EarningsByDay, Lane, Month, RECEIVED_LANES, ReceivedGift,
        ShardId, Tally, UserId,
    },
};

impl Earnings for DynamoViews {
    async fn earnings(&self, creator: &UserId) -> Result<EarningsByDay, Outage> {
        let rows = self.all(creator_partition(creator), Some(DAY), Freshness::Recent);
        let mut days = EarningsByDay::new();
        for row in rows.await? {
            let row = EarningsItem::read(row)?;
            let day = days.entry(row.date()?).or_default();
            *day = day.plus(row.tally()).ok_or_else(beyond_range)?;
        }
        Ok(days)
    }
}

impl EarningsCorrections for DynamoViews {
    async fn day_earnings(&self, day: &CreatorDay) -> Result<(Tally, u64), ApplyError> {
        let lanes = Lane::all(EARNINGS_LANES).map(|lane| Key::earnings(day, lane));
        let keys = lanes.chain([Key::earnings_corrections(day)]).collect();
        let (mut tally, mut corrections) = (Tally::default(), 0);
        for row in self.at_once(keys).await?.into_iter().flatten() {
            let row = EarningsItem::read(row).map_err(Outage::from)?;
            let sum = tally.plus(row.tally());
            tally = sum.ok_or_else(|| Outage::from(beyond_range()))?;
            // Only the row for corrections has any.
            corrections = corrections.max(row.corrections());
        }
        Ok((tally, corrections))
    }

    async fn marks_of(&self, shards: &BTreeSet<ShardId>) -> Result<Marks, ApplyError> {
        let shards: Vec<_> = shards.iter().collect();
        let mut marks = Marks::new();
        // Each transaction by itself is enough: whatever the earnings have told is decided.
        for shards in shards.chunks(AT_ONCE_MAX) {
            let keys = shards.iter().map(|shard| Key::relay_mark(shard)).collect();
            let found = self.at_once(keys).await?;
            for (shard, mark) in shards.iter().zip(found) {
                let mark = mark.map(MarkItem::read).transpose();
                marks.insert((*shard).clone(), mark.map_err(Outage::from)?);
            }
        }
        Ok(marks)
    }

    async fn day_received(&self, day: &CreatorDay) -> Result<Vec<ReceivedGift>, Outage> {
        let month = Month::of(day.date);
        // Sort keys begin with the time, which begins with the day.
        let prefix = format!("{RECEIVED}{}T", day.date);
        let mut gifts = Vec::new();
        for lane in Lane::all(RECEIVED_LANES) {
            let partition = received_partition(&day.creator, month, lane);
            for row in self
                .all(partition, Some(&prefix), Freshness::Consistent)
                .await?
            {
                gifts.push(ReceivedItem::read(row)?);
            }
        }
        Ok(gifts)
    }

    async fn correct(
        &self,
        day: &CreatorDay,
        expected_corrections: u64,
        correction: Tally,
    ) -> Result<(), ApplyError> {
        let mut values = HashMap::new();
        let condition = if expected_corrections == 0 {
            NEW
        } else {
            values.insert(":expected".to_owned(), number(expected_corrections));
            "corrections = :expected"
        };
        let update = self.correction(day, correction, Some(condition), values)?;
        self.transact(vec![(Step::Earnings, update)]).await
    }
}

impl DynamoViews {
    /// Adds to the row of a day's corrections, and counts it.
    pub(super) fn correction(
        &self,
        day: &CreatorDay,
        correction: Tally,
        condition: Option<&str>,
        mut values: HashMap<String, AttributeValue>,
    ) -> Result<TransactWriteItem, Outage> {
        values.extend(earnings_values(correction));
        values.insert(":one".to_owned(), number(1));
        let expression = format!("{ADD_EARNINGS}, corrections :one");
        let key = Key::earnings_corrections(day);
        self.update(key, &expression, condition, &[], values)
    }
}

fn beyond_range() -> Unreadable {
    Unreadable::new("earnings row", "a sum beyond the range of numbers")
}
