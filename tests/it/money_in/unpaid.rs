//! Payments that were not made.

use super::*;

#[tokio::test]
async fn a_declined_card_leaves_the_recharge_open_and_can_be_tried_again() {
    let world = world().await;
    for road in ROADS {
        let name = format!("{road:?}");
        let purchase = Purchase::start(&world, &name).await;
        purchase.pay(&world, "decline").await;
        purchase.tell(&world, road).await;
        purchase.assert_ends("open", 0, &name).await;
        purchase.pay(&world, "succeed").await;
        purchase.tell(&world, road).await;
        let coins = purchase.coins;
        purchase.assert_stays(&world, "settled", coins, &name).await;
    }
    world.stop().await;
}

#[tokio::test]
async fn a_cancelled_checkout_leaves_the_recharge_open() {
    let world = world().await;
    let purchase = Purchase::start(&world, "alice").await;
    purchase.pay(&world, "cancel").await;
    for road in ROADS {
        purchase.tell(&world, road).await;
    }
    purchase.assert_ends("open", 0, "cancelled").await;
    world.stop().await;
}

#[tokio::test]
async fn an_expired_session_is_shown_on_every_road() {
    let world = world().await;
    for road in ROADS {
        let name = format!("{road:?}");
        let purchase = Purchase::start(&world, &name).await;
        let path = format!(
            "/stripe-sim/v1/checkout/sessions/{}/expire",
            purchase.session
        );
        let request = world.api.request(reqwest::Method::POST, &path);
        let expired = request.bearer_auth("sk_test_x").send().await.unwrap();
        assert_eq!(expired.status(), 200);
        purchase.tell(&world, road).await;
        purchase.assert_stays(&world, "expired", 0, &name).await;
    }
    world.stop().await;
}
