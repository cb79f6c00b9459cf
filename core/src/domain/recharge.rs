//! One purchase of coins, from the click to the settled end.

use jiff::{SignedDuration, Timestamp};

use super::{
    CheckoutSessionId, Coins, InputHash, Money, PackageId, PaymentIntentId, RechargeId, TakenBack,
    UserId,
};

/// A recharge as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recharge {
    /// Derived from user and idempotency key.
    pub id: RechargeId,
    /// Who buys.
    pub user: UserId,
    /// What was asked: the same key with another input is refused.
    pub input_hash: InputHash,
    /// Where it stands.
    pub status: RechargeStatus,
    /// The package that is bought; `None` for an amount that the buyer chose.
    pub package: Option<PackageId>,
    /// The coins without the bonus, at the time of the click.
    pub coins: Coins,
    /// Its bonus, at the time of the click.
    pub bonus_coins: Coins,
    /// Its price, at the time of the click.
    pub price: Money,
    /// The terms that the user accepted, at `created_at`.
    pub terms_version: String,
    /// Where the browser goes at the end.
    pub return_url: Option<String>,
    /// Every other parameter that Stripe is sent.
    pub checkout: CheckoutParams,
    /// How many times Stripe is known to have failed with an answer that it stores: a part of
    /// the idempotency key, because Stripe replays a stored failure for a day.
    pub attempt: u32,
    /// The checkout session, once we know it.
    pub session: Option<CheckoutSessionId>,
    /// The payment intent, once we know it.
    pub payment_intent: Option<PaymentIntentId>,
    /// What is promised on top if it is the user's first that settles.
    pub first_bonus_coins: Coins,
    /// What Stripe took back of the payment, as far as we know.
    pub taken_back: TakenBack,
    /// When the coins were credited.
    pub credited_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// The number of writes.
    pub version: u64,
}

/// The parameters of a checkout session that are not the price. They are stored before Stripe
/// is called, so that a retry sends exactly the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutParams {
    /// What the buyer reads on Stripe's page.
    pub product_name: String,
    /// Where Stripe leads after the payment.
    pub success_url: String,
    /// Where Stripe leads on the way back.
    pub cancel_url: String,
    /// When Stripe closes the session.
    pub expires_at: Timestamp,
}

/// The checkout session that Stripe opened for a recharge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedCheckout {
    /// Its id.
    pub session: CheckoutSessionId,
    /// Where the buyer pays.
    pub url: String,
}

/// Where a recharge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RechargeStatus {
    /// Stored, but Stripe has not answered yet.
    Created,
    /// The checkout session is open.
    Open,
    /// Paid by a method that takes days.
    Processing,
    /// Paid and credited.
    Settled,
    /// The payment failed.
    Failed,
    /// The checkout session expired.
    Expired,
    /// Paid, but not as we asked: a person must look.
    NeedsReview,
    /// Taken back whole.
    Refunded,
    /// Taken back in part.
    PartiallyRefunded,
    /// The buyer's bank disputes it.
    Disputed,
}

impl RechargeStatus {
    /// Every status there is.
    pub const ALL: [Self; 10] = [
        Self::Created,
        Self::Open,
        Self::Processing,
        Self::Settled,
        Self::Failed,
        Self::Expired,
        Self::NeedsReview,
        Self::Refunded,
        Self::PartiallyRefunded,
        Self::Disputed,
    ];

    /// Its name in the store and in replies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Open => "open",
            Self::Processing => "processing",
            Self::Settled => "settled",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::NeedsReview => "needs_review",
            Self::Refunded => "refunded",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Disputed => "disputed",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

impl CheckoutParams {
    /// How long a buyer may take. Stripe allows 24 hours from its own receipt; an hour less
    /// leaves room for retries. It is also what makes old retries safe: within the last half
    /// hour Stripe refuses to open a session, long before it forgets the idempotency key.
    const OPEN_FOR: SignedDuration = SignedDuration::from_hours(23);
    /// Stripe opens no session that would close sooner; one minute more for the way there.
    const OPEN_MIN: SignedDuration = SignedDuration::from_mins(31);

    pub(super) fn new(id: &RechargeId, coins: Coins, public_url: &str, at: Timestamp) -> Self {
        // Our own pages, whatever `return_url` says: they lead on to it.
        let page = |result| format!("{public_url}/{result}/{id}");
        Self {
            product_name: format!("{} coins", coins.get()),
            success_url: page("return"),
            cancel_url: page("cancel"),
            expires_at: expires_at(at),
        }
    }

    /// Whether Stripe can still open a session with these parameters.
    #[must_use]
    pub fn can_open(&self, at: Timestamp) -> bool {
        at.saturating_add(Self::OPEN_MIN)
            .is_ok_and(|soonest| soonest <= self.expires_at)
    }
}

/// Stripe takes whole seconds.
fn expires_at(at: Timestamp) -> Timestamp {
    let end = at.saturating_add(CheckoutParams::OPEN_FOR).unwrap_or(at);
    Timestamp::from_second(end.as_second()).unwrap_or(end)
}

impl Recharge {
    /// The coins that settle: bonus included.
    #[must_use]
    pub fn total_coins(&self) -> Coins {
        self.coins.plus(self.bonus_coins).unwrap_or(Coins::MAX)
    }

    /// Whether its coins were credited, whatever happened since.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.credited_at.is_some()
    }

    /// The same recharge with the session that Stripe opened for it. What became known of it in
    /// the meantime, as that it needs a review, is not taken back.
    #[must_use]
    pub fn opened(&self, session: CheckoutSessionId) -> Self {
        let status = if self.status == RechargeStatus::Created {
            RechargeStatus::Open
        } else {
            self.status
        };
        Self {
            session: Some(session),
            status,
            ..self.next()
        }
    }

    /// The same recharge, to be asked for with another idempotency key: Stripe stored a failure.
    #[must_use]
    pub fn next_attempt(&self) -> Self {
        Self {
            attempt: self.attempt.saturating_add(1),
            ..self.next()
        }
    }

    /// The same recharge with fresh parameters: those it had can open no session any more.
    #[must_use]
    pub fn reopened(&self, at: Timestamp) -> Self {
        let mut next = self.next_attempt();
        next.checkout.expires_at = expires_at(at);
        next
    }

    pub(super) fn next(&self) -> Self {
        Self {
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}
