//! Gifts, wallets and their brakes.

use recharge_testkit::{
    gift_body,
    simulation::{Ask, Simulation},
};
use serde_json::json;

use super::{Entry, accepted, bought, done};
use crate::crash_matrix::act::Act;

fn gift(key: &str, gift: &str) -> Ask {
    Ask::post("fan", "/v1/gifts/send", key, &gift_body(gift))
}

/// A fan with 70 coins, and a creator.
async fn parties(simulation: &Simulation) {
    accepted(simulation, "creator").await;
    bought(simulation, "fan").await;
}

pub(super) fn entries() -> Vec<Entry> {
    let mut entries = wallets();
    entries.extend(gifts());
    entries
}

fn gifts() -> Vec<Entry> {
    vec![
        Entry::cold("gift", |simulation| {
            Box::pin(async move {
                parties(&simulation).await;
                Act::Ask(gift("g", "rose"))
            })
        }),
        Entry::warm("gift in a warm container", |simulation| {
            Box::pin(async move {
                parties(&simulation).await;
                done(&simulation, &gift("before", "rose")).await;
                Act::Ask(gift("g", "rose"))
            })
        }),
        Entry::cold("gift refused", |simulation| {
            Box::pin(async move {
                accepted(&simulation, "creator").await;
                Act::Ask(gift("g", "rose"))
            })
        }),
        Entry::cold(
            "gift replayed by a fan who was blocked since",
            |simulation| {
                Box::pin(async move {
                    parties(&simulation).await;
                    done(&simulation, &gift("g", "rose")).await;
                    let block =
                        Ask::new("PUT", "creator", "/v1/creator/blocked/fan", String::new());
                    done(&simulation, &block).await;
                    Act::Ask(gift("g", "rose"))
                })
            },
        ),
        Entry::warm("gift replayed at once", |simulation| {
            Box::pin(async move {
                parties(&simulation).await;
                done(&simulation, &gift("g", "rose")).await;
                Act::Ask(gift("g", "rose"))
            })
        }),
    ]
}

fn wallets() -> Vec<Entry> {
    vec![
        Entry::cold("wallet", |simulation| {
            Box::pin(async move {
                bought(&simulation, "fan").await;
                Act::Ask(Ask::get("fan", "/v1/wallet"))
            })
        }),
        Entry::cold("statement", |simulation| {
            Box::pin(async move {
                parties(&simulation).await;
                done(&simulation, &gift("g", "rose")).await;
                Act::Ask(Ask::get("fan", "/v1/wallet/entries"))
            })
        }),
        Entry::cold("statement, second page", |simulation| {
            Box::pin(async move {
                parties(&simulation).await;
                done(&simulation, &gift("g", "rose")).await;
                let first = Ask::get("fan", "/v1/wallet/entries?limit=1");
                let first = done(&simulation, &first).await;
                let cursor = first["next_cursor"].as_str().unwrap();
                let path = format!("/v1/wallet/entries?limit=1&cursor={cursor}");
                Act::Ask(Ask::get("fan", &path))
            })
        }),
        Entry::cold("limits", |simulation| {
            Box::pin(async move {
                bought(&simulation, "fan").await;
                Act::Ask(Ask::put(
                    "fan",
                    "/v1/wallet/limits",
                    &json!({"daily_coins": 5}),
                ))
            })
        }),
        Entry::cold("limits of nobody yet", |_| {
            Box::pin(async {
                Act::Ask(Ask::put(
                    "fan",
                    "/v1/wallet/limits",
                    &json!({"daily_coins": 5}),
                ))
            })
        }),
        Entry::cold("freeze", |simulation| {
            Box::pin(async move {
                bought(&simulation, "fan").await;
                let body = json!({"status": "frozen", "reason": "chargeback"});
                Act::Ask(Ask::put("olga", "/v1/admin/users/fan/status", &body).of_operator())
            })
        }),
    ]
}
