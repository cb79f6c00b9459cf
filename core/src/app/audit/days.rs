//! What creators earned, against what they received.

use super::Audit;
use crate::{
    app::{
        RebuildError, compare_day,
        ports::{AuditedLedger, AuditedViews, EarningsCorrections, Outage, Quarantine, ViewsItem},
    },
    domain::{CreatorDay, Lane, Place, Reason, ReceivedGift, utc_date},
};

/// The days that the walk is passing.
#[derive(Debug, Default)]
struct Days {
    received: Option<(CreatorDay, Lane)>,
    earned: Option<CreatorDay>,
}

impl<L, V> Audit<'_, L, V>
where
    L: AuditedLedger,
    V: AuditedViews + EarningsCorrections + Quarantine,
{
    /// Reads every item once, and compares a creator's day when it comes to its earnings.
    pub(super) async fn walk_views(&mut self) -> Result<(), Outage> {
        let (mut position, mut days) = (None, Days::default());
        loop {
            let page = self.views.views_page(position.as_ref()).await?;
            for item in page.items {
                self.views_item(item, &mut days).await?;
            }
            self.progress();
            position = page.next;
            if position.is_none() {
                return Ok(());
            }
        }
    }

    async fn views_item(&mut self, item: ViewsItem, days: &mut Days) -> Result<(), Outage> {
        match item {
            ViewsItem::Received(Ok(gift)) => {
                self.audited.totals.add_received(gift.sent.diamonds);
                if gift.at <= self.due {
                    self.sums.received(&gift);
                }
                let lane = Some((CreatorDay::of(&gift), gift.lane()));
                if days.received != lane {
                    self.day_received(&gift).await?;
                    days.received = lane;
                }
            }
            ViewsItem::Earnings(day) => {
                if days.earned.as_ref() != Some(&day) {
                    self.day(&day).await?;
                    days.earned = Some(day);
                }
            }
            ViewsItem::Received(Err(damaged)) | ViewsItem::Damaged(damaged) => {
                self.damaged(*damaged);
            }
            ViewsItem::Quarantined => {
                self.audited.quarantined = self.audited.quarantined.saturating_add(1);
            }
            ViewsItem::Other => {}
        }
        Ok(())
    }

    /// A day with gifts and without any earnings is compared in the first of its lanes, wherever the
    /// table gives that, so that it is told once. One with earnings is compared where the walk comes
    /// to them.
    async fn day_received(&mut self, gift: &ReceivedGift) -> Result<(), Outage> {
        let day = CreatorDay::of(gift);
        if self.views.has_earnings(&day).await? {
            return Ok(());
        }
        let gifts = self.views.day_received(&day).await?;
        if gifts.iter().map(ReceivedGift::lane).min() == Some(gift.lane()) {
            self.day(&day).await?;
        }
        Ok(())
    }

    async fn day(&mut self, day: &CreatorDay) -> Result<(), Outage> {
        let place = Place::Day(day.clone());
        match compare_day(self.views, day).await {
            Ok(compared) => {
                self.audited.totals.add_earned(compared.earned);
                if !compared.is_equal() {
                    let (earned, received) = (compared.earned, compared.received);
                    self.found_at(place.clone(), Reason::EarningsDiffer { earned, received });
                }
                match compared.waits_since {
                    Some(since) if since <= self.due => {
                        self.found_at(place, Reason::NotCounted { since });
                    }
                    Some(_) => self.audited.totals.add_pending_day(),
                    None => {}
                }
            }
            Err(RebuildError::Waiting) => self.found_at(place, Reason::InQuarantine),
            // Shards that told of a day live some hours on, and busy ones stand never still.
            Err(RebuildError::Busy) if self.is_recent(day) => {
                self.audited.totals.add_pending_day();
            }
            Err(RebuildError::Unavailable(outage)) => {
                self.unread(&place, &outage.causes().to_string());
            }
            Err(error @ (RebuildError::Busy | RebuildError::Moved)) => {
                self.unread(&place, &error.to_string());
            }
        }
        Ok(())
    }

    /// Whether a day is today's or yesterday's.
    fn is_recent(&self, day: &CreatorDay) -> bool {
        let today = utc_date(self.began);
        day.date >= today.yesterday().unwrap_or(today)
    }
}
