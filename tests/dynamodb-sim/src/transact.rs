//! Transactions: in two steps, between which others conflict with them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    failure::{Failure, Reason},
    state::{Pending, State, Told, only},
    value::size,
    weather::Fault,
    write::{Change, Write},
};

const ITEMS_MAX: usize = 100;
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// For how long a token stands for what was done with it.
const TOKEN_US: u64 = 600_000_000;
/// What a throttled item of a transaction is told, one or the other.
const THROTTLED: [&str; 2] = ["ThrottlingError", "ProvisionedThroughputExceeded"];

/// The items of a transaction.
fn items_of(request: &Value) -> Result<&[Value], Failure> {
    let items = request["TransactItems"].as_array();
    let items = items.map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() || items.len() > ITEMS_MAX {
        return Err(Failure::validation("a transaction has 1 to 100 items"));
    }
    Ok(items)
}

impl State {
    /// `TransactWriteItems`, and when it will have been committed.
    pub(crate) fn transact_write(
        &mut self,
        request: &Value,
        is_calm: bool,
        fault: Option<Fault>,
    ) -> (Result<Value, Failure>, u64) {
        let now = self.now_us();
        match self.try_transact_write(request, is_calm, fault) {
            Ok((answer, at)) => (Ok(answer), at),
            Err(failure) => (Err(failure), now),
        }
    }

    fn try_transact_write(
        &mut self,
        request: &Value,
        is_calm: bool,
        fault: Option<Fault>,
    ) -> Result<(Value, u64), Failure> {
        only(
            request,
            &[
                "TransactItems",
                "ClientRequestToken",
                "ReturnConsumedCapacity",
                "ReturnItemCollectionMetrics",
            ],
        )?;
        let now = self.now_us();
        let writes = self.writes_of(request)?;
        let asked = request["TransactItems"].to_string();
        let token = request["ClientRequestToken"].as_str().map(str::to_owned);
        if let Some(told) = token
            .as_ref()
            .and_then(|token| self.tokens.get(token))
            .filter(|told| told.until_us > now)
        {
            return self.repeated(request, &writes, &asked, told.clone());
        }
        let changes = self.hold(&writes, is_calm, fault)?;
        let bytes: usize = changes
            .iter()
            .filter_map(|change| change.after.as_ref())
            .map(size)
            .sum();
        if bytes > BYTES_MAX {
            return Err(Failure::validation("a transaction has 4 MB at most"));
        }
        let units: Vec<_> = changes
            .iter()
            .map(|change| {
                let one = self.write_units(change);
                let of_item = one.item * 2;
                (
                    change.table.clone(),
                    crate::units::Units {
                        item: of_item,
                        ..one
                    },
                )
            })
            .collect();
        let done_at = self.commit(changes, is_calm);
        if let Some(token) = token {
            let told = Told {
                asked,
                until_us: now + TOKEN_US,
                done_at_us: done_at,
            };
            self.tokens.insert(token, told);
        }
        let mut answer = json!({});
        Self::consumed(&mut answer, request, &units, true);
        Ok((answer, done_at))
    }

    fn writes_of(&self, request: &Value) -> Result<Vec<Write>, Failure> {
        let items = items_of(request)?;
        let mut writes = Vec::with_capacity(items.len());
        for item in items {
            let kinds = item.as_object().into_iter().flatten();
            let (kind, body) = kinds
                .into_iter()
                .next()
                .ok_or_else(|| Failure::validation("an item without a write"))?;
            writes.push(Write::parse(kind, body, self)?);
        }
        let places: BTreeSet<_> = writes
            .iter()
            .map(|write| (&write.table, &write.place))
            .collect();
        if places.len() != writes.len() {
            return Err(Failure::validation(
                "Transaction request cannot include multiple operations on one item",
            ));
        }
        Ok(writes)
    }

    /// The answer to a token that came before.
    fn repeated(
        &mut self,
        request: &Value,
        writes: &[Write],
        asked: &str,
        told: Told,
    ) -> Result<(Value, u64), Failure> {
        if told.asked != asked {
            return Err(Failure::new(
                "IdempotentParameterMismatchException",
                "the token came with another request",
            ));
        }
        if told.done_at_us > self.now_us() {
            return Err(Failure::new(
                "TransactionInProgressException",
                "the transaction is in progress",
            ));
        }
        let units: Vec<_> = writes
            .iter()
            .map(|write| {
                let item = self.tables[&write.table].read(&write.place, u64::MAX);
                (write.table.clone(), crate::units::Units::of_read(item, 4))
            })
            .collect();
        let mut answer = json!({});
        Self::consumed(&mut answer, request, &units, true);
        Ok((answer, told.done_at_us))
    }

    /// Checks everything; either every item can change, or all reasons why not.
    fn hold(
        &mut self,
        writes: &[Write],
        is_calm: bool,
        fault: Option<Fault>,
    ) -> Result<Vec<Change>, Failure> {
        let unlucky = match fault {
            Some(Fault::Conflict) => Some(self.random.usize(..writes.len())),
            _ => None,
        };
        let (mut reasons, mut changes) = (Vec::new(), Vec::new());
        for (at, write) in writes.iter().enumerate() {
            let is_locked = self.is_locked(&write.table, &write.place);
            let conflicts = is_locked || unlucky == Some(at);
            if conflicts {
                *self.conflicts.entry(write.table.clone()).or_default() += 1;
                reasons.push(Reason::of("TransactionConflict"));
            } else if !is_calm && self.chance(self.weather.throttles / 2.0) {
                let which = self.random.usize(..THROTTLED.len());
                reasons.push(Reason::of(THROTTLED[which]));
            } else {
                match write.evaluate(self) {
                    Ok(change) => {
                        changes.push(change);
                        reasons.push(Reason::NONE);
                    }
                    Err(reason) => reasons.push(reason),
                }
            }
        }
        if changes.len() == writes.len() {
            return Ok(changes);
        }
        Err(Failure::cancelled(reasons))
    }

    /// Makes the changes, one after the other within the window in which their items are locked: who
    /// reads without a transaction may see a half.
    fn commit(&mut self, changes: Vec<Change>, is_calm: bool) -> u64 {
        let now = self.now_us();
        let window = if is_calm { 0 } else { self.window_us() };
        let done_at = now + window;
        for change in changes {
            if window == 0 {
                self.apply(&change, now);
                continue;
            }
            if let Some(table) = self.tables.get_mut(&change.table) {
                table.lock(&change.place, done_at);
            }
            if !change.is_check {
                let at = now + self.random.u64(window / 2..=window);
                let number = self.pending.len();
                self.pending.push(Pending {
                    at_us: at,
                    number,
                    change,
                });
            }
        }
        done_at
    }

    /// `TransactGetItems`: all items as they are at one moment.
    pub(crate) fn transact_get(
        &mut self,
        request: &Value,
        fault: Option<Fault>,
    ) -> Result<Value, Failure> {
        only(request, &["TransactItems", "ReturnConsumedCapacity"])?;
        let items = items_of(request)?;
        let unlucky = (fault == Some(Fault::Conflict)).then(|| self.random.usize(..items.len()));
        let (mut reasons, mut responses, mut units) = (Vec::new(), Vec::new(), Vec::new());
        for (at, item) in items.iter().enumerate() {
            only(&item["Get"], &["TableName", "Key"])?;
            let (name, table) = self.table(&item["Get"])?;
            let (place, _) = table.place_of_key(&item["Get"]["Key"])?;
            let conflicts = self.is_locked(&name, &place) || unlucky == Some(at);
            reasons.push(if conflicts {
                Reason::of("TransactionConflict")
            } else {
                Reason::NONE
            });
            let found = table.read(&place, u64::MAX);
            units.push((name, crate::units::Units::of_read(found, 4)));
            responses.push(found.map_or_else(|| json!({}), |item| json!({"Item": item})));
        }
        if reasons.iter().any(|reason| *reason != Reason::NONE) {
            return Err(Failure::cancelled(reasons));
        }
        let mut answer = json!({"Responses": responses});
        Self::consumed(&mut answer, request, &units, true);
        Ok(answer)
    }
}
