//! Identifiers. Each kind is a type of its own, so that one cannot stand for another.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// An identifier that is not 1 to 64 of `[A-Za-z0-9_.:|-]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an id is 1 to 64 of A-Z a-z 0-9 _ . : | -")]
pub struct IdInvalid;

/// No store key separator (`#`) can occur in an id, so that keys made of ids are unambiguous.
const ID_LENGTH_MAX: usize = 64;

fn is_id(text: &str, length_max: usize) -> bool {
    (1..=length_max).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.:|-".contains(&byte))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $length_max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdInvalid;

            fn try_from(text: String) -> Result<Self, IdInvalid> {
                if is_id(&text, $length_max) { Ok(Self(text)) } else { Err(IdInvalid) }
            }
        }

        impl TryFrom<&str> for $name {
            type Error = IdInvalid;

            fn try_from(text: &str) -> Result<Self, IdInvalid> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

id!(/// A user: the `sub` of a token. A creator is a user, too.
    UserId, ID_LENGTH_MAX);
id!(/// An item of the gift catalogue.
    GiftId, ID_LENGTH_MAX);
id!(/// A package of the package catalogue.
    PackageId, ID_LENGTH_MAX);
id!(/// One recharge: `rch_…`.
    RechargeId, ID_LENGTH_MAX);
id!(/// One sent gift: `sent_…`.
    SentGiftId, ID_LENGTH_MAX);
id!(/// The live stream or video that a gift is for.
    TargetId, ID_LENGTH_MAX);
id!(/// What the client calls a run of sent gifts that it shows as one combo.
    ComboId, ID_LENGTH_MAX);
// Stripe says that its ids may grow to 255 characters.
id!(/// Stripe's id of a checkout session: `cs_…`.
    CheckoutSessionId, 255);
id!(/// Stripe's id of a payment intent: `pi_…`.
    PaymentIntentId, 255);

impl RechargeId {
    /// The id of the recharge that `user` starts with `key`: the same for ever, so that a
    /// repeated request finds the first one's row.
    #[must_use]
    pub fn of(user: &UserId, key: &IdempotencyKey) -> Self {
        Self(format!("rch_{}", derived("recharge", user, key)))
    }
}

impl SentGiftId {
    /// The id of the gift that `sender` sends with `key`.
    #[must_use]
    pub fn of(sender: &UserId, key: &IdempotencyKey) -> Self {
        Self(format!("sent_{}", derived("gift", sender, key)))
    }
}

/// 128 bits of SHA-256 in hexadecimal. No part can contain the separator, a zero byte.
fn derived(operation: &str, user: &UserId, key: &IdempotencyKey) -> String {
    let mut hash = Sha256::new();
    for part in [operation, user.as_str(), key.as_str()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex_128(&hash.finalize())
}

/// The first 16 bytes in hexadecimal.
pub(super) fn hex_128(hash: &[u8]) -> String {
    hash.iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What makes a request safe to repeat: 1 to 255 printable ASCII characters, chosen by the client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// An idempotency key that is empty, longer than 255 characters, or not printable ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an idempotency key is 1 to 255 printable ASCII characters")]
pub struct IdempotencyKeyInvalid;

impl IdempotencyKey {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for IdempotencyKey {
    type Error = IdempotencyKeyInvalid;

    fn try_from(text: &str) -> Result<Self, IdempotencyKeyInvalid> {
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if (1..=255).contains(&text.len()) && printable {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdempotencyKeyInvalid)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_with_a_foreign_character_is_refused() {
        let long = "x".repeat(65);
        for bad in ["", "a#b", "a b", "ä", "a/b", "a\0b", "a\n", long.as_str()] {
            assert_eq!(UserId::try_from(bad), Err(IdInvalid), "{bad:?}");
        }
        for good in [
            "a",
            "auth0|5f7c8ec7",
            "us-east-1:0b1c.d_e",
            "x".repeat(64).as_str(),
        ] {
            assert!(UserId::try_from(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn a_key_is_1_to_255_printable_characters() {
        let (most, more) = ("k".repeat(255), "k".repeat(256));
        for bad in ["", "a\tb", "ä", "\u{7f}", more.as_str()] {
            assert_eq!(
                IdempotencyKey::try_from(bad),
                Err(IdempotencyKeyInvalid),
                "{bad:?}"
            );
        }
        for good in ["a", "a#b c~", most.as_str()] {
            assert!(IdempotencyKey::try_from(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn derived_ids_depend_on_user_key_and_operation_and_never_change() {
        let (alice, bob) = (
            UserId::try_from("alice").unwrap(),
            UserId::try_from("bob").unwrap(),
        );
        let key = |text| IdempotencyKey::try_from(text).unwrap();
        let id = RechargeId::of(&alice, &key("k1"));
        assert_eq!(id, RechargeId::of(&alice, &key("k1")));
        assert_ne!(id, RechargeId::of(&bob, &key("k1")));
        assert_ne!(id, RechargeId::of(&alice, &key("k2")));
        assert!(is_id(id.as_str(), ID_LENGTH_MAX));
        // Stored for ever: another derivation would let an old key credit twice.
        assert_eq!(id.as_str(), "rch_9483af7d1b29f67dfd47f1eb59e2b058");
        assert_eq!(
            SentGiftId::of(&alice, &key("k1")).as_str(),
            "sent_63fca18b431ef12f818c22247c882a04"
        );
    }
}
