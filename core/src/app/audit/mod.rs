//! Reads both tables whole and proves what must hold of them, from the stored entries alone.
//!
//! What it needs in memory is bounded by the largest wallet and the largest day of a creator: a
//! wallet is held with all its entries, everything else page by page, and gifts as sums.

mod days;
mod gifts;
mod settlements;
mod wallets;

#[cfg(test)]
mod wallets_tests;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::ports::{AuditedLedger, AuditedViews, Clock, EarningsCorrections, Outage, Quarantine};
use crate::domain::{Damaged, Finding, GiftSums, Place, Reason, Totals};

/// What an audit tells while it goes on.
#[derive(Debug)]
pub enum Told<'a> {
    /// Something is wrong.
    Finding(&'a Finding),
    /// Something could not be judged, and why.
    Unread(&'a Place, &'a str),
    /// What was added up so far, after each page.
    Progress(&'a Totals),
}

/// What came of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audited {
    /// What everything comes to.
    pub totals: Totals,
    /// How much is wrong.
    pub findings: u64,
    /// How much could not be judged.
    pub unread: u64,
    /// Records that wait in quarantine: their gifts are sent, and neither received nor counted.
    pub quarantined: u64,
}

/// What moves is read again so often before it is told as unread.
const READS_MAX: u32 = 20;
/// And that much later, at most.
const PAUSE_MAX: Duration = Duration::from_millis(200);

/// Audits both tables. A gift younger than `lag` may still be on its way to its creator.
///
/// # Errors
/// [`Outage`], and then nothing is proven.
pub async fn audit(
    ledger: &impl AuditedLedger,
    views: &(impl AuditedViews + EarningsCorrections + Quarantine),
    clock: &dyn Clock,
    lag: SignedDuration,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<Audited, Outage> {
    let began = clock.now();
    let mut audit = Audit {
        ledger,
        views,
        clock,
        began,
        due: began.saturating_sub(lag).unwrap_or(began),
        sums: GiftSums::default(),
        audited: Audited::default(),
        tell,
    };
    audit.walk_ledger().await?;
    audit.walk_views().await?;
    audit.look_for_strays().await?;
    Ok(audit.audited)
}

struct Audit<'a, L, V> {
    ledger: &'a L,
    views: &'a V,
    clock: &'a dyn Clock,
    began: Timestamp,
    /// What was sent up to here must have been received and counted.
    due: Timestamp,
    sums: GiftSums,
    audited: Audited,
    tell: &'a mut dyn FnMut(Told<'_>),
}

impl<L, V> Audit<'_, L, V> {
    fn found(&mut self, finding: &Finding) {
        self.audited.findings = self.audited.findings.saturating_add(1);
        (self.tell)(Told::Finding(finding));
    }

    fn found_at(&mut self, place: Place, reason: Reason) {
        self.found(&Finding::of(place, reason));
    }

    fn damaged(&mut self, damaged: Damaged) {
        self.found_at(Place::Item(damaged.key), damaged.reason);
    }

    fn unread(&mut self, place: &Place, why: &str) {
        self.audited.unread = self.audited.unread.saturating_add(1);
        (self.tell)(Told::Unread(place, why));
    }

    fn progress(&mut self) {
        (self.tell)(Told::Progress(&self.audited.totals));
    }
}

async fn pause(clock: &dyn Clock) {
    clock.sleep(clock.jitter(PAUSE_MAX)).await;
}
