//! A small ledger that is as it must be.

use jiff::Timestamp;

use super::Account;
use crate::domain::{
    CheckoutParams, Coins, Currency, Entry, EntryDetail, EntryKey, GrantReason, IdempotencyKey,
    InputHash, Money, Quantity, Recharge, RechargeId, RechargeStatus, SentGift, SentGiftId,
    TakenBack, Target, TargetKind, UserId, Wallet,
};

pub(super) fn coins(coins: u64) -> Coins {
    Coins::new(coins).unwrap()
}

pub(super) fn user() -> UserId {
    "alice".try_into().unwrap()
}

fn recharge_id() -> RechargeId {
    "rch_1".try_into().unwrap()
}

pub(super) fn at() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn entry(after: &Wallet, key: EntryKey, change: i64, detail: EntryDetail) -> Entry {
    let hash = InputHash::from_stored("0".to_owned());
    Entry::leading_to(after, key, change, at(), hash, detail)
}

/// A gift of so many coins.
pub(super) fn sent(id: SentGiftId, cost: u64) -> SentGift {
    SentGift {
        id,
        gift: "rose".try_into().unwrap(),
        quantity: Quantity::try_from(1_i64).unwrap(),
        creator: "bob".try_into().unwrap(),
        target: Target {
            kind: TargetKind::Live,
            id: "s".try_into().unwrap(),
        },
        coins: coins(cost),
        diamonds: cost,
        combo: None,
        message: None,
    }
}

fn gift(after: &Wallet, name: &str, cost: u64) -> Entry {
    let key = IdempotencyKey::try_from(name).unwrap();
    let sent = sent(SentGiftId::of(&user(), &key), cost);
    let key = EntryKey::gift(&key);
    entry(
        after,
        key,
        coins(cost).signed().saturating_neg(),
        EntryDetail::Gift(sent),
    )
}

/// 75 coins bought, 25 granted, 30 and 20 spent.
pub(super) fn sound() -> Account {
    let bought = Wallet::empty(user()).recharged(coins(75)).unwrap();
    let recharge = EntryDetail::Recharge {
        recharge: recharge_id(),
        coins: coins(80),
        bonus_coins: coins(5),
        refunded_coins: coins(10),
    };
    let granted = bought.credit(coins(25)).unwrap();
    let grant = EntryDetail::Grant {
        reason: GrantReason::FirstRecharge,
        recharge: recharge_id(),
        coins: coins(25),
    };
    let once = granted.spend(coins(30), at()).unwrap();
    let twice = once.spend(coins(20), at()).unwrap();
    let grant_key = EntryKey::grant(GrantReason::FirstRecharge);
    let entries = [
        entry(&bought, EntryKey::recharge(&recharge_id()), 75, recharge),
        entry(&granted, grant_key, 25, grant),
        gift(&once, "k3", 30),
        gift(&twice, "k4", 20),
    ];
    Account {
        user: user(),
        wallet: Some(Ok(twice)),
        entries: entries.map(Ok).into(),
    }
}

/// The recharge that `sound` has the entries of.
pub(super) fn recharge() -> Recharge {
    Recharge {
        id: recharge_id(),
        user: user(),
        input_hash: InputHash::from_stored("0".to_owned()),
        status: RechargeStatus::Settled,
        package: None,
        coins: coins(80),
        bonus_coins: coins(5),
        price: Money::new(99, Currency::Usd),
        terms_version: "1".to_owned(),
        return_url: None,
        checkout: CheckoutParams {
            product_name: "80 coins".to_owned(),
            success_url: "https://a".to_owned(),
            cancel_url: "https://a".to_owned(),
            expires_at: Timestamp::UNIX_EPOCH,
        },
        attempt: 0,
        session: None,
        payment_intent: None,
        first_bonus_coins: coins(25),
        taken_back: TakenBack::default(),
        credited_at: Some(at()),
        created_at: Timestamp::UNIX_EPOCH,
        version: 1,
    }
}
