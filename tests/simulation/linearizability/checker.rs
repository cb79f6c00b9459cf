//! Whether a history of calls that overlapped can be told as calls one after the other.
//!
//! The search of Wing and Gong with the memory of Lowe: states that were reached with the same calls
//! are not searched twice, and calls that change nothing are made as soon as they can be.

use std::{collections::HashSet, fmt::Debug, hash::Hash};

/// What a thing that is called may answer, one call after the other.
pub(crate) trait Spec: Clone + Eq + Hash + Debug {
    /// What is asked.
    type Op: Debug + PartialEq;
    /// What is answered.
    type Seen: Debug;

    /// How it is after a call; none if the call cannot be answered so. Nobody knows what was answered
    /// to a call that is pending.
    fn after(&self, op: &Self::Op, seen: Option<&Self::Seen>) -> Option<Self>;

    /// False only if nothing at all leads to where this call is answered so: then nobody need try.
    fn may_come_to(&self, op: &Self::Op, seen: &Self::Seen) -> bool;
}

/// A call, with the moments at which it was made and answered.
#[derive(Debug)]
pub(crate) struct Call<S: Spec> {
    pub(crate) op: S::Op,
    pub(crate) called: u64,
    /// The answer, and its moment. A call without one took effect at any time since, or will, or never.
    pub(crate) answer: Option<(S::Seen, u64)>,
}

impl<S: Spec> Call<S> {
    fn ends(&self) -> u64 {
        self.answer.as_ref().map_or(u64::MAX, |(_, at)| *at)
    }

    fn is_as(&self, other: &Self) -> bool {
        self.answer.is_none() && other.answer.is_none() && self.op == other.op
    }
}

/// An order of the calls that explains every answer.
///
/// # Errors
/// What can be explained at most, and how it is then.
pub(crate) fn explain<S: Spec>(initial: &S, history: &[Call<S>]) -> Result<Vec<usize>, String> {
    assert!(history.len() <= 128, "a set of calls is 128 bits");
    let mut search = Search {
        history,
        known: HashSet::new(),
        order: Vec::new(),
        best: (Vec::new(), initial.clone()),
    };
    if search.goes_on(0, initial) {
        return Ok(search.order);
    }
    let (order, state) = search.best;
    let mut text = String::new();
    for nth in &order {
        text += &format!("    {:?}\n", history[*nth]);
    }
    text += &format!("then {state:?}, and none of these can be next:\n");
    for (nth, call) in history.iter().enumerate() {
        if !order.contains(&nth) {
            text += &format!("    {call:?}\n");
        }
    }
    Err(text)
}

struct Search<'a, S: Spec> {
    history: &'a [Call<S>],
    /// The calls that were made and how it was then, where nothing led on.
    known: HashSet<(u128, S)>,
    order: Vec<usize>,
    best: (Vec<usize>, S),
}

impl<S: Spec> Search<'_, S> {
    fn goes_on(&mut self, made: u128, state: &S) -> bool {
        if self.order.len() > self.best.0.len() {
            self.best = (self.order.clone(), state.clone());
        }
        let history = self.history;
        let open = || {
            history
                .iter()
                .enumerate()
                .filter(|(nth, _)| made & (1 << nth) == 0)
        };
        if open().all(|(_, call)| call.answer.is_none()) {
            return true;
        }
        if !self.known.insert((made, state.clone())) {
            return false;
        }
        // Whoever was called after somebody was answered cannot come before them.
        let first_end = open()
            .map(|(_, call)| call.ends())
            .min()
            .unwrap_or(u64::MAX);
        let mut changing: Vec<(usize, S)> = Vec::new();
        for (nth, call) in open().filter(|(_, call)| call.called < first_end) {
            let seen = call.answer.as_ref().map(|(seen, _)| seen);
            let Some(next) = state.after(&call.op, seen) else {
                continue;
            };
            // What changes nothing is in nobody's way: if anything explains the rest, it also does
            // with this call first. One that is pending need not be made at all.
            if next == *state {
                match seen {
                    Some(_) => return self.makes(nth, made, &next),
                    None => continue,
                }
            }
            // Of the same pending calls one is as good as the other.
            if !changing
                .iter()
                .any(|(other, _)| history[*other].is_as(call))
            {
                changing.push((nth, next));
            }
        }
        changing.retain(|(now, next)| {
            let mut later = open().filter(|(nth, _)| nth != now);
            later.all(|(_, call)| match &call.answer {
                Some((seen, _)) => next.may_come_to(&call.op, seen),
                None => true,
            })
        });
        changing
            .into_iter()
            .any(|(nth, next)| self.makes(nth, made, &next))
    }

    fn makes(&mut self, nth: usize, made: u128, next: &S) -> bool {
        self.order.push(nth);
        let is_explained = self.goes_on(made | (1 << nth), next);
        if !is_explained {
            self.order.pop();
        }
        is_explained
    }
}

/// A number that is written and read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Register(u8);

#[derive(Debug, PartialEq)]
enum Use {
    Write(u8),
    Read,
}

impl Spec for Register {
    type Op = Use;
    type Seen = u8;

    fn after(&self, op: &Use, seen: Option<&u8>) -> Option<Self> {
        match op {
            Use::Write(number) => Some(Self(*number)),
            Use::Read => seen
                .is_none_or(|seen| *seen == self.0)
                .then(|| self.clone()),
        }
    }

    fn may_come_to(&self, _: &Use, _: &u8) -> bool {
        true
    }
}

fn call(op: Use, called: u64, answer: Option<(u8, u64)>) -> Call<Register> {
    Call { op, called, answer }
}

fn is_explained(history: &[Call<Register>]) -> bool {
    explain(&Register(0), history).is_ok()
}

#[test]
fn a_read_after_a_write_sees_it_and_one_beside_it_may() {
    let write = || call(Use::Write(1), 0, Some((0, 5)));
    for (called, seen, expected) in [(6, 1, true), (6, 0, false), (3, 1, true), (3, 0, true)] {
        let history = [write(), call(Use::Read, called, Some((seen, 9)))];
        assert_eq!(is_explained(&history), expected, "{seen} from {called} on");
    }
}

#[test]
fn a_pending_write_may_be_seen_late_or_never_but_not_vanish() {
    for (reads, expected) in [
        ([0, 0], true),
        ([0, 1], true),
        ([1, 1], true),
        ([1, 0], false),
    ] {
        let history = [
            call(Use::Write(1), 0, None),
            call(Use::Read, 10, Some((reads[0], 11))),
            call(Use::Read, 12, Some((reads[1], 13))),
        ];
        assert_eq!(is_explained(&history), expected, "{reads:?}");
    }
}

#[test]
fn two_readers_do_not_see_two_writes_in_two_orders() {
    let reads = |first, second, at| {
        [
            call(Use::Read, at, Some((first, at + 1))),
            call(Use::Read, at + 2, Some((second, at + 3))),
        ]
    };
    for (second_reader, expected) in [((1, 2), true), ((2, 1), false)] {
        let mut history = vec![
            call(Use::Write(1), 0, Some((0, 100))),
            call(Use::Write(2), 1, Some((0, 101))),
        ];
        history.extend(reads(1, 2, 10));
        history.extend(reads(second_reader.0, second_reader.1, 11));
        assert_eq!(is_explained(&history), expected, "{second_reader:?}");
    }
}

/// Without its memory the search would take the factorial of their number.
#[test]
fn many_pending_calls_are_searched_soon() {
    let mut history: Vec<_> = (0..16).map(|_| call(Use::Write(1), 0, None)).collect();
    history.push(call(Use::Read, 10, Some((2, 11))));
    assert!(!is_explained(&history));
}
