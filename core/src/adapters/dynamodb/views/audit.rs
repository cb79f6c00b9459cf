//! Reads all views, as an audit does.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{DynamoViews, views_outage};
use crate::{
    adapters::dynamodb::{
        access::many,
        audit::{damaged, page, stored},
        items::{Attributes, EarningsItem, ReceivedItem, Unreadable},
        keys::{DAY, Key, RECEIVED, creator_partition, day_prefix},
    },
    app::ports::{AuditedViews, Freshness, Outage, Page, PagePosition, ViewsItem},
    domain::{CreatorDay, EARNINGS_LANES, Entry, Lane, Reason, ReceivedGift, Stored, UserId},
};

impl AuditedViews for DynamoViews {
    async fn views_page(&self, after: Option<&PagePosition>) -> Result<Page<ViewsItem>, Outage> {
        let page = page(&self.client, &self.table, "the views table", after).await?;
        Ok(Page {
            items: page.items.into_iter().map(views_item).collect(),
            next: page.next,
        })
    }

    async fn received_of(
        &self,
        entries: &[&Entry],
    ) -> Result<Vec<Option<Stored<ReceivedGift>>>, Outage> {
        let keys: Vec<_> = entries
            .iter()
            .map(|entry| Key::received_of(entry))
            .collect();
        let wanted: Vec<_> = keys.iter().flatten().cloned().collect();
        let what = "the views table";
        let found = many(
            &self.client,
            &self.table,
            what,
            &wanted,
            Freshness::Consistent,
        );
        let mut found = found.await?.into_iter();
        let received = keys.iter().map(|key| {
            let item = key.as_ref().and_then(|_| found.next().flatten())?;
            Some(stored(item, ReceivedItem::read))
        });
        Ok(received.collect())
    }

    async fn has_earnings(&self, day: &CreatorDay) -> Result<bool, Outage> {
        let query = self
            .query(creator_partition(&day.creator))
            .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
            .expression_attribute_values(":prefix", AttributeValue::S(day_prefix(day.date)))
            .consistent_read(true)
            .limit(1);
        let found = query.send().await.map_err(views_outage)?;
        Ok(!found.items.unwrap_or_default().is_empty())
    }
}

fn views_item(item: Attributes) -> ViewsItem {
    let Some(key) = Key::of(&item) else {
        return ViewsItem::Other;
    };
    if key.pk.starts_with("QUARANTINE#") {
        // What was applied stays, as a proof.
        return match item.contains_key("applied_at") {
            true => ViewsItem::Other,
            false => ViewsItem::Quarantined,
        };
    }
    let Some(creator) = key.pk.strip_prefix("CREATOR#") else {
        return ViewsItem::Other;
    };
    if key.sk.starts_with(RECEIVED) {
        return ViewsItem::Received(received(item, &key));
    }
    if !key.sk.starts_with(DAY) {
        return ViewsItem::Other;
    }
    let mut damage = damaged(&item, String::new());
    match stored(item, |item| earnings_day(creator, item)) {
        Err(damaged) => ViewsItem::Damaged(damaged),
        Ok(day) if is_of(&day, &key) => ViewsItem::Earnings(day),
        Ok(_) => {
            let what = "a lane of a day";
            damage.reason = Reason::KeyDiffers { what };
            ViewsItem::Damaged(damage)
        }
    }
}

fn received(item: Attributes, key: &Key) -> Stored<Box<ReceivedGift>> {
    let mut damage = damaged(&item, String::new());
    let gift = stored(item, ReceivedItem::read)?;
    if Key::received(&gift) == *key {
        return Ok(Box::new(gift));
    }
    let what = "the month and the lane of the gift";
    damage.reason = Reason::KeyDiffers { what };
    Err(damage)
}

fn earnings_day(creator: &str, item: Attributes) -> Result<CreatorDay, Unreadable> {
    let creator = UserId::try_from(creator);
    Ok(CreatorDay {
        creator: creator.map_err(|error| Unreadable::new("earnings row", error))?,
        date: EarningsItem::read(item)?.date()?,
    })
}

/// Whether a row is one of those that a day is read from.
fn is_of(day: &CreatorDay, key: &Key) -> bool {
    let lanes = Lane::all(EARNINGS_LANES).map(|lane| Key::earnings(day, lane));
    lanes
        .chain([Key::earnings_corrections(day)])
        .any(|row| row == *key)
}
