//! Plays a program on the system and on the model, and compares after every step.

use std::time::Duration;

use dynamodb_sim::Trouble;
use recharge_core::app::Clock;
use recharge_testkit::{
    Answer,
    simulation::{Ask, Simulation},
};

use super::{
    checks,
    model::{DAY, Model, Ms},
    plants::Plant,
    step::Step,
};

mod gifts;
mod money;

/// What is different, or the play goes on.
pub(crate) type Played = Result<(), String>;

/// No request takes as long, retries included: what happens at a moment is kept so far away from it.
const MARGIN: Ms = 600_000;
/// A client that tries so often gives up.
const TRIES: usize = 60;

pub(crate) struct Player {
    pub(crate) simulation: Simulation,
    pub(crate) model: Model,
    pub(crate) plant: Option<Plant>,
    pub(crate) is_stormy: bool,
    /// The next request is killed at this step of it.
    crash: Option<usize>,
}

pub(crate) fn fan(fan: usize) -> String {
    format!("fan-{fan}")
}

pub(crate) fn creator(creator: usize) -> String {
    format!("creator-{creator}")
}

fn key(key: usize) -> String {
    format!("key-{key}")
}

pub(crate) fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Played {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: {found:?} instead of {expected:?}"))
}

impl Player {
    pub(crate) fn new(simulation: Simulation, is_stormy: bool, plant: Option<Plant>) -> Self {
        simulation.set_stormy(is_stormy);
        Self {
            is_stormy,
            simulation,
            model: Model::default(),
            plant,
            crash: None,
        }
    }

    pub(crate) fn now(&self) -> Ms {
        self.simulation.clock().now().as_millisecond()
    }

    /// Plays a step, and looks at what it may have touched.
    pub(crate) async fn play(&mut self, step: &Step) -> Played {
        self.keep_away_from_moments().await;
        match *step {
            Step::Buy { fan, key, goods } => self.buy(fan, key, goods).await?,
            Step::Pay { nth, how } => self.pay(nth, how),
            Step::Resolve { nth, arrives } => self.resolve(nth, arrives),
            Step::Refund { nth, cents } => self.refund(nth, cents),
            Step::Dispute { nth } => self.dispute(nth),
            Step::CloseDispute { nth, won } => self.close_dispute(nth, won),
            Step::Deliver { nth } => self.deliver_nth(nth, 1).await?,
            Step::DeliverTwice { nth } => self.deliver_nth(nth, 2).await?,
            Step::DeliverAll => {
                for event in self.simulation.stripe().events().into_iter().rev() {
                    self.deliver(&event, 1).await?;
                }
            }
            Step::Sync { nth } => self.sync(nth).await?,
            Step::Reconcile => self.reconcile().await?,
            Step::Send { fan, key, sending } => self.send(fan, key, sending).await?,
            Step::SendTwice { fan, keys, sending } => self.send_twice(fan, keys, sending).await?,
            Step::Freeze { fan, on } => self.freeze(fan, on).await?,
            Step::Limit {
                fan,
                daily,
                monthly,
            } => self.limit(fan, daily, monthly).await?,
            Step::Become { creator } => self.become_creator(creator).await?,
            Step::Pause { creator, on } => self.pause(creator, on).await?,
            Step::Block { creator, fan, on } => self.block(creator, fan, on).await?,
            Step::Relay => {
                self.simulation.relay_once().await;
            }
            Step::Advance { hours } => self.advance(hours * 3_600_000).await,
            Step::Restart => self.simulation.restart(),
            Step::Crash { at } => {
                self.crash = Some(at);
                return Ok(());
            }
        }
        self.crash = None;
        checks::wallets(self).await
    }

    /// Waits until no midnight, and no raise of a limit, comes while a request is made.
    async fn keep_away_from_moments(&mut self) {
        let until_midnight = DAY - self.now() % DAY;
        if until_midnight < MARGIN {
            self.advance(until_midnight + 1_000).await;
        }
        let raises = self.model.wallets.values();
        let raises = raises.flat_map(|wallet| [wallet.daily.raise, wallet.monthly.raise]);
        let raises: Vec<_> = raises.flatten().collect();
        for (from, _) in raises {
            let ahead = from - self.now();
            if (-MARGIN..MARGIN).contains(&ahead) {
                self.advance(ahead + MARGIN + 1_000).await;
            }
        }
    }

    async fn advance(&mut self, ms: Ms) {
        // The stream forgets after a day.
        self.relay_all().await;
        let ms = u64::try_from(ms).unwrap();
        self.simulation.advance(Duration::from_millis(ms)).await;
    }

    pub(crate) async fn relay_all(&self) {
        self.simulation.set_trouble(Trouble::NONE);
        while self.simulation.relay_once().await {}
        if self.is_stormy {
            self.simulation.set_trouble(Trouble::MUCH);
        }
    }

    /// Asks until it is answered for certain, as clients do: with the same key.
    pub(crate) async fn ask(
        &mut self,
        mut ask: impl FnMut(&Simulation) -> Ask,
    ) -> Result<Answer, String> {
        let simulation = self.simulation.clone();
        if let Some(at) = self.crash.take() {
            let asked = ask(&simulation);
            // Whoever was answered asks again all the same: that is what keys are for.
            drop(simulation.killed_at(at, simulation.ask(&asked)).await);
        }
        for _ in 0..TRIES {
            let asked = ask(&simulation);
            let answer = simulation.ask(&asked).await;
            match answer.status {
                503 => simulation.advance(Duration::from_secs(1)).await,
                429 => simulation.advance(Duration::from_secs(3)).await,
                status if status >= 500 => return Err(format!("{asked:?} is answered {answer:?}")),
                _ => return Ok(answer),
            }
        }
        Err("a client gave up".to_owned())
    }
}
