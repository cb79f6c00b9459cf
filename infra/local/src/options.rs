//! How a server is started.

use std::{collections::BTreeMap, net::Ipv4Addr, path::PathBuf, sync::Arc};

use aws_sdk_dynamodb::config::{SharedHttpClient, timeout::TimeoutConfig};
use recharge_core::{adapters::SystemClock, app::ports::Metrics};

use crate::Issuer;

/// How a server is started. The default is what tests want: any free port, all in memory.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port on the loopback interface; 0 takes any that is free.
    pub port: u16,
    /// Where tables, keys and the simulator's state are kept; in memory if nowhere.
    pub data: Option<PathBuf>,
    /// A DynamoDB that runs elsewhere, instead of the embedded one.
    pub dynamodb_endpoint: Option<String>,
    /// An API like Stripe's that runs elsewhere, Stripe's own in test mode above all, instead of
    /// the simulator. Then `settings` must have the key and the webhook secrets for it.
    pub stripe_url: Option<String>,
    /// Another front door of the same functions, such as `sam local`'s: buyers come back to it and
    /// the simulator's webhooks go there. Without a slash at the end; the server's own if none.
    pub api_url: Option<String>,
    /// Where to write what `sam local --env-vars` takes: every variable of every function, with
    /// addresses that containers reach.
    pub sam_env: Option<PathBuf>,
    /// An address of this machine on which containers reach the server and a DynamoDB on loopback,
    /// where Docker does not lead them there by itself.
    pub also_listen: Option<Ipv4Addr>,
    /// The folder with the catalogue, instead of the built-in one.
    pub catalog: Option<PathBuf>,
    /// Settings of the functions that are not the server's own, by name.
    pub settings: BTreeMap<String, String>,
    /// What the functions reach DynamoDB through: a place to inject faults.
    pub http_client: Option<SharedHttpClient>,
    /// How long calls of DynamoDB may take; as on AWS if none.
    pub dynamodb_timeouts: Option<TimeoutConfig>,
    /// Where the functions count what they do; as `METRICS_NAMESPACE` says if none.
    pub metrics: Option<Arc<dyn Metrics>>,
    /// The clock of functions, issuer and simulator.
    pub clock: SystemClock,
    /// What the tables' names begin with, for tests that share a DynamoDB.
    pub table_prefix: String,
    /// Whether functions with a schedule run by themselves. Tests run them by hand.
    pub run_schedules: bool,
    /// The issuer of tokens; a new one, or the one kept in `data`, if none. A key takes long to
    /// generate, so tests share one.
    pub issuer: Option<Issuer>,
}
