//! What a wallet and its idempotency keys answer, one call after the other.

use std::collections::BTreeMap;

use recharge_testkit::Answer;

use super::checker::Spec;

/// What a recharge of this program brings in.
const RECHARGED: i64 = 70;

/// What a client asks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Op {
    /// For a gift of so many coins with a key.
    Send { key: usize, coins: i64 },
    /// For the wallet.
    Look,
    /// That a paid recharge be settled: its webhook.
    Settle { nth: usize },
}

/// What it is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Seen {
    /// The gift was sent: what was left then, the number of its entry, and all else of the answer.
    Sent {
        left: i64,
        seq: i64,
        body: String,
    },
    /// The wallet does not afford it.
    Refused,
    /// The key was another gift's.
    Reused,
    Wallet {
        coins: i64,
        seq: i64,
    },
    Settled,
}

impl Seen {
    /// Reads an answer; none if nobody knows what happened.
    ///
    /// # Panics
    /// At an answer that this program cannot lead to.
    pub(crate) fn read(op: &Op, answer: &Answer) -> Option<Self> {
        if answer.status >= 500 {
            return None;
        }
        Some(match (op, answer.outcome()) {
            (Op::Send { .. }, (201, _)) => Self::Sent {
                left: answer.number("/balance_after"),
                seq: answer.number("/seq"),
                body: answer.body.to_string(),
            },
            (Op::Send { .. }, (_, "insufficient_coins")) => Self::Refused,
            (Op::Send { .. }, (422, "idempotency_key_reused")) => Self::Reused,
            (Op::Look, (200, _)) => Self::Wallet {
                coins: answer.number("/coins"),
                seq: answer.number("/seq"),
            },
            (Op::Settle { .. }, (200..300, _)) => Self::Settled,
            _ => panic!("{op:?} is answered {answer:?}"),
        })
    }
}

/// A gift that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Gift {
    coins: i64,
    left: i64,
    seq: i64,
    /// None until somebody was told.
    body: Option<String>,
}

/// A wallet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Wallet {
    coins: i64,
    seq: i64,
    keys: BTreeMap<usize, Gift>,
    /// A bit for each recharge.
    settled: u32,
}

impl Wallet {
    pub(crate) fn recharged_once() -> Self {
        Self {
            coins: RECHARGED,
            seq: 1,
            ..Self::default()
        }
    }

    fn send(&self, key: usize, coins: i64, seen: Option<&Seen>) -> Option<Self> {
        let mut next = self.clone();
        if !next.keys.contains_key(&key) {
            if coins > self.coins {
                return matches!(seen, None | Some(Seen::Refused)).then_some(next);
            }
            next.coins -= coins;
            next.seq += 1;
            let gift = Gift {
                coins,
                left: next.coins,
                seq: next.seq,
                body: None,
            };
            next.keys.insert(key, gift);
        }
        let gift = next.keys.get_mut(&key)?;
        let is_possible = match seen {
            None => true,
            Some(Seen::Reused) => gift.coins != coins,
            Some(Seen::Sent { left, seq, body }) => {
                let is_same = gift.body.get_or_insert_with(|| body.clone()) == body;
                is_same && (gift.coins, gift.left, gift.seq) == (coins, *left, *seq)
            }
            Some(_) => false,
        };
        is_possible.then_some(next)
    }
}

impl Spec for Wallet {
    type Op = Op;
    type Seen = Seen;

    fn after(&self, op: &Op, seen: Option<&Seen>) -> Option<Self> {
        match *op {
            Op::Send { key, coins } => self.send(key, coins, seen),
            Op::Look => {
                let Self { coins, seq, .. } = *self;
                let is_possible = seen.is_none_or(|seen| *seen == Seen::Wallet { coins, seq });
                is_possible.then(|| self.clone())
            }
            Op::Settle { nth } => {
                let mut next = self.clone();
                if self.settled & (1 << nth) == 0 {
                    next.settled |= 1 << nth;
                    next.coins += RECHARGED;
                    next.seq += 1;
                }
                matches!(seen, None | Some(Seen::Settled)).then_some(next)
            }
        }
    }

    /// A key is for ever, and numbers of entries never come again.
    fn may_come_to(&self, op: &Op, seen: &Seen) -> bool {
        match (op, seen) {
            (Op::Send { key, .. }, _) if self.keys.contains_key(key) => {
                self.after(op, Some(seen)).is_some()
            }
            (Op::Send { .. }, Seen::Sent { seq, .. }) => *seq > self.seq,
            (Op::Look, Seen::Wallet { seq, .. }) => *seq >= self.seq,
            _ => true,
        }
    }
}

#[test]
fn a_key_answers_its_first_success_for_ever() {
    let wallet = Wallet {
        coins: 5,
        ..Wallet::default()
    };
    let send = |key, coins| Op::Send { key, coins };
    let sent = |left, seq| Seen::Sent {
        left,
        seq,
        body: "at".to_owned(),
    };
    assert!(wallet.after(&send(1, 6), Some(&sent(0, 1))).is_none());
    assert!(wallet.after(&send(1, 6), Some(&Seen::Refused)).is_some());
    assert!(wallet.after(&send(1, 5), Some(&Seen::Refused)).is_none());
    let wallet = wallet.after(&send(1, 5), Some(&sent(0, 1))).unwrap();
    assert!(wallet.after(&send(1, 5), Some(&sent(0, 1))).is_some());
    assert!(wallet.after(&send(1, 5), Some(&sent(0, 2))).is_none());
    assert!(wallet.after(&send(1, 5), Some(&Seen::Refused)).is_none());
    assert!(wallet.after(&send(1, 4), Some(&Seen::Reused)).is_some());
    assert!(wallet.after(&send(2, 5), Some(&Seen::Refused)).is_some());
    let wallet = wallet.after(&Op::Settle { nth: 0 }, None).unwrap();
    let again = wallet.after(&Op::Settle { nth: 0 }, Some(&Seen::Settled));
    assert_eq!(again.unwrap(), wallet);
    assert_eq!((wallet.coins, wallet.seq), (RECHARGED, 2));
}
