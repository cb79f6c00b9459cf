use super::*;

fn package(id: &str, coins: u64, usd: u64) -> Package {
    Package {
        id: id.try_into().unwrap(),
        coins: Coins::new(coins).unwrap(),
        bonus_coins: Coins::ZERO,
        prices: BTreeMap::from([(Currency::Usd, usd)]),
    }
}

#[test]
fn every_problem_is_named_with_its_entry_and_field() {
    let packages = vec![
        package("a", 0, 99),
        package("b", 70, 49),
        package("b", 80, 99),
    ];
    let problems = PackageCatalog::new(1, packages, None).unwrap_err();
    let named: Vec<_> = problems
        .iter()
        .map(|problem| (problem.entry.as_str(), problem.field.as_str()))
        .collect();
    assert_eq!(named, [("b", "id"), ("a", "coins"), ("b", "prices.usd")]);
}

#[test]
fn an_empty_catalogue_is_a_mistake() {
    assert!(PackageCatalog::new(1, Vec::new(), None).is_err());
    assert!(GiftCatalog::new(1, Vec::new()).is_err());
}

fn gift(id: &str, coins: u64) -> Gift {
    Gift {
        id: id.try_into().unwrap(),
        name: "Rose".to_owned(),
        tier: Tier::Small,
        coins: Coins::new(coins).unwrap(),
        icon: "🌹".to_owned(),
        animation: None,
        combo: true,
    }
}

#[test]
fn a_catalogue_finds_what_it_has_and_tells_its_version() {
    let packages = vec![package("a", 70, 99), package("b", 700, 999)];
    let packages = PackageCatalog::new(3, packages, None).unwrap();
    let found = packages.find(&"b".try_into().unwrap()).unwrap();
    assert_eq!((found.coins.get(), packages.version()), (700, 3));
    assert_eq!(packages.find(&"c".try_into().unwrap()), None);
    assert_eq!(packages.custom(), None);
    let gifts = GiftCatalog::new(4, vec![gift("lion", 500), gift("rose", 1)]).unwrap();
    let found = gifts.find(&"lion".try_into().unwrap()).unwrap();
    assert_eq!((found.coins.get(), gifts.version()), (500, 4));
    assert_eq!(gifts.find(&"car".try_into().unwrap()), None);
    let ids: Vec<_> = gifts.gifts().iter().map(|gift| gift.id.as_str()).collect();
    assert_eq!(ids, ["rose", "lion"], "cheapest first");
}

#[test]
fn every_problem_of_a_gift_is_named_with_its_entry_and_field() {
    let (nameless, long) = (String::new(), "x".repeat(65));
    for (changed, field) in [
        (gift("rose", 0), "coins"),
        (
            Gift {
                name: nameless.clone(),
                ..gift("rose", 1)
            },
            "name",
        ),
        (
            Gift {
                name: long.clone(),
                ..gift("rose", 1)
            },
            "name",
        ),
        (
            Gift {
                icon: nameless,
                ..gift("rose", 1)
            },
            "icon",
        ),
        (
            Gift {
                icon: long,
                ..gift("rose", 1)
            },
            "icon",
        ),
    ] {
        let problems = GiftCatalog::new(1, vec![changed]).unwrap_err();
        let fields: Vec<_> = problems.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(fields, [field]);
    }
    let longest = Gift {
        name: "x".repeat(64),
        ..gift("rose", 1)
    };
    assert!(GiftCatalog::new(1, vec![longest]).is_ok());
    let twice = vec![gift("rose", 1), gift("rose", 2)];
    assert_eq!(GiftCatalog::new(1, twice).unwrap_err()[0].field, "id");
}

#[test]
fn a_bonus_counts_and_a_price_is_one_that_is_charged() {
    let mut bonus = package("a", 70, 99);
    bonus.bonus_coins = Coins::new(5).unwrap();
    assert_eq!(bonus.total_coins().get(), 75);
    assert_eq!(
        bonus.price(Currency::Usd),
        Some(Money::new(99, Currency::Usd))
    );
    assert_eq!(bonus.price(Currency::Eur), None);
    bonus.coins = Coins::MAX;
    let problems = PackageCatalog::new(1, vec![bonus], None).unwrap_err();
    assert_eq!(problems[0].field, "bonus_coins");
    let unpriced = Package {
        prices: BTreeMap::new(),
        ..package("a", 70, 99)
    };
    let problems = PackageCatalog::new(1, vec![unpriced], None).unwrap_err();
    assert_eq!(problems[0].field, "prices");
    for (usd, is_charged) in [
        (49, false),
        (50, true),
        (99_999_999, true),
        (100_000_000, false),
    ] {
        let catalog = PackageCatalog::new(1, vec![package("a", 70, usd)], None);
        assert_eq!(catalog.is_ok(), is_charged, "{usd}");
    }
}

#[test]
fn packages_come_smallest_first() {
    let catalog =
        PackageCatalog::new(1, vec![package("b", 700, 999), package("a", 70, 99)], None).unwrap();
    assert_eq!(catalog.packages()[0].id.as_str(), "a");
}
