//! What is counted, for those who run this.

use std::fmt::Debug;

/// What is counted or measured. None has a user's id: that would be a metric for each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Recharges that were asked for; a replay is none.
    RechargesStarted,
    /// Recharges whose coins were credited, on whatever road.
    RechargesSettled,
    /// From the payment to the coins, in milliseconds. Stripe tells the time of a payment in seconds.
    SettlementLag,
    /// Recharges that the reconciler credited, because no webhook had.
    RechargesReconciled,
    /// Recharges that a run of the reconciler could not settle; the next tries again.
    ReconciliationsFailed,
    /// Paid recharges that a person must look at from now on.
    ReviewsNeeded,
    /// Events that Stripe signed and that we cannot read.
    EventsUnreadable,
    /// Gifts that were sent; a replay is none.
    GiftsSent,
    /// What they cost.
    CoinsGifted,
    /// Gifts that creators were told of.
    GiftsRelayed,
    /// From the sending of a batch's first gift to when its creator was told, in milliseconds.
    RelayLag,
    /// Stream records that were put aside, because they could not be read.
    RecordsQuarantined,
    /// Commits that other writes were in the way of: each is decided again.
    Conflicts,
    /// Business answers, by their code.
    Refusals(&'static str),
    /// Answers that say to come back: something does not work.
    Outages,
}

/// Counts what happens. Counting may never fail, and never waits.
pub trait Metrics: Debug + Send + Sync {
    /// So many more, or a measured value.
    fn add(&self, metric: Metric, value: u64);

    /// One more.
    fn count(&self, metric: Metric) {
        self.add(metric, 1);
    }

    /// A call of the function ends: tells what was counted since the last one did.
    fn tell(&self);
}

/// Counts nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMetrics;

impl Metrics for NoMetrics {
    fn add(&self, _: Metric, _: u64) {}

    fn tell(&self) {}
}
