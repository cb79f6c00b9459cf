//! What can be bought and sent.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::{Coins, Currency, CustomAmounts, GiftId, Money, PackageId};

/// A bundle of coins with a price in each currency it is sold in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its id.
    pub id: PackageId,
    /// The coins, without the bonus.
    pub coins: Coins,
    /// The coins that come on top.
    pub bonus_coins: Coins,
    /// Its price in minor units of each currency it is sold in.
    pub prices: BTreeMap<Currency, u64>,
}

impl Package {
    /// Its price, or `None` if it is not sold in `currency`.
    #[must_use]
    pub fn price(&self, currency: Currency) -> Option<Money> {
        self.prices
            .get(&currency)
            .map(|amount| Money::new(*amount, currency))
    }

    /// The coins that a buyer gets: bonus included.
    #[must_use]
    pub fn total_coins(&self) -> Coins {
        self.coins.plus(self.bonus_coins).unwrap_or(Coins::MAX)
    }
}

/// How elaborate a gift is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Like an emoji.
    Small,
    /// A little animation.
    Medium,
    /// A big animation.
    Large,
    /// Fills the screen.
    Epic,
}

impl Tier {
    /// Every tier there is.
    pub const ALL: [Self; 4] = [Self::Small, Self::Medium, Self::Large, Self::Epic];

    /// Its name in the catalogue and in replies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::Epic => "epic",
        }
    }

    /// The tier of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == name)
    }
}

/// An item of the gift catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gift {
    /// Its id.
    pub id: GiftId,
    /// What users see.
    pub name: String,
    /// How elaborate.
    pub tier: Tier,
    /// What one costs.
    pub coins: Coins,
    /// A small picture: an emoji or an asset's name.
    pub icon: String,
    /// The animation's asset name.
    pub animation: Option<String>,
    /// Whether clients may show repeated sending as a combo.
    pub combo: bool,
}

/// What is wrong with an entry of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{entry}: {field}: {problem}")]
pub struct CatalogProblem {
    /// Which entry: its id.
    pub entry: String,
    /// Which field of it.
    pub field: String,
    /// What is wrong, as a sentence.
    pub problem: String,
}

impl CatalogProblem {
    fn new(entry: &str, field: &str, problem: impl Into<String>) -> Self {
        Self {
            entry: entry.to_owned(),
            field: field.to_owned(),
            problem: problem.into(),
        }
    }
}

/// The packages that are sold, smallest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageCatalog {
    version: u64,
    packages: Vec<Package>,
    custom: Option<CustomAmounts>,
}

impl PackageCatalog {
    /// A catalogue of these packages and, if any, of amounts that buyers choose themselves.
    ///
    /// # Errors
    /// Every [`CatalogProblem`] there is: no package, an id twice, no coins, no price, a price
    /// that Stripe would not charge, a table that makes no sense.
    pub fn new(
        version: u64,
        mut packages: Vec<Package>,
        custom: Option<CustomAmounts>,
    ) -> Result<Self, Vec<CatalogProblem>> {
        packages.sort_by(|a, b| a.coins.cmp(&b.coins).then_with(|| a.id.cmp(&b.id)));
        let mut problems = problems_of_ids(packages.iter().map(|package| package.id.as_str()));
        for package in &packages {
            let id = package.id.as_str();
            if package.coins.is_zero() {
                problems.push(CatalogProblem::new(id, "coins", "must be at least 1"));
            }
            if package.coins.plus(package.bonus_coins).is_err() {
                problems.push(CatalogProblem::new(
                    id,
                    "bonus_coins",
                    "coins and bonus are too many",
                ));
            }
            if package.prices.is_empty() {
                problems.push(CatalogProblem::new(
                    id,
                    "prices",
                    "must name at least one currency",
                ));
            }
            for (currency, amount) in &package.prices {
                let (min, max) = (currency.charge_min(), currency.charge_max());
                if !(min..=max).contains(amount) {
                    let problem =
                        format!("must be from {min} to {max}, which is what Stripe charges");
                    let field = format!("prices.{}", currency.code());
                    problems.push(CatalogProblem::new(id, &field, problem));
                }
            }
        }
        if let Some(custom) = &custom {
            problems.extend(custom.problems(&packages));
        }
        if problems.is_empty() {
            Ok(Self {
                version,
                packages,
                custom,
            })
        } else {
            Err(problems)
        }
    }

    /// Raised by every change.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// All of them, smallest first.
    #[must_use]
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The amounts that buyers may choose themselves.
    #[must_use]
    pub const fn custom(&self) -> Option<&CustomAmounts> {
        self.custom.as_ref()
    }

    /// The package of that id.
    #[must_use]
    pub fn find(&self, id: &PackageId) -> Option<&Package> {
        self.packages.iter().find(|package| package.id == *id)
    }
}

/// The gifts that can be sent, cheapest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftCatalog {
    version: u64,
    gifts: Vec<Gift>,
}

impl GiftCatalog {
    /// A catalogue of these gifts.
    ///
    /// # Errors
    /// Every [`CatalogProblem`] there is: no gift, an id twice, no coins, no name, no icon.
    pub fn new(version: u64, mut gifts: Vec<Gift>) -> Result<Self, Vec<CatalogProblem>> {
        gifts.sort_by(|a, b| a.coins.cmp(&b.coins).then_with(|| a.id.cmp(&b.id)));
        let mut problems = problems_of_ids(gifts.iter().map(|gift| gift.id.as_str()));
        for gift in &gifts {
            let id = gift.id.as_str();
            if gift.coins.is_zero() {
                problems.push(CatalogProblem::new(id, "coins", "must be at least 1"));
            }
            for (field, text) in [("name", &gift.name), ("icon", &gift.icon)] {
                if text.trim().is_empty() || text.len() > 64 {
                    problems.push(CatalogProblem::new(
                        id,
                        field,
                        "must be 1 to 64 bytes of text",
                    ));
                }
            }
        }
        if problems.is_empty() {
            Ok(Self { version, gifts })
        } else {
            Err(problems)
        }
    }

    /// Raised by every change.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// All of them, cheapest first.
    #[must_use]
    pub fn gifts(&self) -> &[Gift] {
        &self.gifts
    }

    /// The gift of that id.
    #[must_use]
    pub fn find(&self, id: &GiftId) -> Option<&Gift> {
        self.gifts.iter().find(|gift| gift.id == *id)
    }
}

fn problems_of_ids<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<CatalogProblem> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for id in ids {
        if !seen.insert(id) {
            problems.push(CatalogProblem::new(id, "id", "occurs twice"));
        }
    }
    if seen.is_empty() {
        problems.push(CatalogProblem::new(
            "(none)",
            "id",
            "the catalogue is empty",
        ));
    }
    problems
}

#[cfg(test)]
#[path = "catalog_tests.rs"]
mod tests;
