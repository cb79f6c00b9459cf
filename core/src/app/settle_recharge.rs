//! Settles a recharge: the moment a paid checkout session becomes coins.

use thiserror::Error;

use super::{
    Attempts,
    ports::{
        Clock, CommitError, Commits, Freshness, LinkError, Outage, PaymentIntents, PaymentRecords,
        Recharges, SaveError, Wallets,
    },
};
use crate::domain::{
    CheckoutSession, CheckoutSessionId, Recharge, RechargeId, RechargeStatus, ReviewReason,
    TakenBack, Verdict, decide_review, decide_settlement, judge,
};

/// What a settlement is judged on.
#[derive(Debug)]
pub enum Evidence<'a, P> {
    /// What Stripe told just now. It says nothing of refunds; those that came first are known
    /// from the recharge.
    Told(&'a CheckoutSession),
    /// What Stripe answers when it is asked about a session, refunds and disputes included. It
    /// is asked after the recharge has been read, and a commit is conditional on what was read,
    /// so that no older answer can win over a newer one.
    Ask(&'a P, &'a CheckoutSessionId),
}

/// What became of what Stripe said. All of it is stored (I6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The coins were credited now.
    Credited,
    /// They had been credited before.
    Already,
    /// The recharge shows now where its payment stands.
    Shown(RechargeStatus),
    /// Paid, but refunded or disputed: no coins are due.
    TakenBack,
    /// Nothing was to be done.
    Nothing,
    /// A person must look.
    NeedsReview(ReviewReason),
    /// A person was asked to look before.
    InReview(ReviewReason),
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

/// Settles the recharge `id`, if the session of the evidence is paid and as we asked for. Every
/// road to a settlement (webhook, sync, reconciler) ends here, in any order and any number of
/// times (I2).
///
/// # Errors
/// [`SettleRechargeError`]; then nothing was stored, or nothing for certain.
pub async fn settle_recharge(
    ledger: &(impl Recharges + PaymentIntents + Wallets + Commits),
    clock: &dyn Clock,
    livemode: bool,
    id: &RechargeId,
    evidence: &Evidence<'_, impl PaymentRecords>,
) -> Result<Settled, SettleRechargeError> {
    let mut attempts = Attempts::begin(clock);
    loop {
        let Some(recharge) = ledger.recharge(id).await? else {
            return Ok(Settled::NotOurs);
        };
        let answered;
        let (session, taken_back) = match evidence {
            Evidence::Told(session) => (*session, recharge.known_taken_back(session)),
            // What is settled stays settled; Stripe need not be asked.
            Evidence::Ask(_, session) if is_settled_by(&recharge, session) => {
                return Ok(Settled::Already);
            }
            Evidence::Ask(records, session) => match records.session(session).await? {
                None => return Err(unknown_at_stripe().into()),
                Some(report) => {
                    answered = report.session;
                    (&answered, report.taken_back)
                }
            },
        };
        let found = Found {
            recharge: &recharge,
            session,
            taken_back,
        };
        let step = match judge(&recharge, session, taken_back, livemode) {
            Verdict::AlreadySettled => return Ok(Settled::Already),
            Verdict::Nothing => return Ok(Settled::Nothing),
            Verdict::Show(status) => found.show(ledger, status).await?,
            Verdict::TakenBack => found.keep_taken_back(ledger, clock).await?,
            Verdict::Review(reason) => found.review(ledger, clock, reason).await?,
            Verdict::Settle => found.settle(ledger, clock).await?,
        };
        match step {
            Step::Done(settled) => return Ok(settled),
            Step::Moved => attempts.again().await?,
        }
    }
}

/// What named the session came from Stripe, so the account that we ask is another one. To take
/// that for an answer would be to lose a payment.
pub(super) fn unknown_at_stripe() -> Outage {
    let problem = "it does not know what it told us of; is the API key one of this account?";
    Outage::new("Stripe", problem)
}

fn is_settled_by(recharge: &Recharge, session: &CheckoutSessionId) -> bool {
    recharge.is_settled() && recharge.session.as_ref() == Some(session)
}

/// What a settlement is decided on.
struct Found<'a> {
    recharge: &'a Recharge,
    session: &'a CheckoutSession,
    taken_back: TakenBack,
}

/// How one try ended.
enum Step {
    Done(Settled),
    /// Something else was faster: judge again what is stored now.
    Moved,
}

impl Found<'_> {
    async fn settle(
        &self,
        ledger: &(impl PaymentIntents + Wallets + Commits),
        clock: &dyn Clock,
    ) -> Result<Step, Outage> {
        if !self.link(ledger).await? {
            return self
                .review(ledger, clock, ReviewReason::PaymentIntentTaken)
                .await;
        }
        let (recharge, session) = (self.recharge, self.session);
        let wallet = ledger.wallet(&recharge.user, Freshness::Consistent).await?;
        let decided = decide_settlement(recharge, session, self.taken_back, &wallet, clock.now());
        let Ok(changes) = decided else {
            return self.review(ledger, clock, ReviewReason::WalletFull).await;
        };
        match ledger.commit(&changes).await {
            Ok(()) => Ok(Step::Done(Settled::Credited)),
            Err(CommitError::EntryExists(_)) => Ok(Step::Done(Settled::Already)),
            Err(CommitError::ReviewExists | CommitError::Moved(_)) => Ok(Step::Moved),
            Err(CommitError::Unavailable(outage)) => Err(outage),
        }
    }

    async fn keep_taken_back(
        &self,
        ledger: &(impl Recharges + PaymentIntents + Commits),
        clock: &dyn Clock,
    ) -> Result<Step, Outage> {
        let next = self.recharge.without_coins(self.session, self.taken_back);
        let unchanged = Recharge {
            version: self.recharge.version,
            ..next.clone()
        };
        if unchanged == *self.recharge {
            return Ok(Step::Done(Settled::TakenBack));
        }
        if !self.link(ledger).await? {
            return self
                .review(ledger, clock, ReviewReason::PaymentIntentTaken)
                .await;
        }
        save(ledger, self.recharge, &next, Settled::TakenBack).await
    }

    /// Stores which recharge the payment intent belongs to. Before the coins, so that no refund
    /// can come for coins whose payment intent leads nowhere; a link without a settlement harms
    /// nobody. `false` if it belongs to another recharge.
    async fn link(&self, ledger: &impl PaymentIntents) -> Result<bool, Outage> {
        let Some(payment_intent) = &self.session.payment_intent else {
            return Ok(true);
        };
        match ledger.link(payment_intent, &self.recharge.id).await {
            Ok(()) => Ok(true),
            Err(LinkError::Taken) => Ok(false),
            Err(LinkError::Unavailable(outage)) => Err(outage),
        }
    }

    async fn review(
        &self,
        ledger: &impl Commits,
        clock: &dyn Clock,
        reason: ReviewReason,
    ) -> Result<Step, Outage> {
        let changes = decide_review(self.recharge, self.session, reason, clock.now());
        match ledger.commit(&changes).await {
            Ok(()) => Ok(Step::Done(Settled::NeedsReview(reason))),
            Err(CommitError::ReviewExists) => Ok(Step::Done(Settled::InReview(reason))),
            Err(CommitError::EntryExists(_) | CommitError::Moved(_)) => Ok(Step::Moved),
            Err(CommitError::Unavailable(outage)) => Err(outage),
        }
    }

    async fn show(&self, ledger: &impl Recharges, status: RechargeStatus) -> Result<Step, Outage> {
        let next = self.recharge.showing(status, self.session);
        save(ledger, self.recharge, &next, Settled::Shown(status)).await
    }
}

async fn save(
    ledger: &impl Recharges,
    before: &Recharge,
    after: &Recharge,
    done: Settled,
) -> Result<Step, Outage> {
    match ledger.save_recharge(before.version, after).await {
        Ok(()) => Ok(Step::Done(done)),
        Err(SaveError::Moved) => Ok(Step::Moved),
        Err(SaveError::Unavailable(outage)) => Err(outage),
    }
}
