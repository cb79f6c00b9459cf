//! What users allow themselves to spend. Tightening works at once; loosening waits a day, so
//! that nobody undoes in the heat of the moment what they decided with a cool head.

use jiff::{SignedDuration, Timestamp};

use super::{Coins, Wallet};

/// The most that may be spent in a UTC day and month; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// In a UTC calendar day.
    pub daily_coins: Option<Coins>,
    /// In a UTC calendar month.
    pub monthly_coins: Option<Coins>,
}

/// A limit that will be raised or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitRaise {
    /// To what; `None` removes it.
    pub to: Option<Coins>,
    /// From when on.
    pub from: Timestamp,
}

/// The raises that wait, one for each limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LimitRaises {
    /// Of the daily limit.
    pub daily: Option<LimitRaise>,
    /// Of the monthly limit.
    pub monthly: Option<LimitRaise>,
}

/// What a user asks for: the outer `None` leaves a limit as it is, the inner one removes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LimitsRequest {
    /// The daily limit.
    pub daily_coins: Option<Option<Coins>>,
    /// The monthly limit.
    pub monthly_coins: Option<Option<Coins>>,
}

/// How long a raise waits.
const RAISE_AFTER: SignedDuration = SignedDuration::from_hours(24);

impl Wallet {
    /// The limits that hold at `at`, with the raises that have come into force.
    #[must_use]
    pub fn limits_at(&self, at: Timestamp) -> Limits {
        Limits {
            daily_coins: in_force(self.limits.daily_coins, self.raises.daily, at),
            monthly_coins: in_force(self.limits.monthly_coins, self.raises.monthly, at),
        }
    }

    /// The raises that still wait at `at`.
    #[must_use]
    pub fn raises_at(&self, at: Timestamp) -> LimitRaises {
        LimitRaises {
            daily: self.raises.daily.filter(|raise| raise.from > at),
            monthly: self.raises.monthly.filter(|raise| raise.from > at),
        }
    }

    /// The wallet with the limits that were asked for; `None` if nothing changes.
    #[must_use]
    pub fn with_limits(&self, asked: &LimitsRequest, at: Timestamp) -> Option<Self> {
        let (held, waiting) = (self.limits_at(at), self.raises_at(at));
        let (daily_coins, daily) = limit(held.daily_coins, waiting.daily, asked.daily_coins, at);
        let (monthly_coins, monthly) =
            limit(held.monthly_coins, waiting.monthly, asked.monthly_coins, at);
        let limits = Limits {
            daily_coins,
            monthly_coins,
        };
        let raises = LimitRaises { daily, monthly };
        if (limits, raises) == (held, waiting) {
            return None;
        }
        Some(Self {
            limits,
            raises,
            ..self.written()
        })
    }
}

fn in_force(limit: Option<Coins>, raise: Option<LimitRaise>, at: Timestamp) -> Option<Coins> {
    match raise {
        Some(raise) if raise.from <= at => raise.to,
        Some(_) | None => limit,
    }
}

/// One limit after it was asked for.
fn limit(
    held: Option<Coins>,
    waiting: Option<LimitRaise>,
    asked: Option<Option<Coins>>,
    at: Timestamp,
) -> (Option<Coins>, Option<LimitRaise>) {
    let Some(asked) = asked else {
        return (held, waiting);
    };
    let allowance = |limit: Option<Coins>| limit.map_or(u64::MAX, Coins::get);
    if allowance(asked) <= allowance(held) {
        // Whoever tightens does not want to be loosened tomorrow by what they asked yesterday.
        return (asked, None);
    }
    match waiting {
        // Asked again: the clock that runs goes on.
        Some(raise) if raise.to == asked => (held, waiting),
        Some(_) | None => {
            let from = at.saturating_add(RAISE_AFTER).unwrap_or(Timestamp::MAX);
            (held, Some(LimitRaise { to: asked, from }))
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a test that overflows may panic"
)]
mod tests {
    use super::*;

    fn coins(coins: u64) -> Option<Coins> {
        Some(Coins::new(coins).unwrap())
    }

    fn daily(limit: Option<Coins>) -> LimitsRequest {
        LimitsRequest {
            daily_coins: Some(limit),
            monthly_coins: None,
        }
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    fn limited(limit: Option<Coins>) -> Wallet {
        let mut wallet = Wallet::empty("alice".try_into().unwrap());
        wallet.limits.daily_coins = limit;
        wallet
    }

    #[test]
    fn lowering_is_immediate_and_raising_waits_a_day() {
        for (held, asked, at_once) in [
            (None, coins(10), true),
            (coins(10), coins(9), true),
            (coins(10), coins(0), true),
            (coins(10), coins(11), false),
            (coins(10), None, false),
            (coins(0), coins(1), false),
        ] {
            let wallet = limited(held).with_limits(&daily(asked), at(0)).unwrap();
            let now = wallet.limits_at(at(0)).daily_coins;
            assert_eq!(
                now,
                if at_once { asked } else { held },
                "{held:?} → {asked:?}"
            );
            assert_eq!(wallet.raises_at(at(0)).daily.is_some(), !at_once);
            assert_eq!(wallet.limits_at(at(24)).daily_coins, asked);
            assert_eq!(wallet.raises_at(at(24)), LimitRaises::default());
            assert_eq!((wallet.version, wallet.last_seq), (1, 0));
        }
    }

    /// As the daily one, and neither moves the other.
    #[test]
    fn a_monthly_limit_is_lowered_at_once_and_raised_after_a_day() {
        let monthly = |limit| LimitsRequest {
            daily_coins: None,
            monthly_coins: Some(limit),
        };
        let lowered = limited(coins(5))
            .with_limits(&monthly(coins(50)), at(0))
            .unwrap();
        assert_eq!(lowered.limits_at(at(0)).monthly_coins, coins(50));
        let raised = lowered.with_limits(&monthly(coins(60)), at(1)).unwrap();
        let waits = LimitRaise {
            to: coins(60),
            from: at(25),
        };
        for (hour, monthly, waiting) in [
            (1, 50, Some(waits)),
            (24, 50, Some(waits)),
            (25, 60, None),
            (26, 60, None),
        ] {
            let limits = raised.limits_at(at(hour));
            assert_eq!(
                (limits.daily_coins, limits.monthly_coins),
                (coins(5), coins(monthly))
            );
            let raises = raised.raises_at(at(hour));
            assert_eq!(
                (raises.daily, raises.monthly),
                (None, waiting),
                "hour {hour}"
            );
        }
        let both = raised.with_limits(&daily(coins(6)), at(2)).unwrap();
        assert_eq!(both.raises_at(at(2)).monthly, Some(waits), "it waits on");
        assert_eq!(
            both.raises_at(at(25)).daily.map(|raise| raise.from),
            Some(at(26))
        );
        assert_eq!(both.raises_at(at(26)).daily, None);
    }

    #[test]
    fn asking_again_keeps_the_clock_and_nothing_new_changes_nothing() {
        let wallet = limited(coins(10));
        assert_eq!(wallet.with_limits(&daily(coins(10)), at(0)), None);
        assert_eq!(wallet.with_limits(&LimitsRequest::default(), at(0)), None);
        let raised = wallet.with_limits(&daily(coins(20)), at(0)).unwrap();
        assert_eq!(raised.with_limits(&daily(coins(20)), at(23)), None);
        let again = raised.with_limits(&daily(coins(30)), at(23)).unwrap();
        assert_eq!(
            again.limits_at(at(24)).daily_coins,
            coins(10),
            "it waits anew"
        );
        assert_eq!(again.limits_at(at(47)).daily_coins, coins(30));
    }

    #[test]
    fn tightening_takes_a_waiting_raise_back() {
        let raised = limited(coins(10)).with_limits(&daily(None), at(0)).unwrap();
        for asked in [coins(10), coins(5)] {
            let tightened = raised.with_limits(&daily(asked), at(1)).unwrap();
            assert_eq!(tightened.limits_at(at(100)).daily_coins, asked);
        }
    }

    #[test]
    fn a_raise_in_force_is_what_the_next_change_compares_with() {
        let raised = limited(coins(10))
            .with_limits(&daily(coins(20)), at(0))
            .unwrap();
        let lowered = raised.with_limits(&daily(coins(15)), at(25)).unwrap();
        assert_eq!(lowered.limits_at(at(25)).daily_coins, coins(15));
        assert_eq!(lowered.raises, LimitRaises::default());
    }
}
