//! Values that tests begin with.

use jiff::Timestamp;
use recharge_core::domain::{
    CheckoutParams, CheckoutSession, Coins, Creator, CreatorRequest, Currency, Gift, GiftRequest,
    IdempotencyKey, InputHash, Money, PaymentStatus, Quantity, ReceivedGift, Recharge, RechargeId,
    RechargeStatus, SentGift, SentGiftId, SequenceNumber, TakenBack, Target, TargetKind, Tier,
    UserId, Wallet,
};

/// So many coins.
#[must_use]
pub fn coins(coins: u64) -> Coins {
    Coins::new(coins).unwrap()
}

/// A user of that id.
#[must_use]
pub fn user(id: &str) -> UserId {
    id.try_into().unwrap()
}

/// An idempotency key.
#[must_use]
pub fn key(key: &str) -> IdempotencyKey {
    key.try_into().unwrap()
}

/// A wallet with so many coins of one recharge, as it is before it is stored.
#[must_use]
pub fn wallet(id: &str, held: u64) -> Wallet {
    Wallet::empty(user(id)).credit(coins(held)).unwrap()
}

/// A creator who takes gifts, as they are first stored.
#[must_use]
pub fn creator(id: &str) -> Creator {
    let asked = CreatorRequest {
        display_name: "Sample".to_owned().try_into().unwrap(),
        country: "DE".to_owned().try_into().unwrap(),
        terms_version: "1".to_owned(),
    };
    Creator::asked_for(&user(id), &asked, None, noon()).unwrap()
}

/// A gift of so many diamonds that a creator received for a live stream: what the `sequence`th
/// record of a shard told.
#[must_use]
pub fn received(creator: &str, shard: &str, sequence: u32, diamonds: u64) -> ReceivedGift {
    let key = key(&format!("{shard}-{sequence}"));
    ReceivedGift {
        sender: user("alice"),
        sent: SentGift {
            id: SentGiftId::of(&user(creator), &key),
            gift: "rose".try_into().unwrap(),
            quantity: Quantity::try_from(1_i64).unwrap(),
            creator: user(creator),
            target: Target {
                kind: TargetKind::Live,
                id: "stream-1".try_into().unwrap(),
            },
            coins: coins(diamonds),
            diamonds,
            combo: None,
            message: None,
        },
        at: noon(),
        shard: shard.try_into().unwrap(),
        sequence: sequence_number(sequence),
    }
}

/// A place in a shard.
#[must_use]
pub fn sequence_number(number: u32) -> SequenceNumber {
    number.to_string().as_str().try_into().unwrap()
}

/// A gift at that price.
#[must_use]
pub fn gift(id: &str, price: u64) -> Gift {
    Gift {
        id: id.try_into().unwrap(),
        name: "Sample".to_owned(),
        tier: Tier::Small,
        coins: coins(price),
        icon: "🌹".to_owned(),
        animation: None,
        combo: true,
    }
}

/// One gift of `sender` for a live stream.
#[must_use]
pub fn gift_request(sender: &str, idempotency_key: &str, gift: &str) -> GiftRequest {
    GiftRequest {
        sender: user(sender),
        key: key(idempotency_key),
        gift: gift.try_into().unwrap(),
        quantity: Quantity::try_from(1_i64).unwrap(),
        creator: user("creator"),
        target: Target {
            kind: TargetKind::Live,
            id: "stream-1".try_into().unwrap(),
        },
        expected_coins: None,
        combo: None,
        message: None,
        not_after: None,
    }
}

/// A recharge of 70 + 5 coins for 99 cents, as it is first stored.
#[must_use]
pub fn recharge(user_id: &str, idempotency_key: &str) -> Recharge {
    let user = user(user_id);
    Recharge {
        id: RechargeId::of(&user, &key(idempotency_key)),
        user,
        input_hash: InputHash::from_stored("0123456789abcdef0123456789abcdef".to_owned()),
        status: RechargeStatus::Created,
        package: Some("p70".try_into().unwrap()),
        coins: coins(70),
        bonus_coins: coins(5),
        price: Money::new(99, Currency::Usd),
        terms_version: "1".to_owned(),
        return_url: None,
        checkout: CheckoutParams {
            product_name: "75 coins".to_owned(),
            success_url: "https://example.com/?result=success".to_owned(),
            cancel_url: "https://example.com/?result=cancel".to_owned(),
            expires_at: "2026-11-23T11:00:00Z".parse().unwrap(),
        },
        attempt: 0,
        session: None,
        payment_intent: None,
        first_bonus_coins: Coins::ZERO,
        taken_back: TakenBack::default(),
        credited_at: None,
        created_at: noon(),
        version: 1,
    }
}

/// The paid session of that recharge.
#[must_use]
pub fn paid_session(id: &str) -> CheckoutSession {
    CheckoutSession {
        id: id.try_into().unwrap(),
        is_payment: true,
        payment_status: PaymentStatus::Paid,
        amount_total: Some(99),
        currency: Some("usd".to_owned()),
        livemode: false,
        payment_intent: Some(id.replacen("cs_", "pi_", 1).as_str().try_into().unwrap()),
    }
}

/// A time.
#[must_use]
pub fn noon() -> Timestamp {
    "2026-11-22T12:00:00.123Z".parse().unwrap()
}
