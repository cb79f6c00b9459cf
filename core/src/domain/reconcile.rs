//! How far the reconciler has come.
//!
//! A checkout session is finished once nothing can come of it any more: it expired, it failed,
//! its coins were credited, or a person must look. Stripe lists sessions by when they were
//! opened, so the watermark is the time before which every session is finished. What may take
//! weeks (a delayed payment, a dispute) is remembered one by one instead of holding it back.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{CheckoutSessionId, RechargeId};

/// How far the reconciler has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconcileMark {
    /// The watermark: every session that was opened before is finished, or waits.
    pub since: Timestamp,
    /// When the last whole sweep began.
    pub swept_at: Option<Timestamp>,
    /// The sweep under way.
    pub sweep: Option<Sweep>,
    /// The sessions that may yet take weeks.
    pub waiting: BTreeMap<CheckoutSessionId, WaitingSession>,
    /// The number of writes.
    pub version: u64,
}

/// A walk over all sessions from the newest down to the watermark, over several runs if need be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// When it began.
    pub began: Timestamp,
    /// The last session that was looked at; the next page follows it.
    pub after: Option<CheckoutSessionId>,
    /// When the oldest session was opened that is not finished.
    pub oldest_unfinished: Option<Timestamp>,
}

/// A session that may yet take weeks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingSession {
    /// Its recharge.
    pub recharge: RechargeId,
    /// When it was opened.
    pub opened: Timestamp,
}

impl ReconcileMark {
    /// Before the first run: Stripe may have been paid while nobody reconciled.
    const FIRST_LOOK_BACK: SignedDuration = SignedDuration::from_hours(30 * 24);
    /// How often everything down to the watermark is looked at, besides what is recent.
    const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(1);
    /// Stripe's clock and ours may differ by this much.
    const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);
    /// Longer than disputes take.
    const WAITING_FOR: SignedDuration = SignedDuration::from_hours(120 * 24);
    /// What fits into one item, with much room. What does not waits by holding the watermark.
    const WAITING_MAX: usize = 1_000;

    /// Before the first run.
    #[must_use]
    pub fn first(now: Timestamp) -> Self {
        Self {
            since: earlier(now, Self::FIRST_LOOK_BACK),
            swept_at: None,
            sweep: None,
            waiting: BTreeMap::new(),
            version: 0,
        }
    }

    /// The sweep to go on with, if there is one or one is due.
    #[must_use]
    pub fn sweep_at(&self, now: Timestamp) -> Option<Sweep> {
        let due = self
            .swept_at
            .is_none_or(|swept_at| now.duration_since(swept_at) >= Self::SWEEP_EVERY);
        self.sweep.clone().or_else(|| {
            due.then_some(Sweep {
                began: now,
                after: None,
                oldest_unfinished: None,
            })
        })
    }

    /// Remembers a session that may take weeks; whether it could be.
    pub fn wait_for(&mut self, session: CheckoutSessionId, waiting: WaitingSession) -> bool {
        let has_room = self.waiting.len() < Self::WAITING_MAX;
        if has_room || self.waiting.contains_key(&session) {
            self.waiting.insert(session, waiting);
            return true;
        }
        false
    }

    /// Whether nobody waits any more for what was opened then.
    #[must_use]
    pub fn has_waited_enough(opened: Timestamp, now: Timestamp) -> bool {
        now.duration_since(opened) > Self::WAITING_FOR
    }

    /// After a whole sweep the watermark goes up to the oldest session that is not finished,
    /// and never back.
    pub fn swept(&mut self, sweep: &Sweep) {
        let began = earlier(sweep.began, Self::CLOCKS_DIFFER);
        let since = sweep
            .oldest_unfinished
            .map_or(began, |oldest| oldest.min(began));
        self.since = self.since.max(since);
        self.swept_at = Some(sweep.began);
        self.sweep = None;
    }
}

impl Sweep {
    /// A session that was opened then is not finished.
    pub fn unfinished(&mut self, opened: Timestamp) {
        let oldest = self.oldest_unfinished.map_or(opened, |at| at.min(opened));
        self.oldest_unfinished = Some(oldest);
    }
}

fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_sub(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_watermark_goes_to_the_oldest_unfinished_session_and_never_back() {
        let mut mark = ReconcileMark::first(at("2026-11-23T12:00:00Z"));
        assert_eq!(mark.since, at("2026-10-24T12:00:00Z"));
        let mut sweep = mark.sweep_at(at("2026-11-23T12:00:00Z")).unwrap();
        sweep.unfinished(at("2026-11-23T10:00:00Z"));
        sweep.unfinished(at("2026-11-23T09:00:00Z"));
        sweep.unfinished(at("2026-11-23T11:00:00Z"));
        mark.swept(&sweep);
        assert_eq!(mark.since, at("2026-11-23T09:00:00Z"));
        // The next is due an hour later; with nothing unfinished the clocks' margin stays.
        assert_eq!(mark.sweep_at(at("2026-11-23T12:59:59Z")), None);
        let sweep = mark.sweep_at(at("2026-11-23T13:00:00Z")).unwrap();
        mark.swept(&sweep);
        assert_eq!(mark.since, at("2026-11-23T12:55:00Z"));
        let mut late = mark.sweep_at(at("2026-11-23T14:00:00Z")).unwrap();
        late.unfinished(at("2026-11-23T08:00:00Z"));
        mark.swept(&late);
        assert_eq!(mark.since, at("2026-11-23T12:55:00Z"));
    }

    #[test]
    fn so_many_sessions_wait_and_no_more_and_none_longer_than_disputes_take() {
        let opened = at("2026-07-01T00:00:00Z");
        let waiting = || WaitingSession {
            recharge: "rch_1".try_into().unwrap(),
            opened,
        };
        let session = |number: usize| format!("cs_{number}").as_str().try_into().unwrap();
        let mut mark = ReconcileMark::first(opened);
        for number in 0..1_000 {
            assert!(mark.wait_for(session(number), waiting()), "{number}");
        }
        assert!(!mark.wait_for(session(1_000), waiting()), "one too many");
        assert!(
            mark.wait_for(session(999), waiting()),
            "one that waits already"
        );
        assert_eq!(mark.waiting.len(), 1_000);
        // 120 days: July, August, September and 28 days of October.
        let last = at("2026-10-29T00:00:00Z");
        assert!(!ReconcileMark::has_waited_enough(opened, last));
        assert!(ReconcileMark::has_waited_enough(
            opened,
            at("2026-10-29T00:00:01Z")
        ));
    }

    #[test]
    fn a_sweep_under_way_goes_on() {
        let mut mark = ReconcileMark::first(at("2026-11-23T12:00:00Z"));
        let mut sweep = mark.sweep_at(at("2026-11-23T12:00:00Z")).unwrap();
        sweep.after = Some("cs_1".try_into().unwrap());
        mark.sweep = Some(sweep.clone());
        assert_eq!(mark.sweep_at(at("2026-11-25T12:00:00Z")), Some(sweep));
    }
}
