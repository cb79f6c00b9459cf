//! The moment a paid recharge becomes coins, or is put before a person.

use jiff::Timestamp;

use super::{
    Change, CheckoutSessionId, Coins, Entry, EntryDetail, EntryKey, GrantReason, Overflow,
    PaymentIntentId, Recharge, RechargeChange, RechargeId, RechargeStatus, TakenBack, Wallet,
    WalletChange,
};

/// What Stripe says of a checkout session, from a verified event or from its API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutSession {
    /// Its id.
    pub id: CheckoutSessionId,
    /// Whether it takes a single payment; anything else is not ours.
    pub is_payment: bool,
    /// Where the payment stands.
    pub payment_status: PaymentStatus,
    /// What was paid, in minor units.
    pub amount_total: Option<i64>,
    /// In which currency: a lower-case code.
    pub currency: Option<String>,
    /// Real money, or test mode.
    pub livemode: bool,
    /// The payment intent, once there is one.
    pub payment_intent: Option<PaymentIntentId>,
}

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStatus {
    /// The money came.
    Paid,
    /// The buyer has not finished yet. Also whatever we do not know.
    Open,
    /// The buyer has finished, with a method that takes days.
    Processing,
    /// A method that takes days brought nothing in the end.
    Failed,
    /// The session closed before the buyer finished.
    Expired,
}

/// What Stripe answers when it is asked about a checkout session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionReport {
    /// The recharge that it names; `None` if it is none of ours.
    pub recharge: Option<RechargeId>,
    /// The session.
    pub session: CheckoutSession,
    /// When it was opened.
    pub created: Timestamp,
    /// When the buyer's last try to pay began.
    pub tried_at: Option<Timestamp>,
    /// What was taken back of the payment.
    pub taken_back: TakenBack,
}

/// What is to be done about a session that names a recharge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// This very session was settled before (I2).
    AlreadySettled,
    /// Nothing changes.
    Nothing,
    /// The recharge shows where the payment stands: it takes days, it failed, it expired.
    Show(RechargeStatus),
    /// Paid, but Stripe took all of it back, or may: no coins are due.
    TakenBack,
    /// The coins are due.
    Settle,
    /// A person must look.
    Review(ReviewReason),
}

/// Why a person must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReviewReason {
    /// Test money for a live recharge, or the other way round.
    LivemodeMismatch,
    /// It is no single payment.
    ModeMismatch,
    /// Paid in another currency than asked.
    CurrencyMismatch,
    /// Another amount than asked.
    AmountMismatch,
    /// Paid, but without a payment intent a refund could not find the recharge.
    PaymentIntentMissing,
    /// The payment intent belongs to another recharge.
    PaymentIntentTaken,
    /// A second session was paid for the same recharge.
    SecondSession,
    /// The wallet cannot hold so many coins.
    WalletFull,
}

impl ReviewReason {
    /// Its stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LivemodeMismatch => "livemode_mismatch",
            Self::ModeMismatch => "mode_mismatch",
            Self::CurrencyMismatch => "currency_mismatch",
            Self::AmountMismatch => "amount_mismatch",
            Self::PaymentIntentMissing => "payment_intent_missing",
            Self::PaymentIntentTaken => "payment_intent_taken",
            Self::SecondSession => "second_session",
            Self::WalletFull => "wallet_full",
        }
    }
}

/// What a person must look at, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Which recharge.
    pub recharge: RechargeId,
    /// What Stripe said.
    pub session: CheckoutSession,
    /// What is wrong with it.
    pub reason: ReviewReason,
    /// When the recharge was asked for: the month that it is listed in, however late and
    /// however often it is found.
    pub asked_at: Timestamp,
    /// When it was found.
    pub at: Timestamp,
}

/// Judges what Stripe says of `session`, and of what it took back, against what we asked for.
///
/// `livemode` is whether this service handles real money.
#[must_use]
pub fn judge(
    recharge: &Recharge,
    session: &CheckoutSession,
    taken_back: TakenBack,
    livemode: bool,
) -> Verdict {
    let is_own = recharge
        .session
        .as_ref()
        .is_none_or(|own| *own == session.id);
    if recharge.is_settled() && is_own {
        return Verdict::AlreadySettled;
    }
    if session.payment_status != PaymentStatus::Paid {
        return judge_unpaid(recharge, session);
    }
    if let Some(reason) = mismatch(recharge, session, is_own, livemode) {
        return Verdict::Review(reason);
    }
    if taken_back.disputed || taken_back.refunded >= recharge.price.amount() {
        Verdict::TakenBack
    } else {
        Verdict::Settle
    }
}

/// Without money only what the recharge shows can change, and only forwards: events come in
/// any order. A session that the row does not know is believed only once its buyer has
/// finished: one that just expired may be an earlier attempt that nobody was ever led to.
fn judge_unpaid(recharge: &Recharge, session: &CheckoutSession) -> Verdict {
    let is_known = recharge.session.as_ref() == Some(&session.id);
    let may_be_own = is_known || recharge.session.is_none();
    let status = recharge.status;
    let is_open = matches!(status, RechargeStatus::Created | RechargeStatus::Open);
    let is_waiting = is_open || status == RechargeStatus::Processing;
    match session.payment_status {
        PaymentStatus::Processing if may_be_own && is_open => {
            Verdict::Show(RechargeStatus::Processing)
        }
        PaymentStatus::Failed if may_be_own && is_waiting => Verdict::Show(RechargeStatus::Failed),
        PaymentStatus::Expired if is_known && is_open => Verdict::Show(RechargeStatus::Expired),
        PaymentStatus::Paid
        | PaymentStatus::Open
        | PaymentStatus::Processing
        | PaymentStatus::Failed
        | PaymentStatus::Expired => Verdict::Nothing,
    }
}

/// What is wrong with a paid session, in order of precedence.
fn mismatch(
    recharge: &Recharge,
    session: &CheckoutSession,
    is_own: bool,
    livemode: bool,
) -> Option<ReviewReason> {
    let price = recharge.price;
    let checks = [
        (session.livemode != livemode, ReviewReason::LivemodeMismatch),
        (!session.is_payment, ReviewReason::ModeMismatch),
        (
            session.currency.as_deref() != Some(price.currency().code()),
            ReviewReason::CurrencyMismatch,
        ),
        (
            session.amount_total != i64::try_from(price.amount()).ok(),
            ReviewReason::AmountMismatch,
        ),
        (
            session.payment_intent.is_none(),
            ReviewReason::PaymentIntentMissing,
        ),
        (!is_own, ReviewReason::SecondSession),
    ];
    let found = checks.into_iter().find(|(wrong, _)| *wrong);
    found.map(|(_, reason)| reason)
}

/// Decides a settlement: the recharge, the wallet and its entry, and for a user's first
/// recharge the bonus as an entry of its own. A freeze or a debt never refuses one. A recharge
/// without a session adopts this one: we crashed before storing it. What was refunded before
/// is netted: its coins never come in.
///
/// # Errors
/// [`Overflow`] if the wallet cannot hold the coins.
pub fn decide_settlement(
    recharge: &Recharge,
    session: &CheckoutSession,
    taken_back: TakenBack,
    wallet: &Wallet,
    at: Timestamp,
) -> Result<Vec<Change>, Overflow> {
    let refunded_coins = recharge.coins_of_refund(taken_back.refunded);
    let coins = recharge.total_coins().saturating_minus(refunded_coins);
    let credited = wallet.recharged(coins)?;
    let grant = first_recharge_grant(recharge, wallet, &credited, at)?;

    // From here on nothing can fail.
    let entry = Entry::leading_to(
        &credited,
        EntryKey::recharge(&recharge.id),
        coins.signed(),
        at,
        recharge.input_hash.clone(),
        EntryDetail::Recharge {
            recharge: recharge.id.clone(),
            coins: recharge.coins,
            bonus_coins: recharge.bonus_coins,
            refunded_coins,
        },
    );
    let (after, grant) = match grant {
        Some((after, entry)) => (after, Some(Change::Entry(entry))),
        None => (credited, None),
    };
    let wallet = WalletChange {
        expected_version: wallet.version,
        spends: Coins::ZERO,
        after,
    };
    let status = if taken_back.refunded > 0 {
        RechargeStatus::PartiallyRefunded
    } else {
        RechargeStatus::Settled
    };
    let settled = Recharge {
        status,
        credited_at: Some(at),
        taken_back,
        ..recharge.adopting(session)
    };
    let recharge = RechargeChange {
        expected_version: recharge.version,
        after: settled,
    };
    let mut changes = vec![
        Change::Recharge(recharge),
        Change::Wallet(wallet),
        Change::Entry(entry),
    ];
    changes.extend(grant);
    Ok(changes)
}

/// The bonus for a user's first recharge, as the recharge promised it: the wallet after it, and
/// its entry. Both are of the same write as the settlement's own, so the version stays.
fn first_recharge_grant(
    recharge: &Recharge,
    before: &Wallet,
    credited: &Wallet,
    at: Timestamp,
) -> Result<Option<(Wallet, Entry)>, Overflow> {
    let coins = recharge.first_bonus_coins;
    if before.has_recharged || coins.is_zero() {
        return Ok(None);
    }
    let after = Wallet {
        version: credited.version,
        ..credited.credit(coins)?
    };
    let detail = EntryDetail::Grant {
        reason: GrantReason::FirstRecharge,
        recharge: recharge.id.clone(),
        coins,
    };
    let entry = Entry::leading_to(
        &after,
        EntryKey::grant(GrantReason::FirstRecharge),
        coins.signed(),
        at,
        recharge.input_hash.clone(),
        detail,
    );
    Ok(Some((after, entry)))
}

/// Decides what a review changes: it is an item of its own, so a settled recharge stays
/// settled; an unsettled one shows `needs_review`, and its own session can still settle it.
#[must_use]
pub fn decide_review(
    recharge: &Recharge,
    session: &CheckoutSession,
    reason: ReviewReason,
    at: Timestamp,
) -> Vec<Change> {
    let review = Review {
        recharge: recharge.id.clone(),
        session: session.clone(),
        reason,
        asked_at: recharge.created_at,
        at,
    };
    let mut changes = vec![Change::Review(review)];
    if !recharge.is_settled() && recharge.status != RechargeStatus::NeedsReview {
        let after = Recharge {
            status: RechargeStatus::NeedsReview,
            ..recharge.next()
        };
        changes.push(Change::Recharge(RechargeChange {
            expected_version: recharge.version,
            after,
        }));
    }
    changes
}

impl Recharge {
    /// The same recharge, showing where the payment of `session` stands.
    #[must_use]
    pub fn showing(&self, status: RechargeStatus, session: &CheckoutSession) -> Self {
        let mut next = self.next();
        next.session = next.session.or_else(|| Some(session.id.clone()));
        next.status = status;
        next
    }

    pub(super) fn adopting(&self, session: &CheckoutSession) -> Self {
        let mut next = self.next();
        next.session = next.session.or_else(|| Some(session.id.clone()));
        next.payment_intent.clone_from(&session.payment_intent);
        next
    }
}

#[cfg(test)]
#[path = "settlement_tests.rs"]
mod tests;
