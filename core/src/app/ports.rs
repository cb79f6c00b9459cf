//! What the use cases need from outside. Each port is named by its role and is as narrow as
//! the permissions that the function behind it has.

use std::{
    fmt::{self, Debug, Display},
    future::Future,
    pin::Pin,
    time::Duration,
};

use jiff::Timestamp;
use thiserror::Error;

use crate::domain::{
    Change, CheckoutParams, Entry, EntryKey, Gift, GiftId, Money, OpenedCheckout, Package,
    PackageId, PaymentIntentId, Recharge, RechargeId, UserId, Wallet,
};

/// Something that we depend on does not work. The outcome of a write that ended so is unknown.
#[derive(Debug, Error)]
#[error("{what} is unavailable")]
pub struct Outage {
    /// Which call.
    pub what: &'static str,
    /// What went wrong, for the log.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl Outage {
    /// An outage of `what`.
    pub fn new(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            what,
            source: source.into(),
        }
    }

    /// The outage with all its causes, in one line for the log.
    #[must_use]
    pub fn causes(&self) -> impl Display {
        Causes(self)
    }
}

struct Causes<'a>(&'a (dyn std::error::Error + 'static));

impl Display for Causes<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(formatter, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

/// How fresh a read must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// May be cached, or lag: good enough to succeed on, because a commit is conditional.
    Recent,
    /// Reflects every write that was acknowledged before: what a refusal must be decided on.
    Consistent,
}

/// Time and chance enter here and nowhere else.
pub trait Clock: Send + Sync + Debug {
    /// Now, in whole milliseconds.
    fn now(&self) -> Timestamp;

    /// Waits. It is not `async` so that a clock can be a trait object.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// A random duration from zero to `max`.
    fn jitter(&self, max: Duration) -> Duration;
}

/// Reads a wallet.
pub trait Wallets {
    /// The wallet of `user`; an empty one if none is stored.
    fn wallet(
        &self,
        user: &UserId,
        freshness: Freshness,
    ) -> impl Future<Output = Result<Wallet, Outage>> + Send;
}

/// Reads a wallet's history, newest first.
pub trait Statements {
    /// Up to `limit` entries with a `seq` below `before` (all if `None`), newest first. The
    /// index behind it lags: it may lack the newest ones and have holes among them.
    fn entries_before(
        &self,
        user: &UserId,
        before: Option<u64>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Entry>, Outage>> + Send;
}

/// Finds an entry by its key.
pub trait Entries {
    /// The entry, read consistently.
    fn entry(
        &self,
        user: &UserId,
        key: &EntryKey,
    ) -> impl Future<Output = Result<Option<Entry>, Outage>> + Send;
}

/// Stores what was decided, whole or not at all.
pub trait Commits {
    /// Stores every change in one transaction.
    ///
    /// # Errors
    /// - MUST be [`CommitError::EntryExists`] if an entry of the same key is stored, whatever
    ///   else failed, and [`CommitError::ReviewExists`] for a review.
    /// - MUST be [`CommitError::Moved`] if something has another version than expected, or
    ///   collided with another write, and then nothing was stored.
    /// - MUST be [`CommitError::Unavailable`] if the outcome is not known.
    fn commit(&self, changes: &[Change]) -> impl Future<Output = Result<(), CommitError>> + Send;
}

/// Why a commit stored nothing, or nothing for certain.
#[derive(Debug, Error)]
pub enum CommitError {
    /// An entry of this key is stored: here it is.
    #[error("an entry of this key exists")]
    EntryExists(Box<Entry>),
    /// A review of this recharge and session is stored.
    #[error("the review exists")]
    ReviewExists,
    /// What was decided on has changed, or another write was in the way: decide again.
    #[error("what was decided on has moved")]
    Moved(Box<Found>),
    /// The outcome is unknown.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// What a failed condition found, as far as it told.
#[derive(Debug, Default)]
pub struct Found {
    /// The wallet as it is.
    pub wallet: Option<Wallet>,
    /// The recharge as it is.
    pub recharge: Option<Recharge>,
}

/// The gifts that can be sent.
pub trait Gifts {
    /// The gift of that id, or `None` if the catalogue does not have it.
    fn gift(
        &self,
        id: &GiftId,
        freshness: Freshness,
    ) -> impl Future<Output = Result<Option<Gift>, Outage>> + Send;
}

/// The packages that are sold.
pub trait Packages {
    /// The package of that id, or `None` if the catalogue does not have it.
    fn package(
        &self,
        id: &PackageId,
        freshness: Freshness,
    ) -> impl Future<Output = Result<Option<Package>, Outage>> + Send;
}

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

/// Why a recharge was not stored, or not for certain.
#[derive(Debug, Error)]
pub enum SaveError {
    /// It has another version, or another write was in the way.
    #[error("the recharge has moved")]
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

/// Takes payments: Stripe.
pub trait Payments {
    /// Opens a checkout session. The same key with the same parameters opens one session,
    /// however often it is asked for.
    ///
    /// # Errors
    /// - MUST be [`PaymentsError::StoredFailure`] if the same key would be answered with this
    ///   failure again.
    /// - MUST be [`PaymentsError::InProgress`] if another call with this key has not ended yet.
    /// - MUST be [`PaymentsError::Unavailable`] if the same key may be tried again.
    fn open_checkout(
        &self,
        checkout: &Checkout<'_>,
        idempotency_key: &str,
    ) -> impl Future<Output = Result<OpenedCheckout, PaymentsError>> + Send;
}

/// Everything that a checkout session is opened with.
#[derive(Debug, Clone, Copy)]
pub struct Checkout<'a> {
    /// For which recharge: on the session, on its payment intent and as the client reference.
    pub recharge: &'a RechargeId,
    /// What it costs.
    pub price: Money,
    /// The rest.
    pub params: &'a CheckoutParams,
}

/// Why no checkout session was opened, or none that we know.
#[derive(Debug, Error)]
pub enum PaymentsError {
    /// Stripe failed, and keeps this answer under the key.
    #[error("Stripe stored a failure")]
    StoredFailure(#[source] Outage),
    /// Another call with this key is being answered.
    #[error("Stripe is answering another call with this key")]
    InProgress(#[source] Outage),
    /// Stripe did not answer, or refused; the session may exist.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}
