//! What goes out.

use recharge_core::domain::{
    Coins, Currency, CustomAmounts, GiftCatalog, GiftId, Money, Package, PackageCatalog, PackageId,
    PriceStep, money_equivalent, price_per_100_coins,
};
use serde::Serialize;

/// The packages that are sold in a currency.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Packages")
)]
pub(crate) struct PackagesReply<'a> {
    data: Vec<PackageReply<'a>>,
    /// Null if no other amounts are sold in this currency.
    custom: Option<CustomReply>,
}

/// The amounts that buyers choose themselves.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "CustomAmounts")
)]
struct CustomReply {
    min_coins: Coins,
    max_coins: Coins,
    /// What each coin costs, from one on: the sum is rounded up to the minor unit.
    steps: Vec<StepReply>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "PriceStep")
)]
struct StepReply {
    from_coins: Coins,
    price_per_1000_coins: Money,
}

impl CustomReply {
    fn of(custom: &CustomAmounts, currency: Currency) -> Option<Self> {
        let step = |step: &PriceStep| {
            let price = Money::new(*step.prices.get(&currency)?, currency);
            Some(StepReply {
                from_coins: step.from_coins,
                price_per_1000_coins: price,
            })
        };
        custom.is_sold_in(currency).then(|| Self {
            min_coins: custom.min_coins,
            max_coins: custom.max_coins,
            steps: custom.steps.iter().filter_map(step).collect(),
        })
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Package")
)]
struct PackageReply<'a> {
    id: &'a PackageId,
    coins: Coins,
    bonus_coins: Coins,
    price: Money,
    price_per_100_coins: Money,
}

impl<'a> PackagesReply<'a> {
    pub(crate) fn of(catalog: &'a PackageCatalog, currency: Currency) -> Self {
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
            data: catalog.packages().iter().filter_map(sold).collect(),
            custom: catalog
                .custom()
                .and_then(|custom| CustomReply::of(custom, currency)),
        }
    }
}

/// The gifts that can be sent.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Gifts")
)]
pub(crate) struct GiftsReply<'a> {
    data: Vec<GiftReply<'a>>,
    version: u64,
}

#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Gift")
)]
struct GiftReply<'a> {
    id: &'a GiftId,
    name: &'a str,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Names<recharge_core::domain::Tier>")
    )]
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
