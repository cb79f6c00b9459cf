//! What reads a stream for a function: Lambda's event source mapping.

use std::collections::BTreeMap;

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

impl Trouble {
    /// Every record comes once, at once.
    pub const NONE: Self = Self {
        repeats: 0.0,
        cuts: 0.0,
        delays: 0.0,
    };
    /// As often as not.
    pub const MUCH: Self = Self {
        repeats: 0.3,
        cuts: 0.5,
        delays: 0.3,
    };
}

/// Records of one shard, for one call of the function.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The shard.
    pub shard: String,
    /// Its records that the filter let through; never none.
    pub records: Vec<Value>,
    /// The last record that was read for it.
    last: String,
}

/// Where a shard is being read.
#[derive(Debug, Clone, Default)]
struct Position {
    /// The last record that was handled; all that were, in the order in which that happened.
    handled: Vec<String>,
    is_at_end: bool,
}

/// Reads every shard of a table's stream in order, a parent before its children.
#[derive(Debug)]
pub struct EventSource {
    dynamodb: DynamoDbSim,
    table: String,
    batch_max: usize,
    random: fastrand::Rng,
    trouble: Trouble,
    positions: BTreeMap<String, Position>,
}

impl EventSource {
    /// From the beginning of the stream of `table`.
    #[must_use]
    pub fn new(dynamodb: DynamoDbSim, table: &str, batch_max: usize, seed: u64) -> Self {
        Self {
            dynamodb,
            table: table.to_owned(),
            batch_max,
            random: fastrand::Rng::with_seed(seed),
            trouble: Trouble::NONE,
            positions: BTreeMap::new(),
        }
    }

    /// Sets what goes wrong from now on.
    pub fn set_trouble(&mut self, trouble: Trouble) {
        self.trouble = trouble;
    }

    /// Loses every place: what is left of the stream is read from its beginning.
    pub fn begin_again(&mut self) {
        self.positions.clear();
    }

    /// The next batch whose records `filter` lets through; none if nothing is left to be read now, or
    /// what is left is delayed. A batch that is not [`handled`](Self::handled) comes again.
    ///
    /// # Errors
    /// [`Trimmed`] if records were lost.
    pub fn next(&mut self, filter: impl Fn(&Value) -> bool) -> Result<Option<Batch>, Trimmed> {
        let mut shards = self.dynamodb.shards(&self.table);
        self.random.shuffle(&mut shards);
        for (shard, parent) in shards {
            let is_open = |parent: &String| !self.is_at_end(parent);
            if parent.as_ref().is_some_and(is_open) {
                continue;
            }
            if let Some(batch) = self.read(&shard, &filter)? {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    /// The same of one shard, for those that read several at once.
    ///
    /// # Errors
    /// [`Trimmed`] if records were lost.
    pub fn next_of(
        &mut self,
        shard: &str,
        filter: impl Fn(&Value) -> bool,
    ) -> Result<Option<Batch>, Trimmed> {
        self.read(shard, &filter)
    }

    fn is_at_end(&self, shard: &str) -> bool {
        self.positions
            .get(shard)
            .is_some_and(|position| position.is_at_end)
    }

    fn read(
        &mut self,
        shard: &str,
        filter: impl Fn(&Value) -> bool,
    ) -> Result<Option<Batch>, Trimmed> {
        loop {
            let after = self.after(shard);
            let mut limit = self.batch_max;
            if self.chance(self.trouble.cuts) {
                limit = self.random.usize(1..=self.batch_max);
            }
            let (records, is_end) =
                self.dynamodb
                    .records(&self.table, shard, after.as_deref(), limit)?;
            let Some(last) = records.last().map(number) else {
                self.positions
                    .entry(shard.to_owned())
                    .or_default()
                    .is_at_end = is_end;
                return Ok(None);
            };
            if self.chance(self.trouble.delays) {
                return Ok(None);
            }
            let records: Vec<_> = records.into_iter().filter(&filter).collect();
            let batch = Batch {
                shard: shard.to_owned(),
                records,
                last,
            };
            if !batch.records.is_empty() {
                return Ok(Some(batch));
            }
            // Lambda is not called for nothing.
            self.handled(&batch);
        }
    }

    /// Behind which record to read on; a mapping that lost its place goes back to an earlier one.
    fn after(&mut self, shard: &str) -> Option<String> {
        if self.chance(self.trouble.repeats) {
            let position = self.positions.get_mut(shard)?;
            let back = self.random.usize(..=position.handled.len().min(3));
            let kept = position.handled.len() - back;
            let before = kept
                .checked_sub(1)
                .map(|last| position.handled[last].as_str());
            // A mapping reads nothing again that is gone.
            let is_there = self.dynamodb.records(&self.table, shard, before, 1).is_ok();
            if back > 0 && is_there {
                position.handled.truncate(kept);
                position.is_at_end = false;
            }
        }
        self.positions.get(shard)?.handled.last().cloned()
    }

    fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.random.f64() < probability
    }

    /// The function has handled the batch.
    pub fn handled(&mut self, batch: &Batch) {
        let position = self.positions.entry(batch.shard.clone()).or_default();
        position.handled.push(batch.last.clone());
    }
}

fn number(record: &Value) -> String {
    let number = record["dynamodb"]["SequenceNumber"].as_str();
    number.unwrap_or_default().to_owned()
}
