//! The system that clients ask, with the mistakes that may be planted around it.

use std::cell::{Cell, RefCell};

use aws_sdk_dynamodb::types::AttributeValue;
use recharge_testkit::{
    Answer, gift_body,
    simulation::{Ask, Simulation},
};
use serde_json::{Value, json};

use super::spec::{Op, Seen};

const FAN: &str = "fan";

/// A planted mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plant {
    /// Who looks at the wallet sees what the one before them should have seen.
    StaleWallets,
    /// A replay tells what is left now.
    RenewedReplays,
    /// Each try of a gift is another gift.
    KeysAreForgotten,
    /// The entry of a gift is lost after it was sent.
    EntriesAreLost,
    /// What was spent can be spent again.
    DoubleSpending,
    /// Nobody knows what happened, and the client is told that nothing did.
    OutagesAreRefusals,
    /// Webhooks are acknowledged, and nothing is done.
    NobodyHears,
}

pub(crate) struct System {
    pub(crate) simulation: Simulation,
    plant: Option<Plant>,
    /// The webhooks of the recharges that are paid.
    paid: Vec<Value>,
    looked: RefCell<Option<Seen>>,
    tries: Cell<usize>,
}

impl System {
    pub(crate) const fn new(
        simulation: Simulation,
        plant: Option<Plant>,
        paid: Vec<Value>,
    ) -> Self {
        Self {
            simulation,
            plant,
            paid,
            looked: RefCell::new(None),
            tries: Cell::new(0),
        }
    }

    /// Asks, and tells what was answered; none if nobody knows what happened.
    pub(crate) async fn ask(&self, op: &Op) -> Option<Seen> {
        if let (Op::Settle { .. }, Some(Plant::NobodyHears)) = (op, self.plant) {
            return Some(Seen::Settled);
        }
        let answer = self.simulation.ask(&self.request(op)).await;
        let seen = Seen::read(op, &answer);
        match self.plant {
            Some(plant) => self.spoil(plant, op, &answer, seen).await,
            None => seen,
        }
    }

    fn request(&self, op: &Op) -> Ask {
        match *op {
            Op::Look => Ask::get(FAN, "/v1/wallet"),
            Op::Settle { nth } => self.simulation.webhook(&self.paid[nth]),
            Op::Send { key, coins } => {
                let mut key = format!("key-{key}");
                if self.plant == Some(Plant::KeysAreForgotten) {
                    self.tries.set(self.tries.get() + 1);
                    key += &format!("-{}", self.tries.get());
                }
                let mut body = gift_body("rose");
                body["quantity"] = json!(coins);
                Ask::post(FAN, "/v1/gifts/send", &key, &body)
            }
        }
    }

    async fn spoil(
        &self,
        plant: Plant,
        op: &Op,
        answer: &Answer,
        seen: Option<Seen>,
    ) -> Option<Seen> {
        match (plant, op, seen) {
            (Plant::StaleWallets, Op::Look, Some(seen)) => {
                let before = self.looked.replace(Some(seen.clone()));
                Some(before.unwrap_or(seen))
            }
            (Plant::RenewedReplays, _, Some(Seen::Sent { seq, body, .. })) => {
                let stored = self.ledger_wallet().await;
                let left = if answer.is_replay() {
                    stored
                } else {
                    answer.number("/balance_after")
                };
                Some(Seen::Sent { left, seq, body })
            }
            (Plant::EntriesAreLost, Op::Send { key, .. }, Some(seen @ Seen::Sent { .. })) => {
                self.lose_entry(*key).await;
                Some(seen)
            }
            (Plant::DoubleSpending, Op::Send { coins, .. }, Some(seen @ Seen::Sent { .. })) => {
                if !answer.is_replay() {
                    self.give_back(*coins).await;
                }
                Some(seen)
            }
            (Plant::OutagesAreRefusals, Op::Send { .. }, None) => Some(Seen::Refused),
            (_, _, seen) => seen,
        }
    }

    /// The coins that are stored now.
    async fn ledger_wallet(&self) -> i64 {
        let get = self.simulation.calm_client().get_item();
        let get = get.table_name(self.table()).consistent_read(true);
        let found = get.key("PK", partition()).key("SK", text("WALLET")).send();
        let item = found.await.unwrap().item.unwrap();
        item["coins"].as_n().unwrap().parse().unwrap()
    }

    async fn lose_entry(&self, key: usize) {
        let delete = self.simulation.calm_client().delete_item();
        let sort = text(&format!("ENTRY#gift#key-{key}"));
        let delete = delete.table_name(self.table()).key("PK", partition());
        delete.key("SK", sort).send().await.unwrap();
    }

    async fn give_back(&self, coins: i64) {
        let update = self.simulation.calm_client().update_item();
        let update = update.table_name(self.table()).key("PK", partition());
        let update = update.key("SK", text("WALLET"));
        let update = update.update_expression("ADD coins :coins");
        let coins = AttributeValue::N(coins.to_string());
        let update = update.expression_attribute_values(":coins", coins);
        update.send().await.unwrap();
    }

    fn table(&self) -> &str {
        self.simulation.setting("LEDGER_TABLE")
    }
}

fn partition() -> AttributeValue {
    text(&format!("USER#{FAN}"))
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}
