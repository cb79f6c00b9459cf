//! What creators earn: diamonds by day and kind of target, and what they are worth.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Currency, Money, ReceivedGift, TargetKind};

/// What accrued of gifts of one kind. Signed, because a correction may take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accrued {
    /// Diamonds.
    pub diamonds: i64,
    /// From how many sent gifts.
    pub gifts: i64,
}

impl Accrued {
    fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            diamonds: self.diamonds.checked_add(other.diamonds)?,
            gifts: self.gifts.checked_add(other.gifts)?,
        })
    }

    fn minus(self, other: Self) -> Option<Self> {
        Some(Self {
            diamonds: self.diamonds.checked_sub(other.diamonds)?,
            gifts: self.gifts.checked_sub(other.gifts)?,
        })
    }
}

/// What accrued, live streams and videos apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Of gifts for live streams.
    pub live: Accrued,
    /// Of gifts for videos.
    pub video: Accrued,
}

impl Tally {
    /// What one gift accrues; `None` beyond the range.
    #[must_use]
    pub fn of(gift: &ReceivedGift) -> Option<Self> {
        let accrued = Accrued {
            diamonds: i64::try_from(gift.sent.diamonds).ok()?,
            gifts: 1,
        };
        Some(match gift.sent.target.kind {
            TargetKind::Live => Self {
                live: accrued,
                ..Self::default()
            },
            TargetKind::Video => Self {
                video: accrued,
                ..Self::default()
            },
        })
    }

    /// The sum; `None` beyond the range.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            live: self.live.plus(other.live)?,
            video: self.video.plus(other.video)?,
        })
    }

    /// The difference; `None` beyond the range.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        Some(Self {
            live: self.live.minus(other.live)?,
            video: self.video.minus(other.video)?,
        })
    }

    /// The sum of many; `None` beyond the range.
    #[must_use]
    pub fn sum(tallies: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut tallies = tallies.into_iter();
        tallies.try_fold(Self::default(), Self::plus)
    }

    /// Diamonds of both kinds; `None` beyond the range.
    #[must_use]
    pub const fn diamonds(self) -> Option<i64> {
        self.live.diamonds.checked_add(self.video.diamonds)
    }
}

/// What accrued to a creator on each day on which something did.
pub type EarningsByDay = BTreeMap<Date, Tally>;

/// What a diamond is worth to its creator, in each currency: minor units for 1,000 diamonds, so
/// that a diamond may be worth less than a cent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiamondRates(BTreeMap<Currency, u64>);

/// The diamonds that a rate is told for.
const PER_DIAMONDS: u128 = 1_000;

impl DiamondRates {
    /// Of these rates: a currency and its minor units for 1,000 diamonds each.
    #[must_use]
    pub fn new(rates: impl IntoIterator<Item = (Currency, u64)>) -> Self {
        Self(rates.into_iter().collect())
    }

    /// One rate as settings write it: `usd:500` is $5.00 for 1,000 diamonds.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse_one(text: &str) -> Result<(Currency, u64), &'static str> {
        const EXPECTED: &str =
            "a rate is a currency and its minor units for 1000 diamonds: usd:500";
        let (currency, amount) = text.split_once(':').ok_or(EXPECTED)?;
        let currency = Currency::try_from(currency).map_err(|_| EXPECTED)?;
        let amount = amount.parse().map_err(|_| EXPECTED)?;
        Ok((currency, amount))
    }

    /// What 1,000 diamonds are worth; `None` if there is no rate in `currency`.
    #[must_use]
    pub fn per_1000(&self, currency: Currency) -> Option<Money> {
        let amount = self.0.get(&currency)?;
        Some(Money::new(*amount, currency))
    }

    /// What `diamonds` are worth, rounded down to the minor unit: never more than is paid. Fewer
    /// than none are worth nothing. `None` if there is no rate in `currency`, or beyond the range.
    #[must_use]
    pub fn worth(&self, diamonds: i64, currency: Currency) -> Option<Money> {
        let rate = u128::from(*self.0.get(&currency)?);
        let diamonds = u128::try_from(diamonds.max(0)).ok()?;
        let exact = diamonds.checked_mul(rate)?;
        let amount = exact.checked_div(PER_DIAMONDS)?;
        Some(Money::new(u64::try_from(amount).ok()?, currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diamonds_are_worth_their_rate_rounded_down() {
        let rates = DiamondRates::new([DiamondRates::parse_one("usd:500").unwrap()]);
        for (diamonds, cents) in [(0, 0), (1, 0), (2, 1), (3, 1), (1_999, 999), (-7, 0)] {
            let worth = rates.worth(diamonds, Currency::Usd).unwrap();
            assert_eq!(worth.amount(), cents, "{diamonds}");
        }
        assert_eq!(rates.worth(1, Currency::Eur), None);
        assert_eq!(rates.per_1000(Currency::Usd).unwrap().amount(), 500);
        let dear = DiamondRates::new([(Currency::Usd, u64::MAX)]);
        assert_eq!(
            dear.worth(i64::MAX, Currency::Usd),
            None,
            "beyond the range"
        );
    }

    #[test]
    fn a_rate_that_is_none_is_refused() {
        for bad in ["", "usd", "usd:", "usd:-1", "usd:0.5", "chf:5", "500:usd"] {
            assert!(DiamondRates::parse_one(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn tallies_add_up_and_never_wrap_around() {
        let tally = |live, video| Tally {
            live: Accrued {
                diamonds: live,
                gifts: 1,
            },
            video: Accrued {
                diamonds: video,
                gifts: 2,
            },
        };
        let sum = Tally::sum([tally(3, 4), tally(5, 6)]).unwrap();
        assert_eq!((sum.live.diamonds, sum.video.diamonds), (8, 10));
        assert_eq!((sum.live.gifts, sum.video.gifts), (2, 4));
        assert_eq!(sum.diamonds(), Some(18));
        assert_eq!(sum.minus(tally(5, 6)), Some(tally(3, 4)));
        assert_eq!(Tally::sum([tally(i64::MAX, 0), tally(1, 0)]), None);
        assert_eq!(tally(i64::MAX, 1).diamonds(), None);
    }
}
