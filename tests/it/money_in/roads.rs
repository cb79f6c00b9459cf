//! A card that is paid, on every road, in any company.

use stripe_sim::Outage;

use super::*;
use crate::support::sessions;

#[tokio::test]
async fn a_paid_card_is_settled_on_every_road_once() {
    let world = world().await;
    for road in ROADS {
        let name = format!("{road:?}");
        let purchase = Purchase::paid(&world, &name).await;
        purchase.assert_ends("open", 0, &name).await;
        purchase.tell(&world, road).await;
        let coins = purchase.coins;
        purchase.assert_stays(&world, "settled", coins, &name).await;
    }
    world.stop().await;
}

#[tokio::test]
async fn all_roads_at_once_settle_once() {
    let world = world().await;
    for round in 0..5 {
        let purchase = Purchase::paid(&world, &format!("fan{round}")).await;
        world.server.clock().advance(Duration::from_secs(61));
        let (synced, delivered, first, second) = tokio::join!(
            purchase.sync(),
            world.api.post("/stripe-sim/deliver", &Value::Null),
            world.server.reconcile(),
            world.server.reconcile(),
        );
        assert_eq!((synced.status, delivered.status), (200, 200));
        first.unwrap();
        second.unwrap();
        let why = format!("round {round}");
        let coins = purchase.coins;
        purchase.assert_ends("settled", coins, &why).await;
        assert_eq!(purchase.fan.statement(20).await.len(), 1, "{why}");
    }
    world.stop().await;
}

#[tokio::test]
async fn the_reconciler_leaves_the_first_minute_to_the_webhook() {
    let world = world().await;
    let purchase = Purchase::paid(&world, "alice").await;
    world.server.clock().advance(Duration::from_secs(55));
    let report = world.server.reconcile().await.unwrap();
    assert_eq!((report.credited, report.looked_at > 0), (0, true));
    purchase.assert_ends("open", 0, "the webhook's turn").await;
    purchase.tell(&world, Road::Reconcile).await;
    let coins = purchase.coins;
    purchase.assert_ends("settled", coins, "its own turn").await;
    world.stop().await;
}

#[tokio::test]
async fn a_recharge_is_synced_once_in_two_seconds_and_a_refusal_changes_nothing() {
    let world = world().await;
    let purchase = Purchase::start(&world, "alice").await;
    assert_eq!(purchase.sync().await.status, 200);
    purchase.pay(&world, "succeed").await;
    let before = crate::support::stored(&world).await;
    let refused = purchase.sync().await;
    assert_eq!(refused.outcome(), (429, "rate_limited"));
    assert_eq!(refused.headers["retry-after"], "2");
    assert_eq!(refused.body["retryable"], true);
    before.assert_kept(&world, "a refused sync").await;
    world.server.clock().advance(Duration::from_secs(2));
    let synced = purchase.sync().await;
    assert_eq!(synced.body["status"], "settled", "{}", synced.body);
    world.stop().await;
}

#[tokio::test]
async fn a_recharge_of_somebody_else_or_of_nobody_is_not_synced() {
    let world = world().await;
    let purchase = Purchase::paid(&world, "alice").await;
    let before = crate::support::stored(&world).await;
    let bob = world.fan("bob");
    for id in [
        purchase.id.as_str(),
        "rch_0",
        "%20",
        "x".repeat(65).as_str(),
    ] {
        let request = bob.request(reqwest::Method::POST, &format!("/v1/recharges/{id}/sync"));
        let answer = Answer::read(request.send().await.unwrap()).await;
        assert_eq!(answer.outcome(), (404, "recharge_not_found"), "{id}");
    }
    let path = format!("/v1/recharges/{}/sync", purchase.id);
    let answer = world.api.post(&path, &Value::Null).await;
    assert_eq!(answer.outcome(), (401, "unauthenticated"));
    before.assert_kept(&world, "a sync by others").await;
    world.stop().await;
}

/// What crashed between Stripe's answer and ours: the row was never updated.
#[tokio::test]
async fn a_session_that_the_row_never_heard_of_is_adopted() {
    let world = world().await;
    for road in [Road::Webhook, Road::Reconcile] {
        let name = format!("{road:?}");
        let purchase = Purchase::start(&world, &name).await;
        forget_session(&world, &purchase.id).await;
        purchase.pay(&world, "succeed").await;
        // It has no session to ask about.
        purchase.tell(&world, Road::Sync).await;
        purchase.assert_ends("created", 0, &name).await;
        purchase.tell(&world, road).await;
        let coins = purchase.coins;
        purchase.assert_stays(&world, "settled", coins, &name).await;
    }
    world.stop().await;
}

/// Takes the recharge back to where it was before Stripe's answer was stored.
async fn forget_session(world: &World, id: &str) {
    use recharge_core::{
        app::ports::Recharges,
        domain::{Recharge, RechargeStatus},
    };
    let (ledger, id) = (world.ledger(), id.try_into().unwrap());
    let opened = ledger.recharge(&id).await.unwrap().unwrap();
    let crashed = Recharge {
        session: None,
        status: RechargeStatus::Created,
        version: opened.version + 1,
        ..opened.clone()
    };
    ledger
        .save_recharge(opened.version, &crashed)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_outage_of_stripe_is_told_and_nothing_is_lost() {
    let world = world().await;
    let simulator = world.server.stripe();
    for outage in [Outage::Error500, Outage::ClosedBefore, Outage::ClosedAfter] {
        let why = format!("{outage:?}");
        let purchase = Purchase::paid(&world, &format!("alice-{why}")).await;
        world.server.clock().advance(Duration::from_secs(61));
        simulator.set_outage(Some(outage));
        let refused = purchase.sync().await;
        assert_eq!(refused.outcome(), (503, "service_unavailable"), "{why}");
        assert!(world.server.reconcile().await.is_err(), "no list: {why}");
        let page = world.api.get(&format!("/return/{}", purchase.id)).await;
        assert_eq!(page.status, 200, "so soon after the sync it only reads");
        purchase.assert_ends("open", 0, &why).await;
        // A recharge that is asked for meanwhile: its key opens one session in the end.
        let bob = world.fan(&format!("bob-{why}"));
        let refused = bob.recharge("r", "coins_70").await;
        assert_eq!(refused.outcome(), (503, "service_unavailable"), "{why}");

        simulator.set_outage(None);
        let started = bob.recharge("r", "coins_70").await;
        assert_eq!(started.status, 201, "{why}: {}", started.body);
        assert_eq!(sessions_of(&world, &started).await, 1, "{why}");
        purchase.tell(&world, Road::Sync).await;
        let coins = purchase.coins;
        purchase.assert_stays(&world, "settled", coins, &why).await;
    }
    world.stop().await;
}

/// How many sessions Stripe has for a recharge.
async fn sessions_of(world: &World, started: &Answer) -> usize {
    let all = sessions(&world.api).await;
    let of_it = |session: &&Value| session["client_reference_id"] == started.body["id"];
    all.iter().filter(of_it).count()
}
