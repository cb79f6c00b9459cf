//! What goes in and out.

use recharge_core::{
    app::Started,
    domain::{Coins, Money, PackageId, Recharge, RechargeChoice, RechargeId},
    http::{Bounded, Code, Problem},
};
use serde::{Deserialize, Serialize};

/// What is bought: exactly one of `package_id` and `coins`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "RechargeRequest")
)]
pub(crate) struct RechargeBody {
    package_id: Option<PackageId>,
    // Wider than its range, so that one outside gets a code of its own.
    /// Any amount from `min_coins` to `max_coins` of `custom` of `/v1/packages`.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Coins>"))]
    coins: Option<i64>,
    /// One of `currencies` of `/v1/config`.
    pub(crate) currency: Bounded<16>,
    /// The one of `/v1/config`.
    pub(crate) terms_version: Bounded<64>,
    /// Where our return and cancel pages lead on to; begins with a configured origin.
    pub(crate) return_url: Option<Bounded<512>>,
}

impl RechargeBody {
    /// What was chosen.
    ///
    /// # Errors
    /// `body_invalid` unless it is exactly one of a package and an amount.
    pub(crate) fn choice(&self) -> Result<RechargeChoice, Problem> {
        match (&self.package_id, self.coins) {
            (Some(package), None) => Ok(RechargeChoice::Package(package.clone())),
            (None, Some(coins)) => Ok(RechargeChoice::Coins(coins)),
            (Some(_), Some(_)) => Err(one_of_two("/coins")),
            (None, None) => Err(one_of_two("/package_id")),
        }
    }
}

fn one_of_two(pointer: &str) -> Problem {
    let detail = "Send exactly one of package_id and coins.";
    Problem::new(Code::BodyInvalid, detail).at(pointer)
}

/// What a client gets when the checkout session is open: the same for ever.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "StartedRecharge")
)]
pub(crate) struct StartedReply<'a> {
    id: &'a RechargeId,
    #[cfg_attr(
        feature = "openapi",
        schemars(
            with = "recharge_core::http::openapi::Names<recharge_core::domain::RechargeStatus>"
        )
    )]
    status: &'static str,
    checkout_url: Option<&'a str>,
    coins: Coins,
    bonus_coins: Coins,
    price: Money,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Time")
    )]
    expires_at: String,
}

impl<'a> StartedReply<'a> {
    pub(crate) fn of(started: &'a Started) -> Self {
        let recharge = &started.recharge;
        Self {
            id: &recharge.id,
            status: "open",
            checkout_url: started.checkout_url.as_deref(),
            coins: recharge.coins,
            bonus_coins: recharge.bonus_coins,
            price: recharge.price,
            expires_at: recharge.checkout.expires_at.to_string(),
        }
    }
}

/// What became of a recharge.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Recharge")
)]
pub(crate) struct RechargeReply<'a> {
    id: &'a RechargeId,
    #[cfg_attr(
        feature = "openapi",
        schemars(
            with = "recharge_core::http::openapi::Names<recharge_core::domain::RechargeStatus>"
        )
    )]
    status: &'static str,
    coins: Coins,
    bonus_coins: Coins,
    price: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Time")
    )]
    credited_at: Option<String>,
}

impl<'a> RechargeReply<'a> {
    pub(crate) fn of(recharge: &'a Recharge) -> Self {
        Self {
            id: &recharge.id,
            status: recharge.status.as_str(),
            coins: recharge.coins,
            bonus_coins: recharge.bonus_coins,
            price: recharge.price,
            credited_at: recharge.credited_at.map(|at| at.to_string()),
        }
    }
}
