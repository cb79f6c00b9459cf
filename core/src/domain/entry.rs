//! The immutable lines of a wallet's statement.

use std::fmt;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{Coins, IdempotencyKey, RechargeId, SentGift, UserId, Wallet, ids::hex_128};

/// One immutable line of a wallet's statement. It is also the idempotency record of the
/// request that made it: a second entry with its kind and key can never be stored (I3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose wallet.
    pub user: UserId,
    /// What makes it unique within its kind.
    pub key: EntryKey,
    /// Its place in the wallet's history: 1, 2, 3 … without gaps (I5).
    pub seq: u64,
    /// What it changed: positive for coins that came in.
    pub change: i64,
    /// The wallet's coins after it.
    pub coins_after: Coins,
    /// The wallet's debt after it.
    pub debt_after: Coins,
    /// All coins that ever came in, after it.
    pub in_total: Coins,
    /// All coins that ever went out, after it.
    pub out_total: Coins,
    /// When it was decided.
    pub at: Timestamp,
    /// What was asked: the same key with another input is refused.
    pub input_hash: InputHash,
    /// What it is about, enough to answer its request again.
    pub detail: EntryDetail,
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryDetail {
    /// A gift was sent.
    Gift(SentGift),
    /// A recharge was settled.
    Recharge {
        /// Which.
        recharge: RechargeId,
        /// The package's coins without the bonus.
        coins: Coins,
        /// The package's bonus.
        bonus_coins: Coins,
        /// The coins that never came in, because their money was refunded before.
        refunded_coins: Coins,
    },
    /// A gift of the house.
    Grant {
        /// Why.
        reason: GrantReason,
        /// The recharge that it came with.
        recharge: RechargeId,
        /// How many coins.
        coins: Coins,
    },
}

/// Why the house gave coins. Each is given once to a wallet: it is the entry's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantReason {
    /// The first recharge that was settled.
    FirstRecharge,
}

impl GrantReason {
    /// Every reason there is.
    pub const ALL: [Self; 1] = [Self::FirstRecharge];

    /// Its stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstRecharge => "first_recharge",
        }
    }

    /// The reason of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// The kind of an entry, as stored and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// Coins bought.
    Recharge,
    /// Coins given by the house.
    Grant,
    /// Coins spent on a gift.
    Gift,
}

impl EntryKind {
    /// Every kind there is.
    pub const ALL: [Self; 3] = [Self::Recharge, Self::Grant, Self::Gift];

    /// Its stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recharge => "recharge",
            Self::Grant => "grant",
            Self::Gift => "gift",
        }
    }
}

/// What makes an entry unique within a wallet: its kind, and the client's key or the id of
/// what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntryKey {
    /// The kind.
    pub kind: EntryKind,
    /// The client's idempotency key, or a recharge's id.
    pub name: String,
}

impl EntryKey {
    /// Of the gift that is sent with `key`.
    #[must_use]
    pub fn gift(key: &IdempotencyKey) -> Self {
        Self {
            kind: EntryKind::Gift,
            name: key.as_str().to_owned(),
        }
    }

    /// Of a recharge's settlement.
    #[must_use]
    pub fn recharge(id: &RechargeId) -> Self {
        Self {
            kind: EntryKind::Recharge,
            name: id.as_str().to_owned(),
        }
    }

    /// Of a gift of the house.
    #[must_use]
    pub fn grant(reason: GrantReason) -> Self {
        Self {
            kind: EntryKind::Grant,
            name: reason.as_str().to_owned(),
        }
    }
}

impl Entry {
    /// The entry that leads from the wallet before it to `after`.
    pub(super) fn leading_to(
        after: &Wallet,
        key: EntryKey,
        change: i64,
        at: Timestamp,
        input_hash: InputHash,
        detail: EntryDetail,
    ) -> Self {
        Self {
            user: after.user.clone(),
            key,
            seq: after.last_seq,
            change,
            coins_after: after.coins,
            debt_after: after.debt,
            in_total: after.in_total,
            out_total: after.out_total,
            at,
            input_hash,
            detail,
        }
    }
}

/// 128 bits of SHA-256 over a request's parsed values, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InputHash(String);

impl InputHash {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One that was stored.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }
}

/// Hashes a request field by field. An absent field leaves no trace, so that a field added
/// later does not change the hash of requests that do not use it: old keys stay replayable.
pub struct InputHasher(Sha256);

impl InputHasher {
    /// For one operation; two operations never share a hash.
    #[must_use]
    pub fn new(operation: &str) -> Self {
        let mut hasher = Self(Sha256::new());
        hasher.part(operation.as_bytes());
        hasher
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.part(name.as_bytes());
        self.part(value.to_string().as_bytes());
        self
    }

    /// Adds a field if it has a value.
    #[must_use]
    pub fn optional(self, name: &str, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// The hash.
    #[must_use]
    pub fn finish(self) -> InputHash {
        InputHash(hex_128(&self.0.finalize()))
    }

    /// Length first: otherwise `("ab", "c")` and `("a", "bc")` would hash alike.
    fn part(&mut self, bytes: &[u8]) {
        self.0.update(bytes.len().to_string().as_bytes());
        self.0.update([b':']);
        self.0.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_field_leaves_no_trace_and_fields_do_not_run_together() {
        let base = || InputHasher::new("gift").field("a", "x");
        assert_eq!(base().finish(), base().optional("b", None::<u8>).finish());
        assert_ne!(base().finish(), base().optional("b", Some("")).finish());
        let split = InputHasher::new("gift").field("a", "xb").finish();
        assert_ne!(split, InputHasher::new("gift").field("ax", "b").finish());
        assert_ne!(
            split,
            InputHasher::new("recharge").field("a", "xb").finish()
        );
    }
}
