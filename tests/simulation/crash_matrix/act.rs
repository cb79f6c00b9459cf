//! What is done in the matrix, and how it is done again.

use std::time::Duration;

use jiff::{Timestamp, civil::Date};
use recharge_core::{
    adapters::dynamodb::DynamoViews,
    app::{Replayed, compare_day, correct_day, replay_quarantine},
    domain::CreatorDay,
};
use recharge_local::catalog::Catalog;
use recharge_testkit::simulation::{Ask, Simulation};
use serde_json::Value;

/// Something whose every call is spoiled.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A client's request.
    Ask(Ask),
    /// Stripe delivers an event.
    Deliver(Value),
    /// A run of the reconciler.
    Reconcile,
    /// The stream's mapping hands over what there is.
    Relay,
    /// An operator applies what is in quarantine of a day.
    Replay(Date),
    /// An operator compares a day, and corrects it.
    Rebuild(CreatorDay),
    /// An operator publishes a catalogue.
    Publish(Catalog),
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Done, with this answer.
    Done(String),
    /// Not done, or not for certain: whoever did it does it again, after this time.
    Again(Duration),
}

/// What operators run.
pub(crate) const COMMANDS: [&str; 3] = ["replay", "rebuild", "catalog publish"];

const LATER: Ended = Ended::Again(Duration::from_secs(2));

impl Act {
    /// What of the outside it is, as the template tells it.
    pub(crate) fn entrance(&self) -> String {
        match self {
            Self::Ask(ask) => ask.route().key(),
            Self::Deliver(_) => "POST /v1/stripe/webhook".to_owned(),
            Self::Reconcile => "schedule of reconcile".to_owned(),
            Self::Relay => "stream of relay".to_owned(),
            Self::Replay(_) => COMMANDS[0].to_owned(),
            Self::Rebuild(_) => COMMANDS[1].to_owned(),
            Self::Publish(_) => COMMANDS[2].to_owned(),
        }
    }

    /// Does it once.
    pub(crate) async fn once(&self, simulation: &Simulation) -> Ended {
        let client = simulation.client().clone();
        let views =
            || DynamoViews::new(client.clone(), simulation.setting("VIEWS_TABLE").to_owned());
        match self {
            Self::Ask(ask) => answered(simulation, ask).await,
            Self::Deliver(event) => match simulation.deliver(event).await {
                answer if answer.status < 300 => Ended::Done(String::new()),
                answer => {
                    assert_eq!(answer.outcome(), (503, "service_unavailable"));
                    LATER
                }
            },
            Self::Reconcile => match simulation.lambda().reconcile().run().await {
                Ok(report) if report.failed == 0 && report.complete => Ended::Done(String::new()),
                _ => Ended::Again(Duration::from_secs(3_600)),
            },
            Self::Relay => {
                while simulation.relay_once().await {}
                Ended::Done(String::new())
            }
            Self::Replay(date) => {
                match replay_quarantine(&views(), simulation.clock(), *date).await {
                    Ok(replayed) => {
                        let moved = replayed.iter().any(|(_, it)| *it == Replayed::Moved);
                        if moved {
                            LATER
                        } else {
                            Ended::Done(String::new())
                        }
                    }
                    Err(_) => LATER,
                }
            }
            Self::Rebuild(day) => {
                let views = views();
                let Ok(found) = compare_day(&views, day).await else {
                    return LATER;
                };
                if found.is_equal() || correct_day(&views, day, &found).await.is_ok() {
                    return Ended::Done(String::new());
                }
                LATER
            }
            Self::Publish(catalog) => {
                let table = simulation.setting("LEDGER_TABLE");
                match catalog.publish(&client, table).await {
                    Ok(_) => Ended::Done(String::new()),
                    Err(_) => LATER,
                }
            }
        }
    }

    /// What comes afterwards by itself, whatever has happened.
    pub(crate) async fn afterwards(&self, simulation: &Simulation) {
        match self {
            // Two more runs: one that failed in the middle may have said that it was complete.
            Self::Reconcile => {
                for _run in 0..2 {
                    simulation.advance(Duration::from_secs(3_600)).await;
                    let report = simulation.lambda().reconcile().run().await.unwrap();
                    assert!(report.complete && report.failed == 0, "{report:?}");
                }
            }
            Self::Relay => simulation.relay_all().await,
            _ => {}
        }
    }
}

async fn answered(simulation: &Simulation, ask: &Ask) -> Ended {
    let answer = simulation.ask(ask).await;
    let retry_after = || {
        let after = answer.headers.get("retry-after");
        let after = after.and_then(|after| after.to_str().ok()?.parse().ok());
        Duration::from_secs(after.unwrap_or(2))
    };
    match answer.outcome() {
        // What a client is told must be true: it may send the same again.
        (503, code) => {
            if answer.body.is_object() {
                assert_eq!(code, "service_unavailable");
                assert_eq!(answer.body["retryable"], true);
            }
            Ended::Again(retry_after())
        }
        // The one before took the turn of syncs.
        (429, "rate_limited") => Ended::Again(retry_after()),
        (status, _) => {
            let mut body = answer.body.clone();
            without_times(&mut body);
            Ended::Done(format!("{status} {body}"))
        }
    }
}

/// Two answers that tell other times are the same answer.
fn without_times(body: &mut Value) {
    match body {
        Value::String(text) if text.parse::<Timestamp>().is_ok() => "<time>".clone_into(text),
        Value::Array(values) => values.iter_mut().for_each(without_times),
        Value::Object(fields) => fields.values_mut().for_each(without_times),
        _ => {}
    }
}
