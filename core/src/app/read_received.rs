//! Reads the gifts that a creator received, newest first, across lanes and months.

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use super::ports::{Outage, ReceivedGifts};
use crate::domain::{Lane, Month, RECEIVED_LANES, ReceivedGift, ReceivedPosition, UserId};

/// A page of received gifts.
#[derive(Debug)]
pub struct ReceivedPage {
    /// The gifts, newest first.
    pub gifts: Vec<ReceivedGift>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<ReceivedPosition>,
}

/// A page looks into so many months at most, which is so many times 16 reads. Only months in which
/// something was received are looked into.
const MONTHS_MAX: u32 = 6;
/// The clocks of two functions differ by less.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// The gifts that `creator` received behind `position`, newest first.
///
/// # Errors
/// [`Outage`] if the views cannot be read.
pub async fn read_received(
    views: &impl ReceivedGifts,
    creator: &UserId,
    position: Option<ReceivedPosition>,
    limit: u32,
    now: Timestamp,
) -> Result<ReceivedPage, Outage> {
    let newest = || ReceivedPosition {
        month: Month::at(now.saturating_add(CLOCK_SKEW).unwrap_or(now)),
        after: None,
    };
    let mut position = position.unwrap_or_else(newest);
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut gifts = Vec::new();
    for _ in 0..MONTHS_MAX {
        let left = wanted.saturating_sub(gifts.len());
        gifts.extend(month_of(views, creator, &position, left).await?);
        if let Some(last) = gifts.last().filter(|_| gifts.len() >= wanted) {
            let next = ReceivedPosition {
                month: position.month,
                after: Some((last.at, last.sent.id.clone())),
            };
            let next = Some(next);
            return Ok(ReceivedPage { gifts, next });
        }
        let first_day = position.month.first_day();
        let Some(earlier) = views.earned_before(creator, first_day).await? else {
            return Ok(ReceivedPage { gifts, next: None });
        };
        position = ReceivedPosition {
            month: Month::of(earlier),
            after: None,
        };
    }
    Ok(ReceivedPage {
        gifts,
        next: Some(position),
    })
}

/// The first `left` gifts of a month, from all of its lanes.
async fn month_of(
    views: &impl ReceivedGifts,
    creator: &UserId,
    position: &ReceivedPosition,
    left: usize,
) -> Result<Vec<ReceivedGift>, Outage> {
    let after = position.after.as_ref();
    let limit = u32::try_from(left).unwrap_or(u32::MAX);
    let lanes = Lane::all(RECEIVED_LANES)
        .map(|lane| views.received(creator, position.month, lane, after, limit));
    let mut found: Vec<_> = try_join_all(lanes).await?.into_iter().flatten().collect();
    let order = |gift: &ReceivedGift| (gift.at, gift.sent.id.clone());
    found.sort_by_key(|gift| std::cmp::Reverse(order(gift)));
    found.truncate(left);
    Ok(found)
}
