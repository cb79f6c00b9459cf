//! The local issuer of tokens: one RSA key, its key set, and `POST /dev/token`.
//!
//! It stands for a real identity provider and exists here only: nothing of it is in a Lambda.

mod endpoint;
mod token;

use std::{fmt, sync::Arc};

use anyhow::anyhow;
use aws_lc_rs::{
    digest,
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub(crate) use endpoint::{IssuerState, router};
pub(crate) use token::Claims;

/// An RSA-2048 key that signs tokens. Cheap to clone; slow to generate, so that tests share one.
#[derive(Clone)]
pub struct Issuer {
    key: Arc<KeyPair>,
    key_id: Arc<str>,
}

impl fmt::Debug for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Issuer")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl Issuer {
    /// An issuer with a new key.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub fn generate() -> anyhow::Result<Self> {
        let key = KeyPair::generate(KeySize::Rsa2048)
            .map_err(|_| anyhow!("cannot generate the issuer's RSA key"))?;
        Ok(Self::new(key))
    }

    /// The issuer whose key [`Issuer::to_pkcs8`] wrote.
    ///
    /// # Errors
    /// If it is no such key.
    pub fn from_pkcs8(der: &[u8]) -> anyhow::Result<Self> {
        let key = KeyPair::from_pkcs8(der)
            .map_err(|reason| anyhow!("the issuer's key is not an RSA key: {reason}"))?;
        Ok(Self::new(key))
    }

    /// The private key as PKCS#8 DER: a secret.
    ///
    /// # Errors
    /// If the key cannot be written.
    pub fn to_pkcs8(&self) -> anyhow::Result<Vec<u8>> {
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(self.key.as_ref())
            .map_err(|_| anyhow!("cannot write the issuer's key"))?;
        Ok(der.as_ref().to_vec())
    }

    fn new(key: KeyPair) -> Self {
        let (n, e) = components(&key);
        // RFC 7638: these members, in this order, without spaces.
        let thumbprint = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
        let hash = digest::digest(&digest::SHA256, thumbprint.as_bytes());
        Self {
            key: Arc::new(key),
            key_id: URL_SAFE_NO_PAD.encode(hash).into(),
        }
    }

    /// The public key as a JSON Web Key Set.
    #[must_use]
    pub fn jwks(&self) -> Value {
        let (n, e) = components(&self.key);
        let key = json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.key_id, "n": n, "e": e,
        });
        json!({ "keys": [key] })
    }
}

/// Modulus and exponent, as a JSON Web Key has them.
fn components(key: &KeyPair) -> (String, String) {
    let public = key.public_key();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    (
        encode(public.modulus().big_endian_without_leading_zero()),
        encode(public.exponent().big_endian_without_leading_zero()),
    )
}

#[cfg(test)]
impl Issuer {
    /// One for all tests that need any.
    pub(crate) fn shared() -> Self {
        static SHARED: std::sync::OnceLock<Issuer> = std::sync::OnceLock::new();
        SHARED.get_or_init(|| Self::generate().unwrap()).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_key_is_the_same_issuer() {
        let issuer = Issuer::shared();
        let kept = Issuer::from_pkcs8(&issuer.to_pkcs8().unwrap()).unwrap();
        assert_eq!(issuer.jwks(), kept.jwks());
        assert!(Issuer::from_pkcs8(b"something else").is_err());
    }

    #[test]
    fn the_key_set_is_what_verifiers_read() {
        let key = &Issuer::shared().jwks()["keys"][0];
        let fields = ["kty", "use", "alg", "e"].map(|field| key[field].as_str().unwrap());
        assert_eq!(fields, ["RSA", "sig", "RS256", "AQAB"]);
        let n = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
        assert_eq!(n.len(), 2048 / 8);
        assert!(!key["kid"].as_str().unwrap().is_empty());
    }

    #[test]
    fn the_private_key_is_not_shown() {
        let shown = format!("{:?}", Issuer::shared());
        assert!(shown.starts_with("Issuer { key_id: "), "{shown}");
        assert!(shown.len() < 100, "{shown}");
    }
}
