//! A popular creator and an eager fan: what they do to others, and to themselves.
//!
//! Calls take 2 to 12 ms, and a transaction holds its items for 10 ms. `RECHARGE_TEST_RUNS=400` taps in so many
//! runs instead of those of every day.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::setting;
use dynamodb_sim::Weather;
use futures_util::future::join_all;
use jiff::Timestamp;
use recharge_core::app::{Attempts, Clock};
use recharge_testkit::{
    Answer, FaultyHttp,
    contract::store_wallet,
    creator, gift_body, invoke,
    simulation::{Ask, Simulation, simulate},
    wallet,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

mod sharded;

const CONTENTION: Weather = Weather {
    latency: (Duration::from_millis(2), Duration::from_millis(12)),
    conflict_window: Duration::from_millis(10),
    ..Weather::CALM
};
const FANS: u64 = 1_000;
const GIFTS: u64 = 1_000;
/// A thousand a second.
const EVERY: Duration = Duration::from_millis(1);

fn gift_to(creator: &str) -> Value {
    let mut body = gift_body("rose");
    body["creator_id"] = json!(creator);
    body
}

/// What became of many gifts.
struct Rush {
    sent: usize,
    errors: Vec<Answer>,
    conflicts: usize,
    per_second: u64,
    relay_conflicts: usize,
    /// From a gift's entry until its creator earned it: the median and the longest.
    lag_ms: (i64, i64),
}

/// A thousand fans send a thousand gifts within a second, to `creators` in turn.
async fn rush(simulation: Simulation, creators: u64) -> Rush {
    use recharge_core::app::ports::Creators;
    for nth in 0..creators {
        let saved = simulation.ledger();
        saved
            .save_creator(0, &creator(&format!("creator-{nth}")))
            .await
            .unwrap();
    }
    for nth in 0..FANS {
        let mut held = wallet(&format!("fan-{nth}"), 100);
        held.last_seq = 0;
        store_wallet(&simulation.ledger(), &held).await;
    }
    simulation.dynamodb().set_weather(CONTENTION);
    let began = Instant::now();
    let lags = Arc::new(Mutex::new(Vec::new()));
    let shards: Vec<_> = simulation
        .dynamodb()
        .shards(simulation.setting("LEDGER_TABLE"))
        .into_iter()
        .map(|(shard, _)| tokio::spawn(keep_relaying(simulation.clone(), shard, Arc::clone(&lags))))
        .collect();
    let gifts = (0..GIFTS).map(|nth| {
        let simulation = simulation.clone();
        tokio::spawn(async move {
            sleep_until(began + EVERY * u32::try_from(nth).unwrap()).await;
            let body = gift_to(&format!("creator-{}", nth % creators));
            let fan = format!("fan-{}", nth % FANS);
            let answer = simulation
                .ask(&Ask::post(
                    &fan,
                    "/v1/gifts/send",
                    &format!("k{nth}"),
                    &body,
                ))
                .await;
            (answer, Instant::now())
        })
    });
    let gifts: Vec<_> = gifts.collect();
    let answered: Vec<_> = join_all(gifts)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let last = answered.iter().map(|(_, at)| *at).max().unwrap();
    let (sent, errors): (Vec<_>, Vec<_>) = answered
        .into_iter()
        .map(|(answer, _)| answer)
        .partition(|answer| answer.status == 201);
    for shard in shards {
        shard.await.unwrap();
    }
    let mut lags = lags.lock().unwrap().clone();
    lags.sort_unstable();
    assert_eq!(lags.len(), sent.len(), "every gift was relayed, and once");
    let dynamodb = simulation.dynamodb();
    let elapsed_ms = u64::try_from((last - began).as_millis()).unwrap();
    Rush {
        sent: sent.len(),
        errors,
        conflicts: dynamodb.conflicts(simulation.setting("LEDGER_TABLE")),
        per_second: GIFTS * 1_000 / elapsed_ms,
        relay_conflicts: dynamodb.conflicts(simulation.setting("VIEWS_TABLE")),
        lag_ms: (lags[lags.len() / 2], *lags.last().unwrap()),
    }
}

/// Polls a shard as Lambda does, several times a second, until well after the last gift.
async fn keep_relaying(simulation: Simulation, shard: String, lags: Arc<Mutex<Vec<i64>>>) {
    for _ in 0..20 {
        loop {
            let records = simulation.relay_shard(&shard).await;
            if records.is_empty() {
                break;
            }
            let now = simulation.clock().now();
            let lag = records.iter().map(|record| {
                let at = record["dynamodb"]["NewImage"]["at"]["S"].as_str().unwrap();
                now.as_millisecond() - at.parse::<Timestamp>().unwrap().as_millisecond()
            });
            lags.lock().unwrap().extend(lag);
        }
        sleep(Duration::from_millis(250)).await;
    }
}

#[test]
fn a_thousand_gifts_a_second_to_one_creator_disturb_nobody() {
    const SEED: u64 = 20;
    let hot = simulate(SEED, |simulation| rush(simulation, 1));
    let uniform = simulate(SEED, |simulation| rush(simulation, FANS));
    println!("seed {SEED}");
    for (to, rush) in [("one creator", &hot), ("a thousand", &uniform)] {
        let Rush {
            per_second,
            relay_conflicts,
            lag_ms: (median, longest),
            ..
        } = rush;
        println!(
            "to {to}: {per_second} a second; the relay met {relay_conflicts} conflicts and lagged by \
             {median} ms, at most {longest} ms"
        );
    }
    let ratio_percent = hot.per_second * 100 / uniform.per_second;
    println!("the rate to one creator is {ratio_percent} % of the uniform one");
    for rush in [&hot, &uniform] {
        assert_eq!(rush.sent, 1_000);
        assert!(rush.errors.is_empty(), "{:?}", rush.errors);
        assert_eq!(rush.conflicts, 0, "on the fans' path");
    }
    assert!(ratio_percent >= 95, "{ratio_percent} %");
}

/// Twenty taps at once: how often each was tried.
async fn taps(simulation: Simulation) -> Vec<usize> {
    use recharge_core::app::ports::Creators;
    simulation
        .ledger()
        .save_creator(0, &creator("creator"))
        .await
        .unwrap();
    let mut held = wallet("fan", 100);
    held.last_seq = 0;
    store_wallet(&simulation.ledger(), &held).await;
    simulation.dynamodb().set_weather(CONTENTION);
    let body = gift_body("rose").to_string();
    let taps = (0..20).map(|nth| {
        let (simulation, body) = (simulation.clone(), body.clone());
        tokio::spawn(async move {
            // Each in a container of its own, as Lambda has it.
            let http = FaultyHttp::over(simulation.dynamodb().http_client());
            let gifts = simulation.lambda_through(http.client()).gifts();
            let key = format!("k{nth}");
            let headers = [("idempotency-key", key.as_str())];
            let request = invoke("POST /v1/gifts/send", "fan", &headers, &body);
            let answer: Answer = Box::pin(gifts.handle(request)).await.into();
            assert_eq!(answer.status, 201, "{}", answer.body);
            let calls = http.calls().into_iter();
            calls
                .filter(|call| call.operation == "TransactWriteItems")
                .count()
        })
    });
    let taps: Vec<_> = taps.collect();
    let tries = join_all(taps)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let left = simulation.ask(&Ask::get("fan", "/v1/wallet")).await;
    assert_eq!(left.number("/coins"), 80);
    assert_eq!(left.number("/seq"), 20);
    tries
}

#[test]
fn twenty_taps_at_once_all_resolve_before_the_deadline() {
    let mut distribution: BTreeMap<usize, usize> = BTreeMap::new();
    let runs = setting("RECHARGE_TEST_RUNS").unwrap_or(50);
    for seed in 0..runs {
        for tries in simulate(seed, taps) {
            *distribution.entry(tries).or_default() += 1;
        }
    }
    println!("seeds 0 to {runs}, gifts by tries: {distribution:?}");
    let sent: usize = distribution.values().sum();
    assert_eq!(u64::try_from(sent).unwrap(), runs * 20);
    assert!(
        distribution.keys().any(|tries| *tries > 1),
        "they did collide"
    );
}
