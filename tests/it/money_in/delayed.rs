//! Methods that take days.

use super::*;

#[tokio::test]
async fn a_delayed_payment_waits_and_then_settles_or_fails_on_every_road() {
    let world = world().await;
    for waits in ROADS {
        for ends in ROADS {
            for (outcome, status) in [("succeed", "settled"), ("fail", "failed")] {
                let name = format!("{waits:?}-{ends:?}-{outcome}");
                let purchase = Purchase::start(&world, &name).await;
                purchase.pay(&world, "delayed").await;
                purchase.tell(&world, waits).await;
                purchase.assert_ends("processing", 0, &name).await;
                purchase.resolve(&world, outcome).await;
                purchase.tell(&world, ends).await;
                let coins = if outcome == "succeed" {
                    purchase.coins
                } else {
                    0
                };
                purchase.assert_stays(&world, status, coins, &name).await;
            }
        }
    }
    world.stop().await;
}

/// The reconciler's watermark does not wait for them, and they are not forgotten either.
#[tokio::test]
async fn a_payment_that_takes_ten_days_is_settled_by_the_reconciler_alone() {
    let world = world().await;
    let purchase = Purchase::start(&world, "alice").await;
    purchase.pay(&world, "delayed").await;
    for _day in 0..10 {
        world.server.clock().advance(Duration::from_secs(86_400));
        world.server.reconcile().await.unwrap();
    }
    purchase
        .assert_ends("processing", 0, "ten days later")
        .await;
    purchase.resolve(&world, "succeed").await;
    world.server.clock().advance(Duration::from_secs(3_600));
    world.server.reconcile().await.unwrap();
    let coins = purchase.coins;
    purchase
        .assert_stays(&world, "settled", coins, "in the end")
        .await;
    world.stop().await;
}

/// An API key of another account: what it does not know is not finished.
#[tokio::test]
async fn what_waits_is_not_forgotten_because_stripe_does_not_know_it() {
    let (world, elsewhere) = (world().await, World::start().await);
    let purchase = Purchase::start(&world, "alice").await;
    purchase.pay(&world, "delayed").await;
    let day = Duration::from_secs(86_400);
    for _day in 0..2 {
        world.server.clock().advance(day);
        world.server.reconcile().await.unwrap();
    }
    let other_account = format!("{}/stripe-sim", elsewhere.server.base_url());
    let lambda = world.lambda(&FaultyHttp::default());
    let wrong = lambda.with_setting("STRIPE_API_BASE", other_account);
    world.server.clock().advance(day);
    let report = wrong.reconcile().run().await.unwrap();
    assert_eq!((report.looked_at, report.failed), (0, 1), "and it is told");

    purchase.resolve(&world, "succeed").await;
    world.server.clock().advance(day);
    world.server.reconcile().await.unwrap();
    let coins = purchase.coins;
    purchase
        .assert_stays(&world, "settled", coins, "with the right key again")
        .await;
    world.stop().await;
    elsewhere.stop().await;
}

#[tokio::test]
async fn events_in_any_order_end_in_the_same() {
    for seed in 1..=12_u64 {
        let world = world().await;
        println!("seed {seed}");
        let body = json!({"shuffle": true, "duplicates": 2});
        let put = world
            .api
            .request(reqwest::Method::PUT, "/stripe-sim/delivery");
        let set = Answer::read(put.json(&body).send().await.unwrap()).await;
        assert_eq!(set.status, 200, "{}", set.body);
        let (succeeds, fails) = (
            Purchase::start(&world, "succeeds").await,
            Purchase::start(&world, "fails").await,
        );
        for (purchase, outcome) in [(&succeeds, "succeed"), (&fails, "fail")] {
            purchase.pay(&world, "delayed").await;
            purchase.resolve(&world, outcome).await;
        }
        stripe(&world, "/deliver", Value::Null).await;
        let coins = succeeds.coins;
        succeeds.assert_ends("settled", coins, "shuffled").await;
        fails.assert_ends("failed", 0, "shuffled").await;
        world.stop().await;
    }
}
