//! The simulator.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use serde_json::Value;

use crate::{Fault, Weather};

/// One call as it went over the wire; an SDK that retries makes several.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// `GetItem`, `TransactWriteItems`, …
    pub operation: String,
    /// What went wrong with it.
    pub fault: Option<Fault>,
}

/// Records older than a day are gone: the position is before the first that is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trimmed;

/// A DynamoDB in memory; clones are the same one.
#[derive(Debug, Clone)]
pub struct DynamoDbSim(Arc<Mutex<()>>);

impl DynamoDbSim {
    /// An empty one; whatever is left to chance in it follows from `seed`, and its first moment is
    /// `epoch_ms`, in milliseconds since 1970. Time passes as `tokio`'s does.
    #[must_use]
    pub fn new(_seed: u64, _epoch_ms: u64) -> Self {
        todo!()
    }

    /// For the SDK's configuration: an HTTP client through which this DynamoDB answers.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        todo!()
    }

    /// The same DynamoDB, reached without faults, and without waiting, whatever the weather.
    #[must_use]
    pub fn calm_http_client(&self) -> SharedHttpClient {
        todo!()
    }

    /// Sets what goes wrong from now on.
    pub fn set_weather(&self, _weather: Weather) {
        todo!()
    }

    /// Forgets the calls so far, and spoils `times` calls from number `from` on (the first is 0).
    pub fn plan(&self, _from: usize, _fault: Fault, _times: usize) {
        todo!()
    }

    /// The calls so far of clients that have the weather.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        todo!()
    }

    /// The shards of a table's stream: its id, and its parent's.
    #[must_use]
    pub fn shards(&self, _table: &str) -> Vec<(String, Option<String>)> {
        todo!()
    }

    /// Closes a shard; two new ones share its keys from now on.
    pub fn split_shard(&self, _table: &str, _shard: &str) {
        todo!()
    }

    /// Records of a shard behind the sequence number `after`, as Lambda's events have them, and
    /// whether none can follow them.
    ///
    /// # Errors
    /// [`Trimmed`] if records behind `after` are gone.
    pub fn records(
        &self,
        _table: &str,
        _shard: &str,
        _after: Option<&str>,
        _limit: usize,
    ) -> Result<(Vec<Value>, bool), Trimmed> {
        todo!()
    }
}
