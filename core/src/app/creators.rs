//! Creators: becoming one, pausing and resuming, blocking.

use thiserror::Error;

use super::{
    Attempts,
    ports::{Blocks, Clock, Creators, Freshness, Outage, SaveError},
};
use crate::domain::{Creator, CreatorRequest, UserId};

/// What a creator's change is subject to.
#[derive(Debug, Clone, Copy)]
pub struct CreatorTerms<'a> {
    /// Whether the app that asks is new enough.
    pub is_client_admitted: bool,
    /// The terms that must be accepted now.
    pub terms_version: &'a str,
}

/// Why nobody became a creator.
#[derive(Debug, Error)]
pub enum BecomeCreatorError {
    /// The app is too old.
    #[error("the app is too old")]
    UpgradeRequired,
    /// Other terms must be accepted.
    #[error("the terms are outdated")]
    TermsOutdated,
    /// An outage: the same may be asked for again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Why a creator was not changed.
#[derive(Debug, Error)]
pub enum ChangeCreatorError {
    /// The app is too old.
    #[error("the app is too old")]
    UpgradeRequired,
    /// The user is no creator.
    #[error("the user is no creator")]
    NotFound,
    /// An outage: the same may be asked for again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Makes a user a creator, or changes what a creator said of themself. Asking for the same again
/// changes nothing, so that no key is needed.
///
/// # Errors
/// [`BecomeCreatorError`]; after a refusal nothing has changed.
pub async fn become_creator(
    creators: &impl Creators,
    clock: &dyn Clock,
    terms: CreatorTerms<'_>,
    id: &UserId,
    request: &CreatorRequest,
) -> Result<Creator, BecomeCreatorError> {
    if !terms.is_client_admitted {
        return Err(BecomeCreatorError::UpgradeRequired);
    }
    if request.terms_version != terms.terms_version {
        return Err(BecomeCreatorError::TermsOutdated);
    }
    let decide = |current: Option<&Creator>| {
        let asked = Creator::asked_for(id, request, current, clock.now());
        asked.or_else(|| current.cloned())
    };
    let changed = change(creators, clock, id, decide).await?;
    // Unreachable: asking always ends in a creator.
    changed.ok_or_else(|| Outage::new("the ledger", "nobody became a creator").into())
}

/// Lets a creator pause or resume, and answers the creator as they are then.
///
/// # Errors
/// [`ChangeCreatorError`]; after a refusal nothing has changed.
pub async fn set_accepting(
    creators: &impl Creators,
    clock: &dyn Clock,
    is_client_admitted: bool,
    id: &UserId,
    is_accepting: bool,
) -> Result<Creator, ChangeCreatorError> {
    if !is_client_admitted {
        return Err(ChangeCreatorError::UpgradeRequired);
    }
    let decide = |current: Option<&Creator>| {
        let current = current?;
        let changed = current.with_accepting(is_accepting);
        Some(changed.unwrap_or_else(|| current.clone()))
    };
    let changed = change(creators, clock, id, decide).await?;
    changed.ok_or(ChangeCreatorError::NotFound)
}

/// Lets a creator block a user, or take their gifts again.
///
/// # Errors
/// [`ChangeCreatorError`]; after a refusal nothing has changed.
pub async fn set_blocked(
    creators: &(impl Creators + Blocks),
    clock: &dyn Clock,
    is_client_admitted: bool,
    id: &UserId,
    user: &UserId,
    is_blocked: bool,
) -> Result<(), ChangeCreatorError> {
    if !is_client_admitted {
        return Err(ChangeCreatorError::UpgradeRequired);
    }
    find_creator(creators, id).await?;
    let saved = creators.save_block(id, user, is_blocked, clock.now());
    Ok(saved.await?)
}

/// The creator of that id.
///
/// # Errors
/// [`ChangeCreatorError::NotFound`] if the user is none.
pub async fn find_creator(
    creators: &impl Creators,
    id: &UserId,
) -> Result<Creator, ChangeCreatorError> {
    let found = creators.creator(id, Freshness::Consistent).await?;
    found.ok_or(ChangeCreatorError::NotFound)
}

/// Stores what `decide` makes of the creator as they are; what is so already is not written.
async fn change(
    creators: &impl Creators,
    clock: &dyn Clock,
    id: &UserId,
    decide: impl Fn(Option<&Creator>) -> Option<Creator>,
) -> Result<Option<Creator>, Outage> {
    let mut attempts = Attempts::begin(clock);
    loop {
        let current = creators.creator(id, Freshness::Consistent).await?;
        let after = decide(current.as_ref());
        let Some(changed) = after.as_ref().filter(|_| after != current) else {
            return Ok(current);
        };
        let expected_version = current.map_or(0, |current| current.version);
        match creators.save_creator(expected_version, changed).await {
            Ok(()) => return Ok(after),
            Err(SaveError::Moved) => attempts.again().await?,
            Err(SaveError::Unavailable(outage)) => return Err(outage),
        }
    }
}
