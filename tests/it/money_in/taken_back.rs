//! Refunds and disputes that come before the coins, and those that come after.

use super::*;

impl Purchase {
    async fn charge(&self, world: &World, what: &str, body: Value) -> Value {
        let intent = self.payment_intent(world).await;
        stripe(world, &format!("/charges/{intent}/{what}"), body).await
    }
}

/// The roads on which Stripe is asked; a webhook is one of them once it is five minutes old.
async fn tell_late(purchase: &Purchase, world: &World, road: Road) {
    if road == Road::Webhook {
        world.server.clock().advance(Duration::from_secs(301));
    }
    purchase.tell(world, road).await;
}

#[tokio::test]
async fn what_was_refunded_whole_before_its_settlement_is_not_settled() {
    let world = world().await;
    for road in ROADS {
        let name = format!("{road:?}");
        let purchase = Purchase::paid(&world, &name).await;
        purchase.charge(&world, "refund", json!({})).await;
        tell_late(&purchase, &world, road).await;
        purchase.assert_stays(&world, "refunded", 0, &name).await;
    }
    world.stop().await;
}

#[tokio::test]
async fn what_was_refunded_in_part_before_its_settlement_is_netted() {
    let world = world().await;
    for road in ROADS {
        let name = format!("{road:?}");
        let purchase = Purchase::paid(&world, &name).await;
        // 70 coins for 99 cents: 33 of them are worth 23.3 coins, rounded up.
        purchase
            .charge(&world, "refund", json!({"amount": 33}))
            .await;
        tell_late(&purchase, &world, road).await;
        assert_eq!(purchase.coins, 70);
        purchase
            .assert_stays(&world, "partially_refunded", 70 - 24, &name)
            .await;
    }
    world.stop().await;
}

#[tokio::test]
async fn what_is_disputed_before_its_settlement_waits_for_the_end_of_the_dispute() {
    let world = world().await;
    for road in ROADS {
        for (outcome, status) in [("won", "settled"), ("lost", "disputed")] {
            let name = format!("{road:?}-{outcome}");
            let purchase = Purchase::paid(&world, &name).await;
            purchase.charge(&world, "dispute", json!({})).await;
            tell_late(&purchase, &world, road).await;
            purchase.assert_ends("disputed", 0, &name).await;
            let body = json!({ "outcome": outcome });
            purchase.charge(&world, "dispute/close", body).await;
            purchase.tell(&world, road).await;
            let coins = if outcome == "won" { purchase.coins } else { 0 };
            purchase.assert_stays(&world, status, coins, &name).await;
        }
    }
    world.stop().await;
}

/// The refund's event comes first, the payment's within its five minutes: what is kept on the
/// row is what nets it.
#[tokio::test]
async fn a_refund_that_is_told_before_its_payment_is_kept_and_netted() {
    use recharge_core::{
        app::ports::Recharges,
        domain::{Recharge, RechargeStatus},
    };
    let world = world().await;
    for (amount, status, coins) in [(33, "partially_refunded", 46), (99, "refunded", 0)] {
        let purchase = Purchase::start(&world, &format!("fan{amount}")).await;
        // As after a crash, so that the refund cannot find the session through the row.
        let (ledger, id) = (world.ledger(), purchase.id.as_str().try_into().unwrap());
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
        purchase.pay(&world, "succeed").await;
        purchase
            .charge(&world, "refund", json!({"amount": amount}))
            .await;
        let mut events = stripe_get(&world, "/events?limit=100").await["data"]
            .as_array()
            .unwrap()
            .clone();
        let mut take = |kind: &str| {
            let position = events.iter().position(|event| event["type"] == kind);
            events.remove(position.unwrap())
        };
        let refund = take("refund.created");
        let paid = take("checkout.session.completed");
        for (event, outcome) in [(refund, "noted"), (paid, "")] {
            let heard = say(&world, &event).await;
            assert_eq!(heard.status, 200, "{}", heard.body);
            if !outcome.is_empty() {
                assert_eq!(heard.body["outcome"], outcome);
            }
        }
        purchase
            .assert_stays(&world, status, coins, "refund first")
            .await;
    }
    world.stop().await;
}

async fn say(world: &World, event: &Value) -> Answer {
    let body = event.to_string();
    let now = recharge_core::app::Clock::now(world.server.clock()).as_second();
    let signature = recharge_testkit::sign(&body, "whsec_local", now);
    let request = world
        .api
        .request(reqwest::Method::POST, "/v1/stripe/webhook")
        .header("content-type", "application/json")
        .header("stripe-signature", signature);
    Answer::read(request.body(body).send().await.unwrap()).await
}

#[tokio::test]
async fn a_refund_that_failed_gives_the_coins_back_their_due() {
    let world = world().await;
    let purchase = Purchase::paid(&world, "alice").await;
    let refund = purchase.charge(&world, "refund", json!({})).await;
    purchase.tell(&world, Road::Sync).await;
    purchase.assert_ends("refunded", 0, "refunded").await;
    let id = refund["id"].as_str().unwrap();
    stripe(&world, &format!("/refunds/{id}/fail"), json!({})).await;
    purchase.tell(&world, Road::Webhook).await;
    let coins = purchase.coins;
    purchase
        .assert_stays(&world, "settled", coins, "the refund failed")
        .await;
    world.stop().await;
}

#[tokio::test]
async fn what_is_taken_back_after_the_settlement_is_kept_on_the_recharge() {
    let world = world().await;
    for (what, body, status) in [
        ("refund", json!({}), "refunded"),
        ("refund", json!({"amount": 33}), "partially_refunded"),
        ("dispute", json!({}), "disputed"),
    ] {
        let name = format!("{status}-fan");
        let purchase = Purchase::paid(&world, &name).await;
        purchase.tell(&world, Road::Webhook).await;
        purchase.charge(&world, what, body).await;
        purchase.tell(&world, Road::Webhook).await;
        // Its coins are taken back by a reversal, which is another matter.
        let coins = purchase.coins;
        purchase.assert_stays(&world, status, coins, &name).await;
    }
    world.stop().await;
}
