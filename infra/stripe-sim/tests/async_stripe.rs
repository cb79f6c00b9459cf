//! Stripe's objects as a strict client reads them: async-stripe fails on a missing or mistyped field.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::collections::HashMap;

use stripe::{
    ApiErrorsType, Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError,
    StripeRequest,
};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionPaymentIntentData, ExpireCheckoutSession, ListCheckoutSession,
    ProductData, RetrieveCheckoutSession,
};
use stripe_checkout::{
    CheckoutSessionMode, CheckoutSessionPaymentStatus, CheckoutSessionStatus, CheckoutSessionUiMode,
};
use stripe_shared::{ChargeStatus, Dispute, DisputeStatus, PaymentIntentStatus, Refund};
use stripe_sim::{Outcome, Resolution, Simulator, SimulatorConfig, Verdict};
use tokio::net::TcpListener;

async fn start() -> (Simulator, Client) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let simulator = Simulator::start(SimulatorConfig::new(base.clone()))
        .await
        .unwrap();
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    // The crate appends `v1/…` to this address.
    let client = ClientBuilder::new("sk_test_1")
        .url(format!("{base}/stripe-sim/"))
        .build()
        .unwrap();
    (simulator, client)
}

fn creation(unit_amount: i64) -> CreateCheckoutSession {
    creation_in("usd", unit_amount)
}

fn creation_in(currency: &str, unit_amount: i64) -> CreateCheckoutSession {
    let price = CreateCheckoutSessionLineItemsPriceData {
        currency: currency.parse().unwrap(),
        product: None,
        product_data: Some(ProductData::new("100 coins")),
        recurring: None,
        tax_behavior: None,
        unit_amount: Some(unit_amount),
        unit_amount_decimal: None,
    };
    let mut line = CreateCheckoutSessionLineItems::new();
    line.price_data = Some(price);
    line.quantity = Some(1);
    let metadata = HashMap::from([("recharge".to_owned(), "rch_1".to_owned())]);
    let mut intent = CreateCheckoutSessionPaymentIntentData::new();
    intent.metadata = Some(metadata.clone());
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .line_items(vec![line])
        .success_url("http://shop.test/done")
        .cancel_url("http://shop.test/back")
        .client_reference_id("rch_1")
        .customer_email("fan@example.com")
        .metadata(metadata)
        .payment_intent_data(intent)
}

#[tokio::test]
async fn sessions_payment_intents_and_charges_are_read_whole() {
    let (simulator, client) = start().await;
    let session = creation(499)
        .expand(vec!["line_items".into()])
        .send(&client)
        .await
        .unwrap();
    assert_eq!(session.status, Some(CheckoutSessionStatus::Open));
    assert_eq!(session.payment_status, CheckoutSessionPaymentStatus::Unpaid);
    assert_eq!(session.ui_mode, Some(CheckoutSessionUiMode::HostedPage));
    assert_eq!(session.amount_total, Some(499));
    assert!(session.payment_intent.is_none() && session.url.is_some());
    let lines = session.line_items.unwrap();
    assert_eq!(
        lines
            .data
            .first()
            .unwrap()
            .price
            .as_ref()
            .unwrap()
            .unit_amount,
        Some(499)
    );

    for outcome in [Outcome::Decline, Outcome::Succeed] {
        simulator.pay(session.id.as_str(), outcome).unwrap();
        let retrieve = RetrieveCheckoutSession::new(session.id.clone())
            .expand(vec!["payment_intent.latest_charge".into()]);
        let paid = retrieve.send(&client).await.unwrap();
        let intent = paid.payment_intent.unwrap().into_object().unwrap();
        assert_eq!(intent.amount, 499);
        assert_eq!(
            intent.metadata.get("recharge").map(String::as_str),
            Some("rch_1")
        );
        assert_eq!(
            intent.last_payment_error.is_some(),
            outcome == Outcome::Decline
        );
        let charge = intent.latest_charge.unwrap().into_object().unwrap();
        assert_eq!(
            (charge.amount, charge.paid),
            (499, outcome == Outcome::Succeed)
        );
        assert!(charge.payment_method_details.unwrap().card.is_some());
    }
}

#[tokio::test]
async fn lists_and_expiry_are_read() {
    let (_simulator, client) = start().await;
    let first = creation(499).send(&client).await.unwrap();
    let second = creation(999).send(&client).await.unwrap();
    let page = ListCheckoutSession::new()
        .limit(1)
        .send(&client)
        .await
        .unwrap();
    assert!(page.has_more);
    assert_eq!(page.data.first().unwrap().id, second.id);
    let next = ListCheckoutSession::new()
        .starting_after(second.id.as_str())
        .send(&client)
        .await
        .unwrap();
    assert_eq!(next.data.first().unwrap().id, first.id);
    let expired = ExpireCheckoutSession::new(first.id)
        .send(&client)
        .await
        .unwrap();
    assert_eq!(expired.status, Some(CheckoutSessionStatus::Expired));
    assert!(expired.url.is_none());
}

#[tokio::test]
async fn errors_and_idempotency_are_understood() {
    let (_simulator, client) = start().await;
    let strategy = || RequestStrategy::Idempotent(IdempotencyKey::new("k").unwrap());
    let first = creation(499)
        .customize()
        .request_strategy(strategy())
        .send(&client)
        .await
        .unwrap();
    let again = creation(499)
        .customize()
        .request_strategy(strategy())
        .send(&client)
        .await
        .unwrap();
    assert_eq!(first.id, again.id);
    let other = creation(999)
        .customize()
        .request_strategy(strategy())
        .send(&client)
        .await;
    let Err(StripeError::Stripe(error, 400)) = other else {
        panic!("an error of Stripe was expected")
    };
    assert_eq!(error.type_, ApiErrorsType::IdempotencyError);
    let small = creation(1).send(&client).await;
    let Err(StripeError::Stripe(error, 400)) = small else {
        panic!("an error of Stripe was expected")
    };
    assert_eq!(
        error.code.map(|code| code.to_string()),
        Some("amount_too_small".into())
    );
}

#[tokio::test]
async fn delayed_payments_are_read_in_every_state() {
    let (simulator, client) = start().await;
    for currency in ["usd", "eur", "gbp", "brl", "jpy"] {
        for resolution in [Resolution::Succeed, Resolution::Fail] {
            let session = creation_in(currency, 499).send(&client).await.unwrap();
            simulator
                .pay(session.id.as_str(), Outcome::Delayed)
                .unwrap();
            let read = || {
                RetrieveCheckoutSession::new(session.id.clone())
                    .expand(vec!["payment_intent.latest_charge".into()])
            };
            let before = read().send(&client).await.unwrap();
            assert_eq!(before.status, Some(CheckoutSessionStatus::Complete));
            assert_eq!(before.payment_status, CheckoutSessionPaymentStatus::Unpaid);
            let intent = before.payment_intent.unwrap().into_object().unwrap();
            assert_eq!(intent.status, PaymentIntentStatus::Processing);
            let charge = intent.latest_charge.unwrap().into_object().unwrap();
            assert_eq!(charge.status, ChargeStatus::Pending);
            let method = charge.payment_method_details.unwrap();
            assert_ne!(method.type_, "card");

            simulator.resolve(session.id.as_str(), resolution).unwrap();
            let after = read().send(&client).await.unwrap();
            let intent = after.payment_intent.unwrap().into_object().unwrap();
            assert_eq!(
                intent.last_payment_error.is_some(),
                resolution == Resolution::Fail
            );
        }
    }
}

#[tokio::test]
async fn refunds_and_disputes_are_read_whole() {
    let (simulator, client) = start().await;
    for (currency, outcome) in [("usd", Outcome::Succeed), ("eur", Outcome::Delayed)] {
        let session = creation_in(currency, 499).send(&client).await.unwrap();
        let paid = simulator.pay(session.id.as_str(), outcome).unwrap();
        if outcome == Outcome::Delayed {
            let id = session.id.as_str();
            simulator.resolve(id, Resolution::Succeed).unwrap();
        }
        let intent = paid
            .get("payment_intent")
            .and_then(serde_json::Value::as_str)
            .unwrap();
        let refund = simulator.refund(intent, Some(99)).unwrap();
        let refund: Refund = miniserde::json::from_str(&refund.to_string()).unwrap();
        assert_eq!(refund.amount, 99);
        let failed = simulator.fail_refund(refund.id.as_str()).unwrap();
        let failed: Refund = miniserde::json::from_str(&failed.to_string()).unwrap();
        assert!(failed.failure_reason.is_some());
        simulator.refund(intent, Some(100)).unwrap();
        let dispute = simulator.dispute(intent, None, None).unwrap();
        let dispute: Dispute = miniserde::json::from_str(&dispute.to_string()).unwrap();
        assert_eq!(
            (dispute.amount, dispute.status),
            (399, DisputeStatus::NeedsResponse)
        );
        let closed = simulator.close_dispute(intent, Verdict::Lost).unwrap();
        let closed: Dispute = miniserde::json::from_str(&closed.to_string()).unwrap();
        assert_eq!(closed.status, DisputeStatus::Lost);
        let read = RetrieveCheckoutSession::new(session.id.clone())
            .expand(vec!["payment_intent.latest_charge.refunds".into()])
            .send(&client)
            .await
            .unwrap();
        let intent = read.payment_intent.unwrap().into_object().unwrap();
        let charge = intent.latest_charge.unwrap().into_object().unwrap();
        assert_eq!((charge.amount_refunded, charge.disputed), (100, true));
        assert_eq!(charge.refunds.unwrap().data.len(), 2);
    }
}
