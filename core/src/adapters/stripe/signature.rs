//! Proves that a webhook's body is Stripe's.
//!
//! Scheme `v1`: HMAC-SHA256 over `<t>.<body>`, keyed with the whole endpoint secret (its
//! `whsec_` included), in lower-case hexadecimal. While a secret is rotated Stripe signs with
//! the old and the new one, and we accept the old and the new one: any pair may match.

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use thiserror::Error;

/// How far the signature's time may be from ours, either way: Stripe's own default. It bounds
/// how long a captured request can be sent again.
const TOLERANCE_SECONDS: u64 = 300;

/// Stripe's headers have about 100 bytes and 70 more for each secret in rotation.
const HEADER_LENGTH_MAX: usize = 4096;

/// A body of which [`verify`] proved that Stripe signed it. Nothing else can build one.
#[derive(Clone, Copy)]
pub struct VerifiedBody<'a>(&'a [u8]);

impl<'a> VerifiedBody<'a> {
    pub(super) const fn bytes(self) -> &'a [u8] {
        self.0
    }
}

impl fmt::Debug for VerifiedBody<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VerifiedBody({} bytes)", self.0.len())
    }
}

/// Why a body was not accepted as Stripe's. Clients are told none of these apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureInvalid {
    /// No header as Stripe writes it.
    #[error("the signature header is malformed")]
    Malformed,
    /// No signature in the header is one by any of our secrets: a wrong secret, or not Stripe.
    #[error("no signature matches")]
    NoMatch,
    /// Signed by Stripe, but too long ago or ahead of time: a replay, or a clock is wrong.
    #[error("the signature's time is more than {TOLERANCE_SECONDS} s away")]
    OutsideTolerance,
}

/// The secrets that Stripe may sign with: one, or several while one is rotated.
#[derive(Debug, Clone)]
pub struct WebhookSecrets(Vec<SecretString>);

/// No secret, or an empty one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("webhook secrets are one or more non-empty texts")]
pub struct WebhookSecretInvalid;

impl TryFrom<Vec<SecretString>> for WebhookSecrets {
    type Error = WebhookSecretInvalid;

    fn try_from(secrets: Vec<SecretString>) -> Result<Self, WebhookSecretInvalid> {
        // Anyone can sign with an empty key.
        let usable = |secret: &SecretString| !secret.expose_secret().trim().is_empty();
        if secrets.is_empty() || !secrets.iter().all(usable) {
            return Err(WebhookSecretInvalid);
        }
        Ok(Self(secrets))
    }
}

impl FromStr for WebhookSecrets {
    type Err = WebhookSecretInvalid;

    /// Reads secrets separated by commas.
    fn from_str(text: &str) -> Result<Self, WebhookSecretInvalid> {
        let secrets: Vec<_> = text.split(',').map(|secret| secret.trim().into()).collect();
        secrets.try_into()
    }
}

/// Checks that one of `secrets` signed these very bytes, and not more than 300 s from `now`.
///
/// `unverified_body` is the body as it came over the wire, base64 of the gateway undone;
/// `unverified_header` is `Stripe-Signature`.
///
/// # Errors
/// [`SignatureInvalid`], which repeats nothing of what it was given.
pub fn verify<'a>(
    unverified_body: &'a [u8],
    unverified_header: &str,
    secrets: &WebhookSecrets,
    now: Timestamp,
) -> Result<VerifiedBody<'a>, SignatureInvalid> {
    let header = Header::parse(unverified_header).ok_or(SignatureInvalid::Malformed)?;
    if !secrets
        .0
        .iter()
        .any(|secret| header.is_signed_by(secret, unverified_body))
    {
        return Err(SignatureInvalid::NoMatch);
    }
    // Only now, so that only what Stripe really signed is ever reported as late or early.
    if header.time.abs_diff(now.as_second()) > TOLERANCE_SECONDS {
        return Err(SignatureInvalid::OutsideTolerance);
    }
    Ok(VerifiedBody(unverified_body))
}

/// What a header says; nothing in it is proven.
struct Header<'a> {
    /// As it was written: this is what is signed.
    time_text: &'a str,
    time: i64,
    v1: Vec<[u8; 32]>,
}

impl<'a> Header<'a> {
    /// `t=<seconds>,v1=<hex>,v1=<hex>,v0=<hex>`. Other schemes and what is no `key=value` are
    /// ignored, as Stripe asks; so is a `v1` that cannot be one, because another may match.
    fn parse(unverified: &'a str) -> Option<Self> {
        if unverified.len() > HEADER_LENGTH_MAX {
            return None;
        }
        let (mut time_text, mut v1) = (None, Vec::new());
        for item in unverified.split(',') {
            match item.trim_matches(' ').split_once('=') {
                // Two times: which one was signed would be a matter of taste.
                Some(("t", _)) if time_text.is_some() => return None,
                Some(("t", text)) => time_text = Some(text),
                Some(("v1", hex)) => v1.extend(decode_hex_256(hex)),
                Some(_) | None => {}
            }
        }
        let time_text = time_text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
        Some(Self {
            time_text,
            time: time_text.parse().ok()?,
            v1,
        })
    }

    fn is_signed_by(&self, secret: &SecretString, unverified_body: &[u8]) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
            return false; // Never: HMAC takes a key of any length.
        };
        mac.update(self.time_text.as_bytes());
        mac.update(b".");
        mac.update(unverified_body);
        // `verify_slice` takes as long for a nearly right signature as for a wrong one.
        self.v1
            .iter()
            .any(|signature| mac.clone().verify_slice(signature).is_ok())
    }
}

/// 64 lower-case hexadecimal digits: exactly what Stripe writes, so that there is one form of
/// each signature only.
fn decode_hex_256(hex: &str) -> Option<[u8; 32]> {
    if hex.len() != 64
        || !hex
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
