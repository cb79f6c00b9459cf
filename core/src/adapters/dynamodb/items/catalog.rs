//! `CATALOG` / `PACKAGES` and `GIFTS`: a whole catalogue in one item, so that a reader never
//! sees half of a change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Unreadable;
use crate::domain::{
    Coins, Currency, CustomAmounts, Gift, GiftId, Package, PackageId, PriceStep, Tier,
};

/// A catalogue of packages or gifts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct CatalogItem<T> {
    pub(in super::super) version: u64,
    pub(in super::super) items: Vec<T>,
    /// Of packages, once there are amounts to choose; never of gifts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in super::super) custom: Option<CustomItem>,
}

/// The amounts that buyers choose themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct CustomItem {
    min_coins: Coins,
    max_coins: Coins,
    steps: Vec<StepItem>,
}

/// What a coin costs from one on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StepItem {
    from_coins: Coins,
    prices: BTreeMap<String, u64>,
}

impl From<&CustomAmounts> for CustomItem {
    fn from(custom: &CustomAmounts) -> Self {
        let step = |step: &PriceStep| StepItem {
            from_coins: step.from_coins,
            prices: by_code(&step.prices),
        };
        Self {
            min_coins: custom.min_coins,
            max_coins: custom.max_coins,
            steps: custom.steps.iter().map(step).collect(),
        }
    }
}

impl From<CustomItem> for CustomAmounts {
    fn from(item: CustomItem) -> Self {
        let step = |step: StepItem| PriceStep {
            from_coins: step.from_coins,
            prices: known(step.prices),
        };
        Self {
            min_coins: item.min_coins,
            max_coins: item.max_coins,
            steps: item.steps.into_iter().map(step).collect(),
        }
    }
}

fn by_code(prices: &BTreeMap<Currency, u64>) -> BTreeMap<String, u64> {
    let prices = prices.iter();
    prices
        .map(|(currency, amount)| (currency.code().to_owned(), *amount))
        .collect()
}

/// A currency that this version of the code does not know is one it cannot sell in.
fn known(prices: BTreeMap<String, u64>) -> BTreeMap<Currency, u64> {
    let known = |(code, amount): (String, u64)| Some((Currency::try_from(code).ok()?, amount));
    prices.into_iter().filter_map(known).collect()
}

/// A package in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct PackageItem {
    id: PackageId,
    coins: Coins,
    bonus_coins: Coins,
    prices: BTreeMap<String, u64>,
}

impl From<&Package> for PackageItem {
    fn from(package: &Package) -> Self {
        Self {
            id: package.id.clone(),
            coins: package.coins,
            bonus_coins: package.bonus_coins,
            prices: by_code(&package.prices),
        }
    }
}

impl From<PackageItem> for Package {
    fn from(item: PackageItem) -> Self {
        Self {
            id: item.id,
            coins: item.coins,
            bonus_coins: item.bonus_coins,
            prices: known(item.prices),
        }
    }
}

/// A gift in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct GiftItem {
    id: GiftId,
    name: String,
    tier: String,
    coins: Coins,
    icon: String,
    animation: Option<String>,
    combo: bool,
}

impl From<&Gift> for GiftItem {
    fn from(gift: &Gift) -> Self {
        Self {
            id: gift.id.clone(),
            name: gift.name.clone(),
            tier: gift.tier.as_str().to_owned(),
            coins: gift.coins,
            icon: gift.icon.clone(),
            animation: gift.animation.clone(),
            combo: gift.combo,
        }
    }
}

impl TryFrom<GiftItem> for Gift {
    type Error = Unreadable;

    fn try_from(item: GiftItem) -> Result<Self, Unreadable> {
        let tier = Tier::named(&item.tier)
            .ok_or_else(|| Unreadable::new("gift", format!("tier {:?}", item.tier)))?;
        Ok(Self {
            id: item.id,
            name: item.name,
            tier,
            coins: item.coins,
            icon: item.icon,
            animation: item.animation,
            combo: item.combo,
        })
    }
}
