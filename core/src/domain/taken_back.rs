//! Refunds and disputes: money that Stripe took back, or may.

use super::{CheckoutSession, Coins, PaymentIntentId, Recharge, RechargeStatus};

/// What Stripe took back of a payment, or may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TakenBack {
    /// Refunded so far, in minor units of the price's currency.
    pub refunded: u64,
    /// The buyer's bank disputes the payment, or has won the dispute.
    pub disputed: bool,
}

impl Recharge {
    /// The same recharge, paid by `session`, of which Stripe took back what no coins are due
    /// for.
    #[must_use]
    pub fn without_coins(&self, session: &CheckoutSession, taken_back: TakenBack) -> Self {
        Self {
            status: self.status_with(taken_back),
            taken_back,
            ..self.adopting(session)
        }
    }

    /// The same recharge, with what is known of refunds and disputes of its payment. Coins do
    /// not move here: a settlement nets what it finds, and what comes after one waits here for
    /// its reversal.
    #[must_use]
    pub fn with_taken_back(&self, payment_intent: &PaymentIntentId, taken_back: TakenBack) -> Self {
        Self {
            status: self.status_with(taken_back),
            taken_back,
            payment_intent: Some(payment_intent.clone()),
            ..self.next()
        }
    }

    /// What is known to be taken back of the payment that `session` is about.
    #[must_use]
    pub fn known_taken_back(&self, session: &CheckoutSession) -> TakenBack {
        if session.payment_intent.is_some() && self.payment_intent == session.payment_intent {
            self.taken_back
        } else {
            TakenBack::default()
        }
    }

    fn status_with(&self, taken_back: TakenBack) -> RechargeStatus {
        if taken_back.disputed {
            RechargeStatus::Disputed
        } else if taken_back.refunded >= self.price.amount() {
            RechargeStatus::Refunded
        } else if !self.is_settled() {
            let was_taken_back = matches!(
                self.status,
                RechargeStatus::Disputed | RechargeStatus::Refunded
            );
            // A dispute that was won, a refund that failed: the payment waits for its coins.
            if was_taken_back {
                RechargeStatus::Open
            } else {
                self.status
            }
        } else if taken_back.refunded > 0 {
            RechargeStatus::PartiallyRefunded
        } else {
            RechargeStatus::Settled
        }
    }

    /// The coins that a refund of so many minor units is worth: the paid share of all coins,
    /// bonus included, rounded up, so that what is kept never costs less than its price.
    #[must_use]
    pub fn coins_of_refund(&self, refunded: u64) -> Coins {
        let (total, price) = (self.total_coins(), u128::from(self.price.amount()));
        let exact = u128::from(total.get()).saturating_mul(u128::from(refunded));
        let coins = u64::try_from(exact.div_ceil(price.max(1))).unwrap_or(u64::MAX);
        Coins::new(coins).unwrap_or(Coins::MAX).min(total)
    }
}
