//! What was changed by hand in the ledger is found.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    hand::{Hand, Harm, assert_sound_again, number, text},
    played,
};

#[tokio::test]
async fn a_wallet_that_was_changed_by_hand_is_found() {
    let world = played().await;
    let ledger = Hand {
        world: &world,
        views: false,
    };
    let wallet = ledger.one("USER#dave", "WALLET").await;
    let cases = [
        (
            Harm::Set("coins", number(91)),
            &[
                "wallet dave, seq 3: I4: the wallet's coins is 91, but its last entry left 90",
                "wallet dave: I4: coins less debt are 91, but the changes of all entries come to 90",
            ][..],
        ),
        (
            Harm::Set("coins", number(-1)),
            &["wallet dave: I1: coins is -1, below zero"],
        ),
        (
            Harm::Set("debt", number(7)),
            &[
                "wallet dave: I1: 90 coins and a debt of 7 at once",
                "wallet dave, seq 3: I4: the wallet's debt is 7, but its last entry left 0",
                "wallet dave: I4: coins less debt are 83, but the changes of all entries come to 90",
            ],
        ),
        (
            Harm::Set("in_total", number(94)),
            &["wallet dave, seq 3: I4: the wallet's in_total is 94, but its last entry left 95"],
        ),
        (
            Harm::Set("last_seq", number(4)),
            &["wallet dave, seq 4: I5: no entry with this seq is stored, nor up to 4"],
        ),
        (
            Harm::Set("last_seq", number(2)),
            &["wallet dave, seq 3: I5: the wallet's last_seq is 2"],
        ),
        (
            Harm::Delete,
            &["wallet dave, seq 1: I5: there are entries, but no wallet"],
        ),
        (
            Harm::Set("status", AttributeValue::S("melted".to_owned())),
            &["wallet dave: a stored wallet is unreadable: status \"melted\""],
        ),
    ];
    for (harm, expected) in cases {
        ledger.assert_found(&wallet, harm, expected).await;
    }
    assert_sound_again(world).await;
}

#[tokio::test]
async fn an_entry_that_was_changed_by_hand_is_found() {
    let world = played().await;
    let ledger = Hand {
        world: &world,
        views: false,
    };
    // alice: 1 recharge, 2 grant, 3 recharge, 4 and 5 gifts.
    let gift = ledger.one("USER#alice", "ENTRY#gift#k1").await;
    let id = text(&gift, "sent_gift");
    let not_sent = format!(
        "creator bob, gift {id}: I4: it was received, but wallet alice has no entry for it"
    );
    let to = |sk: &str| Harm::Move("USER#alice".to_owned(), sk.to_owned());
    let cases = [
        (
            Harm::Set("coins_after", number(836)),
            &[
                "wallet alice, seq 4: I4: coins is 836 after it, but 805 follows from the entry before",
            ][..],
        ),
        (
            Harm::Set("coins_after", number(-5)),
            &["wallet alice, seq 4: I1: coins_after is -5, below zero"],
        ),
        (
            Harm::Set("change", number(-6)),
            &[
                "wallet alice, seq 4: I4: the change is -6, but what it is about comes to -5",
                "wallet alice: I4: coins less debt are 800, but the changes of all entries come to 799",
            ],
        ),
        (
            Harm::Set("out_total", number(6)),
            &[
                "wallet alice, seq 4: I4: out_total is 6 after it, but 5 follows from the entry before",
            ],
        ),
        (
            Harm::Set("seq", number(5)),
            &[
                "wallet alice, seq 4: I5: no entry with this seq is stored, nor up to 4",
                "wallet alice, seq 5: I5: another entry has this seq, too: gift k2",
            ],
        ),
        (
            Harm::Delete,
            &[
                "wallet alice, seq 4: I5: no entry with this seq is stored, nor up to 4",
                &not_sent,
            ],
        ),
        (
            to("ENTRY#gift#other"),
            &["wallet alice, seq 4: the key does not agree with the sent gift's id"],
        ),
        (
            to("ENTRY#bribe#k1"),
            &["wallet alice, seq 4: a stored entry is unreadable: kind \"bribe\""],
        ),
        (
            to("DRAFT#gift#k1"),
            &["wallet alice, seq 4: a stored item is unreadable: neither a wallet nor an entry"],
        ),
    ];
    for (harm, expected) in cases {
        ledger.assert_found(&gift, harm, expected).await;
    }
    assert_sound_again(world).await;
}

#[tokio::test]
async fn a_recharge_that_does_not_agree_with_its_entry_is_found() {
    let world = played().await;
    let ledger = Hand {
        world: &world,
        views: false,
    };
    let entry = ledger.one("USER#dave", "ENTRY#recharge#").await;
    let id = text(&entry, "recharge").to_owned();
    let row = ledger.one(&format!("RECHARGE#{id}"), "RECHARGE").await;
    let another = |seq: u8, what: &str| {
        format!("wallet dave, seq {seq}: I4: recharge {id} has another {what}")
    };
    let missing = |seq: u8| format!("wallet dave, seq {seq}: I4: recharge {id} is not stored");
    let unsettled = AttributeValue::Null(true);
    let cases = [
        (
            Harm::Set("coins", number(71)),
            vec![another(1, "number of coins")],
        ),
        (
            Harm::Set("bonus_coins", number(1)),
            vec![another(1, "number of coins")],
        ),
        (
            Harm::Set("first_bonus_coins", number(26)),
            vec![another(2, "bonus")],
        ),
        (
            Harm::Set("credited_at", unsettled),
            [1, 2].map(|seq| another(seq, "time of settlement")).into(),
        ),
        (Harm::Delete, [1, 2].map(missing).into()),
        (
            Harm::Set("user", AttributeValue::S("frank".to_owned())),
            [
                another(1, "user"),
                another(2, "user"),
                format!("recharge {id}: I4: it is settled, but wallet frank has no entry for it"),
            ]
            .into(),
        ),
    ];
    for (harm, expected) in cases {
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        ledger.assert_found(&row, harm, &expected).await;
    }
    let expected = [
        "wallet dave, seq 1: I5: no entry with this seq is stored, nor up to 1".to_owned(),
        format!("recharge {id}: I4: it is settled, but wallet dave has no entry for it"),
    ];
    let expected = expected.each_ref().map(String::as_str);
    ledger.assert_found(&entry, Harm::Delete, &expected).await;
    assert_sound_again(world).await;
}
