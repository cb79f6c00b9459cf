//! What must hold among the entries of a file.

use std::collections::BTreeSet;

use recharge_core::domain::{
    CatalogProblem, Currency, CustomAmounts, Gift, GiftCatalog, Package, PackageCatalog,
};

use super::{FileProblem, GIFTS_FILE, PACKAGES_FILE};

/// The domain's rules, and those that are only for people who write prices.
pub(super) fn of_packages(
    packages: &[Package],
    custom: Option<&CustomAmounts>,
) -> Vec<FileProblem> {
    let domain = PackageCatalog::new(0, packages.to_vec(), custom.cloned())
        .err()
        .unwrap_or_default();
    let mut problems = named(PACKAGES_FILE, domain);
    problems.extend(missing_prices(packages));
    problems.extend(dearer_than_smaller(packages));
    problems
}

/// The domain's rules.
pub(super) fn of_gifts(gifts: &[Gift]) -> Vec<FileProblem> {
    named(
        GIFTS_FILE,
        GiftCatalog::new(0, gifts.to_vec())
            .err()
            .unwrap_or_default(),
    )
}

fn named(file: &'static str, problems: Vec<CatalogProblem>) -> Vec<FileProblem> {
    let problems = problems.into_iter();
    problems
        .map(|it| problem(file, &it.entry, it.field, it.problem))
        .collect()
}

fn problem(file: &'static str, entry: &str, field: String, problem: String) -> FileProblem {
    FileProblem {
        file,
        entry: Some(entry.to_owned()),
        field: Some(field),
        problem,
    }
}

/// A currency in which only some packages are sold would hide the others from its buyers.
fn missing_prices(packages: &[Package]) -> Vec<FileProblem> {
    let sold_in: BTreeSet<Currency> = packages
        .iter()
        .flat_map(|package| package.prices.keys().copied())
        .collect();
    let mut problems = Vec::new();
    for package in packages {
        for currency in &sold_in {
            if !package.prices.contains_key(currency) {
                let field = format!("prices.{}", currency.code());
                let text = "missing: other packages have a price in it".to_owned();
                problems.push(problem(PACKAGES_FILE, package.id.as_str(), field, text));
            }
        }
    }
    problems
}

/// Whoever buys more at once never pays more for a coin.
fn dearer_than_smaller(packages: &[Package]) -> Vec<FileProblem> {
    let mut packages: Vec<_> = packages.iter().collect();
    packages.sort_by_key(|package| package.total_coins());
    let mut problems = Vec::new();
    for pair in packages.windows(2) {
        let [smaller, larger] = pair else { continue };
        for (currency, price) in &larger.prices {
            let Some(other) = smaller.prices.get(currency) else {
                continue;
            };
            // price / coins > other / other coins, without fractions.
            let this = u128::from(*price).saturating_mul(smaller.total_coins().get().into());
            let that = u128::from(*other).saturating_mul(larger.total_coins().get().into());
            if this > that {
                let field = format!("prices.{}", currency.code());
                let text = format!(
                    "a coin must not cost more than in the smaller `{}`",
                    smaller.id.as_str()
                );
                problems.push(problem(PACKAGES_FILE, larger.id.as_str(), field, text));
            }
        }
    }
    problems
}
