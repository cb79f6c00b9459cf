//! Clients that ask at once, and the history of what they were told.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use dynamodb_sim::Weather;
use fastrand::Rng;
use futures_util::future::join_all;
use recharge_core::app::ports::Creators;
use recharge_testkit::{creator, simulation::Simulation};
use tokio::time::{sleep, timeout};

use super::{
    checker::Call,
    spec::{Op, Seen, Wallet},
    system::{Plant, System},
};
use crate::world::{buy, start_and_pay};

const CLIENTS: u64 = 8;
/// What each client asks for.
const ASKED: usize = 6;
/// What the gift of each key costs; the fan cannot afford all of them.
const COINS: [i64; 8] = [1, 30, 60, 90, 5, 45, 20, 75];
/// Recharges that are paid and wait for their webhooks.
const PAID: usize = 2;

/// What was asked and told, and how the wallet was before.
pub(crate) struct History {
    pub(crate) initial: Wallet,
    pub(crate) calls: Vec<Call<Wallet>>,
}

struct Recorder {
    system: System,
    moments: Cell<u64>,
    calls: RefCell<Vec<Call<Wallet>>>,
}

/// Lets clients ask in a storm, and asks for every gift and the wallet again when it is over.
pub(crate) async fn record(simulation: Simulation, plant: Option<Plant>) -> History {
    let ledger = simulation.ledger();
    ledger.save_creator(0, &creator("creator")).await.unwrap();
    buy(&simulation, "fan", "before").await;
    for nth in 0..PAID {
        start_and_pay(&simulation, "fan", &format!("paid-{nth}")).await;
    }
    let events = simulation.stripe().events().into_iter();
    let mut paid: Vec<_> = events
        .filter(|event| event["type"] == "checkout.session.completed")
        .collect();
    // The first one is settled.
    paid.remove(0);
    assert_eq!(paid.len(), PAID);
    let seed = simulation.seed();
    let recorder = Recorder {
        system: System::new(simulation.clone(), plant, paid),
        moments: Cell::new(0),
        calls: RefCell::default(),
    };
    let initial = Wallet::recharged_once();
    simulation.dynamodb().set_weather(Weather::STORM);
    let clients = (0..CLIENTS).map(|nth| recorder.play(Rng::with_seed(seed * CLIENTS + nth)));
    join_all(clients).await;
    simulation.dynamodb().set_weather(Weather::CALM);
    for (key, coins) in COINS.into_iter().enumerate() {
        recorder.ask(Op::Send { key, coins }, None).await;
    }
    recorder.ask(Op::Look, None).await;
    let calls = recorder.calls.into_inner();
    History { initial, calls }
}

impl Recorder {
    async fn play(&self, mut random: Rng) {
        for _ in 0..ASKED {
            sleep(Duration::from_millis(random.u64(..40))).await;
            if random.u8(..30) == 0 {
                self.system.simulation.restart();
            }
            let op = any_op(&mut random);
            // Some clients hang up; their request may be done all the same, or half of it.
            let patience = (random.u8(..12) == 0).then(|| Duration::from_millis(random.u64(1..60)));
            let is_known = self.ask(op.clone(), patience).await;
            if !is_known && random.u8(..4) > 0 {
                self.ask(op, None).await;
            }
        }
    }

    /// Asks, and records it; whether it was answered for certain.
    async fn ask(&self, op: Op, patience: Option<Duration>) -> bool {
        let called = self.moment();
        let asked = self.system.ask(&op);
        let seen = match patience {
            Some(patience) => timeout(patience, Box::pin(asked)).await.ok().flatten(),
            None => Box::pin(asked).await,
        };
        let answer = seen.map(|seen| (seen, self.moment()));
        let is_known = answer.is_some();
        self.calls.borrow_mut().push(Call { op, called, answer });
        is_known
    }

    fn moment(&self) -> u64 {
        self.moments.replace(self.moments.get() + 1)
    }
}

fn any_op(random: &mut Rng) -> Op {
    match random.u8(..10) {
        0..3 => Op::Look,
        3 => Op::Settle {
            nth: random.usize(..PAID),
        },
        _ => {
            let key = random.usize(..COINS.len());
            let other = i64::from(random.u8(..8) == 0);
            Op::Send {
                key,
                coins: COINS[key] + other,
            }
        }
    }
}

/// What was told how often.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) sent: usize,
    pub(crate) replayed: usize,
    pub(crate) refused: usize,
    pub(crate) reused: usize,
    pub(crate) looked: usize,
    pub(crate) settled: usize,
    pub(crate) unknown: usize,
    /// Calls that were made before the one made before them was answered.
    pub(crate) overlapped: usize,
}

impl Told {
    pub(crate) fn count(&mut self, history: &History) {
        let mut bodies = std::collections::HashSet::new();
        for call in &history.calls {
            let counted = match &call.answer {
                None => &mut self.unknown,
                Some((Seen::Sent { body, .. }, _)) if bodies.insert(body) => &mut self.sent,
                Some((Seen::Sent { .. }, _)) => &mut self.replayed,
                Some((Seen::Refused, _)) => &mut self.refused,
                Some((Seen::Reused, _)) => &mut self.reused,
                Some((Seen::Wallet { .. }, _)) => &mut self.looked,
                Some((Seen::Settled, _)) => &mut self.settled,
            };
            *counted += 1;
            let is_inside = |other: &Call<Wallet>| {
                let ends = other.answer.as_ref().map_or(u64::MAX, |(_, at)| *at);
                other.called < call.called && call.called < ends
            };
            self.overlapped += usize::from(history.calls.iter().any(is_inside));
        }
    }
}
