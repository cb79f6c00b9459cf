//! Shops as they were written, each with its mistake. They keep everything in memory, and their
//! processes may end between any two steps.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

use recharge_testkit::sign;

use super::webhooks::{Delivery, SECRET};

/// What a naive shop does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    /// It credits whatever it hears.
    CreditsEveryEvent,
    /// It looks whether the payment was credited, and credits it a moment later.
    LooksOutsideOfTheLock,
    /// It remembers the event, and then credits.
    MarksThenWorks,
    /// It credits, and then remembers the event.
    WorksThenMarks,
    /// It tells events apart, and not payments.
    KnowsEventsOnly,
    /// Its endpoints share one table of event ids, and one of them credits nothing.
    SharesEventIds,
    /// Its signatures are good for ever, and its memory of events for a day.
    TakesOldBodies,
    /// It verifies what the gateway made of the body.
    ReadsEncodedBodies,
    /// It reads the last of several signatures.
    ReadsTheLastSignature,
}

/// A process that ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Died;

/// Steps of a process.
#[derive(Debug, Default)]
pub(super) struct Process(Cell<Option<usize>>);

impl Process {
    pub(super) fn dying_at(step: Option<usize>) -> Self {
        Self(Cell::new(step))
    }

    /// The next step: others go on meanwhile, or this process ends.
    pub(super) async fn step(&self) -> Result<(), Died> {
        match self.0.get() {
            Some(0) => return Err(Died),
            Some(left) => self.0.set(Some(left - 1)),
            None => {}
        }
        tokio::task::yield_now().await;
        Ok(())
    }
}

/// A naive shop.
#[derive(Debug)]
pub(super) struct Naive {
    mistake: Mistake,
    coins: Cell<i64>,
    /// Events, or payments, that were seen, and when.
    seen: RefCell<BTreeSet<(String, i64)>>,
}

impl Naive {
    pub(super) fn new(mistake: Mistake) -> Self {
        Self {
            mistake,
            coins: Cell::new(0),
            seen: RefCell::default(),
        }
    }

    pub(super) fn coins(&self) -> i64 {
        self.coins.get()
    }

    fn knows(&self, id: &str) -> bool {
        self.seen.borrow().iter().any(|(seen, _)| seen == id)
    }

    fn mark(&self, id: &str, now: i64) {
        self.seen.borrow_mut().insert((id.to_owned(), now));
    }

    fn credit(&self, coins: i64) {
        self.coins.set(self.coins.get() + coins);
    }

    pub(super) async fn hear(&self, delivery: &Delivery, process: &Process) -> Result<u16, Died> {
        if !self.is_signed(delivery) {
            return Ok(400);
        }
        let (event, payment) = (&delivery.event, &delivery.payment);
        let (coins, now) = (delivery.coins, delivery.at);
        process.step().await?;
        match self.mistake {
            Mistake::CreditsEveryEvent => self.credit(coins),
            Mistake::LooksOutsideOfTheLock => {
                if !self.knows(payment) {
                    process.step().await?;
                    self.credit(coins);
                    self.mark(payment, now);
                }
            }
            Mistake::MarksThenWorks => {
                if !self.knows(event) {
                    self.mark(event, now);
                    process.step().await?;
                    self.credit(coins);
                }
            }
            Mistake::WorksThenMarks => {
                if !self.knows(event) {
                    self.credit(coins);
                    process.step().await?;
                    self.mark(event, now);
                }
            }
            Mistake::SharesEventIds => {
                if !self.knows(event) {
                    self.mark(event, now);
                    if delivery.endpoint == 0 {
                        self.credit(coins);
                    }
                }
            }
            Mistake::TakesOldBodies => {
                self.seen.borrow_mut().retain(|(_, at)| now - at < 86_400);
                if !self.knows(event) {
                    self.credit(coins);
                    self.mark(event, now);
                }
            }
            Mistake::KnowsEventsOnly
            | Mistake::ReadsEncodedBodies
            | Mistake::ReadsTheLastSignature => {
                if !self.knows(event) {
                    self.credit(coins);
                    self.mark(event, now);
                }
            }
        }
        process.step().await?;
        Ok(200)
    }

    fn is_signed(&self, delivery: &Delivery) -> bool {
        let header = &delivery.signature;
        let part = |name: &'static str| {
            let parts = header.split(',');
            parts.filter_map(move |part| part.strip_prefix(name))
        };
        let at: i64 = part("t=").next().unwrap().parse().unwrap();
        let body = match self.mistake {
            Mistake::ReadsEncodedBodies => delivery.as_the_gateway_has_it(),
            _ => delivery.body.clone(),
        };
        let expected = sign(&body, SECRET, at);
        let expected = expected
            .split(',')
            .next_back()
            .unwrap()
            .strip_prefix("v1=")
            .unwrap();
        match self.mistake {
            Mistake::ReadsTheLastSignature => part("v1=").next_back().unwrap() == expected,
            _ => part("v1=").any(|signature| signature == expected),
        }
    }
}
