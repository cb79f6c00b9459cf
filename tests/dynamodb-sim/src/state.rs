//! What is behind the lock: tables, time, chance, and what is planned to go wrong.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    failure::Failure,
    simulator::Call,
    table::{Place, Table},
    weather::{Fault, Weather},
    write::Change,
};

/// A change of a transaction that will be made.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) at_us: u64,
    pub(crate) number: usize,
    pub(crate) change: Change,
}

/// What a token was used for.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) asked: String,
    pub(crate) until_us: u64,
    pub(crate) done_at_us: u64,
}

/// Faults that wait for their calls.
#[derive(Debug)]
struct Plan {
    from: usize,
    fault: Fault,
    times: usize,
}

/// What happens to a call.
#[derive(Debug)]
pub(crate) struct Fate {
    pub(crate) fault: Option<Fault>,
    /// Whether a lost call hangs until its caller gives up, or breaks at once.
    pub(crate) hangs: bool,
    pub(crate) before: Duration,
    pub(crate) after: Duration,
}

#[derive(Debug)]
pub(crate) struct State {
    epoch_us: u64,
    started: Instant,
    pub(crate) random: fastrand::Rng,
    pub(crate) weather: Weather,
    pub(crate) tables: BTreeMap<String, Table>,
    pub(crate) pending: Vec<Pending>,
    pub(crate) tokens: HashMap<String, Told>,
    pub(crate) calls: Vec<Call>,
    plans: Vec<Plan>,
    /// Items that others were in the way of, by table.
    pub(crate) conflicts: BTreeMap<String, usize>,
    /// How many shards the streams of new tables have.
    pub(crate) shards: u32,
    /// The call that is being answered has no weather.
    is_calm: bool,
}

/// Refuses what is not simulated, so that nothing is ignored silently.
pub(crate) fn only(request: &Value, members: &[&str]) -> Result<(), Failure> {
    let asked = request.as_object().into_iter().flatten();
    match asked
        .into_iter()
        .find(|(name, _)| !members.contains(&name.as_str()))
    {
        None => Ok(()),
        Some((name, _)) => Err(Failure::validation(format!("{name} is not simulated"))),
    }
}

impl State {
    pub(crate) fn new(seed: u64, epoch_ms: u64) -> Self {
        Self {
            epoch_us: epoch_ms * 1_000,
            started: Instant::now(),
            random: fastrand::Rng::with_seed(seed),
            weather: Weather::CALM,
            tables: BTreeMap::new(),
            pending: Vec::new(),
            tokens: HashMap::new(),
            calls: Vec::new(),
            plans: Vec::new(),
            conflicts: BTreeMap::new(),
            shards: 8,
            is_calm: false,
        }
    }

    pub(crate) fn now_us(&self) -> u64 {
        let elapsed = self.started.elapsed().as_micros();
        self.epoch_us + u64::try_from(elapsed).unwrap_or(u64::MAX)
    }

    /// How long it is until `at_us`.
    pub(crate) fn until(&self, at_us: u64) -> Duration {
        Duration::from_micros(at_us.saturating_sub(self.now_us()))
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        // Without a probability no chance is spent, so that calm runs are alike.
        probability > 0.0 && !self.is_calm && self.random.f64() < probability
    }

    pub(crate) fn leaves_undone(&mut self) -> bool {
        self.chance(self.weather.unprocessed)
    }

    pub(crate) fn window_us(&self) -> u64 {
        u64::try_from(self.weather.conflict_window.as_micros()).unwrap_or(u64::MAX)
    }

    /// The moment that a read sees.
    pub(crate) fn as_of(&mut self, request: &Value) -> u64 {
        let lag = u64::try_from(self.weather.lag_max.as_micros()).unwrap_or(u64::MAX);
        if request["ConsistentRead"] == true || self.is_calm || lag == 0 {
            return u64::MAX;
        }
        self.now_us().saturating_sub(self.random.u64(..=lag))
    }

    pub(crate) fn table(&self, request: &Value) -> Result<(String, &Table), Failure> {
        let name = request["TableName"].as_str().unwrap_or_default();
        // Tables may be named by ARN, too.
        let name = name.rsplit("table/").next().unwrap_or_default();
        let table = self.tables.get(name);
        let missing = || {
            Failure::new(
                "ResourceNotFoundException",
                format!("Cannot do operations on a non-existent table {name}"),
            )
        };
        Ok((name.to_owned(), table.ok_or_else(missing)?))
    }

    pub(crate) fn is_locked(&self, table: &str, place: &Place) -> bool {
        let table = self.tables.get(table);
        !self.is_calm && table.is_some_and(|table| table.is_locked(place, self.now_us()))
    }

    pub(crate) fn apply(&mut self, change: &Change, at_us: u64) {
        if let Some(table) = self
            .tables
            .get_mut(&change.table)
            .filter(|_| !change.is_check)
        {
            table.write(&change.place, change.after.clone(), at_us);
        }
    }

    /// Makes the changes whose time has come.
    pub(crate) fn settle(&mut self, now_us: u64) {
        if self.pending.is_empty() {
            return;
        }
        let (mut due, left): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|pending| pending.at_us <= now_us);
        self.pending = left;
        due.sort_by_key(|pending| (pending.at_us, pending.number));
        for pending in due {
            self.apply(&pending.change, pending.at_us);
        }
    }

    /// Forgets the calls, and plans what the next ones meet.
    pub(crate) fn plan(&mut self, from: usize, fault: Fault, times: usize) {
        self.forget();
        self.plan_more(from, fault, times);
    }

    /// Plans something else, too.
    pub(crate) fn plan_more(&mut self, from: usize, fault: Fault, times: usize) {
        self.plans.push(Plan { from, fault, times });
    }

    pub(crate) fn forget(&mut self) {
        self.calls.clear();
        self.plans.clear();
    }

    /// Notes a call, and decides what happens to it.
    pub(crate) fn begin(&mut self, operation: &str) -> Fate {
        let number = self.calls.len();
        let planned = self.plans.iter().find_map(|plan| {
            let hit = (plan.from..plan.from.saturating_add(plan.times)).contains(&number);
            (hit && plan.fault.applies_to(operation)).then_some(plan.fault)
        });
        let fault = planned.or_else(|| self.ill_luck(operation));
        self.calls.push(Call {
            operation: operation.to_owned(),
            fault,
        });
        let (least, most) = self.weather.latency;
        let (least, most) = (least.as_micros(), most.as_micros());
        let latency = if most > 0 {
            self.random.u128(least..=most)
        } else {
            0
        };
        let half = Duration::from_micros(u64::try_from(latency / 2).unwrap_or(u64::MAX));
        let hangs =
            matches!(fault, Some(Fault::LostRequest | Fault::LostAnswer)) && self.random.bool();
        Fate {
            fault,
            hangs,
            before: half,
            after: half,
        }
    }

    fn ill_luck(&mut self, operation: &str) -> Option<Fault> {
        let weather = self.weather.clone();
        let lots = [
            (weather.lost_requests, Fault::LostRequest),
            (weather.lost_answers, Fault::LostAnswer),
            (weather.server_errors, Fault::ServerError),
            (weather.server_errors_after, Fault::ServerErrorAfter),
            (weather.throttles, Fault::Throttled),
            (weather.conflicts, Fault::Conflict),
        ];
        let drawn = lots
            .into_iter()
            .find(|(probability, _)| self.chance(*probability));
        drawn
            .map(|(_, fault)| fault)
            .filter(|fault| fault.applies_to(operation))
    }

    /// Carries out a call: its answer, and when it is there.
    pub(crate) fn execute(
        &mut self,
        operation: &str,
        request: &Value,
        is_calm: bool,
        fault: Option<Fault>,
    ) -> (Result<Value, Failure>, u64) {
        self.is_calm = is_calm;
        let now = self.now_us();
        // Who reads without weather sees what has been decided.
        self.settle(if is_calm { u64::MAX } else { now });
        let answered = match operation {
            "TransactWriteItems" => self.transact_write(request, is_calm, fault),
            operation => (self.execute_at_once(operation, request, fault), now),
        };
        self.is_calm = false;
        answered
    }

    fn execute_at_once(
        &mut self,
        operation: &str,
        request: &Value,
        fault: Option<Fault>,
    ) -> Result<Value, Failure> {
        if fault == Some(Fault::Unprocessed) {
            return Ok(match operation {
                "BatchGetItem" => {
                    json!({"Responses": {}, "UnprocessedKeys": request["RequestItems"]})
                }
                _ => json!({"UnprocessedItems": request["RequestItems"]}),
            });
        }
        if fault == Some(Fault::Conflict) && operation != "TransactGetItems" {
            return Err(Failure::new(
                "TransactionConflictException",
                "Transaction is ongoing for the item",
            ));
        }
        match operation {
            "GetItem" => self.get_one(request),
            "BatchGetItem" => self.get_batch(request),
            "Query" => self.query(request),
            "Scan" => self.scan(request),
            "TransactGetItems" => self.transact_get(request, fault),
            "PutItem" => self.write_one("Put", request),
            "UpdateItem" => self.write_one("Update", request),
            "DeleteItem" => self.write_one("Delete", request),
            "BatchWriteItem" => self.write_batch(request),
            operation => self.administer(operation, request),
        }
    }
}
