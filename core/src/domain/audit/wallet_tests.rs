//! Each kind of corruption is found where it is, and nothing else is told.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "a test that overflows may panic"
)]

use super::{
    samples::{coins, sound, user},
    *,
};
use crate::domain::{Coins, Entry, EntryDetail, SentGift, Wallet};

fn told(account: &Account) -> Vec<String> {
    let findings = check_account(account);
    findings.iter().map(ToString::to_string).collect()
}

fn nth(account: &mut Account, seq: usize) -> &mut Entry {
    account.entries[seq - 1].as_mut().unwrap()
}

fn wallet(account: &mut Account) -> &mut Wallet {
    account.wallet.as_mut().unwrap().as_mut().unwrap()
}

fn sent(account: &mut Account, seq: usize) -> &mut SentGift {
    match &mut nth(account, seq).detail {
        EntryDetail::Gift(sent) => sent,
        other @ (EntryDetail::Recharge { .. } | EntryDetail::Grant { .. }) => panic!("{other:?}"),
    }
}

#[test]
fn what_the_product_wrote_is_sound_in_any_order() {
    let mut account = sound();
    assert_eq!(told(&account), [""; 0]);
    account.entries.reverse();
    assert_eq!(told(&account), [""; 0]);
    let nobody = Account {
        user: user(),
        wallet: None,
        entries: Vec::new(),
    };
    assert_eq!(told(&nobody), [""; 0]);
}

type Corruption = (fn(&mut Account), &'static [&'static str]);

#[test]
fn each_break_of_i5_is_found_at_its_seq() {
    let cases: [Corruption; 7] = [
        (
            |it| drop(it.entries.remove(2)),
            &["wallet alice, seq 3: I5: no entry with this seq is stored, nor up to 3"],
        ),
        (
            |it| drop(it.entries.drain(0..3)),
            &["wallet alice, seq 1: I5: no entry with this seq is stored, nor up to 3"],
        ),
        (
            |it| nth(it, 3).seq = 4,
            &[
                "wallet alice, seq 3: I5: no entry with this seq is stored, nor up to 3",
                "wallet alice, seq 4: I5: another entry has this seq, too: gift k4",
            ],
        ),
        (
            |it| nth(it, 1).seq = 0,
            &[
                "wallet alice, seq 0: I5: the first seq is 1",
                "wallet alice, seq 1: I5: no entry with this seq is stored, nor up to 1",
            ],
        ),
        (
            |it| wallet(it).last_seq = 6,
            &["wallet alice, seq 5: I5: no entry with this seq is stored, nor up to 6"],
        ),
        (
            |it| wallet(it).last_seq = 2,
            &["wallet alice, seq 3: I5: the wallet's last_seq is 2"],
        ),
        (
            |it| it.wallet = None,
            &["wallet alice, seq 1: I5: there are entries, but no wallet"],
        ),
    ];
    assert_each(&cases);
}

#[test]
fn each_break_of_i1_is_found_at_its_seq() {
    let cases: [Corruption; 4] = [
        (
            |it| {
                let (spent, after) = (130, nth(it, 3));
                (after.change, after.coins_after) = (-130, coins(0));
                after.out_total = coins(130);
                (sent(it, 3).coins, sent(it, 3).diamonds) = (coins(spent), spent);
            },
            &[
                "wallet alice, seq 3: I1: 130 coins are spent of 100",
                "wallet alice, seq 4: I1: 20 coins are spent of 0",
                "wallet alice: I4: coins less debt are 50, but the changes of all entries come to -50",
            ],
        ),
        (
            |it| nth(it, 3).debt_after = coins(5),
            &["wallet alice, seq 3: I1: 70 coins and a debt of 5 at once"],
        ),
        (
            |it| wallet(it).debt = coins(3),
            &[
                "wallet alice: I1: 50 coins and a debt of 3 at once",
                "wallet alice, seq 4: I4: the wallet's debt is 3, but its last entry left 0",
                "wallet alice: I4: coins less debt are 47, but the changes of all entries come to 50",
            ],
        ),
        (
            |it| {
                it.entries[2] = Err(Box::new(Damaged {
                    key: "USER#alice ENTRY#gift#k3".to_owned(),
                    seq: Some(3),
                    reason: Reason::Negative {
                        attribute: "coins_after",
                        value: "-5".to_owned(),
                    },
                }));
            },
            &["wallet alice, seq 3: I1: coins_after is -5, below zero"],
        ),
    ];
    assert_each(&cases);
}

#[test]
fn each_break_of_i4_is_found_at_its_seq() {
    let cases: [Corruption; 10] = [
        (
            |it| (nth(it, 3).coins_after, nth(it, 3).debt_after) = (coins(0), coins(5)),
            &["wallet alice, seq 3: I4: coins is 0 after it, but 70 follows from the entry before"],
        ),
        (
            |it| nth(it, 3).coins_after = coins(71),
            &[
                "wallet alice, seq 3: I4: coins is 71 after it, but 70 follows from the entry before",
            ],
        ),
        (
            |it| nth(it, 4).coins_after = coins(51),
            &[
                "wallet alice, seq 4: I4: coins is 51 after it, but 50 follows from the entry before",
            ],
        ),
        (
            |it| nth(it, 1).in_total = coins(76),
            &[
                "wallet alice, seq 1: I4: in_total is 76 after it, but 75 follows from the entry before",
            ],
        ),
        (
            |it| nth(it, 4).out_total = coins(49),
            &[
                "wallet alice, seq 4: I4: out_total is 49 after it, but 50 follows from the entry before",
            ],
        ),
        (
            |it| nth(it, 3).change = -31,
            &[
                "wallet alice, seq 3: I4: the change is -31, but what it is about comes to -30",
                "wallet alice: I4: coins less debt are 50, but the changes of all entries come to 49",
            ],
        ),
        (
            |it| sent(it, 3).diamonds = 29,
            &["wallet alice, seq 3: I4: 29 diamonds accrue from 30 coins"],
        ),
        (
            |it| wallet(it).coins = coins(60),
            &[
                "wallet alice, seq 4: I4: the wallet's coins is 60, but its last entry left 50",
                "wallet alice: I4: coins less debt are 60, but the changes of all entries come to 50",
            ],
        ),
        (
            |it| wallet(it).out_total = coins(51),
            &["wallet alice, seq 4: I4: the wallet's out_total is 51, but its last entry left 50"],
        ),
        (
            |it| {
                it.entries.clear();
                *wallet(it) = Wallet::empty(user());
                wallet(it).coins = coins(5);
            },
            &[
                "wallet alice: I4: the wallet's coins is 5, but its last entry left 0",
                "wallet alice: I4: coins less debt are 5, but the changes of all entries come to 0",
            ],
        ),
    ];
    assert_each(&cases);
}

#[test]
fn a_key_that_does_not_agree_with_its_entry_is_found() {
    let cases: [Corruption; 2] = [
        (
            |it| nth(it, 4).key.name = "other".to_owned(),
            &["wallet alice, seq 4: the key does not agree with the sent gift's id"],
        ),
        (
            |it| nth(it, 1).key.name = "rch_2".to_owned(),
            &["wallet alice, seq 1: the key does not agree with the recharge's id"],
        ),
    ];
    assert_each(&cases);
}

fn assert_each(cases: &[Corruption]) {
    for (corrupt, expected) in cases {
        let mut account = sound();
        corrupt(&mut account);
        assert_eq!(told(&account), *expected);
    }
}

/// No number of any entry or of the wallet can be one off.
#[test]
fn every_number_that_is_one_off_is_found_first_at_its_entry() {
    type Number = fn(&mut Entry, bool);
    let numbers: [Number; 6] = [
        |it, up| it.seq = if up { it.seq + 1 } else { it.seq - 1 },
        |it, up| it.change += if up { 1 } else { -1 },
        |it, up| it.coins_after = moved(it.coins_after, up),
        |it, up| it.debt_after = moved(it.debt_after, up),
        |it, up| it.in_total = moved(it.in_total, up),
        |it, up| it.out_total = moved(it.out_total, up),
    ];
    let mut tried = 0;
    for seq in 1..=4 {
        for number in numbers {
            for up in [true, false] {
                let mut account = sound();
                let before = account.clone();
                number(nth(&mut account, seq), up);
                if account == before {
                    continue; // There is nothing below zero.
                }
                tried += 1;
                let findings = check_account(&account);
                let places: Vec<_> = findings.iter().filter_map(|it| it.seq).collect();
                let seq = u64::try_from(seq).unwrap();
                let near = seq - 1..=seq + 1;
                assert!(!places.is_empty(), "seq {seq}");
                assert!(places.iter().all(|it| near.contains(it)), "{findings:?}");
            }
        }
    }
    assert!(tried > 36, "{tried}");
}

fn moved(it: Coins, up: bool) -> Coins {
    coins(if up {
        it.get() + 1
    } else {
        it.get().saturating_sub(1)
    })
}
