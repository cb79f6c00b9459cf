//! Starting a recharge, and looking at one; the catalogue that it is started from.

use std::time::Duration;

use recharge_testkit::simulation::{Ask, StripeFault};
use serde_json::json;

use super::{Entry, start, start_package, started};
use crate::crash_matrix::act::Act;

pub(super) fn entries() -> Vec<Entry> {
    let mut entries = vec![
        Entry::cold("packages", |_| {
            Box::pin(async { Act::Ask(Ask::get("fan", "/v1/packages?currency=usd")) })
        }),
        Entry::cold("gifts", |_| {
            Box::pin(async { Act::Ask(Ask::get("fan", "/v1/gifts?currency=usd")) })
        }),
        Entry::cold("config", |_| {
            Box::pin(async { Act::Ask(Ask::get("fan", "/v1/config")) })
        }),
        Entry::cold("recharge: read", |simulation| {
            Box::pin(async move {
                let started = started(&simulation, "fan").await;
                Act::Ask(Ask::get("fan", &format!("/v1/recharges/{}", started.id)))
            })
        }),
    ];
    entries.extend(starts());
    entries
}

fn starts() -> Vec<Entry> {
    vec![
        Entry::cold("recharge: start of a package", |_| {
            Box::pin(async { Act::Ask(start_package("fan")) })
        }),
        Entry::cold("recharge: start of an amount", |_| {
            Box::pin(async { Act::Ask(start("fan", ("coins", json!(100)))) })
        }),
        Entry::cold("recharge: start refused", |_| {
            Box::pin(async { Act::Ask(start("fan", ("package_id", json!("coins_1")))) })
        }),
        Entry::cold("recharge: start replayed", |simulation| {
            Box::pin(async move {
                started(&simulation, "fan").await;
                Act::Ask(start_package("fan"))
            })
        }),
        Entry::cold("recharge: start again after Stripe failed", |simulation| {
            Box::pin(async move {
                simulation.stripe().plan(0, StripeFault::ServerError, 1);
                assert_eq!(simulation.ask(&start_package("fan")).await.status, 503);
                simulation.stripe().forget();
                Act::Ask(start_package("fan"))
            })
        }),
        Entry::cold("recharge: start again after days", |simulation| {
            Box::pin(async move {
                simulation.stripe().plan(0, StripeFault::Refused, 2);
                assert_eq!(simulation.ask(&start_package("fan")).await.status, 503);
                simulation.stripe().forget();
                // Nobody can open the session that was asked for any more: it gets another end.
                simulation.advance(Duration::from_secs(2 * 86_400)).await;
                Act::Ask(start_package("fan"))
            })
        }),
    ]
}
