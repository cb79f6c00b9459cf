//! What reads a stream for a function: Lambda's event source mapping.

use serde_json::Value;

use crate::{DynamoDbSim, Trimmed};

/// How a mapping is unkind: a probability for each batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// A batch that was handled comes again, from its beginning or from a record before it.
    pub repeats: f64,
    /// Fewer records come than there are.
    pub cuts: f64,
    /// A shard that has records is left alone for this time.
    pub delays: f64,
}

/// Records of one shard, for one call of the function.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The shard.
    pub shard: String,
    /// Its records.
    pub records: Vec<Value>,
}

/// Reads every shard of a table's stream in order, a parent before its children.
#[derive(Debug)]
pub struct EventSource {}

impl EventSource {
    /// From the beginning of the stream of `table`.
    #[must_use]
    pub fn new(_dynamodb: DynamoDbSim, _table: &str, _batch_max: usize, _seed: u64) -> Self {
        todo!()
    }

    /// Sets what goes wrong from now on.
    pub fn set_trouble(&mut self, _trouble: Trouble) {
        todo!()
    }

    /// The next batch whose records `filter` lets through; none if nothing is left to be read now.
    /// A batch that is not [`handled`](Self::handled) comes again.
    ///
    /// # Errors
    /// [`Trimmed`] if records were lost.
    pub fn next(&mut self, _filter: impl Fn(&Value) -> bool) -> Result<Option<Batch>, Trimmed> {
        todo!()
    }

    /// The function has handled the batch.
    pub fn handled(&mut self, _batch: &Batch) {
        todo!()
    }
}
