//! Everything the simulator knows. `apply` is the only way it changes, live and when a file is read back.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::model::{
    Charge, Delivery, DeliveryStatus, Dispute, Event, PaymentIntent, Refund, Session,
};
use crate::state::{Place, Table};

/// Stripe forgets an idempotency key after 24 hours.
const KEY_LIFETIME_SECONDS: i64 = 24 * 60 * 60;

/// One thing that changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// A session is new or different.
    Session(Session),
    /// A payment intent is new or different.
    PaymentIntent(PaymentIntent),
    /// A charge is new or different.
    Charge(Charge),
    /// A refund is new or different.
    Refund(Refund),
    /// A dispute is new or different.
    Dispute(Dispute),
    /// Something happened.
    Event(Event),
    /// A delivery went on.
    Delivery {
        /// Of which event.
        event: String,
        /// How it stands now.
        delivery: Delivery,
    },
    /// An idempotency key got its answer.
    Answer(StoredAnswer),
}

/// What an idempotency key replays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredAnswer {
    pub(crate) key: String,
    pub(crate) created: i64,
    pub(crate) path: String,
    pub(crate) fingerprint: String,
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// The state of the simulator.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) sessions: Table<Session>,
    pub(crate) payment_intents: Table<PaymentIntent>,
    pub(crate) charges: Table<Charge>,
    pub(crate) refunds: Table<Refund>,
    pub(crate) disputes: Table<Dispute>,
    pub(crate) events: Table<Event>,
    answers: HashMap<String, StoredAnswer>,
    answers_by_age: BTreeSet<(i64, String)>,
    open_sessions: BTreeSet<(i64, String)>,
    undelivered: BTreeMap<Place, String>,
    /// Events that are due and that nobody has taken to send yet.
    fresh: VecDeque<String>,
}

impl World {
    /// Makes one change.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Session(session) => self.put_session(session),
            Change::PaymentIntent(intent) => self.payment_intents.put(intent),
            Change::Charge(charge) => self.charges.put(charge),
            Change::Refund(refund) => self.refunds.put(refund),
            Change::Dispute(dispute) => self.disputes.put(dispute),
            Change::Event(event) => {
                let id = event.id.clone();
                if event.delivery.status == DeliveryStatus::Pending {
                    self.fresh.push_back(id.clone());
                }
                self.events.put(event);
                self.index_delivery(&id);
            }
            Change::Delivery {
                event: id,
                delivery,
            } => {
                if let Some(event) = self.events.get_mut(&id) {
                    event.delivery = delivery;
                }
                self.index_delivery(&id);
            }
            Change::Answer(answer) => {
                self.answers_by_age
                    .insert((answer.created, answer.key.clone()));
                self.answers.insert(answer.key.clone(), answer);
            }
        }
    }

    /// The open sessions whose time is over.
    pub(crate) fn overdue_sessions(&self, now: i64) -> Vec<&Session> {
        self.open_sessions
            .iter()
            .take_while(|(expires_at, _)| *expires_at <= now)
            .filter_map(|(_, id)| self.sessions.get(id))
            .collect()
    }

    /// What a key replays, while Stripe would remember it.
    pub(crate) fn answer(&self, key: &str, now: i64) -> Option<&StoredAnswer> {
        self.answers
            .get(key)
            .filter(|answer| !is_forgotten(answer.created, now))
    }

    /// Drops the keys that are over.
    pub(crate) fn forget_answers(&mut self, now: i64) {
        while let Some((created, key)) = self.answers_by_age.first().cloned()
            && is_forgotten(created, now)
        {
            // A key used again after its day has a younger answer, which stays.
            if self
                .answers
                .get(&key)
                .is_some_and(|answer| answer.created == created)
            {
                self.answers.remove(&key);
            }
            self.answers_by_age.remove(&(created, key));
        }
    }

    /// The changes that would make this state out of nothing, oldest first.
    pub(crate) fn snapshot(&self) -> impl Iterator<Item = Change> {
        let answers = self.answers_by_age.iter().filter_map(|(created, key)| {
            self.answers
                .get(key)
                .filter(|answer| answer.created == *created)
        });
        self.sessions
            .iter()
            .cloned()
            .map(Change::Session)
            .chain(
                self.payment_intents
                    .iter()
                    .cloned()
                    .map(Change::PaymentIntent),
            )
            .chain(self.charges.iter().cloned().map(Change::Charge))
            .chain(self.refunds.iter().cloned().map(Change::Refund))
            .chain(self.disputes.iter().cloned().map(Change::Dispute))
            .chain(self.events.iter().cloned().map(Change::Event))
            .chain(answers.cloned().map(Change::Answer))
    }

    /// After a restart everything undelivered is due: a hold does not outlive the process.
    pub(crate) fn resume_deliveries(&mut self) {
        for id in self.undelivered() {
            if let Some(event) = self.events.get_mut(&id) {
                event.delivery.status = DeliveryStatus::Pending;
            }
        }
        self.fresh = self.undelivered.values().cloned().collect();
    }

    /// The ids of the events the endpoint has not acknowledged, oldest first.
    pub(crate) fn undelivered(&self) -> Vec<String> {
        self.undelivered.values().cloned().collect()
    }

    /// How many they are.
    pub(crate) fn undelivered_count(&self) -> usize {
        self.undelivered.len()
    }

    /// Takes the events that became due since the last time, oldest first.
    pub(crate) fn take_fresh(&mut self) -> VecDeque<String> {
        std::mem::take(&mut self.fresh)
    }

    /// The events that are due without being asked for, oldest first.
    pub(crate) fn pending(&self) -> impl Iterator<Item = &Event> {
        let events = self
            .undelivered
            .values()
            .filter_map(|id| self.events.get(id));
        events.filter(|event| event.delivery.status == DeliveryStatus::Pending)
    }

    fn index_delivery(&mut self, id: &str) {
        let (Some(place), Some(event)) = (self.events.place(id), self.events.get(id)) else {
            return;
        };
        if event.delivery.status.is_undelivered() {
            self.undelivered.insert(place, id.to_owned());
        } else {
            self.undelivered.remove(&place);
        }
    }

    fn put_session(&mut self, session: Session) {
        let due = (session.expires_at, session.id.clone());
        if session.is_open() {
            self.open_sessions.insert(due);
        } else {
            self.open_sessions.remove(&due);
        }
        self.sessions.put(session);
    }
}

fn is_forgotten(created: i64, now: i64) -> bool {
    now.saturating_sub(created) >= KEY_LIFETIME_SECONDS
}
