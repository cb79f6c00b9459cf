//! What is wrong, and where.

use std::fmt;

use jiff::Timestamp;
use thiserror::Error;

use crate::domain::{CreatorDay, RechargeId, SentGiftId, Tally, UserId};

/// A stored item as it could be read.
pub type Stored<T> = Result<T, Box<Damaged>>;

/// A stored item that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// Its key, as it is stored.
    pub key: String,
    /// The `seq` that it says, if it says one.
    pub seq: Option<u64>,
    /// What is wrong with it.
    pub reason: Reason,
}

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// At which entry of a wallet, if it is about one.
    pub seq: Option<u64>,
    /// What.
    pub reason: Reason,
}

impl Finding {
    /// About a whole place.
    #[must_use]
    pub const fn of(place: Place, reason: Reason) -> Self {
        Self {
            place,
            seq: None,
            reason,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.place)?;
        if let Some(seq) = self.seq {
            write!(formatter, ", seq {seq}")?;
        }
        write!(formatter, ": {}", self.reason)
    }
}

/// Where something is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A wallet and its entries.
    Wallet(UserId),
    /// A recharge's row.
    Recharge(RechargeId),
    /// A creator's received gift.
    Received(UserId, SentGiftId),
    /// What a creator earned on a day.
    Day(CreatorDay),
    /// An item, by its key as it is stored.
    Item(String),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wallet(user) => write!(formatter, "wallet {user}"),
            Self::Recharge(id) => write!(formatter, "recharge {id}"),
            Self::Received(creator, id) => write!(formatter, "creator {creator}, gift {id}"),
            Self::Day(day) => write!(formatter, "creator {}, {}", day.creator, day.date),
            Self::Item(key) => write!(formatter, "item {key}"),
        }
    }
}

/// What is wrong, and which invariant it breaks.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Reason {
    /// A balance below zero is stored.
    #[error("I1: {attribute} is {value}, below zero")]
    Negative {
        /// Which attribute says so.
        attribute: &'static str,
        /// What it says.
        value: String,
    },
    /// Coins and debt at once.
    #[error("I1: {coins} coins and a debt of {debt} at once")]
    CoinsAndDebt {
        /// What it holds.
        coins: u64,
        /// What it owes.
        debt: u64,
    },
    /// An entry spends what was not there.
    #[error("I1: {spent} coins are spent of {held}")]
    Overspent {
        /// What was there before.
        held: i128,
        /// What it spends.
        spent: i128,
    },
    /// An entry's change is not what it is about.
    #[error("I4: the change is {change}, but what it is about comes to {detail}")]
    ChangeDiffers {
        /// What is stored.
        change: i64,
        /// What its coins come to.
        detail: i128,
    },
    /// A gift's diamonds are not its coins.
    #[error("I4: {diamonds} diamonds accrue from {coins} coins")]
    DiamondsDiffer {
        /// What accrues.
        diamonds: u64,
        /// What it cost.
        coins: u64,
    },
    /// What an entry leaves does not follow from the one before.
    #[error("I4: {what} is {stored} after it, but {expected} follows from the entry before")]
    DoesNotFollow {
        /// Coins, debt or a total.
        what: &'static str,
        /// What is stored.
        stored: i128,
        /// What follows.
        expected: i128,
    },
    /// A wallet is not as its last entry left it.
    #[error("I4: the wallet's {what} is {stored}, but its last entry left {expected}")]
    WalletDiffers {
        /// Coins, debt or a total.
        what: &'static str,
        /// What the wallet says.
        stored: i128,
        /// What its last entry says.
        expected: i128,
    },
    /// Coins less debt are not the sum of the changes.
    #[error("I4: coins less debt are {held}, but the changes of all entries come to {sum}")]
    SumDiffers {
        /// What the wallet says.
        held: i128,
        /// What the entries say.
        sum: i128,
    },
    /// Entries are missing.
    #[error("I5: no entry with this seq is stored, nor up to {last}")]
    Missing {
        /// The last one that is missing.
        last: u64,
    },
    /// Two entries have one place.
    #[error("I5: another entry has this seq, too: {key}")]
    Doubled {
        /// The second one's kind and key.
        key: String,
    },
    /// An entry that the wallet does not count.
    #[error("I5: the wallet's last_seq is {last_seq}")]
    BeyondLast {
        /// What the wallet says.
        last_seq: u64,
    },
    /// Entries without a wallet.
    #[error("I5: there are entries, but no wallet")]
    NoWallet,
    /// A key is not that of what is stored under it.
    #[error("the key does not agree with {what}")]
    KeyDiffers {
        /// What it should follow from.
        what: &'static str,
    },
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// An entry for a recharge that is not there.
    #[error("I4: recharge {recharge} is not stored")]
    NoRecharge {
        /// Which.
        recharge: RechargeId,
    },
    /// An entry for a recharge that says something else.
    #[error("I4: recharge {recharge} has another {what}")]
    RechargeDiffers {
        /// Which.
        recharge: RechargeId,
        /// What is different.
        what: &'static str,
    },
    /// A recharge that is settled without an entry.
    #[error("I4: it is settled, but wallet {user} has no entry for it")]
    NotCredited {
        /// Whose it is.
        user: UserId,
    },
    /// A gift that its creator did not receive.
    #[error("I4: gift {gift} for creator {creator} is not among the received gifts")]
    NotReceived {
        /// Which.
        gift: SentGiftId,
        /// For whom.
        creator: UserId,
    },
    /// A received gift that says something else than its entry.
    #[error("I4: gift {gift} for creator {creator} was received with another {what}")]
    ReceivedDiffers {
        /// Which.
        gift: SentGiftId,
        /// For whom.
        creator: UserId,
        /// What is different.
        what: &'static str,
    },
    /// A received gift that nobody sent.
    #[error("I4: it was received, but wallet {sender} has no entry for it")]
    NotSent {
        /// Who is said to have sent it.
        sender: UserId,
    },
    /// Earnings are not the sum of received gifts.
    #[error("I4: earned are {}, but received {}", shown(.earned), shown(.received))]
    EarningsDiffer {
        /// What the earnings say.
        earned: Tally,
        /// What the received gifts come to.
        received: Tally,
    },
    /// A received gift that was never counted.
    #[error("I4: a gift of {since} was received and is not counted yet")]
    NotCounted {
        /// When the oldest one was sent.
        since: Timestamp,
    },
    /// A received gift that is in quarantine, too.
    #[error("a gift of this day waits in quarantine: recharge replay")]
    InQuarantine,
}

fn shown(tally: &Tally) -> String {
    let (live, video) = (tally.live, tally.video);
    format!(
        "{} diamonds of {} gifts for live streams and {} of {} for videos",
        live.diamonds, live.gifts, video.diamonds, video.gifts
    )
}
