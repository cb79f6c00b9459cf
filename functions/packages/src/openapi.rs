//! How the OpenAPI document has these operations.

use recharge_core::http::openapi::{Access, Operation, Value, json};

use crate::{
    settings::ConfigReply,
    wire::{GiftsReply, PackagesReply},
};

const TAG: &str = "Catalogue";

/// The operations of this function.
#[must_use]
pub fn operations() -> Vec<Operation> {
    vec![config(), packages(), gifts()]
}

fn config() -> Operation {
    let more = "Of the rules of a platform the one that names the storefront wins; no `storefronts` means all others. A platform without any rule sells through `stripe_web`; one whose rules say nothing of a storefront does not.";
    Operation::new("GET /v1/config", "getConfig", Access::Public)
        .does(TAG, "What a client must know", more)
        .tells::<ConfigReply<'_>>("The configuration", config_example())
}

fn config_example() -> Value {
    json!({
        "terms_version": "2026-11-01",
        "min_app_version": {"ios": "1.0.0", "android": "1.0.0", "web": "1.0.0"},
        "currencies": ["usd", "eur", "gbp", "brl", "jpy"],
        "recharge_channels": [{"platform": "ios", "storefronts": ["US"], "channel": "stripe_web"}],
        "limits": {"max_quantity": 9999, "gifts_per_minute": 1000, "recharges_per_minute": 60},
    })
}

fn packages() -> Operation {
    let more = "Smallest first. `coins` is without the bonus; `price_per_100_coins` counts it and is rounded half-even to the minor unit. `custom` is any other amount, without a bonus: each coin costs what its step says, the sum is rounded up to the minor unit, and Stripe's minimum is the least.";
    let example = json!({
        "data": [{
            "id": "coins_700", "coins": 700, "bonus_coins": 15,
            "price": {"amount": 949, "currency": "usd", "exponent": 2},
            "price_per_100_coins": {"amount": 133, "currency": "usd", "exponent": 2},
        }],
        "custom": {"min_coins": 40, "max_coins": 50000, "steps": [
            {"from_coins": 1, "price_per_1000_coins": {"amount": 1415, "currency": "usd", "exponent": 2}},
        ]},
    });
    Operation::new("GET /v1/packages", "listPackages", Access::Public)
        .does(TAG, "The packages that are sold in a currency", more)
        .with_currency()
        .tells::<PackagesReply<'_>>("The packages", example)
}

fn gifts() -> Operation {
    let more = "Cheapest first. `version` rises with every change of the catalogue. `money_equivalent` is what the coins cost a buyer at most, at the dearest package's price per coin.";
    let example = json!({
        "data": [{
            "id": "rose", "name": "Rose", "tier": "small", "coins": 1, "icon": "🌹",
            "animation": null, "combo": true,
            "money_equivalent": {"amount": 1, "currency": "usd", "exponent": 2},
        }],
        "version": 1,
    });
    Operation::new("GET /v1/gifts", "listGifts", Access::Public)
        .does(TAG, "The gifts that can be sent", more)
        .with_currency()
        .tells::<GiftsReply<'_>>("The gifts", example)
}
