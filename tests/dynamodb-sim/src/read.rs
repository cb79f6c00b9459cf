//! Reads: consistent ones, and those that may lag behind, item by item.

use serde_json::{Value, json};

use crate::{
    expression::{Condition, Operand, Placeholders},
    failure::Failure,
    state::{State, only},
    table::KeySchema,
    units::Units,
    value::{Item, Scalar, item, size},
};

const PAGE_MAX_BYTES: usize = 1024 * 1024;
const BATCH_MAX_BYTES: usize = 16 * 1024 * 1024;

impl State {
    /// `GetItem`.
    pub(crate) fn get_one(&mut self, request: &Value) -> Result<Value, Failure> {
        only(
            request,
            &[
                "TableName",
                "Key",
                "ConsistentRead",
                "ReturnConsumedCapacity",
            ],
        )?;
        let as_of = self.as_of(request);
        let (name, table) = self.table(request)?;
        let (place, _) = table.place_of_key(&request["Key"])?;
        let found = table.read(&place, as_of);
        let units = Units::of_read(found, halves(request));
        let mut answer = found.map_or_else(|| json!({}), |item| json!({"Item": item}));
        Self::consumed(&mut answer, request, &[(name, units)], false);
        Ok(answer)
    }

    /// `BatchGetItem`: every item by itself.
    pub(crate) fn get_batch(&mut self, request: &Value) -> Result<Value, Failure> {
        only(request, &["RequestItems", "ReturnConsumedCapacity"])?;
        let (mut found, mut left) = (json!({}), json!({}));
        let (mut units, mut seen, mut bytes) = (Vec::new(), std::collections::BTreeSet::new(), 0);
        for (name, asked) in request["RequestItems"].as_object().into_iter().flatten() {
            only(asked, &["Keys", "ConsistentRead"])?;
            let (mut items, mut undone) = (Vec::new(), Vec::new());
            for key in asked["Keys"].as_array().into_iter().flatten() {
                let as_of = self.as_of(asked);
                let is_unlucky = self.leaves_undone();
                let (_, table) = self.table(&json!({"TableName": name}))?;
                let (place, _) = table.place_of_key(key)?;
                if !seen.insert((name.clone(), place.clone())) {
                    return Err(Failure::validation(
                        "Provided list of item keys contains duplicates",
                    ));
                }
                let item = table.read(&place, as_of);
                let more = item.map_or(0, size);
                if is_unlucky || bytes + more > BATCH_MAX_BYTES {
                    undone.push(key.clone());
                    continue;
                }
                bytes += more;
                units.push((name.clone(), Units::of_read(item, halves(asked))));
                items.extend(item.map(|item| json!(item)));
            }
            // Their order is not that of the keys.
            self.random.shuffle(&mut items);
            found[name] = json!(items);
            if !undone.is_empty() {
                let mut again = asked.clone();
                again["Keys"] = json!(undone);
                left[name] = again;
            }
        }
        if seen.is_empty() || seen.len() > 100 {
            return Err(Failure::validation("a batch has 1 to 100 keys"));
        }
        let mut answer = json!({"Responses": found, "UnprocessedKeys": left});
        Self::consumed(&mut answer, request, &units, true);
        Ok(answer)
    }

    /// `Query`.
    pub(crate) fn query(&mut self, request: &Value) -> Result<Value, Failure> {
        only(
            request,
            &[
                "TableName",
                "IndexName",
                "KeyConditionExpression",
                "FilterExpression",
                "ConsistentRead",
                "Limit",
                "ScanIndexForward",
                "ExclusiveStartKey",
                "ExpressionAttributeNames",
                "ExpressionAttributeValues",
                "ReturnConsumedCapacity",
            ],
        )?;
        let (_, table) = self.table(request)?;
        let key = match request["IndexName"].as_str() {
            None => &table.key,
            Some(_) if request["ConsistentRead"] == true => {
                return Err(Failure::validation(
                    "Consistent reads are not supported on global secondary indexes",
                ));
            }
            Some(index) => {
                let missing = || Failure::validation("The table does not have the specified index");
                table.indexes.get(index).ok_or_else(missing)?
            }
        };
        let mut names = Placeholders::of(request);
        let text = request["KeyConditionExpression"]
            .as_str()
            .unwrap_or_default();
        let condition = Condition::parse(text, &mut names)?;
        let hash = hash_of(&condition, key)?;
        let filter = filter(request, &mut names)?;
        let (key, is_reverse) = (key.clone(), request["ScanIndexForward"] == false);
        // An index with the table's hash key has its items in one partition.
        let partition = (key.hash == table.key.hash).then_some(&hash);
        let places = table.places(partition);
        let mut items = self.seen(request, places)?;
        items.retain(|item| condition.holds(item) && key.place(item).is_some());
        self.page(request, items, &key, filter.as_ref(), is_reverse)
    }

    /// `Scan`.
    pub(crate) fn scan(&mut self, request: &Value) -> Result<Value, Failure> {
        only(
            request,
            &[
                "TableName",
                "FilterExpression",
                "ConsistentRead",
                "Limit",
                "ExclusiveStartKey",
                "ExpressionAttributeNames",
                "ExpressionAttributeValues",
                "ReturnConsumedCapacity",
            ],
        )?;
        let mut names = Placeholders::of(request);
        let filter = filter(request, &mut names)?;
        let (_, table) = self.table(request)?;
        let (key, places) = (table.key.clone(), table.places(None));
        let items = self.seen(request, places)?;
        self.page(request, items, &key, filter.as_ref(), false)
    }

    /// The items as a read sees them.
    fn seen(
        &mut self,
        request: &Value,
        places: Vec<crate::table::Place>,
    ) -> Result<Vec<Item>, Failure> {
        let mut items = Vec::with_capacity(places.len());
        for place in places {
            // Each lags by itself: an index may have a newer item and not yet an older one.
            let as_of = self.as_of(request);
            let (_, table) = self.table(request)?;
            items.extend(table.read(&place, as_of).cloned());
        }
        Ok(items)
    }

    /// Sorts, cuts and filters.
    fn page(
        &mut self,
        request: &Value,
        mut items: Vec<Item>,
        key: &KeySchema,
        filter: Option<&Condition>,
        is_reverse: bool,
    ) -> Result<Value, Failure> {
        let (name, table) = self.table(request)?;
        let base = table.key.clone();
        let order = |item: &Item| (key.place(item), base.place(item));
        items.sort_by_cached_key(order);
        if is_reverse {
            items.reverse();
        }
        if let Some(start) = request.get("ExclusiveStartKey") {
            let start = order(&item(start)?);
            items.retain(|item| {
                if is_reverse {
                    order(item) < start
                } else {
                    order(item) > start
                }
            });
        }
        let limit = request["Limit"]
            .as_u64()
            .and_then(|limit| usize::try_from(limit).ok());
        let mut limit = limit.unwrap_or(usize::MAX);
        if items.len() > 1 && self.leaves_undone() {
            // DynamoDB may end a page early.
            limit = limit.min(self.random.usize(1..items.len()));
        }
        let (mut bytes, mut read, total) = (0, Vec::new(), items.len());
        for item in items {
            if read.len() >= limit || bytes > PAGE_MAX_BYTES {
                break;
            }
            bytes += size(&item);
            read.push(item);
        }
        let mut answer = json!({"ScannedCount": read.len()});
        if let Some(last) = read
            .last()
            .filter(|_| read.len() < total || read.len() == limit)
        {
            let mut last_key = base.of(last);
            last_key.extend(key.of(last));
            answer["LastEvaluatedKey"] = json!(last_key);
        }
        read.retain(|item| filter.is_none_or(|filter| filter.holds(item)));
        answer["Count"] = json!(read.len());
        answer["Items"] = json!(read);
        let units = Units::of_bytes(bytes, halves(request));
        Self::consumed(&mut answer, request, &[(name, units)], false);
        Ok(answer)
    }
}

fn filter(request: &Value, names: &mut Placeholders<'_>) -> Result<Option<Condition>, Failure> {
    let filter = request["FilterExpression"].as_str();
    let filter = filter
        .map(|text| Condition::parse(text, names))
        .transpose()?;
    names.all_used()?;
    Ok(filter)
}

/// The partition that a key condition names.
fn hash_of(condition: &Condition, key: &KeySchema) -> Result<Scalar, Failure> {
    let parts = if let Condition::All(parts) = condition {
        parts.as_slice()
    } else {
        std::slice::from_ref(condition)
    };
    let (mut hash, mut others) = (None, 0);
    for part in parts {
        match part {
            Condition::Compare(Operand::Path(name), "=", Operand::Value(value))
                if *name == key.hash =>
            {
                hash = Scalar::of(value);
            }
            Condition::Compare(Operand::Path(name), operator, Operand::Value(_))
                if Some(name) == key.range.as_ref() && *operator != "<>" =>
            {
                others += 1
            }
            Condition::Between(Operand::Path(name), _, _) if Some(name) == key.range.as_ref() => {
                others += 1
            }
            Condition::BeginsWith(Operand::Path(name), Operand::Value(prefix))
                if Some(name) == key.range.as_ref() && prefix["S"] != "" =>
            {
                others += 1
            }
            _ => return Err(Failure::validation("Query key condition not supported")),
        }
    }
    let wrong = || Failure::validation("a query names one partition and a range of it");
    hash.filter(|_| others <= 1).ok_or_else(wrong)
}

fn halves(request: &Value) -> usize {
    if request["ConsistentRead"] == true {
        2
    } else {
        1
    }
}
