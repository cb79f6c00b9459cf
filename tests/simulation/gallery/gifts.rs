//! Gifts: the same key at once, a cancelled transaction, a crash.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    time::Duration,
};

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, Put, TransactWriteItem, Update},
};
use dynamodb_sim::{Fault, Weather};
use recharge_core::app::ports::Creators;
use recharge_testkit::{
    Answer,
    contract::store_wallet,
    creator, gift_body,
    simulation::{Ask, Simulation, simulate},
    wallet,
};

use super::naive::{Died, Process};

/// A fan with ten coins and a creator.
async fn prepare(simulation: &Simulation) {
    simulation
        .ledger()
        .save_creator(0, &creator("creator"))
        .await
        .unwrap();
    let mut held = wallet("fan", 10);
    held.last_seq = 0;
    store_wallet(&simulation.ledger(), &held).await;
}

fn gift(key: &str) -> Ask {
    Ask::post("fan", "/v1/gifts/send", key, &gift_body("rose"))
}

async fn coins(simulation: &Simulation) -> i64 {
    simulation
        .ask(&Ask::get("fan", "/v1/wallet"))
        .await
        .number("/coins")
}

/// A shop that keeps in memory what it did for a key.
#[derive(Default)]
struct InMemory {
    coins: Cell<i64>,
    keys: RefCell<BTreeMap<String, bool>>,
}

impl InMemory {
    /// Looks whether the key is there, and inserts it a moment later.
    async fn send_without_unique_key(&self, key: &str, process: &Process) -> Result<u16, Died> {
        if !self.keys.borrow().contains_key(key) {
            process.step().await?;
            self.keys.borrow_mut().insert(key.to_owned(), true);
            self.coins.set(self.coins.get() - 1);
        }
        Ok(201)
    }

    /// Says that it works on the key, works, and says that it is done.
    async fn send_in_progress(&self, key: &str, process: &Process) -> Result<u16, Died> {
        match self.keys.borrow().get(key) {
            Some(true) => return Ok(201),
            Some(false) => return Ok(409),
            None => {}
        }
        self.keys.borrow_mut().insert(key.to_owned(), false);
        process.step().await?;
        self.coins.set(self.coins.get() - 1);
        self.keys.borrow_mut().insert(key.to_owned(), true);
        Ok(201)
    }
}

#[test]
fn b_07_the_same_key_twice_at_once() {
    simulate(1, |simulation| async move {
        prepare(&simulation).await;
        let (one, other) = (gift("k"), gift("k"));
        let answers = tokio::join!(simulation.ask(&one), simulation.ask(&other));
        assert_eq!((answers.0.status, answers.1.status), (201, 201));
        assert_eq!(coins(&simulation).await, 9);
        let naive = InMemory::default();
        naive.coins.set(10);
        let (one, other) = (Process::default(), Process::default());
        let sent = tokio::join!(
            naive.send_without_unique_key("k", &one),
            naive.send_without_unique_key("k", &other)
        );
        assert_eq!(sent, (Ok(201), Ok(201)));
        assert_eq!(naive.coins.get(), 8, "the naive shop took two");
    });
}

/// How a naive shop reads the error of its transaction.
async fn naive_send(simulation: &Simulation, read: fn(&[&str]) -> Option<u16>) -> u16 {
    let client = recharge_local::dynamodb_client(simulation.dynamodb().http_client());
    let table = simulation.setting("LEDGER_TABLE");
    let text = |text: &str| AttributeValue::S(text.to_owned());
    for _ in 0..3 {
        let pay = Update::builder()
            .table_name(table)
            .key("PK", text("USER#fan"))
            .key("SK", text("WALLET"))
            .update_expression("SET coins = coins - :one")
            .condition_expression("coins >= :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
        let record = Put::builder()
            .table_name(table)
            .item("PK", text("USER#fan"))
            .item("SK", text("NAIVE#k"))
            .condition_expression("attribute_not_exists(PK)");
        let sent = client
            .transact_write_items()
            .transact_items(
                TransactWriteItem::builder()
                    .update(pay.build().unwrap())
                    .build(),
            )
            .transact_items(
                TransactWriteItem::builder()
                    .put(record.build().unwrap())
                    .build(),
            )
            .send()
            .await;
        let Err(error) = sent else { return 201 };
        let TransactWriteItemsError::TransactionCanceledException(cancelled) =
            error.into_service_error()
        else {
            return 500;
        };
        let reasons = cancelled.cancellation_reasons().iter();
        let codes: Vec<_> = reasons
            .map(|reason| reason.code().unwrap_or_default())
            .collect();
        if let Some(status) = read(&codes) {
            return status;
        }
    }
    500
}

/// Another write holds the fan's wallet for five seconds.
async fn hold_wallet(simulation: &Simulation) {
    simulation.dynamodb().set_weather(Weather {
        conflict_window: Duration::from_secs(5),
        ..Weather::CALM
    });
    let client = recharge_local::dynamodb_client(simulation.dynamodb().http_client());
    let table = simulation.setting("LEDGER_TABLE").to_owned();
    tokio::spawn(async move {
        let touch = Update::builder()
            .table_name(table)
            .key("PK", AttributeValue::S("USER#fan".to_owned()))
            .key("SK", AttributeValue::S("WALLET".to_owned()))
            .update_expression("SET touched = :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
        let touch = TransactWriteItem::builder()
            .update(touch.build().unwrap())
            .build();
        drop(
            client
                .transact_write_items()
                .transact_items(touch)
                .send()
                .await,
        );
    });
    simulation.advance(Duration::from_millis(1)).await;
}

/// The key's record is there, and another write is in the wallet's way: both are among the reasons.
#[test]
fn b_10_several_reasons_of_one_cancellation() {
    // It retries whatever has a conflict in it, and never looks at the record.
    let naive: fn(&[&str]) -> Option<u16> =
        |codes| (!codes.contains(&"TransactionConflict")).then_some(409);
    simulate(1, |simulation| async move {
        prepare(&simulation).await;
        let first = simulation.ask(&gift("k")).await;
        assert_eq!(naive_send(&simulation, naive).await, 201);
        hold_wallet(&simulation).await;
        let again: Answer = simulation.ask(&gift("k")).await;
        assert_eq!(
            (again.status, again.is_replay()),
            (201, true),
            "{}",
            again.body
        );
        assert_eq!(again.body["id"], first.body["id"]);
        assert_eq!(
            naive_send(&simulation, naive).await,
            500,
            "the naive shop does not know what it did"
        );
    });
}

#[test]
fn b_11_another_write_is_in_the_way() {
    let naive: fn(&[&str]) -> Option<u16> = |_| Some(404);
    simulate(1, |simulation| async move {
        prepare(&simulation).await;
        // A gift is a load, which cannot conflict, and a transaction.
        simulation.dynamodb().plan(0, Fault::Conflict, 3);
        assert_eq!(simulation.ask(&gift("k")).await.status, 201);
        let conflicts = simulation.dynamodb().calls();
        assert!(
            conflicts
                .iter()
                .any(|call| call.fault == Some(Fault::Conflict)),
            "{conflicts:?}"
        );
        simulation.dynamodb().plan(0, Fault::Conflict, 1);
        assert_eq!(
            naive_send(&simulation, naive).await,
            404,
            "the naive shop finds nothing"
        );
    });
}

#[test]
fn b_12_a_crash_while_the_key_is_worked_on() {
    for step in 0..12 {
        let left = simulate(1, |simulation| async move {
            prepare(&simulation).await;
            let (asked, again) = (gift("k"), gift("k"));
            let _died_or_not = simulation.killed_at(step, simulation.ask(&asked)).await;
            assert_eq!(
                simulation.ask(&again).await.status,
                201,
                "killed at step {step}"
            );
            coins(&simulation).await
        });
        assert_eq!(left, 9, "killed at step {step}");
    }
    simulate(1, |_| async {
        let naive = InMemory::default();
        let died = naive
            .send_in_progress("k", &Process::dying_at(Some(0)))
            .await;
        assert_eq!(died, Err(Died));
        let again = naive.send_in_progress("k", &Process::default()).await;
        assert_eq!(again, Ok(409), "the naive shop works on it for ever");
    });
}
