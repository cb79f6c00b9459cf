//! What calls consume.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::{
    state::State,
    value::{Item, equal, size},
    write::Change,
};

/// Capacity: of an item and of indexes, in half units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Units {
    pub(crate) item: usize,
    pub(crate) index: usize,
}

impl Units {
    /// A read that costs so many half units for each 4 KB: 1 lagging, 2 consistent, 4 in a transaction.
    pub(crate) fn of_read(item: Option<&Item>, halves: usize) -> Self {
        Self::of_bytes(item.map_or(0, size), halves)
    }

    pub(crate) fn of_bytes(bytes: usize, halves: usize) -> Self {
        let item = bytes.div_ceil(4096).max(1) * halves;
        Self { item, index: 0 }
    }
}

impl State {
    /// What a change consumes outside of a transaction.
    pub(crate) fn write_units(&self, change: &Change) -> Units {
        let bytes = |item: &Option<Item>| item.as_ref().map_or(0, size);
        let kilobytes = |bytes: usize| bytes.div_ceil(1024).max(1);
        let item = kilobytes(bytes(&change.before).max(bytes(&change.after))) * 2;
        let mut index = 0;
        for key in self.tables[&change.table].indexes.values() {
            let indexed =
                |item: &Option<Item>| item.clone().filter(|item| key.place(item).is_some());
            index += match (indexed(&change.before), indexed(&change.after)) {
                (Some(before), Some(after)) if before == after => 0,
                (Some(before), Some(after)) => {
                    let same_key = key
                        .names()
                        .iter()
                        .all(|name| equal(&before[*name], &after[*name]));
                    let one = kilobytes(size(&before).max(size(&after)));
                    if same_key {
                        one
                    } else {
                        kilobytes(size(&before)) + kilobytes(size(&after))
                    }
                }
                (Some(only), None) | (None, Some(only)) => kilobytes(size(&only)),
                (None, None) => 0,
            } * 2;
        }
        Units { item, index }
    }

    /// Adds what was consumed to an answer, if the request asks for it.
    pub(crate) fn consumed(
        answer: &mut Value,
        request: &Value,
        units: &[(String, Units)],
        is_list: bool,
    ) {
        if !matches!(
            request["ReturnConsumedCapacity"].as_str(),
            Some("TOTAL" | "INDEXES")
        ) {
            return;
        }
        let mut tables: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        for (table, units) in units {
            *tables.entry(table).or_default() += units.item + units.index;
        }
        let told = tables.into_iter().map(|(table, halves)| {
            let units = Decimal::new(i64::try_from(halves * 5).unwrap_or(i64::MAX), 1);
            let units: serde_json::Number = units.to_string().parse().unwrap();
            json!({"TableName": table, "CapacityUnits": units})
        });
        let mut told: Vec<_> = told.collect();
        answer["ConsumedCapacity"] = if is_list {
            json!(told)
        } else {
            told.pop().unwrap_or_default()
        };
    }
}
