//! `RECHARGE#<id>` / `RECHARGE` and `CHECKOUT`, and `STRIPE#<pi_…>` / `RECHARGE`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attributes, Unreadable, read, write};
use crate::domain::{
    CheckoutParams, CheckoutSessionId, Coins, Currency, InputHash, Money, OpenedCheckout,
    PackageId, PaymentIntentId, Recharge, RechargeId, RechargeStatus, TakenBack, UserId,
};

/// A stored recharge: its state, the price it was offered at, and every parameter for Stripe.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct RechargeItem {
    user: UserId,
    input_hash: String,
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    package: Option<PackageId>,
    coins: Coins,
    bonus_coins: Coins,
    amount: u64,
    currency: Currency,
    terms_version: String,
    return_url: Option<String>,
    product_name: String,
    success_url: String,
    cancel_url: String,
    expires_at: Timestamp,
    attempt: u32,
    session: Option<CheckoutSessionId>,
    payment_intent: Option<PaymentIntentId>,
    #[serde(default)]
    first_bonus_coins: Coins,
    #[serde(default)]
    refunded: u64,
    #[serde(default)]
    disputed: bool,
    credited_at: Option<Timestamp>,
    created_at: Timestamp,
    version: u64,
}

impl RechargeItem {
    pub(in super::super) fn write(recharge: &Recharge) -> Result<Attributes, Unreadable> {
        let recharge = recharge.clone();
        let item = Self {
            user: recharge.user,
            input_hash: recharge.input_hash.as_str().to_owned(),
            status: recharge.status.as_str().to_owned(),
            package: recharge.package,
            coins: recharge.coins,
            bonus_coins: recharge.bonus_coins,
            amount: recharge.price.amount(),
            currency: recharge.price.currency(),
            terms_version: recharge.terms_version,
            return_url: recharge.return_url,
            product_name: recharge.checkout.product_name,
            success_url: recharge.checkout.success_url,
            cancel_url: recharge.checkout.cancel_url,
            expires_at: recharge.checkout.expires_at,
            attempt: recharge.attempt,
            session: recharge.session,
            payment_intent: recharge.payment_intent,
            first_bonus_coins: recharge.first_bonus_coins,
            refunded: recharge.taken_back.refunded,
            disputed: recharge.taken_back.disputed,
            credited_at: recharge.credited_at,
            created_at: recharge.created_at,
            version: recharge.version,
        };
        write("recharge", &item)
    }

    pub(in super::super) fn read(
        id: &RechargeId,
        attributes: Attributes,
    ) -> Result<Recharge, Unreadable> {
        let item: Self = read("recharge", attributes)?;
        let status = RechargeStatus::named(&item.status)
            .ok_or_else(|| Unreadable::new("recharge", format!("status {:?}", item.status)))?;
        Ok(Recharge {
            id: id.clone(),
            user: item.user,
            input_hash: InputHash::from_stored(item.input_hash),
            status,
            package: item.package,
            coins: item.coins,
            bonus_coins: item.bonus_coins,
            price: Money::new(item.amount, item.currency),
            terms_version: item.terms_version,
            return_url: item.return_url,
            checkout: CheckoutParams {
                product_name: item.product_name,
                success_url: item.success_url,
                cancel_url: item.cancel_url,
                expires_at: item.expires_at,
            },
            attempt: item.attempt,
            session: item.session,
            payment_intent: item.payment_intent,
            first_bonus_coins: item.first_bonus_coins,
            taken_back: TakenBack {
                refunded: item.refunded,
                disputed: item.disputed,
            },
            credited_at: item.credited_at,
            created_at: item.created_at,
            version: item.version,
        })
    }
}

/// Where the buyer pays.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct CheckoutPageItem {
    session: CheckoutSessionId,
    url: String,
}

impl CheckoutPageItem {
    pub(in super::super) fn write(opened: &OpenedCheckout) -> Result<Attributes, Unreadable> {
        let item = Self {
            session: opened.session.clone(),
            url: opened.url.clone(),
        };
        write("checkout page", &item)
    }

    pub(in super::super) fn read(attributes: Attributes) -> Result<OpenedCheckout, Unreadable> {
        let item: Self = read("checkout page", attributes)?;
        Ok(OpenedCheckout {
            session: item.session,
            url: item.url,
        })
    }
}

/// Which recharge a payment intent paid for.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct PaymentIntentItem {
    recharge: RechargeId,
}

impl PaymentIntentItem {
    pub(in super::super) fn read(attributes: Attributes) -> Result<RechargeId, Unreadable> {
        let item: Self = read("payment intent", attributes)?;
        Ok(item.recharge)
    }

    pub(in super::super) fn write(recharge: &RechargeId) -> Result<Attributes, Unreadable> {
        write(
            "payment intent",
            &Self {
                recharge: recharge.clone(),
            },
        )
    }
}
