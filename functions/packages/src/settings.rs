//! The configuration that clients are told. It is enforced elsewhere.

use recharge_core::{config::Reading, domain::Currency};
use serde::{Deserialize, Serialize};

/// What the operator configured.
#[derive(Debug)]
pub(crate) struct ClientConfig {
    terms_version: String,
    min_app_version: MinAppVersion,
    pub(crate) currencies: Vec<Currency>,
    recharge_channels: Vec<RechargeChannel>,
    limits: Limits,
}

#[derive(Debug, Clone, Serialize)]
struct MinAppVersion {
    ios: String,
    android: String,
    web: String,
}

/// Which way of recharging a platform must use in some storefronts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RechargeChannel {
    platform: Platform,
    /// ISO 3166-1 alpha-2 codes; empty: all others.
    storefronts: Vec<Storefront>,
    channel: Channel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Platform {
    Ios,
    Android,
    Web,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Channel {
    StripeWeb,
    StoreOnly,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
struct Storefront(String);

impl TryFrom<String> for Storefront {
    type Error = &'static str;

    fn try_from(code: String) -> Result<Self, &'static str> {
        let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        is_code
            .then_some(Self(code))
            .ok_or("a storefront is two capital letters")
    }
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Limits {
    max_quantity: u16,
    gifts_per_minute: u32,
    recharges_per_minute: u32,
}

/// What clients are told.
#[derive(Debug, Serialize)]
pub(crate) struct ConfigReply<'a> {
    terms_version: &'a str,
    min_app_version: &'a MinAppVersion,
    currencies: &'a [Currency],
    recharge_channels: &'a [RechargeChannel],
    limits: Limits,
}

impl ClientConfig {
    pub(crate) fn read(reading: &mut Reading<'_>) -> Option<Self> {
        let terms_version = reading.text("TERMS_VERSION");
        let ios = reading.required("MIN_APP_VERSION_IOS", version);
        let android = reading.required("MIN_APP_VERSION_ANDROID", version);
        let web = reading.required("MIN_APP_VERSION_WEB", version);
        let currencies = reading.list("CURRENCIES", |code| Currency::try_from(code));
        let channels = reading.required("RECHARGE_CHANNELS", |text| serde_json::from_str(text));
        let max_quantity = reading.required("MAX_QUANTITY", max_quantity);
        let gifts_per_minute = reading.required("GIFTS_PER_MINUTE", str::parse);
        let recharges_per_minute = reading.required("RECHARGES_PER_MINUTE", str::parse);
        Some(Self {
            terms_version: terms_version?,
            min_app_version: MinAppVersion {
                ios: ios?,
                android: android?,
                web: web?,
            },
            currencies: currencies?,
            recharge_channels: channels?,
            limits: Limits {
                max_quantity: max_quantity?,
                gifts_per_minute: gifts_per_minute?,
                recharges_per_minute: recharges_per_minute?,
            },
        })
    }

    pub(crate) fn reply(&self) -> ConfigReply<'_> {
        ConfigReply {
            terms_version: &self.terms_version,
            min_app_version: &self.min_app_version,
            currencies: &self.currencies,
            recharge_channels: &self.recharge_channels,
            limits: self.limits,
        }
    }
}

/// `major.minor.patch`.
fn version(text: &str) -> Result<String, &'static str> {
    let parts: Vec<&str> = text.split('.').collect();
    let numbers = parts.iter().all(|part| part.parse::<u32>().is_ok());
    if parts.len() == 3 && numbers {
        Ok(text.to_owned())
    } else {
        Err("a version is 1.2.3")
    }
}

fn max_quantity(text: &str) -> Result<u16, &'static str> {
    let range = 1..=recharge_core::domain::Quantity::MAX;
    text.parse()
        .ok()
        .filter(|max| range.contains(max))
        .ok_or("must be from 1 to 9999")
}
