//! Stripe's signature: `t=<seconds>,v1=<hex of HMAC-SHA256 over "t.body">`, one `v1` for each secret.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The value of the `Stripe-Signature` header.
pub(crate) fn sign(secrets: &[String], unix_seconds: i64, body: &str) -> String {
    let mut header = format!("t={unix_seconds}");
    for secret in secrets {
        // HMAC takes keys of any length, so there is no error to handle.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            continue;
        };
        mac.update(format!("{unix_seconds}.").as_bytes());
        mac.update(body.as_bytes());
        header.push_str(",v1=");
        for byte in mac.finalize().into_bytes() {
            // Writing to a string cannot fail.
            let _ = write!(header, "{byte:02x}");
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_an_independent_implementation() {
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_local
        assert_eq!(
            sign(&["whsec_local".into()], 1_700_000_000, r#"{"a":1}"#),
            "t=1700000000,v1=1e1bb9b60c2545c71423711683d9c39ced4a59982577d102d1e13dc0e1c811e9"
        );
    }

    #[test]
    fn every_secret_signs() {
        let header = sign(&["one".into(), "two".into()], 1, "{}");
        assert_eq!(header.matches(",v1=").count(), 2);
        let only_two = sign(&["two".into()], 1, "{}");
        assert!(header.ends_with(only_two.trim_start_matches("t=1")));
    }
}
