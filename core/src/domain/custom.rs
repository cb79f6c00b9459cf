//! Amounts of coins that buyers choose themselves, and what they cost.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, prelude::ToPrimitive};
use thiserror::Error;

use super::{CatalogProblem, Coins, Currency, Money, Package};

/// Which amounts can be chosen, and the published table of what a coin costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomAmounts {
    /// The fewest coins.
    pub min_coins: Coins,
    /// The most coins.
    pub max_coins: Coins,
    /// What a coin costs, from the first on.
    pub steps: Vec<PriceStep>,
}

/// What each coin costs from one on, until the next step begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceStep {
    /// The first coin that costs this: 1 for the first step.
    pub from_coins: Coins,
    /// The price of 1,000 coins in minor units of each currency.
    pub prices: BTreeMap<Currency, u64>,
}

/// Why an amount has no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CustomAmountRefused {
    /// It is not sold in this currency.
    #[error("coins of any amount are not sold in this currency")]
    CurrencyUnsupported,
    /// Too few or too many.
    #[error("the amount must be from {} to {} coins", .min.get(), .max.get())]
    OutOfRange {
        /// The fewest.
        min: Coins,
        /// The most.
        max: Coins,
    },
}

/// A price is of so many coins, so that it can be exact in currencies without minor units.
const COINS_PER_PRICE: u64 = 1_000;

impl CustomAmounts {
    /// What `coins` cost: every coin at the rate of the step that it lies in, so that more coins
    /// never cost less. The exact sum is rounded up to the minor unit, and is never below what
    /// Stripe charges at least.
    ///
    /// # Errors
    /// [`CustomAmountRefused`].
    pub fn price(&self, coins: Coins, currency: Currency) -> Result<Money, CustomAmountRefused> {
        if !self.is_sold_in(currency) {
            return Err(CustomAmountRefused::CurrencyUnsupported);
        }
        let (min, max) = (self.min_coins, self.max_coins);
        let refused = CustomAmountRefused::OutOfRange { min, max };
        if !(min..=max).contains(&coins) {
            return Err(refused);
        }
        let amount = self.amount(coins, currency).ok_or(refused)?;
        Ok(Money::new(amount.max(currency.charge_min()), currency))
    }

    /// Whether any amount is sold in it.
    #[must_use]
    pub fn is_sold_in(&self, currency: Currency) -> bool {
        self.steps
            .iter()
            .all(|step| step.prices.contains_key(&currency))
    }

    /// The smallest amount that brings at least `missing` coins, if one does.
    #[must_use]
    pub fn smallest_covering(&self, missing: Coins) -> Option<Coins> {
        let coins = missing.max(self.min_coins);
        (coins <= self.max_coins).then_some(coins)
    }

    /// The exact sum, rounded up.
    fn amount(&self, coins: Coins, currency: Currency) -> Option<u64> {
        let mut exact = Decimal::ZERO;
        for (index, step) in self.steps.iter().enumerate() {
            let next = self.steps.get(index.saturating_add(1));
            // The step has the coins from its first one to the one before the next step's.
            let end = next.map_or(coins.get(), |next| {
                next.from_coins.get().saturating_sub(1).min(coins.get())
            });
            let in_step = end.saturating_sub(step.from_coins.get().saturating_sub(1));
            let rate = Decimal::from(*step.prices.get(&currency)?);
            let part = rate.checked_mul(Decimal::from(in_step))?;
            exact = exact.checked_add(part.checked_div(Decimal::from(COINS_PER_PRICE))?)?;
        }
        exact.ceil().to_u64()
    }

    /// What is wrong with the table, beside these packages.
    pub(super) fn problems(&self, packages: &[Package]) -> Vec<CatalogProblem> {
        let mut problems = Vec::new();
        let mut note = |field: &str, problem: &str| {
            problems.push(CatalogProblem {
                entry: "custom".to_owned(),
                field: field.to_owned(),
                problem: problem.to_owned(),
            });
        };
        if self.min_coins.is_zero() || self.min_coins > self.max_coins {
            note("min_coins", "must be from 1 to max_coins");
        }
        let Some(first) = self.steps.first() else {
            note("steps", "must have at least one step");
            return problems;
        };
        if first.from_coins.get() != 1 {
            note("steps", "the first step must begin at coin 1");
        }
        if first.prices.is_empty() {
            note("steps", "a step must have a price in at least one currency");
        }
        for pair in self.steps.windows(2) {
            let [step, next] = pair else { continue };
            if next.from_coins <= step.from_coins {
                note("steps", "every step must begin above the one before");
            }
            if !next.prices.keys().eq(step.prices.keys()) {
                note(
                    "steps",
                    "every step must have a price in the same currencies",
                );
            }
            let dearer = |(currency, price): (&Currency, &u64)| {
                step.prices
                    .get(currency)
                    .is_some_and(|before| price > before)
            };
            if next.prices.iter().any(dearer) {
                note("steps", "a coin must not cost more than in the step before");
            }
        }
        for currency in first.prices.keys().copied() {
            let field = format!("steps.prices.{}", currency.code());
            if self.is_cheaper_than_packages(packages, currency) {
                note(&field, "a coin must not cost less than in the best package");
            }
            let most = self.amount(self.max_coins, currency);
            if most.is_none_or(|amount| amount > currency.charge_max()) {
                note(&field, "max_coins cost more than Stripe charges");
            }
        }
        problems
    }

    /// Whether any step is cheaper than every package: the best published price is a package's,
    /// so that nobody has to compare a table with a list.
    fn is_cheaper_than_packages(&self, packages: &[Package], currency: Currency) -> bool {
        let rates = self
            .steps
            .iter()
            .filter_map(|step| step.prices.get(&currency));
        let Some(rate) = rates.min() else {
            return false;
        };
        // rate / 1,000 < price / coins of every package, without fractions.
        let mut sold = packages
            .iter()
            .filter_map(|package| Some((package.price(currency)?.amount(), package.total_coins())));
        sold.all(|(price, coins)| {
            let this = u128::from(*rate).saturating_mul(coins.get().into());
            this < u128::from(price).saturating_mul(COINS_PER_PRICE.into())
        })
    }
}

#[cfg(test)]
#[path = "custom_tests.rs"]
mod tests;
