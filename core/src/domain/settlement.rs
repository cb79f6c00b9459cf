//! The moment a paid recharge becomes coins, or is put before a person.

use jiff::Timestamp;

use super::{
    Change, CheckoutSessionId, Coins, Entry, EntryDetail, EntryKey, Overflow, PaymentIntentId,
    Recharge, RechargeChange, RechargeId, RechargeStatus, Wallet, WalletChange,
};

/// What Stripe says of a checkout session, from a verified event or from its API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutSession {
    /// Its id.
    pub id: CheckoutSessionId,
    /// Whether it takes a single payment; anything else is not ours.
    pub is_payment: bool,
    /// Whether the money came.
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

/// Whether the money came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStatus {
    /// It did.
    Paid,
    /// Not yet, or never. Also every status that we do not know.
    Unpaid,
}

/// What is to be done about a session that names a recharge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// This very session was settled before (I2).
    AlreadySettled,
    /// The recharge waits for a payment that takes days.
    Processing,
    /// Nothing changes.
    Nothing,
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
    /// When it was found.
    pub at: Timestamp,
}

/// Judges what Stripe says of `session` against what we asked for.
///
/// `livemode` is whether this service handles real money.
#[must_use]
pub fn judge(recharge: &Recharge, session: &CheckoutSession, livemode: bool) -> Verdict {
    let is_own = recharge
        .session
        .as_ref()
        .is_none_or(|own| *own == session.id);
    if recharge.is_settled() && is_own {
        return Verdict::AlreadySettled;
    }
    if session.payment_status == PaymentStatus::Unpaid {
        let waits = is_own
            && matches!(
                recharge.status,
                RechargeStatus::Created | RechargeStatus::Open
            );
        return if waits {
            Verdict::Processing
        } else {
            Verdict::Nothing
        };
    }
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
    match checks.into_iter().find(|(wrong, _)| *wrong) {
        Some((_, reason)) => Verdict::Review(reason),
        None => Verdict::Settle,
    }
}

/// Decides a settlement: the recharge, the wallet and its entry. A freeze or a debt never
/// refuses one. A recharge without a session adopts this one: we crashed before storing it.
///
/// # Errors
/// [`Overflow`] if the wallet cannot hold the coins.
pub fn decide_settlement(
    recharge: &Recharge,
    session: &CheckoutSession,
    wallet: &Wallet,
    at: Timestamp,
) -> Result<[Change; 3], Overflow> {
    let coins = recharge.total_coins();
    let after = wallet.credit(coins)?;

    // From here on nothing can fail.
    let entry = Entry::leading_to(
        &after,
        EntryKey::recharge(&recharge.id),
        coins.signed(),
        at,
        recharge.input_hash.clone(),
        EntryDetail::Recharge {
            recharge: recharge.id.clone(),
            coins: recharge.coins,
            bonus_coins: recharge.bonus_coins,
        },
    );
    let wallet = WalletChange {
        expected_version: wallet.version,
        spends: Coins::ZERO,
        after,
    };
    let settled = Recharge {
        status: RechargeStatus::Settled,
        credited_at: Some(at),
        payment_intent: session.payment_intent.clone(),
        ..adopting(recharge, session)
    };
    let recharge = RechargeChange {
        expected_version: recharge.version,
        after: settled,
    };
    Ok([
        Change::Recharge(recharge),
        Change::Wallet(wallet),
        Change::Entry(entry),
    ])
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
    /// The same recharge while a payment takes days.
    #[must_use]
    pub fn processing(&self, session: &CheckoutSession) -> Self {
        Self {
            status: RechargeStatus::Processing,
            ..adopting(self, session)
        }
    }
}

fn adopting(recharge: &Recharge, session: &CheckoutSession) -> Recharge {
    let mut next = recharge.next();
    next.session = next.session.or_else(|| Some(session.id.clone()));
    next
}

#[cfg(test)]
#[path = "settlement_tests.rs"]
mod tests;
