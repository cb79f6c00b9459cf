//! Starts a recharge: stores what we will ask Stripe for, then asks.

use jiff::Timestamp;
use thiserror::Error;

use super::{
    Attempts,
    ports::{
        Checkout, CheckoutPages, Clock, CommitError, Commits, Freshness, Outage, Packages,
        Payments, PaymentsError, RechargeQuotas, Recharges, SaveError,
    },
};
use crate::domain::{
    Offer, Recharge, RechargeChoice, RechargeId, RechargeRejected, RechargeRequest, RechargeTerms,
    decide_recharge,
};

/// A recharge with its checkout session, and whether this very request opened it.
#[derive(Debug)]
pub struct Started {
    /// The recharge.
    pub recharge: Recharge,
    /// Where the buyer pays; unknown only if it was paid before Stripe's answer reached us.
    pub checkout_url: Option<String>,
    /// An earlier request with the same key opened it.
    pub replayed: bool,
}

/// Why no recharge was started.
#[derive(Debug, Error)]
pub enum StartRechargeError {
    /// A business answer.
    #[error(transparent)]
    Rejected(#[from] RechargeRejected),
    /// The key was used for another recharge.
    #[error("the idempotency key was used for another recharge")]
    KeyReused,
    /// An outage: the same key may be tried again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Starts a recharge. The row comes first, with every parameter; a crash at any point leaves a
/// row that the same key takes further.
///
/// # Errors
/// [`StartRechargeError`]; after a refusal nothing is stored.
pub async fn start_recharge(
    store: &(impl Recharges + CheckoutPages + RechargeQuotas + Commits),
    catalog: &impl Packages,
    payments: &impl Payments,
    clock: &dyn Clock,
    terms: &RechargeTerms,
    request: &RechargeRequest,
) -> Result<Started, StartRechargeError> {
    // Each begins when it is first needed: how long Stripe took does not count.
    let (mut at_ledger, mut at_stripe) = (None, None);
    let id = RechargeId::of(&request.user, &request.key);
    // Whether what is found was there before this request did anything.
    let mut replayed = true;
    loop {
        let step = match store.recharge(&id).await? {
            None => insert(store, catalog, clock, terms, request).await?,
            Some(recharge) if recharge.input_hash != request.input_hash() => {
                return Err(StartRechargeError::KeyReused);
            }
            Some(recharge) => {
                let step = open(store, payments, clock.now(), &recharge).await?;
                if let Step::Open(checkout_url) = step {
                    return Ok(Started {
                        recharge,
                        checkout_url,
                        replayed,
                    });
                }
                step
            }
        };
        match step {
            Step::Open(_) | Step::Stored => {}
            Step::Moved => {
                let attempts = at_ledger.get_or_insert_with(|| Attempts::begin(clock));
                attempts.again().await?;
            }
            // Another request with this key is being answered by Stripe: it will store what we
            // would be told, so that all of them answer the one result.
            Step::InProgress => {
                let attempts = at_stripe.get_or_insert_with(|| Attempts::begin_at_stripe(clock));
                attempts.again().await?;
            }
        }
        replayed = false;
    }
}

/// What one step came to.
enum Step {
    /// The session is stored; its URL is as well, or can never be known.
    Open(Option<String>),
    /// The row was written: look again.
    Stored,
    /// Somebody else wrote the row: look again.
    Moved,
    /// Somebody else is asking Stripe.
    InProgress,
}

async fn insert(
    store: &(impl RechargeQuotas + Commits),
    catalog: &impl Packages,
    clock: &dyn Clock,
    terms: &RechargeTerms,
    request: &RechargeRequest,
) -> Result<Step, StartRechargeError> {
    let quota = store.recharge_quota(&request.user).await?;
    let mut offer = offer(catalog, request, Freshness::Recent).await?;
    if decide_recharge(request, &offer, terms, &quota, clock.now()).is_err() {
        // Row and quota were read consistently; only the catalogue may have been stale.
        offer = self::offer(catalog, request, Freshness::Consistent).await?;
    }
    let decided = decide_recharge(request, &offer, terms, &quota, clock.now())?;
    match store.commit(&decided.changes(&quota)).await {
        Ok(()) => Ok(Step::Stored),
        // Another request with this key was faster, or another recharge of this user.
        Err(CommitError::Moved(_)) => Ok(Step::Moved),
        Err(CommitError::EntryExists(_) | CommitError::ReviewExists) => {
            Err(Outage::new("the ledger", "a recharge's start has no entry").into())
        }
        Err(CommitError::Unavailable(outage)) => Err(outage.into()),
    }
}

async fn offer(
    catalog: &impl Packages,
    request: &RechargeRequest,
    freshness: Freshness,
) -> Result<Offer, Outage> {
    Ok(match &request.choice {
        RechargeChoice::Package(id) => Offer::Package(catalog.package(id, freshness).await?),
        RechargeChoice::Coins(_) => Offer::Custom(catalog.custom_amounts(freshness).await?),
    })
}

/// Takes a stored recharge one step towards its checkout session.
async fn open(
    store: &(impl Recharges + CheckoutPages),
    payments: &impl Payments,
    now: Timestamp,
    recharge: &Recharge,
) -> Result<Step, Outage> {
    if let Some(session) = &recharge.session {
        let page = store.checkout_page(&recharge.id).await?;
        if let Some(page) = page.filter(|page| page.session == *session) {
            return Ok(Step::Open(Some(page.url)));
        }
    }
    if !recharge.checkout.can_open(now) {
        return Ok(match recharge.session {
            // Adopted from an event, and Stripe has forgotten the key: nobody knows the page,
            // and nobody needs it, because only a paid session is adopted.
            Some(_) => Step::Open(None),
            None => save(store, recharge.version, &recharge.reopened(now)).await?,
        });
    }
    let checkout = Checkout {
        recharge: &recharge.id,
        price: recharge.price,
        params: &recharge.checkout,
    };
    let opened = match payments
        .open_checkout(&checkout, &stripe_key(recharge))
        .await
    {
        Ok(opened) => opened,
        Err(PaymentsError::StoredFailure(outage)) => {
            // The next request uses another key towards Stripe. This one ends here: a Stripe
            // that fails is not helped by more calls.
            save(store, recharge.version, &recharge.next_attempt()).await?;
            return Err(outage);
        }
        Err(PaymentsError::InProgress(_)) => return Ok(Step::InProgress),
        Err(PaymentsError::Unavailable(outage)) => return Err(outage),
    };
    store.save_checkout_page(&recharge.id, &opened).await?;
    match &recharge.session {
        Some(adopted) if *adopted == opened.session => Ok(Step::Open(Some(opened.url))),
        Some(_) => Ok(Step::Open(None)),
        None => {
            let next = recharge.opened(opened.session);
            save(store, recharge.version, &next).await
        }
    }
}

async fn save(
    store: &impl Recharges,
    expected_version: u64,
    recharge: &Recharge,
) -> Result<Step, Outage> {
    match store.save_recharge(expected_version, recharge).await {
        Ok(()) => Ok(Step::Stored),
        Err(SaveError::Moved) => Ok(Step::Moved),
        Err(SaveError::Unavailable(outage)) => Err(outage),
    }
}

/// The idempotency key towards Stripe.
fn stripe_key(recharge: &Recharge) -> String {
    format!("recharge:{}:{}", recharge.id, recharge.attempt)
}
