//! A table: its items as they are, and as they were a moment ago.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    failure::Failure,
    stream::Stream,
    value::{Item, Scalar, item},
};

/// Where an item is: its hash key and its range key, which may be empty.
pub(crate) type Place = (Scalar, Scalar);

/// For how long what was before is remembered, in microseconds: as far as reads may lag.
const REMEMBERED_US: u64 = 60_000_000;

/// An item's history: the newest last.
#[derive(Debug, Clone, Default)]
struct Row {
    versions: Vec<(u64, Option<Item>)>,
    locked_until_us: u64,
}

/// The attributes of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeySchema {
    pub(crate) hash: String,
    pub(crate) range: Option<String>,
}

impl KeySchema {
    fn read(schema: &Value) -> Result<Self, Failure> {
        let of_kind = |kind: &str| {
            let elements = schema.as_array().into_iter().flatten();
            let mut elements = elements.filter(|element| element["KeyType"] == kind);
            elements
                .next()
                .and_then(|element| element["AttributeName"].as_str())
                .map(str::to_owned)
        };
        Ok(Self {
            hash: of_kind("HASH").ok_or_else(|| Failure::validation("no hash key"))?,
            range: of_kind("RANGE"),
        })
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        [Some(self.hash.as_str()), self.range.as_deref()]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Where `item` is; none if it has not all attributes of the key.
    pub(crate) fn place(&self, item: &Item) -> Option<Place> {
        let hash = Scalar::of(item.get(&self.hash)?)?;
        let range = match &self.range {
            Some(range) => Scalar::of(item.get(range)?)?,
            None => Scalar::S(String::new()),
        };
        Some((hash, range))
    }

    pub(crate) fn of(&self, item: &Item) -> Item {
        let names = self.names().into_iter();
        names
            .filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())))
            .collect()
    }
}

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    definition: Value,
    pub(crate) key: KeySchema,
    pub(crate) indexes: BTreeMap<String, KeySchema>,
    partitions: BTreeMap<Scalar, BTreeMap<Scalar, Row>>,
    pub(crate) stream: Option<Stream>,
    pub(crate) time_to_live: Option<Value>,
}

impl Table {
    /// As `CreateTable` asks for it; its stream has so many shards.
    pub(crate) fn new(request: &Value, shards: u32) -> Result<Self, Failure> {
        let mut indexes = BTreeMap::new();
        for index in request["GlobalSecondaryIndexes"]
            .as_array()
            .into_iter()
            .flatten()
        {
            if index["Projection"]["ProjectionType"] != "ALL" {
                return Err(Failure::validation(
                    "an index that has not all attributes is not simulated",
                ));
            }
            let name = index["IndexName"].as_str().unwrap_or_default().to_owned();
            indexes.insert(name, KeySchema::read(&index["KeySchema"])?);
        }
        let view = request["StreamSpecification"]["StreamViewType"].as_str();
        Ok(Self {
            definition: request.clone(),
            key: KeySchema::read(&request["KeySchema"])?,
            indexes,
            partitions: BTreeMap::new(),
            stream: view.map(|view| Stream::new(view.to_owned(), shards)),
            time_to_live: None,
        })
    }

    pub(crate) fn arn(&self) -> String {
        let name = self.definition["TableName"].as_str().unwrap_or_default();
        format!("arn:aws:dynamodb:us-east-1:000000000000:table/{name}")
    }

    pub(crate) fn describe(&self) -> Value {
        let mut told = self.definition.clone();
        told["TableStatus"] = json!("ACTIVE");
        told["TableArn"] = json!(self.arn());
        if self.stream.is_some() {
            told["LatestStreamArn"] =
                json!(format!("{}/stream/2026-01-01T00:00:00.000", self.arn()));
        }
        for index in told["GlobalSecondaryIndexes"]
            .as_array_mut()
            .into_iter()
            .flatten()
        {
            index["IndexStatus"] = json!("ACTIVE");
        }
        told
    }

    /// Where a key is; it must have the key's attributes and no others.
    pub(crate) fn place_of_key(&self, key: &Value) -> Result<(Place, Item), Failure> {
        let key = item(key)?;
        let place = self
            .key
            .place(&key)
            .filter(|_| key.len() == self.key.names().len());
        let place = place.ok_or_else(|| {
            Failure::validation("The provided key element does not match the schema")
        })?;
        Ok((place, key))
    }

    /// An item as it was at `as_of_us`.
    pub(crate) fn read(&self, place: &Place, as_of_us: u64) -> Option<&Item> {
        self.partitions
            .get(&place.0)?
            .get(&place.1)?
            .as_of(as_of_us)
    }

    pub(crate) fn is_locked(&self, place: &Place, now_us: u64) -> bool {
        let row = self
            .partitions
            .get(&place.0)
            .and_then(|rows| rows.get(&place.1));
        row.is_some_and(|row| row.locked_until_us > now_us)
    }

    pub(crate) fn lock(&mut self, place: &Place, until_us: u64) {
        let rows = self.partitions.entry(place.0.clone()).or_default();
        rows.entry(place.1.clone()).or_default().locked_until_us = until_us;
    }

    /// Stores an item, or deletes it.
    pub(crate) fn write(&mut self, place: &Place, new: Option<Item>, at_us: u64) {
        let rows = self.partitions.entry(place.0.clone()).or_default();
        let row = rows.entry(place.1.clone()).or_default();
        let old = row.versions.last().and_then(|(_, item)| item.clone());
        if let Some(stream) = &mut self.stream {
            let key = new.as_ref().or(old.as_ref()).map(|item| self.key.of(item));
            stream.tell(
                &place.0,
                &key.unwrap_or_default(),
                (old.as_ref(), new.as_ref()),
                at_us,
            );
        }
        row.versions.push((at_us, new));
        let kept = at_us.saturating_sub(REMEMBERED_US);
        let old = row.versions.partition_point(|(at, _)| *at <= kept);
        row.versions.drain(..old.saturating_sub(1));
    }

    /// Every place of a partition, or of the whole table.
    pub(crate) fn places(&self, hash: Option<&Scalar>) -> Vec<Place> {
        let of = |hash: &Scalar, rows: &BTreeMap<Scalar, Row>| {
            rows.keys()
                .map(|range| (hash.clone(), range.clone()))
                .collect::<Vec<_>>()
        };
        match hash {
            Some(hash) => self
                .partitions
                .get(hash)
                .map(|rows| of(hash, rows))
                .unwrap_or_default(),
            None => self
                .partitions
                .iter()
                .flat_map(|(hash, rows)| of(hash, rows))
                .collect(),
        }
    }
}

impl Row {
    fn as_of(&self, as_of_us: u64) -> Option<&Item> {
        let newer = self.versions.partition_point(|(at, _)| *at <= as_of_us);
        self.versions.get(newer.checked_sub(1)?)?.1.as_ref()
    }
}
