//! What happens in a program: small numbers, so that a program stays readable and loses no sense
//! when steps are taken out of it.

use super::model::{GIFTS, GOODS, Sending};

pub(crate) const FANS: usize = 3;
pub(crate) const CREATORS: usize = 2;
/// Few, so that they come again.
const KEYS: usize = 12;

/// How a buyer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pay {
    Succeed,
    Delayed,
    Decline,
    Cancel,
}

/// One thing that happens. `nth` counts recharges or events, around if there are fewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Buy {
        fan: usize,
        key: usize,
        goods: usize,
    },
    Pay {
        nth: usize,
        how: Pay,
    },
    Resolve {
        nth: usize,
        arrives: bool,
    },
    Refund {
        nth: usize,
        cents: i64,
    },
    Dispute {
        nth: usize,
    },
    CloseDispute {
        nth: usize,
        won: bool,
    },
    /// A webhook, perhaps again, perhaps late; those in no step are lost.
    Deliver {
        nth: usize,
    },
    /// Two webhooks at once.
    DeliverTwice {
        nth: usize,
    },
    /// Every webhook that there is, the newest first.
    DeliverAll,
    Sync {
        nth: usize,
    },
    Reconcile,
    Send {
        fan: usize,
        key: usize,
        sending: Sending,
    },
    /// Two taps at once, with keys of their own.
    SendTwice {
        fan: usize,
        keys: (usize, usize),
        sending: Sending,
    },
    Freeze {
        fan: usize,
        on: bool,
    },
    Limit {
        fan: usize,
        daily: Option<i64>,
        monthly: Option<i64>,
    },
    Become {
        creator: usize,
    },
    Pause {
        creator: usize,
        on: bool,
    },
    Block {
        creator: usize,
        fan: usize,
        on: bool,
    },
    Relay,
    Advance {
        hours: i64,
    },
    /// Containers end with what they remember.
    Restart,
    /// The request of the next step is killed at this step of it, and then made again.
    Crash {
        at: usize,
    },
}

/// A program of so many steps.
pub(crate) fn program(seed: u64, length: u64) -> Vec<Step> {
    let mut random = fastrand::Rng::with_seed(seed);
    let length = usize::try_from(length).unwrap();
    let mut steps = vec![
        Step::Become { creator: 0 },
        Step::Buy {
            fan: 0,
            key: 0,
            goods: 1,
        },
        Step::Pay {
            nth: 0,
            how: Pay::Succeed,
        },
        Step::DeliverAll,
    ];
    while steps.len() < length {
        steps.push(step(&mut random));
    }
    steps
}

fn step(random: &mut fastrand::Rng) -> Step {
    let (fan, creator) = (random.usize(..FANS), random.usize(..CREATORS));
    let (key, nth) = (random.usize(..KEYS), random.usize(..24));
    let sending = Sending {
        gift: random.usize(..GIFTS.len()),
        quantity: random.i64(1..=3),
        creator,
        is_video: random.u8(..4) == 0,
        claim: random.choice([None, None, None, Some(0), Some(1)]).unwrap(),
    };
    match random.u8(..100) {
        0..10 => Step::Buy {
            fan,
            key,
            goods: random.usize(..GOODS.len()),
        },
        10..20 => {
            let ways = [
                Pay::Succeed,
                Pay::Succeed,
                Pay::Succeed,
                Pay::Delayed,
                Pay::Decline,
                Pay::Cancel,
            ];
            Step::Pay {
                nth,
                how: random.choice(ways).unwrap(),
            }
        }
        20..23 => Step::Resolve {
            nth,
            arrives: random.bool(),
        },
        23..25 => Step::Refund {
            nth,
            cents: random.i64(1..500),
        },
        25..27 => Step::Dispute { nth },
        27..28 => Step::CloseDispute {
            nth,
            won: random.bool(),
        },
        28..38 => Step::Deliver { nth },
        38..40 => Step::DeliverTwice { nth },
        40..42 => Step::DeliverAll,
        42..45 => Step::Sync { nth },
        45..47 => Step::Reconcile,
        47..72 => Step::Send { fan, key, sending },
        72..75 => Step::SendTwice {
            fan,
            keys: (key, random.usize(..KEYS)),
            sending,
        },
        75..77 => Step::Freeze {
            fan,
            on: random.u8(..3) == 0,
        },
        77..79 => Step::Limit {
            fan,
            daily: random.choice([None, Some(0), Some(30), Some(200)]).unwrap(),
            monthly: random.choice([None, None, Some(100), Some(400)]).unwrap(),
        },
        79..81 => Step::Become { creator },
        81..83 => Step::Pause {
            creator,
            on: random.u8(..3) == 0,
        },
        83..85 => Step::Block {
            creator,
            fan,
            on: random.u8(..3) == 0,
        },
        85..91 => Step::Relay,
        91..93 => Step::Advance {
            hours: random.choice([1, 5, 25, 200]).unwrap(),
        },
        93..95 => Step::Restart,
        _ => Step::Crash {
            at: random.usize(..10),
        },
    }
}
