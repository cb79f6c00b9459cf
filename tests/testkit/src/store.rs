//! The DynamoDB that worlds are made on.

use std::{
    process,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
};

use aws_sdk_dynamodb::{Client, config::timeout::TimeoutConfig};
use dynamodb_sim::DynamoDbSim;
use recharge_core::{adapters::SystemClock, app::Clock, config::Settings};
use recharge_local::{Options, template::Template};
use tokio::runtime::Builder;

/// Where DynamoDB Local is: `http://127.0.0.1:8000`. Unset or empty is dynoxide, embedded;
/// `simulated` is the simulator.
const ENDPOINT: &str = "RECHARGE_TEST_DYNAMODB";

/// The DynamoDB that worlds are made on. They behave alike but for what `docs/stores.md` lists;
/// a test in which they differ says what each does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// The embedded one: every world has its own.
    Dynoxide,
    /// One that all worlds share, each with tables of its own.
    DynamoDbLocal,
    /// The simulator, which all worlds of a run share; without weather.
    Simulated,
}

impl Store {
    /// The one of this run.
    #[must_use]
    pub fn of_this_run() -> Self {
        match asked_for().as_deref() {
            None => Self::Dynoxide,
            Some(SIMULATED) => Self::Simulated,
            Some(_) => Self::DynamoDbLocal,
        }
    }

    /// What this run's store does, where dynoxide does not do what AWS documents; the others do.
    pub fn unless_dynoxide<T>(dynoxide: T, documented: T) -> T {
        match Self::of_this_run() {
            Self::Dynoxide => dynoxide,
            Self::DynamoDbLocal | Self::Simulated => documented,
        }
    }

    /// What this run's store does, where DynamoDB Local does not do what AWS documents; the others do.
    pub fn unless_dynamodb_local<T>(documented: T, dynamodb_local: T) -> T {
        match Self::of_this_run() {
            Self::DynamoDbLocal => dynamodb_local,
            Self::Dynoxide | Self::Simulated => documented,
        }
    }
}

const SIMULATED: &str = "simulated";

fn asked_for() -> Option<String> {
    Settings::from_environment().get(ENDPOINT)
}

/// The address of the store that worlds share, if they do.
fn endpoint() -> Option<String> {
    let asked = asked_for()?;
    Some(match asked.as_str() {
        SIMULATED => simulator().to_owned(),
        _ => asked,
    })
}

/// The address of the simulator of this process. It has a runtime of its own, because each test's
/// ends with the test.
fn simulator() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| {
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let now = SystemClock::default().now().as_millisecond().unsigned_abs();
                let simulator = DynamoDbSim::new(0, now);
                // As emulators have: what tests ask of a stream, they ask of its only shard.
                simulator.set_shards(1);
                tell.send(simulator.serve().await.unwrap()).unwrap();
                std::future::pending::<()>().await;
            });
        });
        told.recv().unwrap()
    })
}

/// The same options, with the DynamoDB of this run and names of tables that no other world has.
/// One that all share answers them one after the other: that it is slow is no outage.
pub(crate) fn on_store(options: Options) -> Options {
    let Some(endpoint) = endpoint() else {
        return options;
    };
    static WORLDS: AtomicU64 = AtomicU64::new(0);
    let (started, process) = (SystemClock::default().now().as_millisecond(), process::id());
    let number = WORLDS.fetch_add(1, Ordering::Relaxed);
    Options {
        dynamodb_endpoint: Some(endpoint),
        dynamodb_timeouts: Some(TimeoutConfig::disabled()),
        table_prefix: format!("t{started}-{process}-{number}-"),
        ..options
    }
}

/// Deletes the tables of a world that ends, so that those of hundreds do not pile up in memory.
pub(crate) async fn delete_tables(client: &Client, prefix: &str) {
    for table in Template::built_in().unwrap().tables() {
        let name = format!("{prefix}{}", table.name);
        client.delete_table().table_name(name).send().await.unwrap();
    }
}
