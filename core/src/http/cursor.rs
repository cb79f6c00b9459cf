//! Cursors: opaque, signed, and bound to a user and a list.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::{Code, Problem};
use crate::domain::UserId;

/// The secrets that cursors are signed with: the first signs, all verify.
#[derive(Debug, Clone)]
pub struct CursorKeys(Vec<SecretString>);

impl CursorKeys {
    const LENGTH_MIN: usize = 32;

    /// Parses one secret of the list.
    ///
    /// # Errors
    /// If it is too short to be one.
    pub fn parse_one(text: &str) -> Result<SecretString, &'static str> {
        if text.len() < Self::LENGTH_MIN {
            return Err("each secret needs at least 32 characters");
        }
        Ok(text.into())
    }

    /// Of these secrets.
    #[must_use]
    pub const fn new(secrets: Vec<SecretString>) -> Self {
        Self(secrets)
    }
}

/// The cursors of one list.
#[derive(Debug, Clone)]
pub struct Cursors {
    keys: CursorKeys,
    list: &'static str,
}

/// 128 bits of the tag are plenty against guessing.
const TAG_LENGTH: usize = 16;
/// A position is a few digits or one key of ours.
const CURSOR_LENGTH_MAX: usize = 512;

impl Cursors {
    /// Of the list named `list`; a cursor of another list is refused.
    #[must_use]
    pub const fn new(keys: CursorKeys, list: &'static str) -> Self {
        Self { keys, list }
    }

    /// A cursor for `user` at `position`.
    #[must_use]
    pub fn sign(&self, user: &UserId, position: &str) -> String {
        let Some(mac) = self
            .keys
            .0
            .first()
            .and_then(|key| self.mac(key, user, position))
        else {
            return String::new(); // Unreachable: settings have at least one, of any length.
        };
        let tag = mac.finalize().into_bytes();
        let mut bytes: Vec<u8> = tag.iter().take(TAG_LENGTH).copied().collect();
        bytes.extend_from_slice(position.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position of a cursor that we signed for `user` and this list.
    ///
    /// # Errors
    /// `cursor_invalid`.
    pub fn verify(&self, user: &UserId, unverified_cursor: &str) -> Result<String, Problem> {
        self.position(user, unverified_cursor).ok_or_else(|| {
            Problem::new(
                Code::CursorInvalid,
                "Use next_cursor as it was, or leave it out.",
            )
        })
    }

    fn position(&self, user: &UserId, unverified_cursor: &str) -> Option<String> {
        if unverified_cursor.len() > CURSOR_LENGTH_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(unverified_cursor).ok()?;
        let (tag, position) = bytes.split_at_checked(TAG_LENGTH)?;
        let position = std::str::from_utf8(position).ok()?;
        let signed = self.keys.0.iter().any(|key| {
            let mac = self.mac(key, user, position);
            mac.is_some_and(|mac| mac.verify_truncated_left(tag).is_ok())
        });
        signed.then(|| position.to_owned())
    }

    fn mac(&self, key: &SecretString, user: &UserId, position: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()).ok()?;
        for part in ["cursor", self.list, user.as_str(), position] {
            mac.update(part.as_bytes());
            mac.update(&[0]); // No part but the last can contain it.
        }
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursors(secrets: &[&str], list: &'static str) -> Cursors {
        let keys = secrets
            .iter()
            .map(|secret| secret.repeat(32).into())
            .collect();
        Cursors::new(CursorKeys::new(keys), list)
    }

    fn user(id: &str) -> UserId {
        id.try_into().unwrap()
    }

    #[test]
    fn a_cursor_is_bound_to_user_list_and_secret() {
        let cursor = cursors(&["a"], "entries").sign(&user("alice"), "17");
        let verify = |cursors: Cursors, id| cursors.verify(&user(id), &cursor).ok();
        assert_eq!(
            verify(cursors(&["a"], "entries"), "alice").as_deref(),
            Some("17")
        );
        assert_eq!(
            verify(cursors(&["b", "a"], "entries"), "alice").as_deref(),
            Some("17")
        );
        assert_eq!(verify(cursors(&["a"], "entries"), "bob"), None);
        assert_eq!(verify(cursors(&["a"], "gifts"), "alice"), None);
        assert_eq!(verify(cursors(&["b"], "entries"), "alice"), None);
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let cursors = cursors(&["a"], "entries");
        let cursor = URL_SAFE_NO_PAD
            .decode(cursors.sign(&user("alice"), "17"))
            .unwrap();
        for index in 0..cursor.len() * 8 {
            let mut flipped = cursor.clone();
            flipped[index / 8] ^= 1 << (index % 8);
            let flipped = URL_SAFE_NO_PAD.encode(flipped);
            assert!(
                cursors.verify(&user("alice"), &flipped).is_err(),
                "bit {index}"
            );
        }
        for junk in ["", "a", "====", "ä", &"A".repeat(600)] {
            assert!(cursors.verify(&user("alice"), junk).is_err(), "{junk:.20}");
        }
    }
}
