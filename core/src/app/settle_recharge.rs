//! Settles a recharge: the moment a paid checkout session becomes coins.

use thiserror::Error;

use super::{
    Attempts,
    ports::{
        Clock, CommitError, Commits, Freshness, LinkError, Outage, PaymentIntents, Recharges,
        SaveError, Wallets,
    },
};
use crate::domain::{
    Change, CheckoutSession, Recharge, RechargeId, ReviewReason, Verdict, decide_review,
    decide_settlement, judge,
};

/// What became of what Stripe said. All of it is stored (I6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The coins were credited now.
    Credited,
    /// They had been credited before.
    Already,
    /// The payment takes days.
    Processing,
    /// Nothing was to be done.
    Nothing,
    /// A person must look.
    NeedsReview(ReviewReason),
    /// No recharge of ours has this id.
    NotOurs,
}

/// Why it could not be settled now.
#[derive(Debug, Error)]
pub enum SettleRechargeError {
    /// An outage: Stripe must tell again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Settles the recharge that `session` names, if it is paid and as we asked for. Every road to
/// a settlement (webhook, sync, reconciler) ends here, in any order and any number of times (I2).
///
/// # Errors
/// [`SettleRechargeError`]; then nothing was stored, or nothing for certain.
pub async fn settle_recharge(
    ledger: &(impl Recharges + PaymentIntents + Wallets + Commits),
    clock: &dyn Clock,
    livemode: bool,
    id: &RechargeId,
    session: &CheckoutSession,
) -> Result<Settled, SettleRechargeError> {
    let mut attempts = Attempts::begin(clock);
    loop {
        let Some(recharge) = ledger.recharge(id).await? else {
            return Ok(Settled::NotOurs);
        };
        let step = match judge(&recharge, session, livemode) {
            Verdict::AlreadySettled => return Ok(Settled::Already),
            Verdict::Nothing => return Ok(Settled::Nothing),
            Verdict::Processing => mark_processing(ledger, &recharge, session).await?,
            Verdict::Review(reason) => review(ledger, clock, &recharge, session, reason).await?,
            Verdict::Settle => settle(ledger, clock, &recharge, session).await?,
        };
        match step {
            Step::Done(settled) => return Ok(settled),
            Step::Moved => attempts.again().await?,
        }
    }
}

/// How one try ended.
enum Step {
    Done(Settled),
    /// Something else was faster: judge again what is stored now.
    Moved,
}

async fn settle(
    ledger: &(impl PaymentIntents + Wallets + Commits),
    clock: &dyn Clock,
    recharge: &Recharge,
    session: &CheckoutSession,
) -> Result<Step, Outage> {
    // Put before the coins, so that no refund can come for coins whose payment intent leads
    // nowhere. A link without a settlement harms nobody.
    if let Some(payment_intent) = &session.payment_intent {
        match ledger.link(payment_intent, &recharge.id).await {
            Ok(()) => {}
            Err(LinkError::Taken) => {
                let reason = ReviewReason::PaymentIntentTaken;
                return review(ledger, clock, recharge, session, reason).await;
            }
            Err(LinkError::Unavailable(outage)) => return Err(outage),
        }
    }
    let wallet = ledger.wallet(&recharge.user, Freshness::Consistent).await?;
    match decide_settlement(recharge, session, &wallet, clock.now()) {
        Ok(changes) => commit(ledger, &changes, Settled::Credited).await,
        Err(_overflow) => review(ledger, clock, recharge, session, ReviewReason::WalletFull).await,
    }
}

async fn review(
    ledger: &impl Commits,
    clock: &dyn Clock,
    recharge: &Recharge,
    session: &CheckoutSession,
    reason: ReviewReason,
) -> Result<Step, Outage> {
    let changes = decide_review(recharge, session, reason, clock.now());
    commit(ledger, &changes, Settled::NeedsReview(reason)).await
}

async fn commit(ledger: &impl Commits, changes: &[Change], done: Settled) -> Result<Step, Outage> {
    match ledger.commit(changes).await {
        Ok(()) | Err(CommitError::ReviewExists) => Ok(Step::Done(done)),
        Err(CommitError::EntryExists(_)) => Ok(Step::Done(Settled::Already)),
        Err(CommitError::Moved(_)) => Ok(Step::Moved),
        Err(CommitError::Unavailable(outage)) => Err(outage),
    }
}

async fn mark_processing(
    ledger: &impl Recharges,
    recharge: &Recharge,
    session: &CheckoutSession,
) -> Result<Step, Outage> {
    match ledger
        .save_recharge(recharge.version, &recharge.processing(session))
        .await
    {
        Ok(()) => Ok(Step::Done(Settled::Processing)),
        Err(SaveError::Moved) => Ok(Step::Moved),
        Err(SaveError::Unavailable(outage)) => Err(outage),
    }
}
