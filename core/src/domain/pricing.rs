//! What coins are worth in real money, for showing. Nothing is charged by these figures.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

use super::{Coins, Currency, Money, Package};

/// What 100 coins cost in this package: price × 100 / (coins + bonus), rounded half-even to the
/// minor unit. `None` if it is not sold in `currency`.
#[must_use]
pub fn price_per_100_coins(package: &Package, currency: Currency) -> Option<Money> {
    let hundred = Coins::new(100).ok()?;
    worth(hundred, package.price(currency)?, package.total_coins())
}

/// What `coins` cost a buyer at most: at the price per coin of the dearest package that is sold
/// in `currency`, rounded half-even to the minor unit, and never less than one minor unit, so
/// that nothing looks free. `None` if nothing is sold in it.
#[must_use]
pub fn money_equivalent(packages: &[Package], coins: Coins, currency: Currency) -> Option<Money> {
    let worths = packages
        .iter()
        .filter_map(|package| worth(coins, package.price(currency)?, package.total_coins()));
    let dearest = worths.max_by_key(|money| money.amount())?;
    Some(Money::new(dearest.amount().max(1), currency))
}

/// `coins` at the price per coin of a bundle.
fn worth(coins: Coins, price: Money, bundle: Coins) -> Option<Money> {
    let exact = Decimal::from(price.amount())
        .checked_mul(Decimal::from(coins.get()))?
        .checked_div(Decimal::from(bundle.get()))?;
    let rounded = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
    Some(Money::new(rounded.to_u64()?, price.currency()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn package(coins: u64, bonus: u64, usd: u64) -> Package {
        Package {
            id: "p".try_into().unwrap(),
            coins: Coins::new(coins).unwrap(),
            bonus_coins: Coins::new(bonus).unwrap(),
            prices: BTreeMap::from([(Currency::Usd, usd)]),
        }
    }

    #[test]
    fn the_price_per_100_coins_counts_the_bonus_and_rounds_half_even() {
        for (coins, bonus, usd, per_100) in [
            (70, 0, 99, 141),  // 141.43
            (70, 30, 99, 99),  // the bonus counts
            (200, 0, 99, 50),  // 49.5 rounds to the even 50
            (200, 0, 101, 50), // 50.5 rounds to the even 50
            (1_000, 0, 50, 5),
        ] {
            let money = price_per_100_coins(&package(coins, bonus, usd), Currency::Usd).unwrap();
            assert_eq!(money.amount(), per_100, "{coins} + {bonus} for {usd}");
        }
        assert_eq!(
            price_per_100_coins(&package(70, 0, 99), Currency::Jpy),
            None
        );
    }

    #[test]
    fn an_equivalent_takes_the_dearest_package_and_is_never_nothing() {
        let packages = [package(70, 0, 99), package(7_000, 400, 9_999)];
        let equivalent = |coins| {
            money_equivalent(&packages, Coins::new(coins).unwrap(), Currency::Usd)
                .unwrap()
                .amount()
        };
        assert_eq!(equivalent(70), 99);
        assert_eq!(equivalent(7_000), 9_900); // 9,458 at the large package's price
        assert_eq!(equivalent(1), 1);
    }
}
