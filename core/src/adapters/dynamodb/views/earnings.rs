//! Reads what creators earned, and corrects it.

use super::{ADD_EARNINGS, DynamoViews, earnings_values};
use crate::{
    adapters::dynamodb::{
        commit::NEW,
        expression::number,
        items::{EarningsItem, ReceivedItem, Unreadable},
        keys::{DAY, Key, RECEIVED, creator_partition, day_prefix, received_partition},
        reasons::Step,
    },
    app::ports::{ApplyError, Earnings, EarningsCorrections, Freshness, Outage},
    domain::{CreatorDay, EarningsByDay, Lane, Month, RECEIVED_LANES, ReceivedGift, Tally, UserId},
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
    async fn day_earnings(&self, day: &CreatorDay) -> Result<(Tally, u64), Outage> {
        let (partition, prefix) = (creator_partition(&day.creator), day_prefix(day.date));
        let rows = self.all(partition, Some(&prefix), Freshness::Consistent);
        let (mut tally, mut corrections) = (Tally::default(), 0);
        for row in rows.await? {
            let row = EarningsItem::read(row)?;
            tally = tally.plus(row.tally()).ok_or_else(beyond_range)?;
            // Only the row for corrections has any.
            corrections = corrections.max(row.corrections());
        }
        Ok((tally, corrections))
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
        let mut values = earnings_values(correction);
        values.insert(":one".to_owned(), number(1));
        let condition = if expected_corrections == 0 {
            NEW
        } else {
            values.insert(":expected".to_owned(), number(expected_corrections));
            "corrections = :expected"
        };
        let update = self.update(
            Key::earnings_corrections(day),
            &format!("{ADD_EARNINGS}, corrections :one"),
            Some(condition),
            &[],
            values,
        )?;
        self.transact(vec![(Step::Earnings, update)]).await
    }
}

fn beyond_range() -> Unreadable {
    Unreadable::new("earnings row", "a sum beyond the range of numbers")
}
