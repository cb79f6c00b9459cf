//! Settles what no webhook delivered: walks over Stripe's own list of checkout sessions.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::{
    Evidence, SettleRechargeError, Settled,
    ports::{
        Clock, Commits, Outage, PaymentIntents, PaymentRecords, Recharges, ReconcileMarks,
        SaveError, Wallets,
    },
    settle_recharge,
    settle_recharge::unknown_at_stripe,
};
use crate::domain::{
    CheckoutSessionId, PaymentStatus, RechargeId, ReconcileMark, ReviewReason, SessionReport,
    Sweep, WaitingSession,
};

/// What one run did.
#[derive(Debug, Default)]
pub struct Reconciled {
    /// Sessions that were looked at, some of them twice.
    pub looked_at: u64,
    /// Of each recharge whose coins were credited now: how long after its payment began.
    pub lags: Vec<SignedDuration>,
    /// Recharges that a person must look at from now on, and why.
    pub reviews: Vec<(RechargeId, ReviewReason)>,
    /// Recharges that could not be settled now, and why; the next runs try again.
    pub failures: Vec<(RechargeId, SettleRechargeError)>,
    /// Whether the run had the time to look at all that was due.
    pub is_complete: bool,
}

/// Why nothing more was reconciled.
#[derive(Debug, Error)]
pub enum ReconcileError {
    /// An outage of Stripe's list or of the mark; the next run goes on.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// How a run is bounded.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Whether this service handles real money.
    pub livemode: bool,
    /// How long it may take; what is left is for the next run.
    pub time: Duration,
}

/// What is paid this recently is left to its webhook.
const WEBHOOKS_TURN: SignedDuration = SignedDuration::from_mins(1);
/// What was opened within this time is looked at in every run: most buyers pay within minutes.
const RECENT: SignedDuration = SignedDuration::from_hours(1);
/// How many sessions are settled at once.
const AT_ONCE: usize = 8;

/// Looks at recent sessions, and once an hour at all down to the watermark; settles what is paid.
/// What it did is in `done`, also if it ends with an error: nobody would be told of it again.
///
/// # Errors
/// [`ReconcileError`]; what was settled stays settled, and the next run goes on.
pub async fn reconcile(
    store: &(impl Recharges + PaymentIntents + Wallets + Commits + ReconcileMarks),
    records: &impl PaymentRecords,
    clock: &dyn Clock,
    run: Run,
    done: &mut Reconciled,
) -> Result<(), ReconcileError> {
    let began = clock.now();
    let stored = store.reconcile_mark().await?;
    let mark = stored.unwrap_or_else(|| ReconcileMark::first(began));
    let mut walk = Walk {
        store,
        records,
        clock,
        livemode: run.livemode,
        deadline: began.saturating_add(run.time).unwrap_or(began),
        mark,
        done,
    };
    walk.recent(began).await?;
    walk.done.is_complete = match walk.mark.sweep_at(began) {
        Some(sweep) => walk.sweep(sweep).await?,
        None => true,
    };
    Ok(())
}

/// When the last try to pay began, if Stripe tells; it was not paid before that.
fn paid_at(report: &SessionReport) -> Timestamp {
    report.tried_at.unwrap_or(report.created)
}

struct Walk<'a, S, P> {
    store: &'a S,
    records: &'a P,
    clock: &'a dyn Clock,
    livemode: bool,
    deadline: Timestamp,
    mark: ReconcileMark,
    done: &'a mut Reconciled,
}

/// What came of a session; `None` if there was nothing to be settled yet.
type Healed = Option<Result<Settled, SettleRechargeError>>;

/// How a session stands after it was looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nothing can come of it any more.
    Finished,
    /// Within a day it will be finished.
    Unfinished,
    /// It may take weeks.
    Waits,
}

impl<S, P> Walk<'_, S, P>
where
    S: Recharges + PaymentIntents + Wallets + Commits + ReconcileMarks,
    P: PaymentRecords,
{
    /// What it does not get to, the sweep does.
    async fn recent(&mut self, now: Timestamp) -> Result<(), Outage> {
        let from = now.saturating_sub(RECENT).unwrap_or(now);
        let (from, mut after) = (from.max(self.mark.since), None);
        while !self.is_late() {
            let page = self.records.sessions(from, after.as_ref()).await?;
            self.heal_all(&page.reports).await;
            after = page.next_after;
            if after.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Whether it got to the end.
    async fn sweep(&mut self, mut sweep: Sweep) -> Result<bool, Outage> {
        if sweep.after.is_none() {
            self.waiting(sweep.began).await?;
        }
        while !self.is_late() {
            let page = self
                .records
                .sessions(self.mark.since, sweep.after.as_ref())
                .await?;
            let standings = self.heal_all(&page.reports).await;
            if self.is_late() {
                return Ok(false); // Perhaps in the middle of this page: it is read again.
            }
            for (report, standing) in page.reports.iter().zip(standings) {
                self.keep(report, standing, &mut sweep);
            }
            let is_last = page.next_after.is_none();
            if is_last {
                self.mark.swept(&sweep);
            } else {
                sweep.after = page.next_after;
                self.mark.sweep = Some(sweep.clone());
            }
            if !self.save().await? {
                return Ok(false); // Another run has gone further.
            }
            if is_last {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Asks about every session that may take weeks.
    async fn waiting(&mut self, now: Timestamp) -> Result<(), Outage> {
        let waiting: Vec<CheckoutSessionId> = self.mark.waiting.keys().cloned().collect();
        for chunk in waiting.chunks(AT_ONCE) {
            if self.is_late() {
                break;
            }
            let asked = join_all(chunk.iter().map(|id| self.records.session(id))).await;
            for (id, report) in chunk.iter().zip(asked) {
                let finished = match report? {
                    None => {
                        self.missing(id);
                        false
                    }
                    Some(report) => self.heal_all(&[report]).await == [Standing::Finished],
                };
                let enough =
                    self.mark.waiting.get(id).is_some_and(|waiting| {
                        ReconcileMark::has_waited_enough(waiting.opened, now)
                    });
                if finished || enough {
                    self.mark.waiting.remove(id);
                }
            }
        }
        Ok(())
    }

    /// A session that waits, and that Stripe does not know: it goes on waiting.
    fn missing(&mut self, id: &CheckoutSessionId) {
        if let Some(waiting) = self.mark.waiting.get(id) {
            let failure = (waiting.recharge.clone(), unknown_at_stripe().into());
            self.done.failures.push(failure);
        }
    }

    fn keep(&mut self, report: &SessionReport, standing: Standing, sweep: &mut Sweep) {
        let waits = standing == Standing::Waits
            && report.recharge.clone().is_some_and(|recharge| {
                let opened = report.created;
                let waiting = WaitingSession { recharge, opened };
                self.mark.wait_for(report.session.id.clone(), waiting)
            });
        if standing != Standing::Finished && !waits {
            sweep.unfinished(report.created);
        }
    }

    async fn heal_all(&mut self, reports: &[SessionReport]) -> Vec<Standing> {
        let mut standings = Vec::with_capacity(reports.len());
        for chunk in reports.chunks(AT_ONCE) {
            if self.is_late() {
                // Not looked at: the next run will.
                standings.resize(reports.len(), Standing::Unfinished);
                break;
            }
            let healed = join_all(chunk.iter().map(|report| self.heal(report))).await;
            for (report, healed) in chunk.iter().zip(healed) {
                standings.push(self.count(report, healed));
            }
        }
        standings
    }

    fn count(&mut self, report: &SessionReport, healed: Healed) -> Standing {
        self.done.looked_at = self.done.looked_at.saturating_add(1);
        let status = report.session.payment_status;
        let (Some(recharge), Some(settled)) = (&report.recharge, healed) else {
            // Not ours, or not finished.
            return match report.recharge {
                Some(_) => Standing::Unfinished,
                None => Standing::Finished,
            };
        };
        match settled {
            Ok(Settled::TakenBack) => Standing::Waits,
            Ok(_) if status == PaymentStatus::Processing => Standing::Waits,
            Ok(Settled::Credited) => {
                let lag = self.clock.now().duration_since(paid_at(report));
                self.done.lags.push(lag);
                Standing::Finished
            }
            Ok(Settled::NeedsReview(reason)) => {
                self.done.reviews.push((recharge.clone(), reason));
                Standing::Finished
            }
            Ok(_) => Standing::Finished,
            Err(error) => {
                self.done.failures.push((recharge.clone(), error));
                Standing::Unfinished
            }
        }
    }

    /// Settles one session; `None` if there is nothing to be settled yet.
    async fn heal(&self, report: &SessionReport) -> Healed {
        let session = &report.session;
        let recharge = report.recharge.as_ref()?;
        let is_paid = session.payment_status == PaymentStatus::Paid;
        let is_fresh = self.clock.now().duration_since(paid_at(report)) < WEBHOOKS_TURN;
        if session.payment_status == PaymentStatus::Open || (is_paid && is_fresh) {
            return None;
        }
        // Money is never judged on a list that was read before the recharge was.
        let evidence = if is_paid {
            Evidence::Ask(self.records, &session.id)
        } else {
            Evidence::Told(session)
        };
        let (store, clock) = (self.store, self.clock);
        Some(settle_recharge(store, clock, self.livemode, recharge, &evidence).await)
    }

    /// `false` if another run has written the mark.
    async fn save(&mut self) -> Result<bool, Outage> {
        let expected = self.mark.version;
        self.mark.version = expected.saturating_add(1);
        match self.store.save_reconcile_mark(expected, &self.mark).await {
            Ok(()) => Ok(true),
            Err(SaveError::Moved) => Ok(false),
            Err(SaveError::Unavailable(outage)) => Err(outage),
        }
    }

    fn is_late(&self) -> bool {
        self.clock.now() > self.deadline
    }
}
