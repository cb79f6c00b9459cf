//! The real files, and what is said about wrong ones.

use super::*;

const PACKAGE: &str =
    "[[package]]\nid = \"p70\"\ncoins = 70\nbonus_coins = 0\nprices = {usd = 99}\n";
const GIFT: &str = "[[gift]]\nid = \"rose\"\nname = \"Rose\"\ntier = \"small\"\ncoins = 1\nicon = \"r\"\ncombo = true\n";

fn problems(packages: &str, gifts: &str) -> Vec<String> {
    match Catalog::parse(packages, gifts) {
        Ok(_) => Vec::new(),
        Err(CatalogInvalid(problems)) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_real_catalogue_is_right_and_as_large_as_promised() {
    let catalog = Catalog::load(None).unwrap();
    assert!(catalog.packages.len() >= 7);
    assert!(catalog.gifts.len() >= 10);
    let coins = catalog.packages.iter().map(|package| package.coins.get());
    assert_eq!((coins.clone().min(), coins.max()), (Some(70), Some(17_500)));
    let cost = catalog.gifts.iter().map(|gift| gift.coins.get());
    assert_eq!(cost.clone().min(), Some(1));
    assert!(cost.max() > Some(10_000));
}

#[test]
fn a_folder_is_read_and_a_missing_file_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(PACKAGES_FILE), PACKAGE).unwrap();
    let error = format!("{:#}", Catalog::from_folder(folder.path()).unwrap_err());
    assert!(error.contains("gifts.toml"), "{error}");
    fs::write(folder.path().join(GIFTS_FILE), GIFT).unwrap();
    assert_eq!(
        Catalog::from_folder(folder.path()).unwrap().packages.len(),
        1
    );
}

/// What is written instead of what, and how the first problem begins.
const WRONG_PACKAGES: [(&str, &str, &str); 13] = [
    ("coins = 70", "coins = 0", "p70: coins: must be at least 1"),
    (
        "usd = 99",
        "usd = 49",
        "p70: prices.usd: must be from 50 to 99999999",
    ),
    (
        "usd = 99",
        "xau = 99",
        "p70: prices.xau: the currency is not supported",
    ),
    (
        "usd = 99",
        "",
        "p70: prices: must name at least one currency",
    ),
    (
        "usd = 99",
        "usd = 0.99",
        "p70: prices.usd: invalid type: floating point",
    ),
    (
        "coins = 70",
        "coins = -1",
        "p70: coins: invalid value: integer `-1`",
    ),
    (
        "coins = 70",
        "coins = \"70\"",
        "p70: coins: invalid type: string",
    ),
    ("coins = 70", "coin = 70", "p70: coin: unknown field `coin`"),
    ("coins = 70\n", "", "p70: missing field `coins`"),
    (
        "\"p70\"",
        "\"P 70\"",
        "P 70: id: must be 1 to 64 of a-z, 0-9 and _",
    ),
    ("id = \"p70\"\n", "", "entry 1: missing field `id`"),
    (
        "[[package]]",
        "[[packages]]",
        "packages: unknown; entries begin with [[package]]",
    ),
    ("coins = 70", "coins = ", "TOML parse error at line 3"),
];

const WRONG_GIFTS: [(&str, &str, &str); 3] = [
    (
        "\"small\"",
        "\"tiny\"",
        "rose: tier: must be small, medium, large or epic",
    ),
    ("\"Rose\"", "\" \"", "rose: name: must be 1 to 64 bytes"),
    ("true", "\"yes\"", "rose: combo: invalid type: string"),
];

#[test]
fn every_problem_names_file_entry_and_field() {
    assert_eq!(problems(PACKAGE, GIFT), Vec::<String>::new());
    for (from, to, expected) in WRONG_PACKAGES {
        let found = problems(&PACKAGE.replacen(from, to, 1), GIFT);
        assert!(
            found[0].starts_with(&format!("packages.toml: {expected}")),
            "{found:?}"
        );
    }
    for (from, to, expected) in WRONG_GIFTS {
        let found = problems(PACKAGE, &GIFT.replacen(from, to, 1));
        assert!(
            found[0].starts_with(&format!("gifts.toml: {expected}")),
            "{found:?}"
        );
    }
}

#[test]
fn amounts_to_choose_are_checked_like_all_else() {
    let custom = "[custom]\nmin_coins = 40\nmax_coins = 500\n\
                  [[custom.step]]\nfrom_coins = 1\nprices = {usd = 1500}\n";
    assert_eq!(
        problems(&format!("{PACKAGE}{custom}"), GIFT),
        Vec::<String>::new()
    );
    for (from, to, expected) in [
        (
            "= 40",
            "= 501",
            "custom: min_coins: must be from 1 to max_coins",
        ),
        (
            "= 40",
            "= 1.5",
            "custom: min_coins: invalid type: floating point",
        ),
        ("min_coins", "least", "custom: least: unknown field `least`"),
        (
            "usd",
            "xau",
            "custom: step.prices.xau: the currency is not supported",
        ),
        (
            "= 1500",
            "= 1400",
            "custom: steps.prices.usd: a coin must not cost less than in the best package",
        ),
        (
            "from_coins = 1",
            "from_coins = 2",
            "custom: steps: the first step must begin at coin 1",
        ),
    ] {
        let found = problems(&format!("{PACKAGE}{}", custom.replacen(from, to, 1)), GIFT);
        assert!(
            found[0].starts_with(&format!("packages.toml: {expected}")),
            "{found:?}"
        );
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let other = PACKAGE
        .replace("p70", "p700")
        .replace("usd = 99", "usd = 1, xau = 1");
    let packages = format!(
        "{PACKAGE}{}{other}",
        PACKAGE.replace("coins = 70", "coins = \"x\"")
    );
    let found = problems(&packages, &GIFT.replace("small", "tiny"));
    assert_eq!(found.len(), 3, "{found:?}");
    let twice = problems(&format!("{PACKAGE}{PACKAGE}"), GIFT);
    assert_eq!(twice, ["packages.toml: p70: id: occurs twice"]);
    assert_eq!(
        problems("", GIFT),
        ["packages.toml: (none): id: the catalogue is empty"]
    );
}

#[test]
fn a_larger_package_is_never_dearer_and_every_currency_is_everywhere() {
    let larger = PACKAGE
        .replace("p70", "p140")
        .replace("coins = 70", "coins = 140");
    let dearer = larger.replace("usd = 99", "usd = 199");
    let found = problems(&format!("{PACKAGE}{dearer}"), GIFT);
    let expected =
        "packages.toml: p140: prices.usd: a coin must not cost more than in the smaller `p70`";
    assert_eq!(found, [expected]);
    let in_yen = larger.replace("usd = 99", "usd = 198, jpy = 150");
    let found = problems(&format!("{PACKAGE}{in_yen}"), GIFT);
    assert_eq!(
        found,
        ["packages.toml: p70: prices.jpy: missing: other packages have a price in it"]
    );
}
