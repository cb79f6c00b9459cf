//! Creators: who they are, whom they block, what they received.

use aws_sdk_dynamodb::types::AttributeValue;
use recharge_testkit::{
    gift_body,
    simulation::{Ask, Simulation},
};
use serde_json::json;

use super::{Entry, accept, accepted, bought, done, tamper};
use crate::crash_matrix::act::Act;

/// A creator with a gift; its records wait in the stream.
pub(super) async fn received(simulation: &Simulation) {
    accepted(simulation, "creator").await;
    bought(simulation, "fan").await;
    for key in ["g", "h"] {
        let gift = Ask::post("fan", "/v1/gifts/send", key, &gift_body("rose"));
        done(simulation, &gift).await;
    }
}

fn blocked(method: &'static str) -> Ask {
    Ask::new(method, "creator", "/v1/creator/blocked/fan", String::new())
}

pub(super) fn entries() -> Vec<Entry> {
    let mut entries = reads();
    entries.extend(writes());
    entries
}

fn writes() -> Vec<Entry> {
    vec![
        Entry::cold("creator: become one", |_| {
            Box::pin(async { Act::Ask(accept("creator")) })
        }),
        Entry::cold("creator: tell another name", |simulation| {
            Box::pin(async move {
                accepted(&simulation, "creator").await;
                let mut ask = accept("creator");
                ask.body = ask.body.replace("Creator", "Another");
                Act::Ask(ask)
            })
        }),
        Entry::cold("creator: pause", |simulation| {
            Box::pin(async move {
                accepted(&simulation, "creator").await;
                let body = json!({"accepting": false});
                Act::Ask(Ask::put("creator", "/v1/creator/status", &body))
            })
        }),
        Entry::cold("creator: block", |simulation| {
            Box::pin(async move {
                accepted(&simulation, "creator").await;
                Act::Ask(blocked("PUT"))
            })
        }),
        Entry::cold("creator: unblock", |simulation| {
            Box::pin(async move {
                accepted(&simulation, "creator").await;
                done(&simulation, &blocked("PUT")).await;
                Act::Ask(blocked("DELETE"))
            })
        }),
        Entry::cold("relay", |simulation| {
            Box::pin(async move {
                received(&simulation).await;
                Act::Relay
            })
        }),
        Entry::cold("relay: what cannot be read", |simulation| {
            Box::pin(async move {
                received(&simulation).await;
                let (entry, wrong) = (("USER#fan", "ENTRY#gift#g"), AttributeValue::Bool(true));
                tamper(&simulation, "LEDGER_TABLE", entry, &[("gift", wrong)]).await;
                Act::Relay
            })
        }),
    ]
}

fn reads() -> Vec<Entry> {
    vec![
        Entry::cold("creator: read", |simulation| {
            Box::pin(async move {
                accepted(&simulation, "creator").await;
                Act::Ask(Ask::get("creator", "/v1/creator"))
            })
        }),
        Entry::cold("creator: blocked", |simulation| {
            Box::pin(async move {
                accepted(&simulation, "creator").await;
                done(&simulation, &blocked("PUT")).await;
                Act::Ask(Ask::get("creator", "/v1/creator/blocked"))
            })
        }),
        Entry::cold("creator: earnings", |simulation| {
            Box::pin(async move {
                received(&simulation).await;
                simulation.relay_all().await;
                Act::Ask(Ask::get("creator", "/v1/creator/earnings"))
            })
        }),
        Entry::cold("creator: received gifts", |simulation| {
            Box::pin(async move {
                received(&simulation).await;
                simulation.relay_all().await;
                Act::Ask(Ask::get("creator", "/v1/creator/gifts"))
            })
        }),
    ]
}
