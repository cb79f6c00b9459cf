//! The whole product in one process.

mod socket;
mod start;

use std::{fmt, io, path::Path, time::Duration};

use aws_sdk_dynamodb::Client;
use recharge_core::adapters::SystemClock;
use stripe_sim::Simulator;
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

use crate::{
    Options,
    catalog::Catalog,
    data::DataFolder,
    doors::Doors,
    dynamodb::Embedded,
    issuer::IssuerState,
    schedule::Reconciler,
    settings::LocalSettings,
    stream::{Pump, Pumped},
};

/// How long requests under way may take to end.
const SERVING_ENDS_WITHIN: Duration = Duration::from_secs(4);
/// How long the database may take to close then.
const DATABASE_ENDS_WITHIN: Duration = Duration::from_secs(1);

/// A running server. [`LocalServer::shutdown`] ends it in order; dropping it just ends it.
pub struct LocalServer {
    base_url: String,
    api_url: String,
    dynamodb_endpoint: String,
    dynamodb: Client,
    clock: SystemClock,
    issuer: IssuerState,
    catalog: Catalog,
    settings: LocalSettings,
    simulator: Option<Simulator>,
    reconciler: Reconciler,
    pub(crate) pump: Pump,
    /// What runs by itself.
    background: Vec<JoinHandle<()>>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
    embedded: Option<Embedded>,
    data: Option<DataFolder>,
    _doors: Doors,
}

impl fmt::Debug for LocalServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LocalServer")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl LocalServer {
    /// Starts everything, and returns once every route answers.
    ///
    /// # Errors
    /// With what is to be done about it: a port that is taken, a wrong setting, a catalogue
    /// with mistakes, tables of another shape.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        start::start(options).await
    }

    /// The address of everything: `http://127.0.0.1:3000`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The address of the API: another front door's, if [`Options::api_url`] names one.
    #[must_use]
    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    /// Where DynamoDB is.
    #[must_use]
    pub fn dynamodb_endpoint(&self) -> &str {
        &self.dynamodb_endpoint
    }

    /// A client of its own, which [`Options::http_client`] has no part in.
    #[must_use]
    pub fn dynamodb(&self) -> &Client {
        &self.dynamodb
    }

    /// The name of the ledger's table.
    #[must_use]
    pub fn ledger_table(&self) -> &str {
        self.settings.get("LEDGER_TABLE")
    }

    /// A setting of the functions, by name; empty if there is none.
    #[must_use]
    pub fn setting(&self, name: &str) -> &str {
        self.settings.get(name)
    }

    /// The clock of functions, issuer and simulator.
    #[must_use]
    pub fn clock(&self) -> &SystemClock {
        &self.clock
    }

    /// What can be bought and sent here.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The Stripe simulator.
    ///
    /// # Panics
    /// If [`Options::stripe_url`] names another Stripe.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "only tests call it, and they know how they started"
    )]
    pub fn stripe(&self) -> &Simulator {
        self.simulator
            .as_ref()
            .expect("the server has its simulator unless told otherwise")
    }

    /// Whether the simulator stands for Stripe.
    #[must_use]
    pub fn simulates_stripe(&self) -> bool {
        self.simulator.is_some()
    }

    /// Runs the reconciler once, now.
    ///
    /// # Errors
    /// If it ended early; the next run goes on where it was.
    pub async fn reconcile(&self) -> anyhow::Result<reconcile::Report> {
        self.reconciler.run().await
    }

    /// Hands everything that the ledger's stream holds to the relay, now.
    ///
    /// # Errors
    /// If the relay failed; the next time goes on where it was.
    pub async fn relay(&self) -> anyhow::Result<Pumped> {
        self.pump.drain().await
    }

    /// The folder that keeps the data, if any does.
    #[must_use]
    pub fn data(&self) -> Option<&Path> {
        self.data.as_ref().map(DataFolder::path)
    }

    /// A token for `user` that expires in so many seconds; a negative number has expired.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "only tests call it, and a token is all they can use"
    )]
    pub fn issue_token(&self, user: &str, scopes: &[&str], expires_in: i64) -> String {
        self.issuer
            .token(user, scopes, expires_in)
            .expect("the system has random numbers")
    }

    /// Answers what is under way, stops delivering events, closes the database. Takes five
    /// seconds at most: a client that keeps a connection open cannot hold it up.
    pub async fn shutdown(self) {
        for task in &self.background {
            task.abort();
        }
        if let Some(simulator) = &self.simulator {
            simulator.release_stalled();
        }
        let _already_stopped = self.stop.send(());
        let mut serving = self.serving;
        let ended = timeout(SERVING_ENDS_WITHIN, async {
            let simulator = async {
                if let Some(simulator) = self.simulator {
                    simulator.shutdown().await;
                }
            };
            tokio::join!(&mut serving, simulator).0
        });
        match ended.await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!("the server ended badly: {error}"),
            Ok(Err(error)) => tracing::warn!("the server ended badly: {error}"),
            Err(_) => {
                serving.abort();
                tracing::warn!("a request did not end in time; it was cut off");
            }
        }
        drop(self.dynamodb);
        let Some(embedded) = self.embedded else {
            return;
        };
        match timeout(DATABASE_ENDS_WITHIN, embedded.stop()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("{error:#}"),
            Err(_) => {
                tracing::warn!("the database did not close in time; it will recover by itself")
            }
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
