//! What a run counts: lines that CloudWatch can read, with what happened and nobody's name in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use recharge_core::{
    adapters::{SystemClock, metrics::EmbeddedMetrics},
    app::Clock,
};
use recharge_local::Options;
use recharge_testkit::{Fault, World, completed_event, gift_body, sign};
use serde_json::{Map, Value, json};

mod rings;
mod rules;

/// The lines so far.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    /// What was told since the last time, each as JSON that keeps the rules.
    fn take(&self) -> Vec<Map<String, Value>> {
        let lines = std::mem::take(&mut *self.0.lock().unwrap());
        lines.iter().map(|line| rules::read(line)).collect()
    }

    /// The sums of what was told since the last time, by name; refusals by their code.
    fn sums(&self) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for document in self.take() {
            let code = document.get("Code").and_then(Value::as_str);
            for (name, value) in rules::values(&document) {
                let name = match (name.as_str(), code) {
                    ("Refusals", Some(code)) => format!("Refusals: {code}"),
                    _ => name,
                };
                *sums.entry(name).or_default() += value.iter().sum::<u64>();
            }
        }
        sums
    }
}

async fn world() -> (World, Lines) {
    let (lines, clock) = (Lines::default(), SystemClock::standing());
    let written = lines.clone();
    let metrics = EmbeddedMetrics::new("recharge-test", Arc::new(clock.clone()), move |line| {
        written.0.lock().unwrap().push(line.to_owned());
    });
    let world = World::with(Options {
        clock,
        metrics: Some(Arc::new(metrics)),
        ..Options::default()
    })
    .await;
    (world, lines)
}

/// The sums of a step, as text, without what depends on time.
fn told(lines: &Lines) -> Vec<String> {
    let sums = lines.sums().into_iter();
    let counts = sums.filter(|(name, _)| !name.ends_with("Lag"));
    counts.map(|(name, sum)| format!("{name} {sum}")).collect()
}

#[tokio::test]
async fn what_happens_is_counted_once_and_a_replay_is_nothing_new() {
    let (world, lines) = world().await;
    let fan = world.fan("fan");
    let started = fan.recharge("r", "coins_70").await;
    assert_eq!(started.status, 201, "{}", started.body);
    assert_eq!(told(&lines), ["RechargesStarted 1"]);
    fan.recharge("r", "coins_70").await;
    assert_eq!(told(&lines), [""; 0]);

    world.server.clock().advance(Duration::from_secs(90));
    world.pay(&started).await;
    assert_eq!(told(&lines), ["RechargesSettled 1"]);

    for _time in 0..2 {
        assert_eq!(fan.gift("g", "rose").await.status, 201);
    }
    assert_eq!(told(&lines), ["CoinsGifted 1", "GiftsSent 1"]);
    world.server.clock().advance(Duration::from_secs(7));
    world.server.relay().await.unwrap();
    let sums = lines.sums();
    assert_eq!(sums["GiftsRelayed"], 1);
    assert_eq!(sums["RelayLag"], 7_000);
    world.server.relay().await.unwrap();
    assert_eq!(told(&lines), [""; 0], "an idle relay tells nothing");

    // An entry that no code of ours writes.
    let spoil = world
        .server
        .dynamodb()
        .update_item()
        .table_name(world.table());
    let spoil = spoil.key("PK", AttributeValue::S("USER#fan".to_owned()));
    let spoil = spoil.key("SK", AttributeValue::S("ENTRY#gift#g".to_owned()));
    let spoil = spoil.update_expression("SET gift = :wrong");
    let spoil = spoil.expression_attribute_values(":wrong", AttributeValue::Bool(true));
    spoil.send().await.unwrap();
    world.server.relay().await.unwrap();
    assert_eq!(told(&lines), ["RecordsQuarantined 1"]);
    world.stop().await;
}

#[tokio::test]
async fn what_is_refused_and_what_fails_is_counted_by_its_reason() {
    let (world, lines) = world().await;
    let fan = world.fan_with("fan", 0).await;
    assert_eq!(fan.gift("g", "rose").await.status, 409);
    assert_eq!(told(&lines), ["Refusals: insufficient_coins 1"]);
    let other = json!({"gift_id": "rose"});
    assert_eq!(fan.post("/v1/gifts/send", "h", &other).await.status, 422);
    assert_eq!(told(&lines), ["Refusals: body_invalid 1"]);
    let rich = world.fan_with("rich", 100).await;
    world.faults.plan(0, Fault::ServerError, 20);
    let failed = rich.post("/v1/gifts/send", "g", &gift_body("rose")).await;
    assert_eq!(failed.status, 503);
    assert_eq!(told(&lines), ["Outages 1"]);
    // A cold container loads catalogue and parties; the third call is the commit.
    world.faults.reset();
    assert_eq!(rich.gift("a", "rose").await.status, 201);
    lines.take();
    world.faults.plan(1, Fault::Conflict, 1);
    assert_eq!(rich.gift("b", "rose").await.status, 201);
    assert_eq!(
        told(&lines),
        ["CoinsGifted 1", "Conflicts 1", "GiftsSent 1"]
    );
    world.stop().await;
}

#[tokio::test]
async fn what_stripe_tells_is_counted_for_those_who_must_look() {
    let (world, lines) = world().await;
    let fan = world.fan("fan");
    let now = || world.server.clock().now().as_second();
    let hear = async |body: &str, secret: &str| {
        let request = world
            .api
            .request(reqwest::Method::POST, "/v1/stripe/webhook");
        let signature = sign(body, secret, now());
        let request = request.header("stripe-signature", signature);
        let answer = request.body(body.to_owned()).send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(hear("{}", "whsec_wrong").await, 400);
    assert_eq!(told(&lines), ["Refusals: signature_invalid 1"]);
    assert_eq!(hear("{", "whsec_local").await, 400);
    assert_eq!(
        told(&lines),
        ["EventsUnreadable 1", "Refusals: body_invalid 1"]
    );

    let asked = fan.recharge("s", "coins_70").await;
    let (id, session) = (asked.body["id"].as_str().unwrap(), asked.checkout_session());
    let wrong = completed_event(id, session, 98, now()).to_string();
    told(&lines);
    for expected in [["ReviewsNeeded 1"].as_slice(), &[]] {
        assert_eq!(hear(&wrong, "whsec_local").await, 200);
        assert_eq!(told(&lines), expected);
    }

    // A webhook that is lost: the reconciler finds the payment.
    let hold = world
        .api
        .request(reqwest::Method::PUT, "/stripe-sim/delivery");
    hold.json(&json!({"lose": 1.0})).send().await.unwrap();
    let started = fan.recharge("r", "coins_70").await;
    world.pay(&started).await;
    assert_eq!(told(&lines), ["RechargesStarted 1"]);
    world.server.clock().advance(Duration::from_secs(100));
    // After the mark is read, three tries at the recharge fail: the sweep of the same run settles it.
    world.faults.plan(1, Fault::ServerError, 3);
    world.server.reconcile().await.unwrap();
    let sums = lines.sums();
    assert_eq!(
        [
            "ReconciliationsFailed",
            "RechargesSettled",
            "RechargesReconciled"
        ]
        .map(|name| sums[name]),
        [1, 1, 1]
    );
    assert!(
        (100_000..=101_000).contains(&sums["SettlementLag"]),
        "{sums:?}"
    );
    world.stop().await;
}

/// A run that ends early has told of a review before: nobody is told of it a second time.
#[tokio::test]
async fn a_review_is_counted_once_wherever_its_run_ends() {
    let (world, lines) = world().await;
    let lose = json!({"lose": 1.0});
    let delivery = world
        .api
        .request(reqwest::Method::PUT, "/stripe-sim/delivery");
    delivery.json(&lose).send().await.unwrap();
    let (mut ended_early, mut counted_early) = (0, 0);
    for from in 1..16 {
        let started = world
            .fan(&format!("fan-{from}"))
            .recharge("r", "coins_70")
            .await;
        world.pay(&started).await;
        // As if we had asked for a cent more than was paid.
        let row = format!("RECHARGE#{}", started.body["id"].as_str().unwrap());
        let update = world.server.dynamodb().update_item();
        let update = update
            .table_name(world.table())
            .key("PK", AttributeValue::S(row))
            .key("SK", AttributeValue::S("RECHARGE".to_owned()))
            .update_expression("SET amount = :more")
            .expression_attribute_values(":more", AttributeValue::N("100".to_owned()));
        update.send().await.unwrap();
        world.server.clock().advance(Duration::from_secs(3_601));
        lines.take();
        let counted = || lines.sums().get("ReviewsNeeded").copied().unwrap_or(0);
        world.faults.plan(from, Fault::ServerError, 1_000);
        let ended = world.server.reconcile().await;
        world.faults.reset();
        let before = counted();
        ended_early += u64::from(ended.is_err());
        counted_early += u64::from(ended.is_err()) * before;
        world.server.clock().advance(Duration::from_secs(3_601));
        world.server.reconcile().await.unwrap();
        assert_eq!(before + counted(), 1, "from call {from}");
    }
    println!("{ended_early} runs ended early, {counted_early} of them after a review");
    assert!(counted_early > 0 && counted_early < 15);
    world.stop().await;
}

/// Whoever pays for metrics pays for every value of every dimension.
#[tokio::test]
async fn no_metric_has_a_dimension_that_anybody_can_choose() {
    let (world, lines) = world().await;
    let marked = "canary";
    let fan = world.fan_with(marked, 100).await;
    for key in ["canary-1", "canary-1", "canary-2"] {
        fan.gift(key, "rose").await;
    }
    fan.get("/v1/recharges/rch_canary").await;
    fan.get("/v1/canary").await;
    fan.post("/v1/gifts/send", "canary-3", &json!({"gift_id": marked}))
        .await;
    world.server.relay().await.unwrap();
    let documents = lines.take();
    assert!(documents.len() > 4, "{documents:?}");
    let text = format!("{documents:?}");
    assert!(!text.contains(marked), "{text}");
    let dimensions: BTreeSet<_> = documents.iter().flat_map(rules::dimensions).collect();
    assert_eq!(dimensions, BTreeSet::from(["Code".to_owned()]));
    world.stop().await;
}
