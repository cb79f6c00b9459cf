//! Eight clients ask at once in a storm: whatever they are told, it is as if all that they asked for had
//! been done one after the other, each at some moment between question and answer.
//!
//! They share a wallet and a few idempotency keys; what they ask for is in `clients.rs`.
//! `RECHARGE_TEST_SEED` records a printed history again; `RECHARGE_TEST_RUNS=1000` records so many
//! instead of those of every day.

mod checker;
mod clients;
mod spec;
mod system;

use recharge_testkit::simulation::simulate;

use self::{
    clients::{History, Told, record},
    system::Plant,
};
use crate::setting;

fn history(seed: u64, plant: Option<Plant>) -> History {
    simulate(seed, |simulation| record(simulation, plant))
}

#[test]
fn wallets_and_keys_are_linearizable_for_eight_clients_in_a_storm() {
    let given = setting("RECHARGE_TEST_SEED");
    let asked = setting("RECHARGE_TEST_RUNS");
    // Every day the same, so that a change is judged by what it changes; new ones if they are asked for.
    let first = match (given, asked) {
        (Some(seed), _) => seed,
        (None, Some(_)) => fastrand::u64(..u64::MAX / 16),
        (None, None) => 1,
    };
    let usual = if given.is_some() { 1 } else { 100 };
    let runs = asked.unwrap_or(usual);
    println!("RECHARGE_TEST_SEED={first}, {runs} histories");
    let began = std::time::Instant::now();
    let mut told = Told::default();
    for seed in first..first + runs {
        let history = history(seed, None);
        told.count(&history);
        if let Err(why) = checker::explain(&history.initial, &history.calls) {
            panic!("RECHARGE_TEST_SEED={seed}: this happened\n{why}");
        }
    }
    println!("{told:?} in {:?}", began.elapsed());
    if runs >= 100 {
        let Told {
            sent,
            replayed,
            refused,
            reused,
            looked,
            settled,
            unknown,
            overlapped,
        } = told;
        let all = [
            sent, replayed, refused, reused, looked, settled, unknown, overlapped,
        ];
        assert!(all.iter().all(|count| *count > 50), "{all:?}");
    }
}

/// A checker that finds nothing proves nothing; nor does one that finds something everywhere.
#[test]
fn every_planted_mistake_is_found_in_less_than_ten_histories() {
    let first_found = |plant| {
        (1..10).find(|seed| {
            let history = history(*seed, plant);
            checker::explain(&history.initial, &history.calls).is_err()
        })
    };
    assert_eq!(first_found(None), None, "nothing was planted");
    for plant in [
        Plant::StaleWallets,
        Plant::RenewedReplays,
        Plant::KeysAreForgotten,
        Plant::EntriesAreLost,
        Plant::DoubleSpending,
        Plant::OutagesAreRefusals,
        Plant::NobodyHears,
    ] {
        let found = first_found(Some(plant));
        println!("{plant:?} is found in history {found:?}");
        assert!(found.is_some(), "{plant:?}");
    }
}
