//! Every key of the ledger table, in one place. Ids cannot contain `#`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{Timestamp, tz::TimeZone};

use crate::domain::{CheckoutSessionId, EntryKey, PaymentIntentId, RechargeId, UserId};

/// The index that a statement is read from: hash key `PK`, range key `seq`.
pub const STATEMENT_INDEX: &str = "statement";

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        let month = asked_at
            .to_zoned(TimeZone::UTC)
            .strftime("%Y%m")
            .to_string();
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
