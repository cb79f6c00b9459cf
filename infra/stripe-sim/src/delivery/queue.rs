//! What is to be sent next.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use tokio::time::Instant;

/// One thing to send.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A further copy of an event whose try is under way.
    Copy(String),
    /// An event that `deliver` asks for, whatever its state and pause.
    Urgent(String),
    /// An event that was due when it came here.
    Due(String),
}

/// Events to send, by id. What is found out of date when its turn comes is dropped then.
#[derive(Debug)]
pub(crate) struct Queue {
    copies: VecDeque<String>,
    urgent: VecDeque<String>,
    is_urgent: HashSet<String>,
    due: VecDeque<String>,
    paused: BTreeSet<(Instant, String)>,
    not_before: HashMap<String, Instant>,
    random: fastrand::Rng,
}

impl Queue {
    /// An empty queue, which shuffles in the order that belongs to this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            copies: VecDeque::new(),
            urgent: VecDeque::new(),
            is_urgent: HashSet::new(),
            due: VecDeque::new(),
            paused: BTreeSet::new(),
            not_before: HashMap::new(),
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Adds further copies of an event.
    pub(crate) fn add_copies(&mut self, id: &str, count: u32) {
        self.copies.extend((0..count).map(|_| id.to_owned()));
    }

    /// Adds an event that `deliver` asks for.
    pub(crate) fn add_urgent(&mut self, id: &str) {
        if self.is_urgent.insert(id.to_owned()) {
            self.urgent.push_back(id.to_owned());
        }
    }

    /// Adds events that are due.
    pub(crate) fn add_due(&mut self, ids: impl IntoIterator<Item = String>) {
        self.due.extend(ids);
    }

    /// Whether `deliver` asks for this event.
    pub(crate) fn is_urgent(&self, id: &str) -> bool {
        self.is_urgent.contains(id)
    }

    /// Whether this event waits for its next try.
    pub(crate) fn is_paused(&self, id: &str) -> bool {
        self.not_before.contains_key(id)
    }

    /// Has an event wait until then.
    pub(crate) fn pause(&mut self, id: &str, until: Instant) {
        self.end_pause(id);
        self.not_before.insert(id.to_owned(), until);
        self.paused.insert((until, id.to_owned()));
    }

    /// Has an event wait no more.
    pub(crate) fn end_pause(&mut self, id: &str) {
        if let Some(until) = self.not_before.remove(id) {
            self.paused.remove(&(until, id.to_owned()));
        }
    }

    /// Makes due what has waited long enough, and says when the next one has.
    pub(crate) fn wake(&mut self, now: Instant) -> Option<Instant> {
        while let Some((until, _)) = self.paused.first() {
            if *until > now {
                return Some(*until);
            }
            if let Some((_, id)) = self.paused.pop_first() {
                self.not_before.remove(&id);
                self.due.push_back(id);
            }
        }
        None
    }

    /// Takes what is to be sent next: copies first, then what is urgent, then what is due; or any of it.
    pub(crate) fn next(&mut self, shuffle: bool) -> Option<Next> {
        let (copies, urgent) = (self.copies.len(), self.urgent.len());
        let before_due = copies.saturating_add(urgent);
        let all = before_due.saturating_add(self.due.len());
        if all == 0 {
            return None;
        }
        let index = if shuffle { self.random.usize(..all) } else { 0 };
        if index < copies {
            return take(&mut self.copies, index).map(Next::Copy);
        }
        if index < before_due {
            let id = take(&mut self.urgent, index.saturating_sub(copies))?;
            self.is_urgent.remove(&id);
            return Some(Next::Urgent(id));
        }
        take(&mut self.due, index.saturating_sub(before_due)).map(Next::Due)
    }
}

/// Takes one without moving all behind it. Only a shuffled queue is asked for another than the first.
fn take(list: &mut VecDeque<String>, index: usize) -> Option<String> {
    if index == 0 {
        list.pop_front()
    } else {
        list.swap_remove_front(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn filled(seed: u64) -> Queue {
        let mut queue = Queue::new(seed);
        queue.add_due((0..20).map(|number| format!("evt_{number}")));
        queue.add_urgent("evt_urgent");
        queue.add_urgent("evt_urgent");
        queue.add_copies("evt_copied", 2);
        queue
    }

    fn all(mut queue: Queue, shuffle: bool) -> Vec<String> {
        std::iter::from_fn(|| queue.next(shuffle))
            .map(|next| match next {
                Next::Copy(id) | Next::Urgent(id) | Next::Due(id) => id,
            })
            .collect()
    }

    #[test]
    fn copies_come_first_then_what_is_urgent_then_the_rest_in_order() {
        let order = all(filled(1), false);
        assert_eq!(
            order[..4],
            ["evt_copied", "evt_copied", "evt_urgent", "evt_0"]
        );
        assert_eq!(order.len(), 23);
        assert_eq!(order[22], "evt_19");
    }

    #[test]
    fn shuffling_loses_nothing_and_a_seed_repeats_it() {
        let mut shuffled = all(filled(1), true);
        assert_eq!(shuffled, all(filled(1), true));
        assert_ne!(shuffled, all(filled(2), true));
        let mut ordered = all(filled(1), false);
        assert_ne!(shuffled, ordered);
        shuffled.sort();
        ordered.sort();
        assert_eq!(shuffled, ordered);
    }

    #[test]
    fn a_pause_ends_at_its_time_or_when_it_is_ended() {
        let (now, later) = (Instant::now(), Instant::now() + Duration::from_secs(60));
        let mut queue = Queue::new(1);
        queue.pause("evt_1", later);
        queue.pause("evt_2", later);
        assert_eq!(queue.wake(now), Some(later));
        assert_eq!(queue.next(false), None);
        queue.end_pause("evt_1");
        assert!(queue.is_paused("evt_2") && !queue.is_paused("evt_1"));
        assert_eq!(queue.wake(later), None);
        assert_eq!(queue.next(false), Some(Next::Due("evt_2".into())));
        assert_eq!(queue.next(false), None);
    }
}
