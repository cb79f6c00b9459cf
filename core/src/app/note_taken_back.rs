//! Notes what Stripe took back of a payment: refunds and disputes.

use thiserror::Error;

use super::{
    Attempts, Evidence, SettleRechargeError, Settled,
    ports::{
        Clock, Commits, Outage, PaymentIntents, PaymentRecords, Recharges, SaveError, Wallets,
    },
    settle_recharge,
    settle_recharge::unknown_at_stripe,
};
use crate::domain::{PaymentIntentId, RechargeId};

/// What became of it. All of it is stored (I6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noted {
    /// The recharge knows it now.
    Noted,
    /// It knew it before, or it is about a payment that brought no coins.
    Nothing,
    /// The recharge waited for its settlement, which was judged anew.
    Judged(RechargeId, Settled),
    /// The payment belongs to no recharge of ours.
    NotOurs,
}

/// Why it could not be noted now.
#[derive(Debug, Error)]
pub enum NoteTakenBackError {
    /// An outage: Stripe must tell again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

impl From<SettleRechargeError> for NoteTakenBackError {
    fn from(error: SettleRechargeError) -> Self {
        match error {
            SettleRechargeError::Unavailable(outage) => Self::Unavailable(outage),
        }
    }
}

/// Asks Stripe what is taken back of a payment, all in all, and notes it on its recharge. What
/// an event says is not added up: events come in any order, several times, or never.
///
/// A recharge that waits for its coins is judged anew: a refund may have made an end of it, a
/// dispute that was won may have set it free. One that has its coins keeps them here, and what
/// is noted waits for its reversal.
///
/// # Errors
/// [`NoteTakenBackError`]; then nothing was stored, or nothing for certain.
pub async fn note_taken_back(
    ledger: &(impl Recharges + PaymentIntents + Wallets + Commits),
    records: &impl PaymentRecords,
    clock: &dyn Clock,
    livemode: bool,
    payment_intent: &PaymentIntentId,
) -> Result<Noted, NoteTakenBackError> {
    let Some(id) = recharge_of(ledger, records, payment_intent).await? else {
        return Ok(Noted::NotOurs);
    };
    let mut attempts = Attempts::begin(clock);
    loop {
        let Some(recharge) = ledger.recharge(&id).await? else {
            return Ok(Noted::NotOurs);
        };
        if let Some(session) = recharge.session.as_ref().filter(|_| !recharge.is_settled()) {
            let evidence = Evidence::Ask(records, session);
            let settled = settle_recharge(ledger, clock, livemode, &id, &evidence).await?;
            return Ok(Noted::Judged(id, settled));
        }
        // The payment of another session brought no coins, so there are none to take back.
        let is_about_it = recharge
            .payment_intent
            .as_ref()
            .is_none_or(|known| known == payment_intent);
        if !is_about_it {
            return Ok(Noted::Nothing);
        }
        // Asked after the row was read, and stored on the condition that it has not moved: of
        // two that ask at once the later answer wins.
        let Some(report) = records.payment(payment_intent).await? else {
            return Err(unknown_at_stripe().into());
        };
        let is_known = recharge.payment_intent.is_some();
        if is_known && report.taken_back == recharge.taken_back {
            return Ok(Noted::Nothing);
        }
        let next = recharge.with_taken_back(payment_intent, report.taken_back);
        match ledger.save_recharge(recharge.version, &next).await {
            Ok(()) => return Ok(Noted::Noted),
            Err(SaveError::Moved) => attempts.again().await?,
            Err(SaveError::Unavailable(outage)) => return Err(outage.into()),
        }
    }
}

/// Refunds and disputes name the payment intent, and nothing else that is ours.
async fn recharge_of(
    ledger: &impl PaymentIntents,
    records: &impl PaymentRecords,
    payment_intent: &PaymentIntentId,
) -> Result<Option<RechargeId>, Outage> {
    if let Some(id) = ledger.recharge_of(payment_intent).await? {
        return Ok(Some(id));
    }
    // Not linked before its settlement; but the payment intent names its recharge itself.
    let report = records.payment(payment_intent).await?;
    Ok(report.and_then(|report| report.recharge))
}
