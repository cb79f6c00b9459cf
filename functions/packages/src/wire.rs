//! What goes out.

use recharge_core::domain::{
    Coins, Currency, GiftCatalog, GiftId, Money, Package, PackageId, money_equivalent,
    price_per_100_coins,
};
use serde::Serialize;

/// The packages that are sold in a currency.
#[derive(Debug, Serialize)]
pub(crate) struct PackagesReply<'a> {
    data: Vec<PackageReply<'a>>,
}

#[derive(Debug, Serialize)]
struct PackageReply<'a> {
    id: &'a PackageId,
    coins: Coins,
    bonus_coins: Coins,
    price: Money,
    price_per_100_coins: Money,
}

impl<'a> PackagesReply<'a> {
    pub(crate) fn of(packages: &'a [Package], currency: Currency) -> Self {
        let sold = |package: &'a Package| {
            Some(PackageReply {
                id: &package.id,
                coins: package.coins,
                bonus_coins: package.bonus_coins,
                price: package.price(currency)?,
                price_per_100_coins: price_per_100_coins(package, currency)?,
            })
        };
        Self {
            data: packages.iter().filter_map(sold).collect(),
        }
    }
}

/// The gifts that can be sent.
#[derive(Debug, Serialize)]
pub(crate) struct GiftsReply<'a> {
    data: Vec<GiftReply<'a>>,
    version: u64,
}

#[derive(Debug, Serialize)]
struct GiftReply<'a> {
    id: &'a GiftId,
    name: &'a str,
    tier: &'static str,
    coins: Coins,
    icon: &'a str,
    animation: Option<&'a str>,
    combo: bool,
    money_equivalent: Option<Money>,
}

impl<'a> GiftsReply<'a> {
    pub(crate) fn of(catalog: &'a GiftCatalog, packages: &[Package], currency: Currency) -> Self {
        let gifts = catalog.gifts().iter().map(|gift| GiftReply {
            id: &gift.id,
            name: &gift.name,
            tier: gift.tier.as_str(),
            coins: gift.coins,
            icon: &gift.icon,
            animation: gift.animation.as_deref(),
            combo: gift.combo,
            money_equivalent: money_equivalent(packages, gift.coins, currency),
        });
        Self {
            data: gifts.collect(),
            version: catalog.version(),
        }
    }
}
