//! Objects in the order they were made, found by id, by time and by the payment intent they belong to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::iter;

use crate::model::Resource;

/// Where an object stands: when it was made, and how many were made before it.
pub(crate) type Place = (i64, u64);

/// One kind of object.
#[derive(Debug)]
pub(crate) struct Table<T> {
    rows: BTreeMap<Place, T>,
    places: HashMap<String, Place>,
    by_intent: HashMap<String, BTreeSet<Place>>,
    next: u64,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            places: HashMap::new(),
            by_intent: HashMap::new(),
            next: 0,
        }
    }
}

impl<T: Resource> Table<T> {
    /// Adds an object, or puts a newer version in the place of the one with its id.
    pub(crate) fn put(&mut self, row: T) {
        let new = (row.created(), self.next);
        let place = *self.places.entry(row.id().to_owned()).or_insert(new);
        if place == new {
            self.next = self.next.saturating_add(1);
        }
        if let Some(intent) = row.payment_intent() {
            let places = self.by_intent.entry(intent.to_owned()).or_default();
            places.insert(place);
        }
        self.rows.insert(place, row);
    }

    /// The object with this id.
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(self.places.get(id)?)
    }

    /// Where the object with this id stands.
    pub(crate) fn place(&self, id: &str) -> Option<Place> {
        self.places.get(id).copied()
    }

    /// The object with this id, to change.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.rows.get_mut(self.places.get(id)?)
    }

    /// All of them, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    /// Those of a payment intent, oldest first.
    pub(crate) fn of_intent(&self, intent: &str) -> impl DoubleEndedIterator<Item = &T> {
        let places = self.by_intent.get(intent).into_iter().flatten();
        places.filter_map(|place| self.rows.get(place))
    }

    /// Those from one place on and before another, oldest first; only those of `intent` if one is given.
    pub(crate) fn between<'a>(
        &'a self,
        intent: Option<&str>,
        from: Place,
        before: Place,
    ) -> Box<dyn DoubleEndedIterator<Item = &'a T> + 'a> {
        if from >= before {
            return Box::new(iter::empty());
        }
        let Some(intent) = intent else {
            return Box::new(self.rows.range(from..before).map(|(_, row)| row));
        };
        let Some(places) = self.by_intent.get(intent) else {
            return Box::new(iter::empty());
        };
        let places = places.range(from..before);
        Box::new(places.filter_map(|place| self.rows.get(place)))
    }
}
