//! What keeps recharges, and what belongs to them.

use std::future::Future;

use jiff::Timestamp;
use thiserror::Error;

use super::Outage;
use crate::domain::{
    OpenedCheckout, PaymentIntentId, Recharge, RechargeId, RechargeQuota, ReconcileMark, UserId,
};

/// Stores recharges.
pub trait Recharges {
    /// The recharge, read consistently.
    fn recharge(
        &self,
        id: &RechargeId,
    ) -> impl Future<Output = Result<Option<Recharge>, Outage>> + Send;

    /// Stores `recharge` if the stored one has `expected_version`; 0 if none may be stored.
    ///
    /// # Errors
    /// - MUST be [`SaveError::Moved`] if it has another version, and then nothing was stored.
    /// - MUST be [`SaveError::Unavailable`] if the outcome is not known.
    fn save_recharge(
        &self,
        expected_version: u64,
        recharge: &Recharge,
    ) -> impl Future<Output = Result<(), SaveError>> + Send;
}

/// Counts the recharges that users ask for.
pub trait RechargeQuotas {
    /// The quota of `user`, read consistently; an unused one if none is stored.
    fn recharge_quota(
        &self,
        user: &UserId,
    ) -> impl Future<Output = Result<RechargeQuota, Outage>> + Send;
}

/// Remembers where the buyer of a recharge pays. Not in the recharge's own row: Stripe's URLs
/// have hundreds of characters, and a settlement pays for every kilobyte of that row.
pub trait CheckoutPages {
    /// The stored session and its URL, read consistently.
    fn checkout_page(
        &self,
        id: &RechargeId,
    ) -> impl Future<Output = Result<Option<OpenedCheckout>, Outage>> + Send;

    /// Stores the session and its URL, however often.
    fn save_checkout_page(
        &self,
        id: &RechargeId,
        opened: &OpenedCheckout,
    ) -> impl Future<Output = Result<(), Outage>> + Send;
}

/// Why something was not stored, or not for certain.
#[derive(Debug, Error)]
pub enum SaveError {
    /// It has another version, or another write was in the way.
    #[error("what was decided on has moved")]
    Moved,
    /// The outcome is unknown.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Remembers which recharge a payment intent paid for.
pub trait PaymentIntents {
    /// Stores it, however often.
    ///
    /// # Errors
    /// - MUST be [`LinkError::Taken`] if it paid for another recharge.
    fn link(
        &self,
        payment_intent: &PaymentIntentId,
        recharge: &RechargeId,
    ) -> impl Future<Output = Result<(), LinkError>> + Send;

    /// The recharge that it paid for, read consistently.
    fn recharge_of(
        &self,
        payment_intent: &PaymentIntentId,
    ) -> impl Future<Output = Result<Option<RechargeId>, Outage>> + Send;
}

/// Why a payment intent was not linked.
#[derive(Debug, Error)]
pub enum LinkError {
    /// It belongs to another recharge.
    #[error("the payment intent belongs to another recharge")]
    Taken,
    /// The outcome is unknown.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Hands out turns to ask Stripe about a recharge, so that a page that asks in a loop does not.
pub trait SyncTurns {
    /// Takes a turn at `at`, if none was taken after `earliest`. Whether it was taken.
    fn take_sync_turn(
        &self,
        id: &RechargeId,
        at: Timestamp,
        earliest: Timestamp,
    ) -> impl Future<Output = Result<bool, Outage>> + Send;
}

/// Remembers how far the reconciler has come.
pub trait ReconcileMarks {
    /// The mark, read consistently; `None` before the first run.
    fn reconcile_mark(&self) -> impl Future<Output = Result<Option<ReconcileMark>, Outage>> + Send;

    /// Stores `mark` if the stored one has `expected_version`; 0 if none may be stored.
    ///
    /// # Errors
    /// - MUST be [`SaveError::Moved`] if it has another version, and then nothing was stored.
    /// - MUST be [`SaveError::Unavailable`] if the outcome is not known.
    fn save_reconcile_mark(
        &self,
        expected_version: u64,
        mark: &ReconcileMark,
    ) -> impl Future<Output = Result<(), SaveError>> + Send;
}
