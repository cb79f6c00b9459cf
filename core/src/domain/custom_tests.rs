//! What amounts cost, by hand and by chance.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "a test that overflows may panic"
)]

use proptest::prelude::*;

use super::*;
use crate::domain::{PackageCatalog, seeded_tests::seeded};

fn coins(coins: u64) -> Coins {
    Coins::new(coins).unwrap()
}

fn step(from: u64, usd: u64) -> PriceStep {
    PriceStep {
        from_coins: coins(from),
        prices: BTreeMap::from([(Currency::Usd, usd)]),
    }
}

fn package(total: u64, usd: u64) -> Package {
    Package {
        id: format!("p{total}").as_str().try_into().unwrap(),
        coins: coins(total),
        bonus_coins: Coins::ZERO,
        prices: BTreeMap::from([(Currency::Usd, usd)]),
    }
}

fn table() -> CustomAmounts {
    CustomAmounts {
        min_coins: coins(20),
        max_coins: coins(5_000),
        steps: vec![step(1, 1_415), step(1_001, 1_300)],
    }
}

#[test]
fn every_coin_costs_what_its_step_says_and_the_sum_is_rounded_up() {
    for (bought, price) in [
        (20, 50),       // 28.3, but Stripe charges 50 at least
        (35, 50),       // 49.525
        (36, 51),       // 50.94
        (100, 142),     // 141.5
        (1_000, 1_415), // to the cent
        (1_001, 1_417), // 1415 + 1.3
        (2_000, 2_715), // 1415 + 1300
        (5_000, 6_615), // 1415 + 5200
    ] {
        let money = table().price(coins(bought), Currency::Usd).unwrap();
        assert_eq!(money.amount(), price, "{bought} coins");
    }
}

#[test]
fn what_is_not_sold_has_no_price() {
    let (min, max) = (coins(20), coins(5_000));
    for bought in [0, 19, 5_001, Coins::MAX.get()] {
        let refused = Err(CustomAmountRefused::OutOfRange { min, max });
        assert_eq!(table().price(coins(bought), Currency::Usd), refused);
    }
    let refused = Err(CustomAmountRefused::CurrencyUnsupported);
    assert_eq!(table().price(coins(1), Currency::Jpy), refused);
}

#[test]
fn what_a_gift_lacks_is_covered_by_the_smallest_allowed_amount() {
    for (missing, amount) in [
        (1, Some(20)),
        (20, Some(20)),
        (21, Some(21)),
        (5_000, Some(5_000)),
        (5_001, None),
    ] {
        assert_eq!(table().smallest_covering(coins(missing)), amount.map(coins));
    }
}

#[test]
fn a_wrong_table_is_refused_with_all_that_is_wrong() {
    type Spoil = fn(&mut CustomAmounts);
    let cases: [(Spoil, &str); 9] = [
        (|it| it.min_coins = Coins::ZERO, "min_coins"),
        (|it| it.min_coins = coins(5_001), "min_coins"),
        (|it| it.steps.clear(), "steps"),
        (|it| it.steps[0].from_coins = coins(2), "steps"),
        (|it| it.steps[1].from_coins = coins(1), "steps"),
        (|it| it.steps[1] = step(1_001, 1_416), "steps"),
        (
            |it| {
                it.steps[1].prices.insert(Currency::Jpy, 2_000);
            },
            "steps",
        ),
        (|it| it.steps[1] = step(1_001, 1_199), "steps.prices.usd"),
        (|it| it.max_coins = Coins::MAX, "steps.prices.usd"),
    ];
    let packages = vec![package(1_000, 1_200)];
    assert_eq!(table().problems(&packages), []);
    for (spoil, field) in cases {
        let mut spoiled = table();
        spoil(&mut spoiled);
        let problems = PackageCatalog::new(1, packages.clone(), Some(spoiled.clone())).unwrap_err();
        assert_eq!(problems[0].field, field, "{spoiled:?}: {problems:?}");
    }
}

#[test]
fn what_is_just_within_the_rules_of_a_table_passes_them() {
    let packages = vec![package(1_000, 1_200)];
    let mut single = table();
    single.min_coins = single.max_coins;
    let mut flat = table();
    flat.steps[1] = step(1_001, 1_415);
    let mut cheapest = table();
    cheapest.steps[1] = step(1_001, 1_200);
    for fine in [single, flat, cheapest] {
        assert_eq!(fine.problems(&packages), [], "{fine:?}");
    }
    // 99,999,999 is the most that Stripe charges.
    let dear = |price| CustomAmounts {
        max_coins: coins(1_000),
        steps: vec![step(1, price)],
        ..table()
    };
    assert_eq!(dear(99_999_999).problems(&packages), []);
    assert_eq!(dear(100_000_000).problems(&packages).len(), 1);
    let mut unpriced = table();
    unpriced
        .steps
        .iter_mut()
        .for_each(|step| step.prices.clear());
    assert_eq!(unpriced.problems(&packages).len(), 1);
}

/// Catalogues that pass the rules: any packages, and a table that is no cheaper than the best.
fn catalogs() -> impl Strategy<Value = PackageCatalog> {
    let packages = proptest::collection::btree_map(1..20_000_u64, 50..50_000_u64, 1..6);
    let steps = proptest::collection::vec((1..4_000_u64, 0..500_u64), 1..5);
    (packages, steps, 1..100_u64, 1..20_000_u64).prop_filter_map(
        "the rules refuse it",
        |(packages, steps, min, more)| {
            let packages: Vec<_> = packages
                .into_iter()
                .map(|(total, price)| package(total, price))
                .collect();
            // From the last step, which is the cheapest, upwards.
            let best = packages
                .iter()
                .map(|it| (it.prices[&Currency::Usd] * 1_000).div_ceil(it.total_coins().get()))
                .min()?;
            let (mut from, mut rate) = (1, best + steps.iter().map(|(_, less)| less).sum::<u64>());
            let mut table = Vec::new();
            for (width, less) in steps {
                rate -= less;
                table.push(step(from, rate));
                from += width;
            }
            let custom = CustomAmounts {
                min_coins: coins(min),
                max_coins: coins(min + more),
                steps: table,
            };
            PackageCatalog::new(1, packages, Some(custom)).ok()
        },
    )
}

proptest! {
    #![proptest_config(seeded())]

    /// Bought in any order and mixture, and however often.
    #[test]
    fn no_sequence_of_purchases_is_cheaper_than_the_best_published_price(
        catalog in catalogs(),
        purchases in proptest::collection::vec((any::<bool>(), any::<proptest::sample::Index>()), 1..20),
    ) {
        let custom = catalog.custom().unwrap();
        let (mut paid, mut bought) = (0_u128, 0_u128);
        for (is_custom, index) in purchases {
            let (price, amount) = if is_custom {
                let range = custom.max_coins.get() - custom.min_coins.get() + 1;
                let range = usize::try_from(range).unwrap();
                let chosen = custom.min_coins.get() + u64::try_from(index.index(range)).unwrap();
                let money = custom.price(coins(chosen), Currency::Usd).unwrap();
                prop_assert!(money.amount() >= Currency::Usd.charge_min());
                (money.amount(), chosen)
            } else {
                let package = index.get(catalog.packages());
                (package.prices[&Currency::Usd], package.total_coins().get())
            };
            paid += u128::from(price);
            bought += u128::from(amount);
        }
        // paid / bought ≥ price / coins of the best package, without fractions.
        let is_beaten = |it: &Package| {
            paid * u128::from(it.total_coins().get()) >= bought * u128::from(it.prices[&Currency::Usd])
        };
        prop_assert!(catalog.packages().iter().any(is_beaten));
    }

    #[test]
    fn more_coins_never_cost_less(catalog in catalogs(), index in any::<proptest::sample::Index>()) {
        let custom = catalog.custom().unwrap();
        let range = custom.max_coins.get() - custom.min_coins.get();
        let chosen = custom.min_coins.get() + u64::try_from(index.index(usize::try_from(range).unwrap())).unwrap();
        let price = |amount| custom.price(coins(amount), Currency::Usd).unwrap().amount();
        prop_assert!(price(chosen) <= price(chosen + 1));
    }
}
