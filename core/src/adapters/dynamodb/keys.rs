//! Every key of both tables, in one place. Ids cannot contain `#`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{Timestamp, civil::Date};

use crate::domain::{
    CheckoutSessionId, CreatorDay, Entry, EntryDetail, EntryKey, Lane, Month, PaymentIntentId,
    RECEIVED_LANES, ReceivedGift, RechargeId, SentGiftId, SequenceNumber, ShardId, UserId,
};

/// The index that a statement is read from: hash key `PK`, range key `seq`.
pub const STATEMENT_INDEX: &str = "statement";

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }

    pub(super) fn wallet(user: &UserId) -> Self {
        Self::new(user_partition(user), "WALLET")
    }

    pub(super) fn entry(user: &UserId, key: &EntryKey) -> Self {
        let sk = format!("ENTRY#{}#{}", key.kind.as_str(), key.name);
        Self::new(user_partition(user), sk)
    }

    pub(super) fn recharge(id: &RechargeId) -> Self {
        Self::new(format!("RECHARGE#{id}"), "RECHARGE")
    }

    pub(super) fn checkout_page(id: &RechargeId) -> Self {
        Self::new(format!("RECHARGE#{id}"), "CHECKOUT")
    }

    pub(super) fn payment_intent(id: &PaymentIntentId) -> Self {
        Self::new(format!("STRIPE#{id}"), "RECHARGE")
    }

    /// Of its own: it must not be in the way of a wallet that spends.
    pub(super) fn recharge_quota(user: &UserId) -> Self {
        Self::new(format!("QUOTA#{user}"), "RECHARGES")
    }

    /// How recently Stripe was asked about a recharge.
    pub(super) fn sync_turn(id: &RechargeId) -> Self {
        Self::new(format!("RECHARGE#{id}"), "SYNC")
    }

    pub(super) fn reconcile_mark() -> Self {
        Self::new("RECONCILE", "MARK")
    }

    pub(super) fn review(
        asked_at: Timestamp,
        recharge: &RechargeId,
        session: &CheckoutSessionId,
    ) -> Self {
        let month = Month::at(asked_at);
        Self::new(format!("REVIEW#{month}"), format!("{recharge}#{session}"))
    }

    /// The current catalogue of a kind: `PACKAGES` or `GIFTS`.
    pub(super) fn catalog(kind: &str) -> Self {
        Self::new("CATALOG", kind)
    }

    /// A catalogue as it once was.
    pub(super) fn catalog_version(kind: &str, version: u64) -> Self {
        Self::new("CATALOG", format!("{kind}#{version:010}"))
    }

    pub(super) fn creator(id: &UserId) -> Self {
        Self::new(creator_partition(id), "CREATOR")
    }

    /// Beside the creator, not in the row: there may be thousands.
    pub(super) fn block(creator: &UserId, user: &UserId) -> Self {
        Self::new(creator_partition(creator), format!("{BLOCK}{user}"))
    }

    /// In the views.
    pub(super) fn received(gift: &ReceivedGift) -> Self {
        let pk = received_partition(gift.creator(), Month::at(gift.at), gift.lane());
        Self::new(pk, received_sort_key(gift.at, &gift.sent.id))
    }

    /// In the views: where the gift of an entry is received; `None` if it is about something else.
    pub(super) fn received_of(entry: &Entry) -> Option<Self> {
        let EntryDetail::Gift(sent) = &entry.detail else {
            return None;
        };
        let lane = Lane::of(sent.id.as_str(), RECEIVED_LANES);
        let pk = received_partition(&sent.creator, Month::at(entry.at), lane);
        Some(Self::new(pk, received_sort_key(entry.at, &sent.id)))
    }

    /// In the views.
    pub(super) fn earnings(day: &CreatorDay, lane: Lane) -> Self {
        Self::new(
            creator_partition(&day.creator),
            format!("{}{lane}", day_prefix(day.date)),
        )
    }

    /// In the views: beside a day's lanes, so that whoever adds them up has it, too.
    pub(super) fn earnings_corrections(day: &CreatorDay) -> Self {
        Self::new(
            creator_partition(&day.creator),
            format!("{}rebuild", day_prefix(day.date)),
        )
    }

    /// In the views. The function's name is in it, because each that reads the stream has marks
    /// of its own.
    pub(super) fn relay_mark(shard: &ShardId) -> Self {
        Self::new(format!("RELAY#relay#{shard}"), "MARK")
    }

    /// In the views. A place is a number within a shard: nobody promises that another shard has not
    /// the same.
    pub(super) fn quarantined(date: Date, shard: &ShardId, sequence: &SequenceNumber) -> Self {
        Self::new(quarantine_partition(date), format!("{sequence}#{shard}"))
    }

    /// The key of an item.
    pub(super) fn of(item: &HashMap<String, AttributeValue>) -> Option<Self> {
        let text = |name| item.get(name)?.as_s().ok().cloned();
        Some(Self {
            pk: text("PK")?,
            sk: text("SK")?,
        })
    }

    /// As the SDK takes it.
    pub(super) fn attributes(self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("PK".to_owned(), AttributeValue::S(self.pk)),
            ("SK".to_owned(), AttributeValue::S(self.sk)),
        ])
    }
}

/// The partition of a user's wallet and entries.
pub(super) fn user_partition(user: &UserId) -> String {
    format!("USER#{user}")
}

/// The partition of a creator: in the ledger the creator and their blocks, in the views their days.
pub(super) fn creator_partition(id: &UserId) -> String {
    format!("CREATOR#{id}")
}

/// What the sort keys of blocks begin with.
pub(super) const BLOCK: &str = "BLOCK#";

/// What the sort keys of days begin with.
pub(super) const DAY: &str = "DAY#";

/// What the sort keys of a day's rows begin with.
pub(super) fn day_prefix(date: Date) -> String {
    format!("{DAY}{date}#")
}

/// What the sort keys of received gifts begin with.
pub(super) const RECEIVED: &str = "GIFT#";

/// The partition of one lane of a creator's month.
pub(super) fn received_partition(creator: &UserId, month: Month, lane: Lane) -> String {
    format!("CREATOR#{creator}#{month}#{lane}")
}

/// Sorts as time does: always three decimals, where plain text leaves zeros out.
pub(super) fn received_sort_key(at: Timestamp, id: &SentGiftId) -> String {
    format!("{RECEIVED}{at:.3}#{id}")
}

/// The partition of a day's quarantine.
pub(super) fn quarantine_partition(date: Date) -> String {
    format!("QUARANTINE#{date}")
}
