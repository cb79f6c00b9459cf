//! `GET /v1/creator/earnings`: what accrued, by day, and what it is worth.

use jiff::civil::Date;
use lambda_http::{Body, Request, Response};
use recharge_core::{
    app::{
        find_creator,
        ports::{Earnings, Outage},
    },
    domain::{Currency, DiamondRates, EarningsByDay, Money, Tally},
    http::{Page, Problem, currency_of, ok, page},
};
use serde::Serialize;

use super::Function;

impl Function {
    pub(super) async fn earnings(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let currency = currency_of(request, &self.currencies)?;
        let Page {
            limit,
            unverified_cursor,
        } = page(request)?;
        let cursors = &self.cursors.days;
        let before: Option<Date> = match unverified_cursor {
            None => None,
            // A position that we signed is a day.
            Some(cursor) => cursors.verify(&caller.user, cursor)?.parse().ok(),
        };
        find_creator(&self.ledger, &caller.user).await?;
        let earnings = self.views.earnings(&caller.user).await?;
        let valued = Valued {
            rates: &self.rates,
            currency,
        };
        let shown = Shown::of(&earnings, before, limit);
        let mut reply = valued.reply(&earnings, &shown)?;
        let next = shown.next_before;
        reply.next_cursor = next.map(|day| cursors.sign(&caller.user, &day.to_string()));
        Ok(ok(&reply))
    }
}

/// A page of days, newest first.
struct Shown {
    days: Vec<(Date, Tally)>,
    next_before: Option<Date>,
}

impl Shown {
    fn of(earnings: &EarningsByDay, before: Option<Date>, limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let end = before.unwrap_or(Date::MAX);
        let mut older = earnings
            .range(..end)
            .rev()
            .map(|(day, tally)| (*day, *tally));
        let days: Vec<_> = older.by_ref().take(limit).collect();
        let next_before = days.last().map(|(day, _)| *day);
        Self {
            next_before: next_before.filter(|_| older.next().is_some()),
            days,
        }
    }
}

/// In diamonds, with what they are worth.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Earnings")
)]
pub(crate) struct EarningsReply {
    /// All that accrued, until there are payouts and diamonds clear.
    pending: i64,
    available: i64,
    reserved: i64,
    paid: i64,
    /// Of what is not paid yet.
    money_equivalent: Money,
    money_per_1000_diamonds: Money,
    days: Vec<DayReply>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "String"))]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "EarningsDay")
)]
struct DayReply {
    date: Date,
    live: i64,
    live_gifts: i64,
    video: i64,
    video_gifts: i64,
    reversed: i64,
    money_equivalent: Money,
}

/// What diamonds are worth in one currency.
struct Valued<'a> {
    rates: &'a DiamondRates,
    currency: Currency,
}

impl Valued<'_> {
    fn worth(&self, diamonds: i64) -> Result<Money, Problem> {
        let worth = self.rates.worth(diamonds, self.currency);
        worth.ok_or_else(beyond_range)
    }

    fn reply(&self, earnings: &EarningsByDay, shown: &Shown) -> Result<EarningsReply, Problem> {
        let total = Tally::sum(earnings.values().copied()).and_then(Tally::diamonds);
        let pending = total.ok_or_else(beyond_range)?;
        let days = shown
            .days
            .iter()
            .map(|(date, tally)| self.day(*date, *tally));
        Ok(EarningsReply {
            pending,
            available: 0,
            reserved: 0,
            paid: 0,
            money_equivalent: self.worth(pending)?,
            // Checked when the settings were read: there is one in every currency.
            money_per_1000_diamonds: self
                .rates
                .per_1000(self.currency)
                .ok_or_else(beyond_range)?,
            days: days.collect::<Result<_, _>>()?,
            next_cursor: None,
        })
    }

    fn day(&self, date: Date, tally: Tally) -> Result<DayReply, Problem> {
        let diamonds = tally.diamonds().ok_or_else(beyond_range)?;
        Ok(DayReply {
            date,
            live: tally.live.diamonds,
            live_gifts: tally.live.gifts,
            video: tally.video.diamonds,
            video_gifts: tally.video.gifts,
            reversed: 0,
            money_equivalent: self.worth(diamonds)?,
        })
    }
}

fn beyond_range() -> Problem {
    Outage::new(
        "the views table",
        "earnings are beyond the range of numbers",
    )
    .into()
}

#[cfg(test)]
mod tests {
    use recharge_core::domain::Accrued;

    use super::*;

    #[test]
    fn days_come_newest_first_in_pages_and_the_last_page_says_so() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let tally = Tally {
            live: Accrued {
                diamonds: 1,
                gifts: 1,
            },
            ..Tally::default()
        };
        let all = ["2026-11-01", "2026-11-02", "2026-11-05"];
        let earnings: EarningsByDay = all.map(|text| (day(text), tally)).into();
        let shown = |before, limit| {
            let shown = Shown::of(&earnings, before, limit);
            let days: Vec<_> = shown.days.iter().map(|(day, _)| day.to_string()).collect();
            (days, shown.next_before)
        };
        let (days, next) = shown(None, 2);
        assert_eq!(days, ["2026-11-05", "2026-11-02"]);
        assert_eq!(shown(next, 2), (vec!["2026-11-01".to_owned()], None));
        assert_eq!(shown(None, 3).1, None, "a full last page is the last");
        assert_eq!(shown(Some(day("2026-11-01")), 2), (vec![], None));
    }
}
