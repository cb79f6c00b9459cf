//! Every call of the gift, of the settlement and of the recharge's start, spoiled in every way
//! that DynamoDB can: after the client's retry all that is stored equals a clean run's.
//!
//! The calls are not listed here: a clean run tells them, so that a new call is spoiled too.
//!
//! `tests/simulation/crash_matrix` does so for everything that anybody may ask for, on the simulated
//! store. These four write money together with something else, and are held on every store, with
//! the mixed reasons for which DynamoDB cancels a transaction.

use recharge_testkit::{
    Answer, Call, Fault, FaultyHttp, Lambda, Snapshot, World, completed_event, gift_body, invoke,
    sign, snapshot,
};
use serde_json::json;

/// One and the same call may be hit more often than the SDK tries: then the client must retry.
const TIMES: [usize; 2] = [1, 3];

fn faults() -> Vec<Fault> {
    // "ConditionalCheckFailed" without an old item, as if somebody else had been faster.
    const REASONS: [&[&str]; 8] = [
        &["TransactionConflict", "None"],
        &["None", "TransactionConflict"],
        &["ThrottlingError", "TransactionConflict"],
        &["ProvisionedThroughputExceeded", "None"],
        &["ConditionalCheckFailed", "TransactionConflict"],
        &["ConditionalCheckFailed", "None"],
        &["ValidationError", "TransactionConflict"],
        &["None", "ItemCollectionSizeLimitExceeded"],
    ];
    let mut faults = vec![
        Fault::Unsent,
        Fault::AnswerLost,
        Fault::ServerError,
        Fault::Throttled,
        Fault::Conflict,
        Fault::Unprocessed,
    ];
    faults.extend(REASONS.into_iter().map(Fault::Cancelled));
    faults
}

/// One call of a use case, spoiled in one way.
pub(crate) struct Case {
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) call: usize,
    pub(crate) fault: Fault,
    pub(crate) times: usize,
}

/// Every fault that can hit each of these calls, once and more often than the SDK tries.
pub(crate) fn cases(calls: &[Call]) -> Vec<Case> {
    let mut cases = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        let faults = faults().into_iter();
        for fault in faults.filter(|fault| fault.applies_to(&call.operation)) {
            for times in TIMES {
                cases.push(Case {
                    number: cases.len() + 1,
                    name: format!("{fault:?} × {times} at call {at}, {}", call.operation),
                    call: at,
                    fault: fault.clone(),
                    times,
                });
            }
        }
    }
    cases
}

/// A use case that a client repeats until it has an answer.
trait Client {
    /// Prepares a world for `user`.
    async fn prepare(&self, world: &World, user: &str);
    /// Asks once.
    async fn ask(&self, lambda: &Lambda, user: &str) -> Answer;
    /// All that is stored of `user`.
    async fn stored(&self, world: &World, user: &str) -> Snapshot;
}

/// Runs the use case cleanly, then once for each call, fault and number of times.
async fn assert_every_fault_heals(client: &impl Client) {
    let world = World::start().await;
    let http = FaultyHttp::default();
    let lambda = world.lambda(&http);
    client.prepare(&world, "clean").await;
    http.reset();
    let clean = client.ask(&lambda, "clean").await;
    assert!((200..300).contains(&clean.status), "{}", clean.body);
    let calls = http.calls();
    let expected = client.stored(&world, "clean").await;
    let (cases, mut retried) = (cases(&calls), 0);
    for Case {
        number,
        name: case,
        call,
        fault,
        times,
    } in &cases
    {
        let user = format!("user-{number}");
        client.prepare(&world, &user).await;
        http.plan(*call, fault.clone(), *times);
        let mut answer = client.ask(&lambda, &user).await;
        assert!(http.struck() > 0, "{case} never struck");
        if !(200..300).contains(&answer.status) {
            // What a client is told must be true: it may send the same again.
            assert_eq!(answer.outcome(), (503, "service_unavailable"), "{case}");
            assert_eq!(answer.body["retryable"], true, "{case}");
            http.reset();
            retried += 1;
            answer = client.ask(&lambda, &user).await;
        }
        assert_eq!(answer.status, clean.status, "{case}: {}", answer.body);
        assert_eq!(client.stored(&world, &user).await, expected, "{case}");
    }
    println!(
        "{} calls, {} cases, {retried} of them retried by the client",
        calls.len(),
        cases.len()
    );
    assert!(
        retried > 0 && retried < cases.len(),
        "some heal by themselves and some do not"
    );
    world.stop().await;
}

struct Gift;

impl Client for Gift {
    async fn prepare(&self, world: &World, user: &str) {
        world.fan_with(user, 100).await;
    }

    async fn ask(&self, lambda: &Lambda, user: &str) -> Answer {
        let body = gift_body("rose").to_string();
        let headers = [("idempotency-key", "k")];
        let request = invoke("POST /v1/gifts/send", user, &headers, &body);
        lambda.gifts().handle(request).await.into()
    }

    async fn stored(&self, world: &World, user: &str) -> Snapshot {
        let partition = format!("USER#{user}");
        let sent = recharge_core::domain::SentGiftId::of(
            &recharge_testkit::user(user),
            &recharge_testkit::key("k"),
        );
        let alike = [
            (sent.to_string(), "<sent gift>"),
            (format!("#{user}"), "#<user>"),
        ];
        snapshot(
            world.server.dynamodb(),
            &world.table(),
            &[partition],
            &alike,
        )
        .await
    }
}

#[tokio::test]
async fn a_gift_heals_from_every_fault_at_every_call() {
    assert_every_fault_heals(&Gift).await;
}

/// A refused gift reads more than one that succeeds; a replay is refused at first, too.
struct Replay;

impl Client for Replay {
    async fn prepare(&self, world: &World, user: &str) {
        world.fan_with(user, 1).await;
        let clean = world.lambda(&FaultyHttp::default());
        assert_eq!(Gift.ask(&clean, user).await.status, 201);
    }

    async fn ask(&self, lambda: &Lambda, user: &str) -> Answer {
        Gift.ask(lambda, user).await
    }

    async fn stored(&self, world: &World, user: &str) -> Snapshot {
        Gift.stored(world, user).await
    }
}

#[tokio::test]
async fn a_replay_from_an_emptied_wallet_heals_from_every_fault_at_every_call() {
    assert_every_fault_heals(&Replay).await;
}

/// What is stored of a user with one recharge, whose session the simulator named.
async fn stored_recharge(world: &World, user: &str) -> Snapshot {
    let id = recharge_core::domain::RechargeId::of(
        &recharge_testkit::user(user),
        &recharge_testkit::key("k"),
    );
    let ledger = world.ledger();
    let recharge = recharge_core::app::ports::Recharges::recharge(&ledger, &id)
        .await
        .unwrap();
    let (session, intent) = recharge
        .map(|recharge| (recharge.session, recharge.payment_intent))
        .unwrap_or_default();
    let session = session.map_or_else(|| "no session".to_owned(), String::from);
    let intent = intent.map_or_else(|| session.replacen("cs_", "pi_", 1), String::from);
    let partitions = [
        format!("USER#{user}"),
        format!("QUOTA#{user}"),
        format!("RECHARGE#{id}"),
        format!("STRIPE#{intent}"),
    ];
    let alike = [
        (id.to_string(), "<recharge>"),
        (intent, "<payment intent>"),
        (session, "<session>"),
        (format!("\"{user}\""), "<user>"),
        (format!("#{user}"), "#<user>"),
    ];
    snapshot(world.server.dynamodb(), &world.table(), &partitions, &alike).await
}

struct Start;

impl Client for Start {
    async fn prepare(&self, world: &World, _: &str) {
        world.server.stripe().set_hold(true);
    }

    async fn ask(&self, lambda: &Lambda, user: &str) -> Answer {
        let body = json!({"package_id": "coins_70", "currency": "usd", "terms_version": lambda.setting("TERMS_VERSION")});
        let headers = [("idempotency-key", "k")];
        let request = invoke("POST /v1/recharges", user, &headers, &body.to_string());
        lambda.recharges().handle(request).await.into()
    }

    async fn stored(&self, world: &World, user: &str) -> Snapshot {
        stored_recharge(world, user).await
    }
}

#[tokio::test]
async fn a_recharges_start_heals_from_every_fault_at_every_call() {
    assert_every_fault_heals(&Start).await;
}

struct Settlement;

impl Client for Settlement {
    async fn prepare(&self, world: &World, user: &str) {
        Start.prepare(world, user).await;
        let clean = world.lambda(&FaultyHttp::default());
        let started = Start.ask(&clean, user).await;
        assert_eq!(started.status, 201, "{}", started.body);
    }

    async fn ask(&self, lambda: &Lambda, user: &str) -> Answer {
        // The session is replayed from the row: this asks neither Stripe nor the simulator.
        let clean = lambda.without_faults();
        let started = Start.ask(&clean, user).await;
        let session = started.checkout_session();
        let recharge = started.body["id"].as_str().unwrap();
        let event = completed_event(
            recharge,
            session,
            started.number("/price/amount"),
            lambda.now(),
        );
        let (body, now) = (event.to_string(), lambda.now());
        let signature = sign(&body, "whsec_local", now);
        let headers = [("stripe-signature", signature.as_str())];
        let request = invoke("POST /v1/stripe/webhook", "stripe", &headers, &body);
        lambda.webhook().handle(request).await.into()
    }

    async fn stored(&self, world: &World, user: &str) -> Snapshot {
        stored_recharge(world, user).await
    }
}

#[tokio::test]
async fn a_settlement_heals_from_every_fault_at_every_call() {
    assert_every_fault_heals(&Settlement).await;
}
