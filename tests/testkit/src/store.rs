//! The DynamoDB that worlds are made on.

use std::{
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use aws_sdk_dynamodb::{Client, config::timeout::TimeoutConfig};
use recharge_core::{adapters::SystemClock, app::Clock, config::Settings};
use recharge_local::{Options, template::Template};

/// Where DynamoDB Local is: `http://127.0.0.1:8000`. Unset or empty is dynoxide, embedded.
const ENDPOINT: &str = "RECHARGE_TEST_DYNAMODB";

/// The DynamoDB that worlds are made on. They behave alike but for what `docs/stores.md` lists;
/// a test in which they differ says what each does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// The embedded one: every world has its own.
    Dynoxide,
    /// One that all worlds share, each with tables of its own.
    DynamoDbLocal,
}

impl Store {
    /// The one of this run.
    #[must_use]
    pub fn of_this_run() -> Self {
        endpoint().map_or(Self::Dynoxide, |_| Self::DynamoDbLocal)
    }

    /// What this run's store does, where the two differ.
    pub fn either<T>(dynoxide: T, dynamodb_local: T) -> T {
        match Self::of_this_run() {
            Self::Dynoxide => dynoxide,
            Self::DynamoDbLocal => dynamodb_local,
        }
    }
}

fn endpoint() -> Option<String> {
    Settings::from_environment().get(ENDPOINT)
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
