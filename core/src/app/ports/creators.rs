//! What keeps creators, and what a gift's load needs of them.

use std::future::Future;

use jiff::Timestamp;

use super::{Freshness, Outage, SaveError};
use crate::domain::{Creator, Recipient, UserId, Wallet};

/// Keeps creators.
pub trait Creators {
    /// The creator of that id, or `None` if that user is none.
    fn creator(
        &self,
        id: &UserId,
        freshness: Freshness,
    ) -> impl Future<Output = Result<Option<Creator>, Outage>> + Send;

    /// Stores `creator` if the stored one has `expected_version`; 0 if none may be stored.
    ///
    /// # Errors
    /// - MUST be [`SaveError::Moved`] if it has another version, and then nothing was stored.
    /// - MUST be [`SaveError::Unavailable`] if the outcome is not known.
    fn save_creator(
        &self,
        expected_version: u64,
        creator: &Creator,
    ) -> impl Future<Output = Result<(), SaveError>> + Send;
}

/// Keeps whose gifts a creator does not take.
pub trait Blocks {
    /// Stores whether `creator` blocks `user`, however often.
    fn save_block(
        &self,
        creator: &UserId,
        user: &UserId,
        is_blocked: bool,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), Outage>> + Send;

    /// Some of those whom `creator` blocks, in the order of their ids, behind `after`.
    fn blocked(
        &self,
        creator: &UserId,
        after: Option<&UserId>,
        limit: u32,
    ) -> impl Future<Output = Result<BlockedPage, Outage>> + Send;
}

/// Some of those whom a creator blocks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct BlockedPage {
    /// Who, and since when. There may be fewer than asked for, also if more follow.
    pub users: Vec<(UserId, Timestamp)>,
    /// Where the next page begins, if another follows.
    pub next_after: Option<UserId>,
}

/// Both sides of a gift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftParties {
    /// The sender's wallet.
    pub wallet: Wallet,
    /// Who would receive.
    pub recipient: Recipient,
}

/// Loads both sides of a gift, in one round trip.
pub trait GiftPartiesOf {
    /// The wallet of `sender`, and whether `creator` takes gifts from them. If not
    /// [`Freshness::Consistent`], the creator may be known from a while ago: less than 30
    /// seconds, with time left for a gift's own tries.
    fn gift_parties(
        &self,
        sender: &UserId,
        creator: &UserId,
        freshness: Freshness,
    ) -> impl Future<Output = Result<GiftParties, Outage>> + Send;
}
