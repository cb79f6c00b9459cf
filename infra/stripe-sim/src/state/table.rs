//! Objects in the order they were made, found by id.

use std::collections::{BTreeMap, HashMap};

use crate::model::Resource;

/// One kind of object.
#[derive(Debug)]
pub(crate) struct Table<T> {
    rows: BTreeMap<u64, T>,
    places: HashMap<String, u64>,
    next: u64,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            places: HashMap::new(),
            next: 0,
        }
    }
}

impl<T: Resource> Table<T> {
    /// Adds an object, or puts a newer version in the place of the one with its id.
    pub(crate) fn put(&mut self, row: T) {
        let next = self.next;
        let place = *self.places.entry(row.id().to_owned()).or_insert(next);
        if place == next {
            self.next = next.saturating_add(1);
        }
        self.rows.insert(place, row);
    }

    /// The object with this id.
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(self.places.get(id)?)
    }

    /// The object with this id, and its place in the order of making.
    pub(crate) fn place_and_row(&self, id: &str) -> Option<(u64, &T)> {
        let place = *self.places.get(id)?;
        Some((place, self.rows.get(&place)?))
    }

    /// The object with this id, to change.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.rows.get_mut(self.places.get(id)?)
    }

    /// All of them, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    /// Those made before the one with this id, newest first.
    pub(crate) fn older_than(&self, id: &str) -> Option<impl Iterator<Item = &T>> {
        let place = *self.places.get(id)?;
        Some(self.rows.range(..place).rev().map(|(_, row)| row))
    }

    /// Those made after the one with this id, oldest first.
    pub(crate) fn newer_than(&self, id: &str) -> Option<impl Iterator<Item = &T>> {
        let place = *self.places.get(id)?;
        Some(
            self.rows
                .range(place.saturating_add(1)..)
                .map(|(_, row)| row),
        )
    }
}
