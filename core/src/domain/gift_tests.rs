use super::*;
use crate::domain::Tier;

const MOST: Quantity = Quantity::MOST;

fn request() -> GiftRequest {
    GiftRequest {
        sender: "alice".try_into().unwrap(),
        key: "k1".try_into().unwrap(),
        gift: "rose".try_into().unwrap(),
        quantity: Quantity::try_from(3_i64).unwrap(),
        creator: "bob".try_into().unwrap(),
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

fn decide(
    request: &GiftRequest,
    gift: Option<&Gift>,
    wallet: &Wallet,
) -> Result<GiftDecision, GiftRejected> {
    let terms = GiftTerms {
        is_client_admitted: true,
        max_quantity: MOST,
        gifts_per_minute: 2,
    };
    let (to, at) = (Recipient::Accepting, Timestamp::UNIX_EPOCH);
    decide_gift(request, to, gift, wallet, terms, at)
}

fn rose(coins: u64) -> Gift {
    Gift {
        id: "rose".try_into().unwrap(),
        name: "Rose".to_owned(),
        tier: Tier::Small,
        coins: Coins::new(coins).unwrap(),
        icon: "🌹".to_owned(),
        animation: None,
        combo: true,
    }
}

fn wallet(coins: u64) -> Wallet {
    Wallet::empty("alice".try_into().unwrap())
        .credit(Coins::new(coins).unwrap())
        .unwrap()
}

#[test]
fn refusals_come_in_their_documented_order() {
    let coins = |coins| Coins::new(coins).unwrap();
    let mut to_herself = request();
    to_herself.creator = to_herself.sender.clone();
    let mut expecting = request();
    expecting.expected_coins = Some(coins(29));
    let changed = GiftRejected::PriceChanged { coins: coins(30) };
    let insufficient = SpendRefused::Insufficient { missing: coins(28) };
    let rose = rose(10);
    for (request, gift, rejected) in [
        (&to_herself, None, GiftRejected::SelfGift),
        (&expecting, None, GiftRejected::Unavailable),
        (&expecting, Some(&rose), changed),
        (&request(), Some(&rose), insufficient.into()),
    ] {
        let decided = decide(request, gift, &wallet(2));
        assert_eq!(decided, Err(rejected));
    }
}

#[test]
fn an_old_app_and_a_late_request_are_refused_before_all_else() {
    let mut late = request();
    late.creator = late.sender.clone();
    late.not_after = Some(Timestamp::UNIX_EPOCH);
    let decide = |is_client_admitted, second| {
        let terms = GiftTerms {
            is_client_admitted,
            max_quantity: MOST,
            gifts_per_minute: 1,
        };
        let at = Timestamp::from_second(second).unwrap();
        decide_gift(&late, Recipient::Nobody, None, &wallet(0), terms, at)
    };
    assert_eq!(decide(false, 1), Err(GiftRejected::UpgradeRequired));
    assert_eq!(decide(true, 1), Err(GiftRejected::TooLate));
    assert_eq!(decide(true, 0), Err(GiftRejected::SelfGift));
}

#[test]
fn who_does_not_receive_is_told_before_price_and_wallet_are_looked_at() {
    let terms = GiftTerms {
        is_client_admitted: true,
        max_quantity: MOST,
        gifts_per_minute: 1,
    };
    for (recipient, rejected) in [
        (Recipient::Nobody, GiftRejected::CreatorNotFound),
        (Recipient::NotAccepting, GiftRejected::CreatorNotAccepting),
        (Recipient::Accepting, GiftRejected::Unavailable),
    ] {
        let at = Timestamp::UNIX_EPOCH;
        let decided = decide_gift(&request(), recipient, None, &wallet(0), terms, at);
        assert_eq!(decided, Err(rejected));
    }
}

#[test]
fn one_sending_has_so_many_of_a_gift_and_no_more() {
    let decide = |max: i64| {
        let max_quantity = Quantity::try_from(max).unwrap();
        let terms = GiftTerms {
            is_client_admitted: true,
            max_quantity,
            gifts_per_minute: 1,
        };
        let at = Timestamp::UNIX_EPOCH;
        let to = Recipient::Accepting;
        decide_gift(&request(), to, Some(&rose(1)), &wallet(3), terms, at)
    };
    assert!(decide(3).is_ok());
    let max = Quantity::try_from(2_i64).unwrap();
    assert_eq!(decide(2), Err(GiftRejected::TooMany { max }));
}

#[test]
fn a_minute_takes_so_many_gifts_and_no_more() {
    let rose = rose(1);
    let mut held = wallet(100);
    for _ in 0..2 {
        held = decide(&request(), Some(&rose), &held).unwrap().wallet.after;
    }
    let retry_after = Duration::from_secs(60);
    let limited = Err(GiftRejected::RateLimited { retry_after });
    assert_eq!(decide(&request(), Some(&rose), &held), limited);
}

#[test]
fn a_gift_moves_the_wallet_and_writes_its_entry() {
    let before = wallet(100);
    let GiftDecision { wallet, entry } = decide(&request(), Some(&rose(10)), &before).unwrap();
    assert_eq!((wallet.expected_version, wallet.spends.get()), (1, 30));
    assert_eq!(
        (wallet.after.coins.get(), wallet.after.out_total.get()),
        (70, 30)
    );
    assert_eq!(
        (entry.seq, entry.change, entry.coins_after.get()),
        (2, -30, 70)
    );
    let EntryDetail::Gift(sent) = entry.detail else {
        panic!("a gift's entry")
    };
    assert_eq!((sent.coins.get(), sent.diamonds), (30, 30));
}

#[test]
fn a_cost_beyond_the_range_is_only_insufficient() {
    let gift = rose(Coins::MAX.get());
    let rejected = decide(&request(), Some(&gift), &wallet(1));
    assert!(matches!(
        rejected,
        Err(GiftRejected::Spend(SpendRefused::Insufficient { .. }))
    ));
}
