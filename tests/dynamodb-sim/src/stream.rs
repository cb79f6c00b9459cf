//! A table's stream: shards that split, and records that are gone after a day.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Value, json};

use crate::{
    simulator::Trimmed,
    value::{Item, Scalar, size},
};

/// For how long a record can be read, in microseconds.
const KEPT_US: u64 = 24 * 60 * 60 * 1_000_000;
/// Numbers soon have a digit more: they compare by length, then text, and not by text.
const FIRST_NUMBER: u128 = 999_999_999_999_999_999_940;

/// A shard: its records, and the part of all hashes that is its own.
#[derive(Debug, Clone)]
pub(crate) struct Shard {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) is_closed: bool,
    from: u32,
    to: u32,
    records: Vec<Record>,
    /// The last record that was dropped, being older than a day.
    trimmed_to: Option<u128>,
}

#[derive(Debug, Clone)]
struct Record {
    number: u128,
    at_us: u64,
    body: Value,
}

impl Shard {
    /// The number of its newest record.
    pub(crate) fn newest(&self) -> Option<u128> {
        let newest = self.records.last().map(|record| record.number);
        newest.or(self.trimmed_to)
    }
}

/// All shards of a table.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    pub(crate) view: String,
    shards: Vec<Shard>,
    next_number: u128,
}

impl Stream {
    /// With so many shards.
    pub(crate) fn new(view: String, shards: u32) -> Self {
        let mut stream = Self {
            view,
            shards: Vec::new(),
            next_number: FIRST_NUMBER,
        };
        let width = u32::MAX / shards;
        for number in 0..shards {
            let to = if number + 1 == shards {
                u32::MAX
            } else {
                (number + 1) * width - 1
            };
            stream.open(None, number * width, to);
        }
        stream
    }

    fn open(&mut self, parent: Option<String>, from: u32, to: u32) {
        self.shards.push(Shard {
            id: format!(
                "shardId-{:020}-{:08x}",
                self.shards.len(),
                from ^ 0x5eed_5eed
            ),
            parent,
            is_closed: false,
            from,
            to,
            records: Vec::new(),
            trimmed_to: None,
        });
    }

    pub(crate) fn shards(&self) -> &[Shard] {
        &self.shards
    }

    /// Closes a shard, for two new ones; one that is closed stays as it is.
    pub(crate) fn split(&mut self, id: &str) {
        let open = self
            .shards
            .iter_mut()
            .find(|shard| shard.id == id && !shard.is_closed);
        let Some(shard) = open else { return };
        shard.is_closed = true;
        let (from, to, parent) = (shard.from, shard.to, Some(shard.id.clone()));
        let middle = from + (to - from) / 2;
        self.open(parent.clone(), from, middle);
        self.open(parent, middle + 1, to);
    }

    /// Tells of a change.
    pub(crate) fn tell(
        &mut self,
        hash: &Scalar,
        key: &Item,
        change: (Option<&Item>, Option<&Item>),
        at_us: u64,
    ) {
        let (old, new) = change;
        let event = match (old, new) {
            (None, Some(_)) => "INSERT",
            (Some(old), Some(new)) if old == new => return,
            (Some(_), Some(_)) => "MODIFY",
            (Some(_), None) => "REMOVE",
            (None, None) => return,
        };
        let number = self.next_number;
        self.next_number += 1;
        let images = [old, new].into_iter().flatten();
        let mut told = json!({
            "ApproximateCreationDateTime": at_us / 1_000_000,
            "Keys": key,
            "SequenceNumber": number.to_string(),
            "SizeBytes": images.map(size).sum::<usize>(),
            "StreamViewType": self.view,
        });
        if let Some(new) = new.filter(|_| self.view.starts_with("NEW")) {
            told["NewImage"] = json!(new);
        }
        if let Some(old) =
            old.filter(|_| self.view.ends_with("OLD_IMAGES") || self.view == "OLD_IMAGE")
        {
            told["OldImage"] = json!(old);
        }
        let body = json!({
            "eventID": format!("{number:032x}"),
            "eventName": event,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": told,
        });
        let place = place(hash);
        let mut open = self.shards.iter_mut().filter(|shard| !shard.is_closed);
        let shard = open.find(|shard| (shard.from..=shard.to).contains(&place));
        // Open shards cover all places, so there is always one.
        if let Some(shard) = shard {
            shard.records.push(Record {
                number,
                at_us,
                body,
            });
        }
    }

    /// Drops what is older than a day.
    pub(crate) fn trim(&mut self, now_us: u64) {
        let oldest = now_us.saturating_sub(KEPT_US);
        for shard in &mut self.shards {
            let gone = shard
                .records
                .partition_point(|record| record.at_us < oldest);
            if let Some(last) = shard.records.drain(..gone).next_back() {
                shard.trimmed_to = Some(last.number);
            }
        }
    }

    /// Records behind `after`, and whether none can follow.
    pub(crate) fn records(
        &self,
        id: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Value>, bool), Trimmed> {
        let Some(shard) = self.shards.iter().find(|shard| shard.id == id) else {
            return Ok((Vec::new(), true));
        };
        let after = after.and_then(|after| after.parse::<u128>().ok());
        // From its beginning a stream is read from what is left of it.
        if after.is_some() && shard.trimmed_to > after {
            return Err(Trimmed);
        }
        let from = after.map_or(0, |after| {
            shard
                .records
                .partition_point(|record| record.number <= after)
        });
        let left = shard.records.get(from..).unwrap_or_default();
        let records = left
            .iter()
            .take(limit)
            .map(|record| record.body.clone())
            .collect();
        Ok((records, shard.is_closed && left.len() <= limit))
    }
}

/// Where a partition's records go: a hash that is the same in every run.
fn place(hash: &Scalar) -> u32 {
    let mut hasher = DefaultHasher::new();
    hash.hash(&mut hasher);
    u32::try_from(hasher.finish() >> 32).unwrap_or(u32::MAX)
}
