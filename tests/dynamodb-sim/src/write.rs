//! Writes: one item by itself, or as a part of a transaction.

use serde_json::{Value, json};

use crate::{
    expression::{Condition, Placeholders},
    failure::{Failure, Reason},
    state::State,
    table::Place,
    update::Update,
    value::{Item, item, size},
};

const ITEM_MAX_BYTES: usize = 400 * 1024;

/// What a write does with its item.
#[derive(Debug)]
enum Effect {
    Put(Item),
    Update(Update, Item),
    Delete,
    Check,
}

/// A write that is understood, but not done.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) table: String,
    pub(crate) place: Place,
    effect: Effect,
    condition: Option<Condition>,
    tells_old: bool,
}

/// What a write that holds would do.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) table: String,
    pub(crate) place: Place,
    pub(crate) before: Option<Item>,
    pub(crate) after: Option<Item>,
    /// A condition check changes nothing.
    pub(crate) is_check: bool,
}

const MEMBERS: [&str; 13] = [
    "TableName",
    "Key",
    "Item",
    "ConditionExpression",
    "UpdateExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ReturnConsumedCapacity",
    "ReturnValues",
    "ReturnValuesOnConditionCheckFailure",
    "ReturnItemCollectionMetrics",
    "ClientRequestToken",
    "TransactItems",
];

impl Write {
    /// Reads `Put`, `Update`, `Delete` or `ConditionCheck`.
    pub(crate) fn parse(kind: &str, request: &Value, state: &State) -> Result<Self, Failure> {
        crate::state::only(request, &MEMBERS)?;
        let (name, table) = state.table(request)?;
        let mut names = Placeholders::of(request);
        let condition = request["ConditionExpression"].as_str();
        let condition = condition
            .map(|text| Condition::parse(text, &mut names))
            .transpose()?;
        let (place, effect) = if kind == "Put" {
            let item = item(&request["Item"])?;
            let place = table.key.place(&item);
            let missing = || Failure::validation("One of the required keys was not given a value");
            (place.ok_or_else(missing)?, Effect::Put(item))
        } else {
            let (place, key) = table.place_of_key(&request["Key"])?;
            let effect = match kind {
                "Update" => {
                    let text = request["UpdateExpression"].as_str().unwrap_or_default();
                    Effect::Update(Update::parse(text, &mut names)?, key)
                }
                "Delete" => Effect::Delete,
                _ => Effect::Check,
            };
            (place, effect)
        };
        names.all_used()?;
        Ok(Self {
            table: name,
            place,
            effect,
            condition,
            tells_old: request["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD",
        })
    }

    /// What it would do now; or why not.
    pub(crate) fn evaluate(&self, state: &State) -> Result<Change, Reason> {
        let table = &state.tables[&self.table];
        let before = table.read(&self.place, u64::MAX).cloned();
        let seen = before.clone().unwrap_or_default();
        if self
            .condition
            .as_ref()
            .is_some_and(|condition| !condition.holds(&seen))
        {
            let old = before.filter(|_| self.tells_old);
            return Err(Reason {
                code: "ConditionalCheckFailed",
                old: old.map(|old| json!(old)),
            });
        }
        let after = match &self.effect {
            Effect::Put(item) => Some(item.clone()),
            Effect::Delete => None,
            Effect::Check => before.clone(),
            Effect::Update(update, key) => {
                let base = before.clone().unwrap_or_else(|| key.clone());
                let after = update.apply(&base, &table.key.names());
                Some(after.map_err(|_| Reason::of("ValidationError"))?)
            }
        };
        if after
            .as_ref()
            .is_some_and(|item| size(item) > ITEM_MAX_BYTES)
        {
            return Err(Reason::of("ValidationError"));
        }
        Ok(Change {
            table: self.table.clone(),
            place: self.place.clone(),
            before,
            after,
            is_check: matches!(self.effect, Effect::Check),
        })
    }
}

impl State {
    /// `PutItem`, `UpdateItem` and `DeleteItem`.
    pub(crate) fn write_one(&mut self, kind: &str, request: &Value) -> Result<Value, Failure> {
        let write = Write::parse(kind, request, self)?;
        let now = self.now_us();
        if self.is_locked(&write.table, &write.place) {
            *self.conflicts.entry(write.table.clone()).or_default() += 1;
            return Err(Failure::new(
                "TransactionConflictException",
                "Transaction is ongoing for the item",
            ));
        }
        let change = write.evaluate(self).map_err(|reason| match reason.code {
            "ConditionalCheckFailed" => Failure::condition(reason.old),
            _ => Failure::validation("the update cannot be applied to the item"),
        })?;
        let units = self.write_units(&change);
        let attributes = match request["ReturnValues"].as_str() {
            None | Some("NONE") => None,
            Some("ALL_OLD") => change.before.clone(),
            Some("ALL_NEW") => change.after.clone(),
            Some(other) => {
                return Err(Failure::validation(format!("{other} is not simulated")));
            }
        };
        self.apply(&change, now);
        let mut answer = json!({});
        if let Some(attributes) = attributes {
            answer["Attributes"] = json!(attributes);
        }
        State::consumed(&mut answer, request, &[(change.table, units)], false);
        Ok(answer)
    }

    /// `BatchWriteItem`: every item by itself.
    pub(crate) fn write_batch(&mut self, request: &Value) -> Result<Value, Failure> {
        crate::state::only(
            request,
            &[
                "RequestItems",
                "ReturnConsumedCapacity",
                "ReturnItemCollectionMetrics",
            ],
        )?;
        let mut writes = Vec::new();
        for (table, asked) in request["RequestItems"].as_object().into_iter().flatten() {
            for one in asked.as_array().into_iter().flatten() {
                let (kind, member, body) = match one.get("PutRequest") {
                    Some(put) => ("Put", "Item", &put["Item"]),
                    None => ("Delete", "Key", &one["DeleteRequest"]["Key"]),
                };
                let mut single = json!({"TableName": table});
                single[member] = body.clone();
                writes.push((one.clone(), Write::parse(kind, &single, self)?));
            }
        }
        let places = writes.iter().map(|(_, write)| (&write.table, &write.place));
        let distinct: std::collections::BTreeSet<_> = places.collect();
        if distinct.len() != writes.len() || writes.is_empty() || writes.len() > 25 {
            return Err(Failure::validation("a batch has 1 to 25 items, each once"));
        }
        let (mut units, mut left) = (Vec::new(), json!({}));
        let now = self.now_us();
        for (asked, write) in writes {
            if self.is_locked(&write.table, &write.place) || self.leaves_undone() {
                let list = left[&write.table].take();
                let mut list = list.as_array().cloned().unwrap_or_default();
                list.push(asked);
                left[&write.table] = json!(list);
                continue;
            }
            let too_large =
                |_| Failure::validation("Item size has exceeded the maximum allowed size");
            let change = write.evaluate(self).map_err(too_large)?;
            units.push((change.table.clone(), self.write_units(&change)));
            self.apply(&change, now);
        }
        let mut answer = json!({"UnprocessedItems": left});
        State::consumed(&mut answer, request, &units, true);
        Ok(answer)
    }
}
