//! Names that are stored or sent: another one would not find what is stored, nor be understood.

use std::fmt::Debug;

use super::*;

/// Asserts every name, and that each of them, and nothing else, reads back.
fn assert_named<T: Copy + Debug + PartialEq>(
    all: &[(T, &str)],
    name_of: impl Fn(T) -> &'static str,
    named: impl Fn(&str) -> Option<T>,
) {
    for (value, name) in all {
        assert_eq!(name_of(*value), *name);
        assert_eq!(named(name), Some(*value), "{name}");
    }
    for unknown in ["", "unknown", &all[0].1.to_uppercase()] {
        assert_eq!(named(unknown), None, "{unknown}");
    }
}

#[test]
fn the_names_of_gifts_and_apps_never_change() {
    let tiers = [
        (Tier::Small, "small"),
        (Tier::Medium, "medium"),
        (Tier::Large, "large"),
        (Tier::Epic, "epic"),
    ];
    assert_named(&tiers, Tier::as_str, Tier::named);
    let kinds = [(TargetKind::Live, "live"), (TargetKind::Video, "video")];
    assert_named(&kinds, TargetKind::as_str, TargetKind::named);
    assert_eq!(TargetKind::Video.to_string(), "video");
    let platforms = [
        (Platform::Ios, "ios"),
        (Platform::Android, "android"),
        (Platform::Web, "web"),
    ];
    assert_named(&platforms, Platform::as_str, Platform::named);
    assert_eq!(Channel::StripeWeb.as_str(), "stripe_web");
    assert_eq!(Channel::StoreOnly.as_str(), "store_only");
}

#[test]
fn the_names_of_money_never_change() {
    let statuses = [
        (RechargeStatus::Created, "created"),
        (RechargeStatus::Open, "open"),
        (RechargeStatus::Processing, "processing"),
        (RechargeStatus::Settled, "settled"),
        (RechargeStatus::Failed, "failed"),
        (RechargeStatus::Expired, "expired"),
        (RechargeStatus::NeedsReview, "needs_review"),
        (RechargeStatus::Refunded, "refunded"),
        (RechargeStatus::PartiallyRefunded, "partially_refunded"),
        (RechargeStatus::Disputed, "disputed"),
    ];
    assert_named(&statuses, RechargeStatus::as_str, RechargeStatus::named);
    let wallets = [
        (WalletStatus::Active, "active"),
        (WalletStatus::Frozen, "frozen"),
    ];
    assert_named(&wallets, WalletStatus::as_str, WalletStatus::named);
    let reasons = [(GrantReason::FirstRecharge, "first_recharge")];
    assert_named(&reasons, GrantReason::as_str, GrantReason::named);
    let currencies = [
        (Currency::Usd, "usd"),
        (Currency::Eur, "eur"),
        (Currency::Gbp, "gbp"),
        (Currency::Brl, "brl"),
        (Currency::Jpy, "jpy"),
    ];
    let named = |code: &str| Currency::try_from(code).ok();
    assert_named(&currencies, Currency::code, named);
    for (currency, code) in currencies {
        assert_eq!(String::from(currency), code);
        assert_eq!(Currency::try_from(code.to_owned()), Ok(currency));
    }
    for (reason, name) in [
        (ReviewReason::LivemodeMismatch, "livemode_mismatch"),
        (ReviewReason::ModeMismatch, "mode_mismatch"),
        (ReviewReason::CurrencyMismatch, "currency_mismatch"),
        (ReviewReason::AmountMismatch, "amount_mismatch"),
        (ReviewReason::PaymentIntentMissing, "payment_intent_missing"),
        (ReviewReason::PaymentIntentTaken, "payment_intent_taken"),
        (ReviewReason::SecondSession, "second_session"),
        (ReviewReason::WalletFull, "wallet_full"),
    ] {
        assert_eq!(reason.as_str(), name);
    }
}

/// An entry's key is its idempotency record: of another kind or name it would not be found (I3).
#[test]
fn the_key_of_an_entry_never_changes() {
    let key = IdempotencyKey::try_from("k 1").unwrap();
    let recharge = RechargeId::try_from("rch_1").unwrap();
    for (key, kind, name) in [
        (EntryKey::gift(&key), "gift", "k 1"),
        (EntryKey::recharge(&recharge), "recharge", "rch_1"),
        (
            EntryKey::grant(GrantReason::FirstRecharge),
            "grant",
            "first_recharge",
        ),
    ] {
        assert_eq!((key.kind.as_str(), key.name.as_str()), (kind, name));
    }
    let hash = InputHash::from_stored("0123".to_owned());
    assert_eq!(hash.as_str(), "0123");
    // Another hash would refuse a key that succeeded before.
    let hashed = InputHasher::new("gift").field("a", "x").finish();
    assert_eq!(hashed.as_str(), "0dbf67a5fb9a62e4eddd5e147c6f09b0");
}

#[test]
fn what_is_stored_as_text_is_the_text() {
    let text = || "alice".to_owned();
    let user = UserId::try_from(text()).unwrap();
    assert_eq!((user.as_str(), user.to_string()), ("alice", text()));
    assert_eq!(String::from(user), text());
    let name = DisplayName::try_from(text()).unwrap();
    assert_eq!(
        (name.as_str(), String::from(name.clone())),
        ("alice", text())
    );
    let message = Message::try_from(text()).unwrap();
    assert_eq!(
        (message.as_str(), String::from(message.clone())),
        ("alice", text())
    );
    let country = Country::try_from("DE".to_owned()).unwrap();
    assert_eq!(String::from(country), "DE");
    assert_eq!(Storefront::try_from("US").unwrap().to_string(), "US");
    for none in ["us", "U", "USA", "U1", ""] {
        assert_eq!(Storefront::try_from(none), Err(StorefrontInvalid), "{none}");
    }
    let shard = ShardId::try_from("shardId-1").unwrap();
    assert_eq!(
        (shard.as_str(), shard.to_string()),
        ("shardId-1", "shardId-1".to_owned())
    );
    let number = SequenceNumber::try_from("17").unwrap();
    assert_eq!(
        (number.as_str(), number.to_string()),
        ("17", "17".to_owned())
    );
}

#[test]
fn what_is_stored_as_a_number_is_the_number() {
    let coins = Coins::try_from(70_u64).unwrap();
    assert_eq!(
        (coins.get(), coins.signed(), u64::from(coins)),
        (70, 70, 70)
    );
    assert_eq!(Coins::try_from(9_007_199_254_740_991), Ok(Coins::MAX));
    assert_eq!(Coins::try_from(9_007_199_254_740_992), Err(Overflow));
    let quantity: Quantity = "3".parse().unwrap();
    assert_eq!((quantity.get(), u16::from(quantity)), (3, 3));
    for none in ["0", "10000", "65537", "-1", "x"] {
        assert_eq!(none.parse::<Quantity>(), Err(QuantityOutOfRange), "{none}");
    }
    let money = Money::new(499, Currency::Usd);
    assert_eq!((money.amount(), money.currency()), (499, Currency::Usd));
    assert_eq!(
        serde_json::to_string(&money).unwrap(),
        r#"{"amount":499,"currency":"usd","exponent":2}"#
    );
    assert_eq!(Currency::Jpy.exponent(), 0);
    assert_eq!(
        (Currency::Gbp.charge_min(), Currency::Usd.charge_min()),
        (30, 50)
    );
    assert_eq!(Currency::Usd.charge_max(), 99_999_999);
}
