//! Every road to a settlement, and what is noted of money that was taken back.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use recharge_core::domain::Coins;
use recharge_testkit::simulation::{Ask, Simulation};
use serde_json::json;
use stripe_sim::{Outcome, Resolution};

use super::{Entry, Started, bought, event, paid, started, tamper};
use crate::crash_matrix::act::Act;

const COMPLETED: &str = "checkout.session.completed";

pub(super) fn entries() -> Vec<Entry> {
    let mut entries = webhooks();
    entries.extend(taken_back());
    entries.extend(reviews());
    entries.extend(other_roads());
    entries
}

fn webhooks() -> Vec<Entry> {
    vec![
        Entry::cold("webhook: paid", |simulation| {
            Box::pin(async move {
                paid(&simulation, "fan", Outcome::Succeed).await;
                Act::Deliver(event(&simulation, COMPLETED))
            })
        }),
        Entry::cold("webhook: paid, told late", |simulation| {
            Box::pin(async move {
                paid(&simulation, "fan", Outcome::Succeed).await;
                simulation.advance(Duration::from_secs(400)).await;
                Act::Deliver(event(&simulation, COMPLETED))
            })
        }),
        Entry::cold("webhook: told twice", |simulation| {
            Box::pin(async move {
                bought(&simulation, "fan").await;
                Act::Deliver(event(&simulation, COMPLETED))
            })
        }),
        Entry::cold("webhook: being paid", |simulation| {
            Box::pin(async move {
                paid(&simulation, "fan", Outcome::Delayed).await;
                Act::Deliver(event(&simulation, COMPLETED))
            })
        }),
        Entry::cold("webhook: paid days later", |simulation| {
            Box::pin(async move {
                let kind = resolved(&simulation, Resolution::Succeed, "succeeded").await;
                Act::Deliver(event(&simulation, &kind))
            })
        }),
        Entry::cold("webhook: failed days later", |simulation| {
            Box::pin(async move {
                let kind = resolved(&simulation, Resolution::Fail, "failed").await;
                Act::Deliver(event(&simulation, &kind))
            })
        }),
        Entry::cold("webhook: expired", |simulation| {
            Box::pin(async move {
                started(&simulation, "fan").await;
                simulation.advance(Duration::from_secs(25 * 3_600)).await;
                Act::Deliver(event(&simulation, "checkout.session.expired"))
            })
        }),
    ]
}

/// A payment that took days; the type of its event.
async fn resolved(simulation: &Simulation, resolution: Resolution, how: &str) -> String {
    let (started, _) = paid(simulation, "fan", Outcome::Delayed).await;
    assert_eq!(
        simulation
            .deliver(&event(simulation, COMPLETED))
            .await
            .status,
        200
    );
    simulation.advance(Duration::from_secs(3 * 86_400)).await;
    let simulator = simulation.stripe().simulator();
    simulator.resolve(&started.session, resolution).unwrap();
    format!("checkout.session.async_payment_{how}")
}

fn taken_back() -> Vec<Entry> {
    vec![
        Entry::cold("webhook: refunded after the settlement", |simulation| {
            Box::pin(async move {
                let intent = bought(&simulation, "fan").await;
                refund(&simulation, &intent, Some(33));
                Act::Deliver(event(&simulation, "refund.created"))
            })
        }),
        Entry::cold("webhook: disputed after the settlement", |simulation| {
            Box::pin(async move {
                let intent = bought(&simulation, "fan").await;
                dispute(&simulation, &intent);
                Act::Deliver(event(&simulation, "charge.dispute.created"))
            })
        }),
        Entry::cold("webhook: refunded before the settlement", |simulation| {
            Box::pin(async move {
                let (_, intent) = paid(&simulation, "fan", Outcome::Succeed).await;
                refund(&simulation, &intent, None);
                Act::Deliver(event(&simulation, "refund.created"))
            })
        }),
        Entry::cold("webhook: disputed before the settlement", |simulation| {
            Box::pin(async move {
                let (_, intent) = paid(&simulation, "fan", Outcome::Succeed).await;
                dispute(&simulation, &intent);
                Act::Deliver(event(&simulation, "charge.dispute.created"))
            })
        }),
        Entry::cold("webhook: paid, told after its refund", |simulation| {
            Box::pin(async move {
                let (_, intent) = paid(&simulation, "fan", Outcome::Succeed).await;
                refund(&simulation, &intent, Some(33));
                let refund = event(&simulation, "refund.created");
                assert_eq!(simulation.deliver(&refund).await.status, 200);
                Act::Deliver(event(&simulation, COMPLETED))
            })
        }),
    ]
}

/// Cents of a payment are given back, or all that is left.
fn refund(simulation: &Simulation, intent: &str, cents: Option<i64>) {
    let stripe = simulation.stripe().simulator();
    stripe.refund(intent, cents).unwrap();
}

fn dispute(simulation: &Simulation, intent: &str) {
    let stripe = simulation.stripe().simulator();
    stripe.dispute(intent, None, None).unwrap();
}

fn reviews() -> Vec<Entry> {
    vec![
        Entry::cold("webhook: paid too little", |simulation| {
            Box::pin(async move {
                paid(&simulation, "fan", Outcome::Succeed).await;
                let mut event = event(&simulation, COMPLETED);
                event["data"]["object"]["amount_total"] = json!(98);
                Act::Deliver(event)
            })
        }),
        Entry::cold(
            "webhook: paid with a payment that is another's",
            |simulation| {
                Box::pin(async move {
                    let (_, intent) = paid(&simulation, "fan", Outcome::Succeed).await;
                    link_to_another(&simulation, &intent).await;
                    Act::Deliver(event(&simulation, COMPLETED))
                })
            },
        ),
        Entry::cold(
            "webhook: refunded, and the payment is another's",
            |simulation| {
                Box::pin(async move {
                    let (_, intent) = paid(&simulation, "fan", Outcome::Succeed).await;
                    refund(&simulation, &intent, None);
                    link_to_another(&simulation, &intent).await;
                    simulation.advance(Duration::from_secs(400)).await;
                    Act::Deliver(event(&simulation, COMPLETED))
                })
            },
        ),
        Entry::cold("webhook: paid, but the wallet is full", |simulation| {
            Box::pin(async move {
                bought(&simulation, "fan").await;
                let full = AttributeValue::N(Coins::MAX.get().to_string());
                let totals = [("coins", full.clone()), ("in_total", full)];
                tamper(&simulation, "LEDGER_TABLE", ("USER#fan", "WALLET"), &totals).await;
                let mut again = super::start_package("fan");
                again.headers = vec![("idempotency-key", "another".to_owned())];
                let answer = simulation.ask(&again).await;
                let session = answer.checkout_session();
                simulation
                    .stripe()
                    .simulator()
                    .pay(session, Outcome::Succeed)
                    .unwrap();
                Act::Deliver(event(&simulation, COMPLETED))
            })
        }),
    ]
}

/// As if the payment intent had been stored for another recharge before.
async fn link_to_another(simulation: &Simulation, intent: &str) {
    let partition = format!("STRIPE#{intent}");
    let other = recharge_testkit::recharge("other", "r").id;
    let set = [("recharge", AttributeValue::S(other.to_string()))];
    tamper(simulation, "LEDGER_TABLE", (&partition, "RECHARGE"), &set).await;
}

/// As if we had asked for a cent more than was paid.
async fn asked_for_more(simulation: &Simulation, started: &Started) {
    let partition = format!("RECHARGE#{}", started.id);
    let set = [("amount", AttributeValue::N("100".to_owned()))];
    tamper(simulation, "LEDGER_TABLE", (&partition, "RECHARGE"), &set).await;
}

fn other_roads() -> Vec<Entry> {
    vec![
        Entry::cold("sync: paid", |simulation| {
            Box::pin(async move {
                let (started, _) = paid(&simulation, "fan", Outcome::Succeed).await;
                let path = format!("/v1/recharges/{}/sync", started.id);
                Act::Ask(Ask::new("POST", "fan", &path, String::new()))
            })
        }),
        Entry::cold("sync: not paid", |simulation| {
            Box::pin(async move {
                let started = started(&simulation, "fan").await;
                let path = format!("/v1/recharges/{}/sync", started.id);
                Act::Ask(Ask::new("POST", "fan", &path, String::new()))
            })
        }),
        Entry::cold("sync: paid too little", |simulation| {
            Box::pin(async move {
                let (started, _) = paid(&simulation, "fan", Outcome::Succeed).await;
                asked_for_more(&simulation, &started).await;
                let path = format!("/v1/recharges/{}/sync", started.id);
                Act::Ask(Ask::new("POST", "fan", &path, String::new()))
            })
        }),
        Entry::cold("return page: paid", |simulation| {
            Box::pin(async move {
                let (started, _) = paid(&simulation, "fan", Outcome::Succeed).await;
                Act::Ask(Ask::get("fan", &format!("/return/{}", started.id)))
            })
        }),
        Entry::cold("cancel page: paid and refunded", |simulation| {
            Box::pin(async move {
                let (started, intent) = paid(&simulation, "fan", Outcome::Succeed).await;
                refund(&simulation, &intent, None);
                Act::Ask(Ask::get("fan", &format!("/cancel/{}", started.id)))
            })
        }),
        Entry::cold("reconciler: paid, no webhook", |simulation| {
            Box::pin(async move {
                paid(&simulation, "fan", Outcome::Succeed).await;
                simulation.advance(Duration::from_secs(61)).await;
                Act::Reconcile
            })
        }),
        Entry::cold("reconciler: paid too little", |simulation| {
            Box::pin(async move {
                let (started, _) = paid(&simulation, "fan", Outcome::Succeed).await;
                asked_for_more(&simulation, &started).await;
                simulation.advance(Duration::from_secs(61)).await;
                Act::Reconcile
            })
        }),
        Entry::cold("reconciler: disputed, no webhook", |simulation| {
            Box::pin(async move {
                let (_, intent) = paid(&simulation, "fan", Outcome::Succeed).await;
                dispute(&simulation, &intent);
                simulation.advance(Duration::from_secs(61)).await;
                Act::Reconcile
            })
        }),
        Entry::cold("reconciler: paid after days", |simulation| {
            Box::pin(async move {
                let (started, _) = paid(&simulation, "fan", Outcome::Delayed).await;
                for _day in 0..3 {
                    simulation.advance(Duration::from_secs(86_400)).await;
                    assert!(simulation.reconcile().await);
                }
                let simulator = simulation.stripe().simulator();
                simulator
                    .resolve(&started.session, Resolution::Succeed)
                    .unwrap();
                simulation.advance(Duration::from_secs(3_700)).await;
                Act::Reconcile
            })
        }),
    ]
}
