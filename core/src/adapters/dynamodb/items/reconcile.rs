//! `RECONCILE` / `MARK`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attributes, Unreadable, read, write};
use crate::domain::{CheckoutSessionId, RechargeId, ReconcileMark, Sweep, WaitingSession};

/// How far the reconciler has come.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct ReconcileItem {
    since: Timestamp,
    swept_at: Option<Timestamp>,
    sweep: Option<SweepItem>,
    waiting: BTreeMap<String, WaitingItem>,
    version: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct SweepItem {
    began: Timestamp,
    after: Option<CheckoutSessionId>,
    oldest_unfinished: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
struct WaitingItem {
    recharge: RechargeId,
    opened: Timestamp,
}

impl ReconcileItem {
    pub(in super::super) fn write(mark: &ReconcileMark) -> Result<Attributes, Unreadable> {
        let waiting = mark.waiting.iter().map(|(session, waiting)| {
            let item = WaitingItem {
                recharge: waiting.recharge.clone(),
                opened: waiting.opened,
            };
            (session.to_string(), item)
        });
        let item = Self {
            since: mark.since,
            swept_at: mark.swept_at,
            sweep: mark.sweep.clone().map(|sweep| SweepItem {
                began: sweep.began,
                after: sweep.after,
                oldest_unfinished: sweep.oldest_unfinished,
            }),
            waiting: waiting.collect(),
            version: mark.version,
        };
        write("reconcile mark", &item)
    }

    pub(in super::super) fn read(attributes: Attributes) -> Result<ReconcileMark, Unreadable> {
        let item: Self = read("reconcile mark", attributes)?;
        let waiting = item.waiting.into_iter().map(|(session, item)| {
            let session = CheckoutSessionId::try_from(session)
                .map_err(|error| Unreadable::new("reconcile mark", error))?;
            let waiting = WaitingSession {
                recharge: item.recharge,
                opened: item.opened,
            };
            Ok((session, waiting))
        });
        Ok(ReconcileMark {
            since: item.since,
            swept_at: item.swept_at,
            sweep: item.sweep.map(|sweep| Sweep {
                began: sweep.began,
                after: sweep.after,
                oldest_unfinished: sweep.oldest_unfinished,
            }),
            waiting: waiting.collect::<Result<_, _>>()?,
            version: item.version,
        })
    }
}
