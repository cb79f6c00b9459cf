//! What the matrix is made of: every use case, in every state that makes it call differently.

mod creators;
mod gifts;
mod operators;
mod recharges;
mod settlements;

use std::{future::Future, pin::Pin};

use aws_sdk_dynamodb::types::AttributeValue;
use recharge_testkit::simulation::{Ask, Simulation};
use serde_json::{Value, json};
use stripe_sim::Outcome;

use super::act::Act;

/// A use case.
pub(crate) struct Entry {
    /// What it is.
    pub(crate) name: &'static str,
    /// Makes the world for it, and says what is to be done.
    pub(crate) prepare: Prepare,
    /// Whether the containers are those that served the preparation, with what they remember.
    pub(crate) is_warm: bool,
}

type Prepare = fn(Simulation) -> Pin<Box<dyn Future<Output = Act>>>;

impl Entry {
    const fn cold(name: &'static str, prepare: Prepare) -> Self {
        Self {
            name,
            prepare,
            is_warm: false,
        }
    }

    const fn warm(name: &'static str, prepare: Prepare) -> Self {
        Self {
            name,
            prepare,
            is_warm: true,
        }
    }
}

/// All of them.
pub(crate) fn entries() -> Vec<Entry> {
    let mut entries = settlements::entries();
    entries.extend(recharges::entries());
    entries.extend(gifts::entries());
    entries.extend(creators::entries());
    entries.extend(operators::entries());
    entries
}

/// Something that the preparation asks, and that must succeed.
async fn done(simulation: &Simulation, ask: &Ask) -> Value {
    let answer = simulation.ask(ask).await;
    assert!(answer.status < 300, "{}", answer.body);
    answer.body
}

/// A recharge that a fan started, with what Stripe calls its session.
#[derive(Debug, Clone)]
struct Started {
    id: String,
    session: String,
}

fn start(user: &str, what: (&str, Value)) -> Ask {
    let mut body = json!({"currency": "usd", "terms_version": "2026-11-01"});
    body[what.0] = what.1;
    Ask::post(user, "/v1/recharges", "r", &body)
}

fn start_package(user: &str) -> Ask {
    start(user, ("package_id", json!("coins_70")))
}

async fn started(simulation: &Simulation, user: &str) -> Started {
    let answer = simulation.ask(&start_package(user)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    Started {
        id: answer.body["id"].as_str().unwrap().to_owned(),
        session: answer.checkout_session().to_owned(),
    }
}

/// One that was paid, or is being paid; nobody has told us yet. The second is the payment intent.
async fn paid(simulation: &Simulation, user: &str, outcome: Outcome) -> (Started, String) {
    let started = started(simulation, user).await;
    let simulator = simulation.stripe().simulator();
    let session = simulator.pay(&started.session, outcome).unwrap();
    let intent = &session["payment_intent"];
    let intent = intent
        .as_str()
        .unwrap_or_else(|| intent["id"].as_str().unwrap());
    (started, intent.to_owned())
}

/// The newest event of this type.
fn event(simulation: &Simulation, kind: &str) -> Value {
    let mut events = simulation.stripe().events().into_iter().rev();
    let found = events.find(|event| event["type"] == kind);
    found.unwrap_or_else(|| panic!("no event {kind}"))
}

/// A fan who has bought coins; the payment intent.
async fn bought(simulation: &Simulation, user: &str) -> String {
    let (_, intent) = paid(simulation, user, Outcome::Succeed).await;
    let completed = event(simulation, "checkout.session.completed");
    assert_eq!(simulation.deliver(&completed).await.status, 200);
    intent
}

/// A user who accepted the terms for creators.
async fn accepted(simulation: &Simulation, user: &str) {
    done(simulation, &accept(user)).await;
}

fn accept(user: &str) -> Ask {
    let body = json!({"terms_version": "2026-11-01", "display_name": "Creator", "country": "US"});
    Ask::put(user, "/v1/creator", &body)
}

/// Sets attributes of an item, as no code of ours does.
async fn tamper(
    simulation: &Simulation,
    table: &str,
    key: (&str, &str),
    set: &[(&str, AttributeValue)],
) {
    for (name, value) in set {
        let update = simulation
            .calm_client()
            .update_item()
            .table_name(simulation.setting(table))
            .key("PK", AttributeValue::S(key.0.to_owned()))
            .key("SK", AttributeValue::S(key.1.to_owned()))
            .update_expression("SET #name = :value")
            .expression_attribute_names("#name", *name)
            .expression_attribute_values(":value", value.clone());
        update.send().await.unwrap();
    }
}
