//! The configuration that clients are told. It is enforced elsewhere.

use std::num::NonZeroU32;

use recharge_core::{
    config::Reading,
    domain::{ChannelRule, Currency, Quantity},
    http::client_rules,
};
use serde::Serialize;

/// What the operator configured.
#[derive(Debug)]
pub(crate) struct ClientConfig {
    terms_version: String,
    min_app_version: MinAppVersion,
    pub(crate) currencies: Vec<Currency>,
    recharge_channels: Vec<RechargeChannel>,
    limits: Limits,
}

/// The oldest version that may move value, of each platform.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct MinAppVersion {
    ios: String,
    android: String,
    web: String,
}

/// Where a platform may sell coins in some storefronts; none means all others.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct RechargeChannel {
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Names<recharge_core::domain::Platform>")
    )]
    platform: &'static str,
    storefronts: Vec<String>,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Names<recharge_core::domain::Channel>")
    )]
    channel: &'static str,
}

impl From<&ChannelRule> for RechargeChannel {
    fn from(rule: &ChannelRule) -> Self {
        Self {
            platform: rule.platform.as_str(),
            storefronts: rule.storefronts.iter().map(ToString::to_string).collect(),
            channel: rule.channel.as_str(),
        }
    }
}

#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "ConfiguredLimits")
)]
struct Limits {
    max_quantity: Quantity,
    gifts_per_minute: NonZeroU32,
    recharges_per_minute: NonZeroU32,
}

/// What clients are told.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Config")
)]
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
        let rules = client_rules(reading);
        let currencies = reading.list("CURRENCIES", |code| Currency::try_from(code));
        let max_quantity = reading.required("MAX_QUANTITY", str::parse);
        let gifts_per_minute = reading.required("GIFTS_PER_MINUTE", str::parse);
        let recharges_per_minute = reading.required("RECHARGES_PER_MINUTE", str::parse);
        let rules = rules?;
        Some(Self {
            terms_version: terms_version?,
            min_app_version: MinAppVersion {
                ios: rules.min_ios.to_string(),
                android: rules.min_android.to_string(),
                web: rules.min_web.to_string(),
            },
            currencies: currencies?,
            recharge_channels: rules.channels.iter().map(RechargeChannel::from).collect(),
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
