//! Sending a gift.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use thiserror::Error;

use super::{
    Change, Coins, ComboId, Entry, EntryDetail, EntryKey, Gift, GiftId, IdempotencyKey, InputHash,
    InputHasher, Message, Quantity, Recipient, SentGiftId, SpendRefused, TargetId, UserId, Wallet,
    WalletChange,
};

/// What a user asks for. Price and cost are not among it: the server decides (I7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftRequest {
    /// Who sends: the caller.
    pub sender: UserId,
    /// The client's idempotency key.
    pub key: IdempotencyKey,
    /// Which gift.
    pub gift: GiftId,
    /// How many of it.
    pub quantity: Quantity,
    /// Who receives.
    pub creator: UserId,
    /// The creator's live stream or video.
    pub target: Target,
    /// The whole cost that the client showed; another one refuses.
    pub expected_coins: Option<Coins>,
    /// The run of gifts it belongs to.
    pub combo: Option<ComboId>,
    /// What the sender says with it.
    pub message: Option<Message>,
    /// When it is too late to send it: a retry that waited in a queue must not fire tomorrow.
    pub not_after: Option<Timestamp>,
}

/// What sending is subject to, besides catalogue and wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GiftTerms {
    /// Whether the app that asks is new enough.
    pub is_client_admitted: bool,
    /// The most of one gift in one sending.
    pub max_quantity: Quantity,
    /// How many gifts a user may send in a UTC minute.
    pub gifts_per_minute: u32,
}

/// What a gift is for, owned by the creator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// A live stream or a video.
    pub kind: TargetKind,
    /// Which.
    pub id: TargetId,
}

/// A live stream or a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// A live stream.
    Live,
    /// A video.
    Video,
}

impl TargetKind {
    /// Every kind there is.
    pub const ALL: [Self; 2] = [Self::Live, Self::Video];

    /// Its name in requests, replies and the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Video => "video",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for TargetKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One act of sending, as its entry keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentGift {
    /// Derived from sender and key.
    pub id: SentGiftId,
    /// Which gift.
    pub gift: GiftId,
    /// How many of it.
    pub quantity: Quantity,
    /// Who received.
    pub creator: UserId,
    /// For what.
    pub target: Target,
    /// What it cost.
    pub coins: Coins,
    /// What the creator accrues.
    pub diamonds: u64,
    /// The run of gifts it belongs to.
    pub combo: Option<ComboId>,
    /// What the sender said with it.
    pub message: Option<Message>,
}

/// Why a gift is not sent, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GiftRejected {
    /// The app is too old.
    #[error("the app is too old")]
    UpgradeRequired,
    /// The request came after its `not_after`.
    #[error("the request came too late")]
    TooLate,
    /// Nobody sends gifts to themself.
    #[error("a gift to oneself")]
    SelfGift,
    /// More of it than one sending may have.
    #[error("one sending has at most {} of a gift", .max.get())]
    TooMany {
        /// The most.
        max: Quantity,
    },
    /// Nobody of that id is a creator.
    #[error("there is no such creator")]
    CreatorNotFound,
    /// The creator paused, or blocked the sender.
    #[error("the creator does not take this gift")]
    CreatorNotAccepting,
    /// The catalogue does not have it (any more).
    #[error("the gift is not available")]
    Unavailable,
    /// It does not cost what the client showed.
    #[error("the gift costs {} coins", .coins.get())]
    PriceChanged {
        /// What it costs, quantity included.
        coins: Coins,
    },
    /// The wallet does not spend.
    #[error(transparent)]
    Spend(#[from] SpendRefused),
    /// So many gifts were sent in this minute already.
    #[error("too many gifts in a minute")]
    RateLimited {
        /// When the next minute begins.
        retry_after: Duration,
    },
}

/// What sending a gift changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftDecision {
    /// The sender's wallet pays.
    pub wallet: WalletChange,
    /// The entry tells so, and is the key's record.
    pub entry: Entry,
}

impl GiftDecision {
    /// The complete list to commit.
    #[must_use]
    pub fn changes(&self) -> [Change; 2] {
        [
            Change::Wallet(self.wallet.clone()),
            Change::Entry(self.entry.clone()),
        ]
    }
}

impl GiftRequest {
    /// What was asked, without who and with which key: those are where it is stored.
    #[must_use]
    pub fn input_hash(&self) -> InputHash {
        InputHasher::new("gift")
            .field("gift", &self.gift)
            .field("quantity", self.quantity.get())
            .field("creator", &self.creator)
            .field("target_kind", self.target.kind)
            .field("target_id", &self.target.id)
            .optional("expected_coins", self.expected_coins.map(Coins::get))
            .optional("combo", self.combo.as_ref())
            .optional("message", self.message.as_ref().map(Message::as_str))
            .optional("not_after", self.not_after)
            .finish()
    }

    fn sent(&self, coins: Coins) -> SentGift {
        SentGift {
            id: SentGiftId::of(&self.sender, &self.key),
            gift: self.gift.clone(),
            quantity: self.quantity,
            creator: self.creator.clone(),
            target: self.target.clone(),
            coins,
            diamonds: coins.get(), // One diamond per coin.
            combo: self.combo.clone(),
            message: self.message.clone(),
        }
    }
}

/// Decides whether the gift is sent, and what that changes: the wallet and its entry.
///
/// `gift` is what the catalogue has under the asked id, `recipient` who has that creator's id.
///
/// # Errors
/// The first of [`GiftRejected`], in its order.
pub fn decide_gift(
    request: &GiftRequest,
    recipient: Recipient,
    gift: Option<&Gift>,
    wallet: &Wallet,
    terms: GiftTerms,
    at: Timestamp,
) -> Result<GiftDecision, GiftRejected> {
    if !terms.is_client_admitted {
        return Err(GiftRejected::UpgradeRequired);
    }
    if request.not_after.is_some_and(|not_after| at > not_after) {
        return Err(GiftRejected::TooLate);
    }
    if request.sender == request.creator {
        return Err(GiftRejected::SelfGift);
    }
    let max = terms.max_quantity;
    if request.quantity > max {
        return Err(GiftRejected::TooMany { max });
    }
    match recipient {
        Recipient::Nobody => return Err(GiftRejected::CreatorNotFound),
        Recipient::NotAccepting => return Err(GiftRejected::CreatorNotAccepting),
        Recipient::Accepting => {}
    }
    let gift = gift.ok_or(GiftRejected::Unavailable)?;
    // A cost that no wallet could hold is more than this one holds.
    let cost = gift.coins.times(request.quantity).unwrap_or(Coins::MAX);
    if request
        .expected_coins
        .is_some_and(|expected| expected != cost)
    {
        return Err(GiftRejected::PriceChanged { coins: cost });
    }
    let spent = wallet.spend(cost, at)?;
    let pace = wallet.pace.one_more(at, terms.gifts_per_minute);
    let pace = pace.map_err(|retry_after| GiftRejected::RateLimited { retry_after })?;
    let after = Wallet { pace, ..spent };

    // From here on nothing can fail.
    let entry = Entry::leading_to(
        &after,
        EntryKey::gift(&request.key),
        cost.signed().saturating_neg(),
        at,
        request.input_hash(),
        EntryDetail::Gift(request.sent(cost)),
    );
    let wallet = WalletChange {
        expected_version: wallet.version,
        spends: cost,
        after,
    };
    Ok(GiftDecision { wallet, entry })
}

#[cfg(test)]
#[path = "gift_tests.rs"]
mod tests;
