//! Payments that are not as we asked for: a person must look, and nothing is kept or dropped
//! in silence.

use super::*;

/// Opens another session at the simulator that names the recharge, as nobody of ours does.
async fn foreign_session(
    world: &World,
    purchase: &Purchase,
    amount: i64,
    currency: &str,
) -> String {
    let form = [
        ("mode", "payment".to_owned()),
        ("success_url", "https://example.com/".to_owned()),
        ("line_items[0][quantity]", "1".to_owned()),
        ("line_items[0][price_data][currency]", currency.to_owned()),
        ("line_items[0][price_data][unit_amount]", amount.to_string()),
        (
            "line_items[0][price_data][product_data][name]",
            "x".to_owned(),
        ),
        ("metadata[recharge_id]", purchase.id.clone()),
        (
            "payment_intent_data[metadata][recharge_id]",
            purchase.id.clone(),
        ),
    ];
    let body: Vec<String> = form
        .iter()
        .map(|(name, value)| {
            let name = name.replace('[', "%5B").replace(']', "%5D");
            format!("{name}={}", value.replace(':', "%3A").replace('/', "%2F"))
        })
        .collect();
    let request = world
        .api
        .request(reqwest::Method::POST, "/stripe-sim/v1/checkout/sessions")
        .bearer_auth("sk_test_x")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.join("&"));
    let answer = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

async fn pay(world: &World, session: &str) {
    let path = format!("/checkout/{session}/pay");
    stripe(world, &path, json!({"outcome": "succeed"})).await;
}

async fn reviews(world: &World) -> usize {
    crate::support::stored(world).await.count_of("REVIEW#")
}

#[tokio::test]
async fn a_second_paid_session_is_put_before_a_person_and_the_first_is_settled_once() {
    let world = world().await;
    for (count, road) in [Road::Webhook, Road::Reconcile].into_iter().enumerate() {
        let name = format!("{road:?}");
        let purchase = Purchase::paid(&world, &name).await;
        let second = foreign_session(&world, &purchase, 99, "usd").await;
        pay(&world, &second).await;
        purchase.tell(&world, road).await;
        let coins = purchase.coins;
        purchase.assert_stays(&world, "settled", coins, &name).await;
        assert_eq!(reviews(&world).await, count + 1, "{name}");
    }
    world.stop().await;
}

#[tokio::test]
async fn another_amount_or_currency_needs_a_review_and_the_own_session_still_settles() {
    let world = world().await;
    let mut count = 0;
    for road in [Road::Webhook, Road::Reconcile] {
        for (amount, currency) in [(98, "usd"), (100, "usd"), (99, "jpy")] {
            let name = format!("{road:?}-{amount}-{currency}");
            let purchase = Purchase::start(&world, &name).await;
            let foreign = foreign_session(&world, &purchase, amount, currency).await;
            pay(&world, &foreign).await;
            purchase.tell(&world, road).await;
            purchase.assert_ends("needs_review", 0, &name).await;
            count += 1;
            assert_eq!(reviews(&world).await, count, "{name}");
            purchase.pay(&world, "succeed").await;
            purchase.tell(&world, road).await;
            let coins = purchase.coins;
            purchase.assert_stays(&world, "settled", coins, &name).await;
            assert_eq!(reviews(&world).await, count, "{name}: listed once");
        }
    }
    world.stop().await;
}

/// The refund of the payment that was too much must not be taken for one of the coins.
#[tokio::test]
async fn the_refund_of_a_second_payment_leaves_the_settled_one_alone() {
    let world = world().await;
    let purchase = Purchase::paid(&world, "alice").await;
    purchase.tell(&world, Road::Webhook).await;
    let second = foreign_session(&world, &purchase, 99, "usd").await;
    pay(&world, &second).await;
    purchase.tell(&world, Road::Webhook).await;
    let session = stripe_get(&world, &format!("/checkout/sessions/{second}")).await;
    let intent = session["payment_intent"].as_str().unwrap();
    stripe(&world, &format!("/charges/{intent}/refund"), json!({})).await;
    let coins = purchase.coins;
    purchase
        .assert_stays(&world, "settled", coins, "the other one")
        .await;
    world.stop().await;
}
