//! The other roads to a settlement, what is noted after one, and the brakes.

use std::time::Duration;

use recharge_core::domain::RechargeId;
use recharge_testkit::invoke_at;

use super::*;

/// The id of the recharge that `user` started.
fn recharge_of(user: &str) -> RechargeId {
    let (user, key) = (recharge_testkit::user(user), recharge_testkit::key("k"));
    RechargeId::of(&user, &key)
}

/// What Stripe calls the session and the payment of that recharge.
async fn at_stripe(world: &World, user: &str) -> (String, String) {
    let ledger = world.ledger();
    let found = recharge_core::app::ports::Recharges::recharge(&ledger, &recharge_of(user)).await;
    let recharge = found.unwrap().unwrap();
    let session = recharge.session.unwrap().to_string();
    let path = format!("/stripe-sim/v1/checkout/sessions/{session}");
    let read = world.api.request(reqwest::Method::GET, &path);
    let read = read.bearer_auth("sk_test_x").send().await.unwrap();
    let body = Answer::read(read).await.body;
    (
        session,
        body["payment_intent"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    )
}

/// Starts and pays a recharge; nobody has told us yet.
async fn paid(world: &World, user: &str) {
    Settlement.prepare(world, user).await;
    let (session, _) = at_stripe(world, user).await;
    let path = format!("/stripe-sim/checkout/{session}/pay");
    let paid = world.api.post(&path, &json!({"outcome": "succeed"})).await;
    assert_eq!(paid.status, 200, "{}", paid.body);
}

struct Sync;

impl Client for Sync {
    async fn prepare(&self, world: &World, user: &str) {
        paid(world, user).await;
    }

    async fn ask(&self, lambda: &Lambda, user: &str) -> Answer {
        // A client waits for its turn.
        lambda.advance(Duration::from_secs(2));
        let id = recharge_of(user);
        let request = invoke_at("POST /v1/recharges/{id}/sync", id.as_str(), user, "");
        lambda.recharges().handle(request).await.into()
    }

    async fn stored(&self, world: &World, user: &str) -> Snapshot {
        stored_recharge(world, user).await
    }
}

#[tokio::test]
async fn a_sync_heals_from_every_fault_at_every_call() {
    assert_every_fault_heals(&Sync).await;
}

/// A refund after the settlement: noted on the recharge.
struct Refund;

impl Client for Refund {
    async fn prepare(&self, world: &World, user: &str) {
        paid(world, user).await;
        let clean = world.lambda(&FaultyHttp::default());
        assert_eq!(Sync.ask(&clean, user).await.status, 200);
        let (_, intent) = at_stripe(world, user).await;
        let path = format!("/stripe-sim/charges/{intent}/refund");
        let refunded = world.api.post(&path, &json!({"amount": 33})).await;
        assert_eq!(refunded.status, 200, "{}", refunded.body);
    }

    async fn ask(&self, lambda: &Lambda, user: &str) -> Answer {
        let intent = lambda
            .without_faults()
            .payment_intent(&recharge_of(user))
            .await;
        let event = json!({
            "id": "evt_refund", "object": "event", "type": "refund.created", "created": lambda.now(),
            "data": {"object": {"id": "re_1", "object": "refund", "payment_intent": intent}},
        });
        let body = event.to_string();
        let signature = sign(&body, "whsec_local", lambda.now());
        let headers = [("stripe-signature", signature.as_str())];
        let request = invoke("POST /v1/stripe/webhook", "stripe", &headers, &body);
        lambda.webhook().handle(request).await.into()
    }

    async fn stored(&self, world: &World, user: &str) -> Snapshot {
        stored_recharge(world, user).await
    }
}

#[tokio::test]
async fn a_note_of_a_refund_heals_from_every_fault_at_every_call() {
    assert_every_fault_heals(&Refund).await;
}

/// Limits and a freeze: one write without an entry.
struct Limits;

impl Client for Limits {
    async fn prepare(&self, world: &World, user: &str) {
        world.fan_with(user, 100).await;
    }

    async fn ask(&self, lambda: &Lambda, user: &str) -> Answer {
        let body = json!({"daily_coins": 5}).to_string();
        let request = invoke("PUT /v1/wallet/limits", user, &[], &body);
        lambda.wallet().handle(request).await.into()
    }

    async fn stored(&self, world: &World, user: &str) -> Snapshot {
        Gift.stored(world, user).await
    }
}

#[tokio::test]
async fn limits_heal_from_every_fault_at_every_call() {
    assert_every_fault_heals(&Limits).await;
}

/// Three runs of a minute each: what the first could not do, the next ones must.
#[tokio::test]
async fn the_reconciler_heals_from_every_fault_at_every_call() {
    let world = World::start().await;
    let http = FaultyHttp::default();
    let lambda = world.lambda(&http);
    paid(&world, "clean").await;
    lambda.advance(Duration::from_secs(61));
    http.reset();
    lambda.reconcile().run().await.unwrap();
    let calls = http.calls();
    let expected = stored_recharge(&world, "clean").await;
    // Every case adds a settled session to the list, of which each run reads the row: the calls
    // of the new one come in the same order, but not at the same place. So all calls of its kind
    // are spoiled, one after the other, from the first.
    let (mut cases, mut failed) = (0, 0);
    for fault in faults() {
        for number in 0..calls.len() {
            let applies = |at: usize| fault.applies_to(&calls[at].operation);
            if !applies(number) {
                continue;
            }
            cases += 1;
            let user = format!("user-{cases}");
            paid(&world, &user).await;
            lambda.advance(Duration::from_secs(61));
            http.plan(number, fault.clone(), 3);
            let case = format!("{fault:?} at call {number}");
            failed += usize::from(
                !matches!(lambda.reconcile().run().await, Ok(report) if report.failed == 0),
            );
            http.reset();
            for _run in 0..2 {
                lambda.advance(Duration::from_secs(3_600));
                lambda.reconcile().run().await.unwrap();
            }
            assert_eq!(stored_recharge(&world, &user).await, expected, "{case}");
        }
    }
    println!(
        "{} calls, {cases} cases, {failed} runs that met an outage",
        calls.len()
    );
    assert!(failed > 0 && failed < cases);
    world.stop().await;
}
