//! What each thing that Stripe may say ends in.

use super::*;
use crate::domain::{CheckoutParams, Currency, InputHash, Money, RechargeStatus, WalletStatus};

fn recharge() -> Recharge {
    Recharge {
        id: "rch_1".try_into().unwrap(),
        user: "alice".try_into().unwrap(),
        input_hash: InputHash::from_stored("h".to_owned()),
        status: RechargeStatus::Open,
        package: "p70".try_into().unwrap(),
        coins: Coins::new(70).unwrap(),
        bonus_coins: Coins::new(5).unwrap(),
        price: Money::new(99, Currency::Usd),
        terms_version: "1".to_owned(),
        return_url: None,
        checkout: CheckoutParams {
            product_name: "75 coins".to_owned(),
            success_url: "https://a".to_owned(),
            cancel_url: "https://a".to_owned(),
            expires_at: Timestamp::UNIX_EPOCH,
        },
        attempt: 0,
        session: Some("cs_1".try_into().unwrap()),
        payment_intent: None,
        credited_at: None,
        created_at: Timestamp::UNIX_EPOCH,
        version: 2,
    }
}

fn paid() -> CheckoutSession {
    CheckoutSession {
        id: "cs_1".try_into().unwrap(),
        is_payment: true,
        payment_status: PaymentStatus::Paid,
        amount_total: Some(99),
        currency: Some("usd".to_owned()),
        livemode: false,
        payment_intent: Some("pi_1".try_into().unwrap()),
    }
}

fn settled() -> Recharge {
    let credited_at = Some(Timestamp::UNIX_EPOCH);
    Recharge {
        status: RechargeStatus::Settled,
        credited_at,
        ..recharge()
    }
}

/// Makes one thing wrong.
type Spoil = fn(&mut CheckoutSession);

#[test]
fn a_paid_session_settles_only_as_it_was_asked_for() {
    use ReviewReason as Reason;
    assert_eq!(judge(&recharge(), &paid(), false), Verdict::Settle);
    let spoiled = |spoil: Spoil| {
        let mut session = paid();
        spoil(&mut session);
        session
    };
    let cases: [(Spoil, Reason); 9] = [
        (|session| session.livemode = true, Reason::LivemodeMismatch),
        (|session| session.is_payment = false, Reason::ModeMismatch),
        (
            |session| session.currency = Some("jpy".to_owned()),
            Reason::CurrencyMismatch,
        ),
        (|session| session.currency = None, Reason::CurrencyMismatch),
        (
            |session| session.amount_total = Some(98),
            Reason::AmountMismatch,
        ),
        (
            |session| session.amount_total = Some(-99),
            Reason::AmountMismatch,
        ),
        (
            |session| session.amount_total = None,
            Reason::AmountMismatch,
        ),
        (
            |session| session.payment_intent = None,
            Reason::PaymentIntentMissing,
        ),
        (
            |session| session.id = "cs_2".try_into().unwrap(),
            Reason::SecondSession,
        ),
    ];
    for (spoil, reason) in cases {
        let session = spoiled(spoil);
        assert_eq!(
            judge(&recharge(), &session, false),
            Verdict::Review(reason),
            "{session:?}"
        );
    }
}

#[test]
fn the_own_session_of_a_settled_recharge_changes_nothing_whatever_it_says() {
    let other_amount = CheckoutSession {
        amount_total: Some(1),
        ..paid()
    };
    let unpaid = CheckoutSession {
        payment_status: PaymentStatus::Unpaid,
        ..paid()
    };
    for session in [paid(), other_amount, unpaid] {
        assert_eq!(judge(&settled(), &session, false), Verdict::AlreadySettled);
    }
    let second = CheckoutSession {
        id: "cs_2".try_into().unwrap(),
        ..paid()
    };
    let verdict = Verdict::Review(ReviewReason::SecondSession);
    assert_eq!(judge(&settled(), &second, false), verdict);
}

#[test]
fn an_unpaid_session_never_settles_and_never_takes_a_later_state_back() {
    let unpaid = CheckoutSession {
        payment_status: PaymentStatus::Unpaid,
        ..paid()
    };
    assert_eq!(judge(&recharge(), &unpaid, false), Verdict::Processing);
    let foreign = CheckoutSession {
        id: "cs_2".try_into().unwrap(),
        ..unpaid.clone()
    };
    assert_eq!(judge(&recharge(), &foreign, false), Verdict::Nothing);
    for status in [
        RechargeStatus::Processing,
        RechargeStatus::NeedsReview,
        RechargeStatus::Failed,
    ] {
        let recharge = Recharge {
            status,
            ..recharge()
        };
        assert_eq!(
            judge(&recharge, &unpaid, false),
            Verdict::Nothing,
            "{status:?}"
        );
    }
}

#[test]
fn a_recharge_without_a_session_adopts_the_paid_one() {
    let crashed = Recharge {
        session: None,
        status: RechargeStatus::Created,
        ..recharge()
    };
    assert_eq!(judge(&crashed, &paid(), false), Verdict::Settle);
    let wallet = Wallet::empty(crashed.user.clone());
    let changes = decide_settlement(&crashed, &paid(), &wallet, Timestamp::UNIX_EPOCH).unwrap();
    let [Change::Recharge(change), ..] = changes else {
        panic!("the recharge comes first")
    };
    assert_eq!(change.after.session.unwrap().as_str(), "cs_1");
}

#[test]
fn a_frozen_wallet_in_debt_is_settled_too_and_pays_its_debt() {
    let mut wallet = Wallet::empty("alice".try_into().unwrap());
    wallet.status = WalletStatus::Frozen;
    wallet.debt = Coins::new(30).unwrap();
    let changes = decide_settlement(&recharge(), &paid(), &wallet, Timestamp::UNIX_EPOCH).unwrap();
    let [_, Change::Wallet(wallet), Change::Entry(entry)] = changes else {
        panic!("three changes")
    };
    assert_eq!((wallet.after.coins.get(), wallet.after.debt.get()), (45, 0));
    assert_eq!(
        (
            entry.change,
            entry.coins_after.get(),
            entry.debt_after.get()
        ),
        (75, 45, 0)
    );
    assert_eq!(wallet.after.status, WalletStatus::Frozen);
}

#[test]
fn a_review_leaves_a_settled_recharge_settled() {
    let reason = ReviewReason::SecondSession;
    let of = |recharge: &Recharge| decide_review(recharge, &paid(), reason, Timestamp::UNIX_EPOCH);
    assert!(matches!(of(&settled()).as_slice(), [Change::Review(_)]));
    let changes = of(&recharge());
    let [Change::Review(_), Change::Recharge(change)] = changes.as_slice() else {
        panic!("an unsettled recharge shows it");
    };
    assert_eq!(change.after.status, RechargeStatus::NeedsReview);
    // Its own session can still settle it.
    assert_eq!(judge(&change.after, &paid(), false), Verdict::Settle);
}
