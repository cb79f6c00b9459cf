//! Failures that tests ask for: single ones for the next calls that create a session, and outages for all calls.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// What goes wrong with one `POST /v1/checkout/sessions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 500 without effect, stored under the key.
    #[serde(rename = "error_500")]
    Error500,
    /// The session is made, but the answer, stored under the key, is 500.
    #[serde(rename = "error_500_after_effect")]
    Error500AfterEffect,
    /// The call has its effect and its answer is stored, but the connection closes instead.
    LostAnswer,
    /// 429, not stored.
    RateLimited,
    /// 429 `lock_timeout`, not stored.
    LockTimeout,
    /// 409 `idempotency_key_in_use`, as if the first request with this key were still under way.
    KeyInUse,
    /// The call stops before its effect, holding its key, until the faults are set again or released.
    Stall,
}

impl Fault {
    /// Whether it strikes any call, even one that would only replay. The others wait for one that executes.
    fn strikes_at_the_door(self) -> bool {
        match self {
            Self::LostAnswer | Self::RateLimited | Self::LockTimeout | Self::KeyInUse => true,
            Self::Error500 | Self::Error500AfterEffect | Self::Stall => false,
        }
    }
}

/// What goes wrong with every call of Stripe's API until it is set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outage {
    /// 500 without effect. Unlike with [`Fault::Error500`] no key keeps it.
    #[serde(rename = "error_500")]
    Error500,
    /// The call waits before its effect, unless its client gives up, until the faults are set or released.
    Timeout,
    /// The connection closes without effect.
    ClosedBefore,
    /// The call has its effect and its answer is stored, but the connection closes instead.
    ClosedAfter,
}

/// More than any test needs.
const MAX_QUEUED: usize = 1_000;

/// The faults still to come, in order, and the outage there is.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    next: VecDeque<Fault>,
    /// What every call meets.
    pub(crate) outage: Option<Outage>,
}

impl Faults {
    /// Replaces what was queued; false, and nothing changes, if there are too many.
    pub(crate) fn set(&mut self, faults: Vec<Fault>) -> bool {
        if faults.len() > MAX_QUEUED {
            return false;
        }
        self.next = faults.into();
        true
    }

    /// What is still queued.
    pub(crate) fn queued(&self) -> Vec<Fault> {
        self.next.iter().copied().collect()
    }

    /// Takes the next fault if it strikes before the key is looked at.
    pub(crate) fn take_at_the_door(&mut self) -> Option<Fault> {
        self.next.pop_front_if(|fault| fault.strikes_at_the_door())
    }

    /// Takes the next fault if it is a stall.
    pub(crate) fn take_stall(&mut self) -> bool {
        self.next
            .pop_front_if(|fault| *fault == Fault::Stall)
            .is_some()
    }

    /// Takes the next fault if it strikes an execution.
    pub(crate) fn take_in_execution(&mut self) -> Option<Fault> {
        let strikes =
            |fault: &mut Fault| matches!(fault, Fault::Error500 | Fault::Error500AfterEffect);
        self.next.pop_front_if(strikes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_takes_the_first_fault_if_it_can_meet_it() {
        let mut queue = Faults::default();
        assert!(queue.set(vec![Fault::Error500, Fault::RateLimited, Fault::Stall]));
        assert_eq!(queue.take_at_the_door(), None);
        assert!(!queue.take_stall());
        assert_eq!(queue.take_in_execution(), Some(Fault::Error500));
        assert_eq!(queue.take_in_execution(), None);
        assert_eq!(queue.take_at_the_door(), Some(Fault::RateLimited));
        assert!(queue.take_stall());
        assert!(queue.queued().is_empty());
        assert!(!queue.set(vec![Fault::Stall; MAX_QUEUED + 1]));
    }

    #[test]
    fn names_are_those_of_the_control() {
        for (fault, name) in [
            (Fault::Error500, "\"error_500\""),
            (Fault::Error500AfterEffect, "\"error_500_after_effect\""),
            (Fault::LostAnswer, "\"lost_answer\""),
            (Fault::RateLimited, "\"rate_limited\""),
            (Fault::LockTimeout, "\"lock_timeout\""),
            (Fault::KeyInUse, "\"key_in_use\""),
            (Fault::Stall, "\"stall\""),
        ] {
            assert_eq!(serde_json::to_string(&fault).unwrap(), name);
        }
        for (outage, name) in [
            (Outage::Error500, "\"error_500\""),
            (Outage::Timeout, "\"timeout\""),
            (Outage::ClosedBefore, "\"closed_before\""),
            (Outage::ClosedAfter, "\"closed_after\""),
        ] {
            assert_eq!(serde_json::to_string(&outage).unwrap(), name);
        }
    }
}
