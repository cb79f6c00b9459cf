//! Sending a gift.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use thiserror::Error;

use super::{
    Change, Coins, ComboId, Entry, EntryDetail, EntryKey, Gift, GiftId, IdempotencyKey, InputHash,
    InputHasher, Message, Quantity, SentGiftId, SpendRefused, TargetId, UserId, Wallet,
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
    /// Its name in requests, replies and the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Video => "video",
        }
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
/// `gift` is what the catalogue has under the asked id.
///
/// # Errors
/// The first of [`GiftRejected`], in its order.
pub fn decide_gift(
    request: &GiftRequest,
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
mod tests {
    use super::*;
    use crate::domain::Tier;

    fn request() -> GiftRequest {
        GiftRequest {
            sender: "alice".try_into().unwrap(),
            key: "k1".try_into().unwrap(),
            gift: "rose".try_into().unwrap(),
            quantity: Quantity::try_from(3_i64).unwrap(),
            creator: "bob".try_into().unwrap(),
            target: Target {
                kind: TargetKind::Live,
                id: "stream-1".try_into().unwrap(),
            },
            expected_coins: None,
            combo: None,
            message: None,
            not_after: None,
        }
    }

    fn decide(
        request: &GiftRequest,
        gift: Option<&Gift>,
        wallet: &Wallet,
    ) -> Result<GiftDecision, GiftRejected> {
        let terms = GiftTerms {
            is_client_admitted: true,
            gifts_per_minute: 2,
        };
        decide_gift(request, gift, wallet, terms, Timestamp::UNIX_EPOCH)
    }

    fn rose(coins: u64) -> Gift {
        Gift {
            id: "rose".try_into().unwrap(),
            name: "Rose".to_owned(),
            tier: Tier::Small,
            coins: Coins::new(coins).unwrap(),
            icon: "🌹".to_owned(),
            animation: None,
            combo: true,
        }
    }

    fn wallet(coins: u64) -> Wallet {
        Wallet::empty("alice".try_into().unwrap())
            .credit(Coins::new(coins).unwrap())
            .unwrap()
    }

    #[test]
    fn refusals_come_in_their_documented_order() {
        let coins = |coins| Coins::new(coins).unwrap();
        let mut to_herself = request();
        to_herself.creator = to_herself.sender.clone();
        let mut expecting = request();
        expecting.expected_coins = Some(coins(29));
        let changed = GiftRejected::PriceChanged { coins: coins(30) };
        let insufficient = SpendRefused::Insufficient { missing: coins(28) };
        let rose = rose(10);
        for (request, gift, rejected) in [
            (&to_herself, None, GiftRejected::SelfGift),
            (&expecting, None, GiftRejected::Unavailable),
            (&expecting, Some(&rose), changed),
            (&request(), Some(&rose), insufficient.into()),
        ] {
            let decided = decide(request, gift, &wallet(2));
            assert_eq!(decided, Err(rejected));
        }
    }

    #[test]
    fn an_old_app_and_a_late_request_are_refused_before_all_else() {
        let mut late = request();
        late.creator = late.sender.clone();
        late.not_after = Some(Timestamp::UNIX_EPOCH);
        let decide = |is_client_admitted, second| {
            let terms = GiftTerms {
                is_client_admitted,
                gifts_per_minute: 1,
            };
            let at = Timestamp::from_second(second).unwrap();
            decide_gift(&late, None, &wallet(0), terms, at)
        };
        assert_eq!(decide(false, 1), Err(GiftRejected::UpgradeRequired));
        assert_eq!(decide(true, 1), Err(GiftRejected::TooLate));
        assert_eq!(decide(true, 0), Err(GiftRejected::SelfGift));
    }

    #[test]
    fn a_minute_takes_so_many_gifts_and_no_more() {
        let rose = rose(1);
        let mut held = wallet(100);
        for _ in 0..2 {
            held = decide(&request(), Some(&rose), &held).unwrap().wallet.after;
        }
        let retry_after = Duration::from_secs(60);
        let limited = Err(GiftRejected::RateLimited { retry_after });
        assert_eq!(decide(&request(), Some(&rose), &held), limited);
    }

    #[test]
    fn a_gift_moves_the_wallet_and_writes_its_entry() {
        let before = wallet(100);
        let GiftDecision { wallet, entry } = decide(&request(), Some(&rose(10)), &before).unwrap();
        assert_eq!((wallet.expected_version, wallet.spends.get()), (1, 30));
        assert_eq!(
            (wallet.after.coins.get(), wallet.after.out_total.get()),
            (70, 30)
        );
        assert_eq!(
            (entry.seq, entry.change, entry.coins_after.get()),
            (2, -30, 70)
        );
        let EntryDetail::Gift(sent) = entry.detail else {
            panic!("a gift's entry")
        };
        assert_eq!((sent.coins.get(), sent.diamonds), (30, 30));
    }

    #[test]
    fn a_cost_beyond_the_range_is_only_insufficient() {
        let gift = rose(Coins::MAX.get());
        let rejected = decide(&request(), Some(&gift), &wallet(1));
        assert!(matches!(
            rejected,
            Err(GiftRejected::Spend(SpendRefused::Insufficient { .. }))
        ));
    }
}
