//! What must agree with an entry: its recharge, the gift that its creator received, and the totals.

use super::{
    samples::{coins, recharge, sound},
    *,
};
use crate::domain::{Accrued, Currency, Entry, Money, ReceivedGift, Recharge, Tally, TargetKind};

/// The entries of `sound`: a recharge, a grant, two gifts.
fn entries() -> [Entry; 4] {
    let entries: Vec<Entry> = sound().readable().cloned().collect();
    entries.try_into().unwrap()
}

fn received(entry: &Entry) -> ReceivedGift {
    let (shard, sequence) = ("shard".try_into().unwrap(), "1".try_into().unwrap());
    ReceivedGift::of(entry, &shard, &sequence).unwrap()
}

fn told(reason: Option<Reason>) -> String {
    reason.map_or_else(String::new, |reason| reason.to_string())
}

#[test]
fn a_gift_agrees_with_what_was_received_of_it() {
    let [bought, granted, gift, _] = entries();
    assert_eq!(check_received(&gift, Some(&received(&gift))), None);
    assert_eq!(check_received(&bought, None), None);
    assert_eq!(check_received(&granted, None), None);
    let id = received(&gift).sent.id;
    assert_eq!(
        told(check_received(&gift, None)),
        format!("I4: gift {id} for creator bob is not among the received gifts")
    );
}

#[test]
fn everything_that_a_received_gift_says_is_compared() {
    type Change = fn(&mut ReceivedGift);
    let cases: [(Change, &str); 8] = [
        (|it| it.sender = "eve".try_into().unwrap(), "sender"),
        (|it| it.sent.diamonds += 1, "number of diamonds"),
        (|it| it.sent.creator = "eve".try_into().unwrap(), "creator"),
        (|it| it.sent.target.kind = TargetKind::Video, "target"),
        (
            |it| it.at = "2026-11-22T12:00:00.001Z".parse().unwrap(),
            "time",
        ),
        (|it| it.sent.gift = "heart".try_into().unwrap(), "gift"),
        (|it| it.sent.coins = coins(31), "gift"),
        (
            |it| it.sent.message = Some("hi".to_owned().try_into().unwrap()),
            "gift",
        ),
    ];
    let [_, _, gift, _] = entries();
    for (change, what) in cases {
        let mut changed = received(&gift);
        change(&mut changed);
        let id = received(&gift).sent.id;
        assert_eq!(
            told(check_received(&gift, Some(&changed))),
            format!("I4: gift {id} for creator bob was received with another {what}")
        );
    }
}

#[test]
fn an_entry_that_credits_agrees_with_its_recharge() {
    let [bought, granted, gift, _] = entries();
    for entry in [&bought, &granted] {
        assert_eq!(check_settlement(entry, Some(&recharge())), None);
        assert_eq!(
            told(check_settlement(entry, None)),
            "I4: recharge rch_1 is not stored"
        );
    }
    assert_eq!(check_settlement(&gift, None), None);
}

#[test]
fn everything_that_a_recharge_says_of_its_entries_is_compared() {
    type Change = fn(&mut Recharge);
    // What is told of the recharge's own entry, and of the bonus that came with it.
    let cases: [(Change, &str, &str); 6] = [
        (|it| it.user = "eve".try_into().unwrap(), "user", "user"),
        (
            |it| it.credited_at = None,
            "time of settlement",
            "time of settlement",
        ),
        (
            |it| it.credited_at = Some("2026-11-22T12:00:00.001Z".parse().unwrap()),
            "time of settlement",
            "time of settlement",
        ),
        (|it| it.coins = coins(81), "number of coins", ""),
        (|it| it.bonus_coins = coins(4), "number of coins", ""),
        (|it| it.first_bonus_coins = coins(26), "", "bonus"),
    ];
    let [bought, granted, ..] = entries();
    for (change, of_bought, of_granted) in cases {
        let mut changed = recharge();
        change(&mut changed);
        for (entry, what) in [(&bought, of_bought), (&granted, of_granted)] {
            let expected = match what {
                "" => String::new(),
                what => format!("I4: recharge rch_1 has another {what}"),
            };
            assert_eq!(told(check_settlement(entry, Some(&changed))), expected);
        }
    }
}

#[test]
fn totals_add_up_what_there_is() {
    let mut totals = Totals::default();
    totals.add_account(&sound());
    let mut indebted = sound();
    let wallet = indebted.wallet.as_mut().unwrap().as_mut().unwrap();
    (wallet.coins, wallet.debt) = (coins(0), coins(7));
    indebted.entries.clear();
    totals.add_account(&indebted);
    let flow = |count, amount| Flow { count, amount };
    assert_eq!((totals.wallets, totals.coins, totals.debt), (2, 50, 7));
    assert_eq!((totals.entries, totals.diamonds), (4, 50));
    assert_eq!(totals.recharges, flow(1, 75));
    assert_eq!(totals.grants, flow(1, 25));
    assert_eq!(totals.gifts, flow(2, 50));
}

#[test]
fn totals_add_up_what_was_paid_received_and_earned() {
    let mut totals = Totals::default();
    totals.add_recharge(&recharge());
    totals.add_recharge(&recharge());
    totals.add_recharge(&Recharge {
        price: Money::new(120, Currency::Jpy),
        ..recharge()
    });
    totals.add_recharge(&Recharge {
        credited_at: None,
        ..recharge()
    });
    totals.add_received(30);
    totals.add_received(20);
    totals.add_earned(tally(30, -20));
    totals.add_pending();
    totals.add_pending_day();
    totals.add_pending_day();
    let flow = |count, amount| Flow { count, amount };
    let settled = [(Currency::Usd, flow(2, 198)), (Currency::Jpy, flow(1, 120))];
    assert_eq!(totals.settled, settled.into());
    assert_eq!((totals.received, totals.earned), (flow(2, 50), 10));
    assert_eq!((totals.pending, totals.pending_days), (1, 2));
}

fn tally(live: i64, video: i64) -> Tally {
    let accrued = |diamonds, gifts| Accrued { diamonds, gifts };
    Tally {
        live: accrued(live, 2),
        video: accrued(video, 1),
    }
}

#[test]
fn earnings_that_differ_are_told_in_full() {
    let (earned, received) = (tally(30, 20), Tally::default());
    assert_eq!(
        Reason::EarningsDiffer { earned, received }.to_string(),
        "I4: earned are 30 diamonds of 2 gifts for live streams and 20 of 1 for videos, but received \
         0 diamonds of 0 gifts for live streams and 0 of 0 for videos"
    );
}
