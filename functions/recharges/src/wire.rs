//! What goes in and out.

use recharge_core::{
    app::Started,
    domain::{Coins, Money, PackageId, Recharge, RechargeId},
    http::Bounded,
};
use serde::{Deserialize, Serialize};

/// What a client sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RechargeBody {
    pub(crate) package_id: PackageId,
    pub(crate) currency: Bounded<16>,
    pub(crate) terms_version: Bounded<64>,
    pub(crate) return_url: Option<Bounded<512>>,
}

/// What a client gets when the checkout session is open: the same for ever.
#[derive(Debug, Serialize)]
pub(crate) struct StartedReply<'a> {
    id: &'a RechargeId,
    status: &'static str,
    checkout_url: Option<&'a str>,
    coins: Coins,
    bonus_coins: Coins,
    price: Money,
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
pub(crate) struct RechargeReply<'a> {
    id: &'a RechargeId,
    status: &'static str,
    coins: Coins,
    bonus_coins: Coins,
    price: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
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
