//! The crash matrix: every call of the store and of Stripe that anything makes, spoiled in every way,
//! and the process killed before and after it. When whoever asked has asked again (the client with its
//! key, Stripe with its event, the schedule, the stream's mapping, an operator), all that is stored and
//! what is answered are as after a clean run.
//!
//! Calls are not listed: a clean run tells them, and from which lines they came; a call that only a
//! fault brings about is spoiled in its turn. At the end every route, schedule and stream of the
//! template must have been entered, and every line of the sources that makes a call must have been
//! reached. So neither a new operation nor a new call can be forgotten. And since all calls were seen,
//! they are what the functions must be allowed to do, and no more: [`permissions`].

mod act;
mod entries;
mod permissions;
mod sites;
mod stored;

use std::{
    collections::{BTreeSet, VecDeque},
    num::NonZero,
    panic::catch_unwind,
    sync::Mutex,
    time::Duration,
};

use dynamodb_sim::Fault;
use recharge_local::template::Template;
use recharge_testkit::simulation::{SeenCall, Service, Simulation, StripeFault, simulate};

use self::{
    act::{Act, Ended},
    entries::{Entry, entries},
    permissions::Touch,
    stored::{Item, assert_same, stored, without_attempts},
};

/// One and the same call may be hit more often than the SDK tries: then it must be asked again.
const TIMES: [usize; 2] = [1, 3];

const FAULTS: [Fault; 7] = [
    Fault::LostRequest,
    Fault::LostAnswer,
    Fault::ServerError,
    Fault::ServerErrorAfter,
    Fault::Throttled,
    Fault::Conflict,
    Fault::Unprocessed,
];

/// What goes wrong in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spoil {
    Store {
        call: usize,
        fault: Fault,
        times: usize,
    },
    Stripe {
        call: usize,
        fault: StripeFault,
        times: usize,
    },
    /// The process ends: before a call is sent if the step is even, after it was answered if odd.
    Kill { step: usize },
}

/// What came of a run.
struct Ran {
    entrance: String,
    answer: String,
    stored: Vec<Item>,
    /// The calls of the first time, with the store's operations.
    calls: Vec<Seen>,
    touched: BTreeSet<Touch>,
    again: usize,
}

#[derive(Default)]
struct Summary {
    lines: Vec<String>,
    entrances: BTreeSet<String>,
    reached: BTreeSet<String>,
    /// Through which entrance what was touched.
    touched: BTreeSet<(String, Touch)>,
    cases: usize,
    again: usize,
}

fn seed() -> u64 {
    let given = crate::text_setting("RECHARGE_TEST_SEED");
    given.map_or(1, |seed| seed.parse().unwrap())
}

#[test]
fn whatever_fails_at_whatever_call_all_ends_as_if_nothing_had() {
    let seed = seed();
    println!("seed {seed}");
    // To look at one entry again, name it, or a part of its name.
    let only = crate::text_setting("RECHARGE_TEST_ENTRY");
    let mut chosen = VecDeque::from(entries());
    chosen.retain(|entry| only.as_ref().is_none_or(|only| entry.name.contains(only)));
    let (left, summary) = (Mutex::new(chosen), Mutex::default());
    // One that fails tells why at once; the others go on.
    let failed = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let next = || left.lock().unwrap().pop_front();
                while let Some(entry) = next() {
                    let done = catch_unwind(|| spoil_all(&entry, seed, &summary));
                    if done.is_err() {
                        failed.lock().unwrap().push(entry.name);
                    }
                }
            });
        }
    });
    let summary: Summary = summary.into_inner().unwrap();
    for line in &summary.lines {
        println!("{line}");
    }
    let sites = sites::sites().len();
    println!(
        "seed {seed}: {} use cases, {sites} call sites, {} cases, {} of them asked again",
        summary.lines.len(),
        summary.cases,
        summary.again,
    );
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "see above: {failed:?}");
    if only.is_some() {
        return; // What the others reach is not known now.
    }
    let entrances = entrances();
    let missing: Vec<_> = entrances.difference(&summary.entrances).collect();
    assert!(missing.is_empty(), "no entry of the matrix for {missing:?}");
    let unreached = sites::unreached(&summary.reached);
    assert!(
        unreached.is_empty(),
        "no entry of the matrix reaches\n{}",
        unreached.join("\n")
    );
    permissions::assert_equal(&summary.touched);
    assert!(summary.again > 0 && summary.again < summary.cases);
}

/// Everything that calls our functions from outside, as the template tells.
fn entrances() -> BTreeSet<String> {
    let template = Template::built_in().unwrap();
    let mut entrances: BTreeSet<_> = act::COMMANDS.map(str::to_owned).into();
    for function in template.functions() {
        entrances.extend(function.routes.iter().map(|route| route.key()));
        let name = &function.name;
        entrances.extend(
            function
                .schedules
                .iter()
                .map(|_| format!("schedule of {name}")),
        );
        entrances.extend(function.streams.iter().map(|_| format!("stream of {name}")));
    }
    entrances
}

/// Runs the entry cleanly, then once for each way in which one of its calls can go wrong.
fn spoil_all(entry: &Entry, seed: u64, summary: &Mutex<Summary>) {
    let name = entry.name;
    let clean = run(entry, seed, &[], 0);
    assert_eq!(clean.again, 0, "{name}: a clean run is done at once");
    let mut seen: BTreeSet<_> = clean.calls.iter().map(place).collect();
    let first = spoils(&clean.calls, |_| true).into_iter();
    let mut left: VecDeque<_> = first.map(|spoil| vec![spoil]).collect();
    let (mut cases, mut again, mut touched) = (0, 0, clean.touched);
    while let Some(case) = left.pop_front() {
        // Up to the call that is spoiled, the calls are those of the clean run.
        let ignored = if let [one] = case[..] {
            one.known(&clean.calls)
        } else {
            usize::MAX
        };
        let ran = run(entry, seed, &case, ignored);
        let case_name = format!("{name}: {case:?}");
        assert_eq!(ran.answer, clean.answer, "{case_name}");
        if case.iter().any(is_kept_by_stripe) {
            let (found, expected) = (
                without_attempts(&ran.stored),
                without_attempts(&clean.stored),
            );
            assert_same(&found, &expected, &case_name);
        } else {
            assert_same(&ran.stored, &clean.stored, &case_name);
        }
        cases += 1;
        again += usize::from(ran.again > 0);
        // A call that only this fault brings about is spoiled, too. Two in a row are enough, and
        // the second must be one that ends a use case.
        if let [first] = case[..] {
            let is_new = |call: &Seen| !call.0.callers.is_empty() && !seen.contains(&place(call));
            let more = spoils(&ran.calls, is_new).into_iter();
            let more = more.filter(|second| !second.is_healed_by_retries());
            left.extend(more.map(|second| vec![first, second]));
            seen.extend(ran.calls.iter().map(place));
        }
        touched.extend(ran.touched);
    }
    let mut summary = summary.lock().unwrap();
    let calls = clean.calls.len();
    let line = format!("{name}: {calls} calls, {cases} cases, {again} asked again");
    summary.lines.push(line);
    let touched = touched.into_iter();
    let touched = touched.map(|touch| (clean.entrance.clone(), touch));
    summary.touched.extend(touched);
    summary.entrances.insert(clean.entrance);
    summary
        .reached
        .extend(seen.into_iter().flat_map(|(_, callers)| callers));
    summary.cases += cases;
    summary.again += again;
}

impl Spoil {
    /// Whether what retries by itself gets over it.
    const fn is_healed_by_retries(self) -> bool {
        match self {
            Self::Store { times, .. } | Self::Stripe { times, .. } => times == TIMES[0],
            Self::Kill { .. } => false,
        }
    }

    /// How many calls are known before it does anything new; all, if it brings no new ones about.
    fn known(self, calls: &[Seen]) -> usize {
        let (service, number) = match self {
            Self::Store { call, times: 1, .. } => (Service::Store, call),
            Self::Stripe { call, times: 1, .. } => (Service::Stripe, call),
            // More of the same ends sooner, and the dead do nothing.
            Self::Store { .. } | Self::Stripe { .. } | Self::Kill { .. } => return usize::MAX,
        };
        let of_service = calls
            .iter()
            .enumerate()
            .filter(|(_, (call, _))| call.service == service);
        of_service.map(|(at, _)| at + 1).nth(number).unwrap()
    }
}

/// A call, and the store's name for what it does.
type Seen = (SeenCall, String);

fn place((call, operation): &Seen) -> (String, Vec<String>) {
    (operation.clone(), call.callers.clone())
}

/// All that can go wrong with those of the calls.
fn spoils(calls: &[Seen], is_wanted: impl Fn(&Seen) -> bool) -> Vec<Spoil> {
    let mut spoils = Vec::new();
    let (mut of_store, mut of_stripe) = (0, 0);
    for (at, seen) in calls.iter().enumerate() {
        let (call, operation) = seen;
        let number = match call.service {
            Service::Store => &mut of_store,
            Service::Stripe => &mut of_stripe,
        };
        let call_number = *number;
        *number += 1;
        // Of calls that one line makes one after the other, the first and the last are spoiled.
        let is_alike = |other: &Seen| place(other) == place(seen);
        let (before, after) = calls.split_at(at);
        let is_between = before.iter().any(is_alike) && after.iter().skip(1).any(is_alike);
        if is_between || !is_wanted(seen) {
            continue;
        }
        for times in TIMES {
            match call.service {
                Service::Store => {
                    let faults = FAULTS.into_iter();
                    let faults = faults.filter(|fault| fault.applies_to(operation));
                    spoils.extend(faults.map(|fault| Spoil::Store {
                        call: call_number,
                        fault,
                        times,
                    }));
                }
                Service::Stripe => {
                    let faults = StripeFault::ALL.into_iter();
                    spoils.extend(faults.map(|fault| Spoil::Stripe {
                        call: call_number,
                        fault,
                        times,
                    }));
                }
            }
        }
        spoils.extend([2 * at, 2 * at + 1].map(|step| Spoil::Kill { step }));
    }
    spoils
}

fn run(entry: &Entry, seed: u64, case: &[Spoil], ignored: usize) -> Ran {
    simulate(seed, |simulation| async move {
        let act = (entry.prepare)(simulation.clone()).await;
        if !entry.is_warm {
            simulation.restart();
        }
        let (dynamodb, stripe) = (simulation.dynamodb(), simulation.stripe());
        dynamodb.forget();
        stripe.forget();
        let mut deadly = None;
        for spoil in case {
            match *spoil {
                Spoil::Store { call, fault, times } => dynamodb.plan_more(call, fault, times),
                Spoil::Stripe { call, fault, times } => stripe.plan_more(call, fault, times),
                Spoil::Kill { step } => deadly = Some(step),
            }
        }
        let watched = simulation
            .watching(ignored, first_time(&simulation, &act, deadly))
            .await;
        let (mut ended, seen) = watched;
        assert_struck(&simulation, case, ended.is_none());
        let operations: Vec<_> = dynamodb
            .calls()
            .into_iter()
            .map(|call| call.operation)
            .collect();
        let mut operations = operations.into_iter();
        let calls = seen.into_iter().map(|call| {
            let operation = match call.service {
                // A call that was killed before it was sent has no operation.
                Service::Store => operations.next().unwrap_or_default(),
                Service::Stripe => "Stripe".to_owned(),
            };
            (call, operation)
        });
        let calls: Vec<Seen> = calls.collect();
        let touched = permissions::touched(&simulation, &calls);
        dynamodb.forget();
        stripe.forget();
        let mut again = 0;
        let mut answer = loop {
            let wait = match ended {
                Some(Ended::Done(answer)) => break answer,
                Some(Ended::Again(wait)) => wait,
                None => Duration::from_secs(2),
            };
            again += 1;
            assert!(again <= 3, "{}: {case:?} never ends", entry.name);
            simulation.advance(wait).await;
            ended = Some(act.once(&simulation).await);
        };
        act.afterwards(&simulation).await;
        let stored = stored(&simulation, &mut answer).await;
        Ran {
            entrance: act.entrance(),
            answer,
            stored,
            calls,
            touched,
            again,
        }
    })
}

async fn first_time(simulation: &Simulation, act: &Act, deadly: Option<usize>) -> Option<Ended> {
    match deadly {
        Some(step) => simulation.killed_at(step, act.once(simulation)).await,
        None => Some(act.once(simulation).await),
    }
}

fn is_kept_by_stripe(spoil: &Spoil) -> bool {
    use StripeFault::{ServerError, ServerErrorAfter};
    let fault = match spoil {
        Spoil::Stripe { fault, .. } => fault,
        Spoil::Store { .. } | Spoil::Kill { .. } => return false,
    };
    matches!(fault, ServerError | ServerErrorAfter)
}

/// What was planned must have happened: a case that spoils nothing proves nothing.
fn assert_struck(simulation: &Simulation, case: &[Spoil], was_killed: bool) {
    let (of_store, of_stripe) = (simulation.dynamodb().calls(), simulation.stripe().calls());
    for spoil in case {
        let struck = match *spoil {
            Spoil::Store { call, fault, .. } => of_store
                .get(call)
                .is_some_and(|call| call.fault == Some(fault)),
            Spoil::Stripe { call, .. } => of_stripe.len() > call,
            Spoil::Kill { .. } => was_killed,
        };
        assert!(struck, "{spoil:?} of {case:?} never struck");
    }
}
