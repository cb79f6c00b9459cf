//! What each thing that Stripe may say ends in.

use super::*;
use crate::domain::{CheckoutParams, Currency, InputHash, Money, RechargeStatus, WalletStatus};

fn recharge() -> Recharge {
    Recharge {
        id: "rch_1".try_into().unwrap(),
        user: "alice".try_into().unwrap(),
        input_hash: InputHash::from_stored("h".to_owned()),
        status: RechargeStatus::Open,
        package: Some("p70".try_into().unwrap()),
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
        first_bonus_coins: Coins::ZERO,
        taken_back: TakenBack::default(),
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

fn judged(recharge: &Recharge, session: &CheckoutSession) -> Verdict {
    judge(recharge, session, TakenBack::default(), false)
}

fn decided(recharge: &Recharge, taken_back: TakenBack, wallet: &Wallet) -> Vec<Change> {
    decide_settlement(recharge, &paid(), taken_back, wallet, Timestamp::UNIX_EPOCH).unwrap()
}

fn refunded(refunded: u64) -> TakenBack {
    TakenBack {
        refunded,
        disputed: false,
    }
}

/// Makes one thing wrong.
type Spoil = fn(&mut CheckoutSession);

#[test]
fn a_paid_session_settles_only_as_it_was_asked_for() {
    use ReviewReason as Reason;
    assert_eq!(judged(&recharge(), &paid()), Verdict::Settle);
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
            judged(&recharge(), &session),
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
        payment_status: PaymentStatus::Processing,
        ..paid()
    };
    for session in [paid(), other_amount, unpaid] {
        assert_eq!(judged(&settled(), &session), Verdict::AlreadySettled);
    }
    let second = CheckoutSession {
        id: "cs_2".try_into().unwrap(),
        ..paid()
    };
    let verdict = Verdict::Review(ReviewReason::SecondSession);
    assert_eq!(judged(&settled(), &second), verdict);
}

#[test]
fn without_money_a_recharge_shows_where_the_payment_stands_and_never_goes_back() {
    use PaymentStatus as Payment;
    use RechargeStatus as Status;
    let show = |status| Verdict::Show(status);
    for (stands, says, verdict) in [
        (Status::Created, Payment::Open, Verdict::Nothing),
        (Status::Open, Payment::Open, Verdict::Nothing),
        (Status::Open, Payment::Processing, show(Status::Processing)),
        (Status::Open, Payment::Failed, show(Status::Failed)),
        (Status::Open, Payment::Expired, show(Status::Expired)),
        (Status::Processing, Payment::Failed, show(Status::Failed)),
        (Status::Processing, Payment::Processing, Verdict::Nothing),
        (Status::Processing, Payment::Expired, Verdict::Nothing),
        (Status::Failed, Payment::Processing, Verdict::Nothing),
        (Status::Expired, Payment::Expired, Verdict::Nothing),
        (Status::NeedsReview, Payment::Processing, Verdict::Nothing),
        (Status::NeedsReview, Payment::Failed, Verdict::Nothing),
        (Status::Refunded, Payment::Failed, Verdict::Nothing),
        (Status::Disputed, Payment::Expired, Verdict::Nothing),
    ] {
        let recharge = Recharge {
            status: stands,
            ..recharge()
        };
        let session = CheckoutSession {
            payment_status: says,
            ..paid()
        };
        assert_eq!(judged(&recharge, &session), verdict, "{stands:?}, {says:?}");
        let foreign = CheckoutSession {
            id: "cs_2".try_into().unwrap(),
            ..session
        };
        assert_eq!(judged(&recharge, &foreign), Verdict::Nothing, "{stands:?}");
        // Paid wins over all of them.
        let settles = judged(&recharge, &paid());
        assert_eq!(settles, Verdict::Settle, "{stands:?}");
    }
}

#[test]
fn a_session_that_the_row_does_not_know_may_not_expire_it() {
    let crashed = Recharge {
        session: None,
        status: RechargeStatus::Created,
        ..recharge()
    };
    let session = |payment_status| CheckoutSession {
        payment_status,
        ..paid()
    };
    let verdict = judged(&crashed, &session(PaymentStatus::Expired));
    assert_eq!(verdict, Verdict::Nothing);
    let verdict = judged(&crashed, &session(PaymentStatus::Processing));
    assert_eq!(verdict, Verdict::Show(RechargeStatus::Processing));
    let next = crashed.showing(RechargeStatus::Processing, &paid());
    assert_eq!(next.session.unwrap().as_str(), "cs_1");
}

#[test]
fn what_stripe_took_back_is_not_settled() {
    let disputed = TakenBack {
        refunded: 0,
        disputed: true,
    };
    for (taken_back, verdict, status) in [
        (refunded(0), Verdict::Settle, None),
        (refunded(98), Verdict::Settle, None),
        (
            refunded(99),
            Verdict::TakenBack,
            Some(RechargeStatus::Refunded),
        ),
        (
            refunded(500),
            Verdict::TakenBack,
            Some(RechargeStatus::Refunded),
        ),
        (disputed, Verdict::TakenBack, Some(RechargeStatus::Disputed)),
    ] {
        let found = judge(&recharge(), &paid(), taken_back, false);
        assert_eq!(found, verdict, "{taken_back:?}");
        if let Some(status) = status {
            let next = recharge().without_coins(&paid(), taken_back);
            assert_eq!((next.status, next.credited_at), (status, None));
            assert_eq!(next.known_taken_back(&paid()), taken_back);
            let (mut row, mut session) = (next.clone(), paid());
            (row.payment_intent, session.payment_intent) = (None, None);
            assert_eq!(row.known_taken_back(&session), TakenBack::default());
            // A dispute that was won, a refund that failed: the coins are due after all.
            let freed = next.with_taken_back(&"pi_1".try_into().unwrap(), refunded(0));
            assert_eq!(freed.status, RechargeStatus::Open);
            assert_eq!(judged(&freed, &paid()), Verdict::Settle);
        }
    }
}

#[test]
fn a_partial_refund_is_netted_to_the_coin_and_rounded_up() {
    for (refunded_amount, kept, missing) in
        [(1, 74_u64, 1), (33, 50, 25), (34, 49, 26), (98, 0, 75)]
    {
        let wallet = Wallet::empty("alice".try_into().unwrap());
        let changes = decided(&recharge(), refunded(refunded_amount), &wallet);
        let [
            Change::Recharge(recharge),
            Change::Wallet(wallet),
            Change::Entry(entry),
        ] = changes.as_slice()
        else {
            panic!("three changes")
        };
        assert_eq!(recharge.after.status, RechargeStatus::PartiallyRefunded);
        assert_eq!(
            (wallet.after.coins.get(), entry.change),
            (kept, kept.cast_signed())
        );
        let EntryDetail::Recharge { refunded_coins, .. } = &entry.detail else {
            panic!("a recharge's entry")
        };
        assert_eq!(refunded_coins.get(), missing);
    }
}

#[test]
fn only_a_first_recharge_brings_what_was_promised_for_one() {
    let promising = Recharge {
        first_bonus_coins: Coins::new(20).unwrap(),
        ..recharge()
    };
    let empty = Wallet::empty("alice".try_into().unwrap());
    let changes = decided(&promising, TakenBack::default(), &empty);
    let [
        _,
        Change::Wallet(wallet),
        Change::Entry(entry),
        Change::Entry(grant),
    ] = changes.as_slice()
    else {
        panic!("four changes")
    };
    assert_eq!(
        (entry.seq, entry.change, entry.coins_after.get()),
        (1, 75, 75)
    );
    assert_eq!(
        (grant.seq, grant.change, grant.coins_after.get()),
        (2, 20, 95)
    );
    assert_eq!(grant.key, EntryKey::grant(GrantReason::FirstRecharge));
    let after = &wallet.after;
    assert_eq!(
        (after.coins.get(), after.last_seq, after.version),
        (95, 2, 1)
    );
    let second = decided(&promising, TakenBack::default(), after);
    assert_eq!(second.len(), 3, "no second bonus");
    let unpromising = decided(&recharge(), TakenBack::default(), &empty);
    assert_eq!(unpromising.len(), 3);
}

#[test]
fn a_recharge_without_a_session_adopts_the_paid_one() {
    let crashed = Recharge {
        session: None,
        status: RechargeStatus::Created,
        ..recharge()
    };
    assert_eq!(judged(&crashed, &paid()), Verdict::Settle);
    let wallet = Wallet::empty(crashed.user.clone());
    let changes = decided(&crashed, TakenBack::default(), &wallet);
    let [Change::Recharge(change), ..] = changes.as_slice() else {
        panic!("the recharge comes first")
    };
    assert_eq!(change.after.session.as_ref().unwrap().as_str(), "cs_1");
}

#[test]
fn a_frozen_wallet_in_debt_is_settled_too_and_pays_its_debt() {
    let mut wallet = Wallet::empty("alice".try_into().unwrap());
    wallet.status = WalletStatus::Frozen;
    wallet.debt = Coins::new(30).unwrap();
    let changes = decided(&recharge(), TakenBack::default(), &wallet);
    let [_, Change::Wallet(wallet), Change::Entry(entry)] = changes.as_slice() else {
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
    assert_eq!(judged(&change.after, &paid()), Verdict::Settle);
}

/// What comes after the settlement waits for its reversal: coins do not move here.
#[test]
fn a_settled_recharge_shows_how_much_was_taken_back_and_that_it_came_back() {
    let payment = "pi_1".try_into().unwrap();
    for (refunded, disputed, status) in [
        (0, false, RechargeStatus::Settled),
        (1, false, RechargeStatus::PartiallyRefunded),
        (98, false, RechargeStatus::PartiallyRefunded),
        (99, false, RechargeStatus::Refunded),
        (0, true, RechargeStatus::Disputed),
    ] {
        let taken_back = TakenBack { refunded, disputed };
        let shown = settled().with_taken_back(&payment, taken_back);
        assert_eq!((shown.status, shown.taken_back), (status, taken_back));
        assert_eq!(shown.payment_intent.as_ref(), Some(&payment));
        assert_eq!(
            (shown.version, shown.credited_at),
            (3, settled().credited_at)
        );
    }
    let waits = recharge().with_taken_back(&payment, refunded(99));
    assert_eq!(waits.status, RechargeStatus::Refunded);
    let failed = waits.with_taken_back(&payment, refunded(0));
    assert_eq!(failed.status, RechargeStatus::Open, "the refund failed");
}

#[test]
fn a_settlement_shows_whether_a_part_was_taken_back_before() {
    let wallet = Wallet::empty("alice".try_into().unwrap());
    for (before, status) in [
        (0, RechargeStatus::Settled),
        (1, RechargeStatus::PartiallyRefunded),
    ] {
        let changes = decided(&recharge(), refunded(before), &wallet);
        let Some(Change::Recharge(change)) = changes.first() else {
            panic!("{changes:?}")
        };
        assert_eq!(change.after.status, status);
        assert_eq!(change.after.taken_back, refunded(before));
        assert_eq!(change.after.credited_at, Some(Timestamp::UNIX_EPOCH));
    }
}
