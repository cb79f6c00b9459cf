//! `CATALOG` / `PACKAGES` and `GIFTS`: a whole catalogue in one item, so that a reader never
//! sees half of a change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Unreadable;
use crate::domain::{Coins, Currency, Gift, GiftId, Package, PackageId, Tier};

/// A catalogue of packages or gifts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct CatalogItem<T> {
    pub(in super::super) version: u64,
    pub(in super::super) items: Vec<T>,
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
        let prices = package.prices.iter();
        Self {
            id: package.id.clone(),
            coins: package.coins,
            bonus_coins: package.bonus_coins,
            prices: prices
                .map(|(currency, amount)| (currency.code().to_owned(), *amount))
                .collect(),
        }
    }
}

impl From<PackageItem> for Package {
    fn from(item: PackageItem) -> Self {
        // A currency that this version of the code does not know is one it cannot sell in.
        let known = |(code, amount): (String, u64)| Some((Currency::try_from(code).ok()?, amount));
        Self {
            id: item.id,
            coins: item.coins,
            bonus_coins: item.bonus_coins,
            prices: item.prices.into_iter().filter_map(known).collect(),
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
