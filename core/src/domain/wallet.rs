//! A user's coins.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use thiserror::Error;

use super::{Coins, LimitRaises, Limits, Overflow, Pace, UserId};

/// A user's coins, their debt if any, their limits, and where their history stands.
///
/// Two identities always hold: `coins − debt = in_total − out_total`, and coins and debt are
/// never both above zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wallet {
    /// Whose it is.
    pub user: UserId,
    /// What can be spent.
    pub coins: Coins,
    /// What a reversal could not take back; it blocks spending and is paid first (I1).
    pub debt: Coins,
    /// All coins that ever came in: the length of the wallet's line of coins.
    pub in_total: Coins,
    /// All coins that ever went out: how much of the line is used.
    pub out_total: Coins,
    /// Whether it may spend.
    pub status: WalletStatus,
    /// Why, and who said so; `None` if nobody ever did.
    pub status_note: Option<StatusNote>,
    /// What the user allows themself to spend, without the raises since.
    pub limits: Limits,
    /// Raises of the limits that wait, or have come into force.
    pub raises: LimitRaises,
    /// What was spent in the running windows.
    pub spent: Spent,
    /// How many gifts were sent in the running minute.
    pub pace: Pace,
    /// Whether a recharge was ever settled: the first one brings a bonus.
    pub has_recharged: bool,
    /// The `seq` of its last entry, which is also the number of its entries (I5).
    pub last_seq: u64,
    /// The number of writes. Freezing raises it too, so it is not `last_seq`.
    pub version: u64,
}

/// Whether a wallet may spend. Neither state refuses a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WalletStatus {
    /// It may.
    Active,
    /// An operator stopped it.
    Frozen,
}

impl WalletStatus {
    /// Every status there is.
    pub const ALL: [Self; 2] = [Self::Active, Self::Frozen];

    /// Its name in the store and in replies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Frozen => "frozen",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// Why a wallet has its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusNote {
    /// What the operator said.
    pub reason: String,
    /// Which operator.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// What was spent in the running day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// The UTC day that `day_coins` counts.
    pub day: Date,
    /// Spent in that day.
    pub day_coins: Coins,
    /// The first day of the UTC month that `month_coins` counts.
    pub month: Date,
    /// Spent in that month.
    pub month_coins: Coins,
}

impl Spent {
    /// Nothing spent yet, at the beginning of time.
    pub const NOTHING: Self = Self {
        day: Date::ZERO,
        day_coins: Coins::ZERO,
        month: Date::ZERO,
        month_coins: Coins::ZERO,
    };

    /// The windows that run at `at`. A window's start never moves backwards: a clock that lags
    /// keeps counting in the later window, so that it cannot win a fresh allowance.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Self {
        let today = at.to_zoned(TimeZone::UTC).date();
        let month = today.first_of_month();
        let mut spent = self;
        if today > spent.day {
            (spent.day, spent.day_coins) = (today, Coins::ZERO);
        }
        if month > spent.month {
            (spent.month, spent.month_coins) = (month, Coins::ZERO);
        }
        spent
    }
}

/// Why a wallet does not spend, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SpendRefused {
    /// An operator froze the wallet.
    #[error("the wallet is frozen")]
    Frozen,
    /// A debt is open; it must be paid first.
    #[error("the wallet has a debt of {} coins", .debt.get())]
    InDebt {
        /// What is open.
        debt: Coins,
    },
    /// The user's own limit would be passed.
    #[error("a spending limit would be passed")]
    LimitReached,
    /// There are too few coins.
    #[error("{} coins are missing", .missing.get())]
    Insufficient {
        /// How many more it would take.
        missing: Coins,
    },
}

impl Wallet {
    /// The wallet of a user who never had one stored.
    #[must_use]
    pub const fn empty(user: UserId) -> Self {
        Self {
            user,
            coins: Coins::ZERO,
            debt: Coins::ZERO,
            in_total: Coins::ZERO,
            out_total: Coins::ZERO,
            status: WalletStatus::Active,
            status_note: None,
            limits: Limits {
                daily_coins: None,
                monthly_coins: None,
            },
            raises: LimitRaises {
                daily: None,
                monthly: None,
            },
            spent: Spent::NOTHING,
            pace: Pace::NOTHING,
            has_recharged: false,
            last_seq: 0,
            version: 0,
        }
    }

    /// The wallet after spending `cost` with one entry.
    ///
    /// # Errors
    /// The first of [`SpendRefused`], in its order.
    pub fn spend(&self, cost: Coins, at: Timestamp) -> Result<Self, SpendRefused> {
        if self.status == WalletStatus::Frozen {
            return Err(SpendRefused::Frozen);
        }
        if !self.debt.is_zero() {
            return Err(SpendRefused::InDebt { debt: self.debt });
        }
        let spent = self
            .spent_with(cost, at)
            .ok_or(SpendRefused::LimitReached)?;
        let Some(coins) = self.coins.minus(cost) else {
            return Err(SpendRefused::Insufficient {
                missing: cost.saturating_minus(self.coins),
            });
        };
        // What was spent never exceeds what came in, so this sum cannot leave the range.
        let out_total = self
            .out_total
            .plus(cost)
            .map_err(|_| SpendRefused::LimitReached)?;
        Ok(Self {
            coins,
            out_total,
            spent,
            ..self.with_next_entry()
        })
    }

    /// The wallet after `coins` came in with one entry: the debt is paid first.
    ///
    /// # Errors
    /// [`Overflow`] if it would hold, or have ever received, more than [`Coins::MAX`].
    pub fn credit(&self, coins: Coins) -> Result<Self, Overflow> {
        let in_total = self.in_total.plus(coins)?;
        let held = self.coins.plus(coins.saturating_minus(self.debt))?;
        let debt = self.debt.saturating_minus(coins);
        Ok(Self {
            coins: held,
            debt,
            in_total,
            ..self.with_next_entry()
        })
    }

    /// The wallet after a recharge of `coins` was settled.
    ///
    /// # Errors
    /// As [`Wallet::credit`].
    pub fn recharged(&self, coins: Coins) -> Result<Self, Overflow> {
        Ok(Self {
            has_recharged: true,
            ..self.credit(coins)?
        })
    }

    /// What would have been spent, or `None` if a limit would be passed.
    fn spent_with(&self, cost: Coins, at: Timestamp) -> Option<Spent> {
        let mut spent = self.spent.at(at);
        spent.day_coins = spent.day_coins.plus(cost).ok()?;
        spent.month_coins = spent.month_coins.plus(cost).ok()?;
        let within = |sum: Coins, limit: Option<Coins>| limit.is_none_or(|limit| sum <= limit);
        let limits = self.limits_at(at);
        (within(spent.day_coins, limits.daily_coins)
            && within(spent.month_coins, limits.monthly_coins))
        .then_some(spent)
    }

    /// The wallet with another status; `None` if it has it already.
    #[must_use]
    pub fn with_status(&self, status: WalletStatus, note: StatusNote) -> Option<Self> {
        (self.status != status).then(|| Self {
            status,
            status_note: Some(note),
            ..self.written()
        })
    }

    /// One write more, without an entry.
    pub(super) fn written(&self) -> Self {
        Self {
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }

    fn with_next_entry(&self) -> Self {
        // One write and one entry more; 2^64 writes to one item cannot happen.
        Self {
            last_seq: self.last_seq.saturating_add(1),
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wallet(coins: u64) -> Wallet {
        Wallet::empty(UserId::try_from("alice").unwrap())
            .credit(Coins::new(coins).unwrap())
            .unwrap()
    }

    fn coins(coins: u64) -> Coins {
        Coins::new(coins).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn refusals_come_in_their_documented_order() {
        let now = at("2026-11-22T12:00:00Z");
        let mut poor = wallet(5);
        poor.status = WalletStatus::Frozen;
        poor.debt = coins(3);
        poor.limits.daily_coins = Some(coins(7));
        assert_eq!(poor.spend(coins(8), now), Err(SpendRefused::Frozen));
        poor.status = WalletStatus::Active;
        assert_eq!(
            poor.spend(coins(8), now),
            Err(SpendRefused::InDebt { debt: coins(3) })
        );
        poor.debt = Coins::ZERO;
        assert_eq!(poor.spend(coins(8), now), Err(SpendRefused::LimitReached));
        poor.limits.daily_coins = None;
        let missing = SpendRefused::Insufficient { missing: coins(3) };
        assert_eq!(poor.spend(coins(8), now), Err(missing));
        assert_eq!(poor.spend(coins(5), now).unwrap().coins, Coins::ZERO);
    }

    #[test]
    fn a_debt_is_paid_first() {
        for (debt, credit, held, owed) in [(30, 100, 70, 0), (100, 30, 0, 70), (30, 30, 0, 0)] {
            let mut wallet = wallet(0);
            wallet.debt = coins(debt);
            let after = wallet.credit(coins(credit)).unwrap();
            assert_eq!((after.coins.get(), after.debt.get()), (held, owed));
        }
    }

    #[test]
    fn a_limit_counts_by_utc_day_and_month_and_never_goes_back() {
        let mut wallet = wallet(100);
        wallet.limits = Limits {
            daily_coins: Some(coins(10)),
            monthly_coins: Some(coins(15)),
        };
        let wallet = wallet.spend(coins(10), at("2026-11-29T23:59:59Z")).unwrap();
        let refused = Err(SpendRefused::LimitReached);
        assert_eq!(wallet.spend(coins(1), at("2026-11-29T23:59:59Z")), refused);
        let wallet = wallet.spend(coins(5), at("2026-11-30T00:00:00Z")).unwrap();
        assert_eq!(
            wallet.spend(coins(1), at("2026-11-30T00:00:00Z")),
            refused,
            "month"
        );
        // A clock that lags must not reopen yesterday's window.
        let december = wallet.spend(coins(10), at("2026-12-01T00:00:00Z")).unwrap();
        assert_eq!(
            december.spend(coins(1), at("2026-11-30T23:59:59Z")),
            refused
        );
    }

    #[test]
    fn a_freeze_is_a_write_without_an_entry_and_the_same_again_is_none() {
        let note = || StatusNote {
            reason: "a test".to_owned(),
            by: UserId::try_from("operator").unwrap(),
            at: at("2026-11-22T12:00:00Z"),
        };
        let active = wallet(5);
        assert_eq!(active.with_status(WalletStatus::Active, note()), None);
        let frozen = active.with_status(WalletStatus::Frozen, note()).unwrap();
        assert_eq!(
            (frozen.status, frozen.status_note.clone()),
            (WalletStatus::Frozen, Some(note()))
        );
        assert_eq!(
            (frozen.version, frozen.last_seq, frozen.coins),
            (2, 1, coins(5))
        );
        assert_eq!(frozen.with_status(WalletStatus::Frozen, note()), None);
    }

    #[test]
    fn a_month_counts_on_while_its_days_begin_anew() {
        let spent = wallet(100)
            .spend(coins(10), at("2026-11-29T12:00:00Z"))
            .unwrap();
        let later = spent
            .spend(coins(5), at("2026-11-29T13:00:00Z"))
            .unwrap()
            .spent;
        assert_eq!((later.day_coins, later.month_coins), (coins(15), coins(15)));
        let next_day = later.at(at("2026-11-30T00:00:00Z"));
        assert_eq!(
            (next_day.day_coins, next_day.month_coins),
            (Coins::ZERO, coins(15))
        );
        assert_eq!(next_day.day.to_string(), "2026-11-30");
        let next_month = later.at(at("2026-12-01T00:00:00Z"));
        assert_eq!(next_month.month_coins, Coins::ZERO);
        assert_eq!(
            later.at(at("2026-10-31T00:00:00Z")),
            later,
            "a clock that lags"
        );
    }

    #[test]
    fn an_overflow_is_refused_whole() {
        assert_eq!(wallet(1).credit(Coins::MAX), Err(Overflow));
    }
}
