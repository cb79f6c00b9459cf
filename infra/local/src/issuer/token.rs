//! RS256 tokens.

use anyhow::anyhow;
use aws_lc_rs::{rand::SystemRandom, signature::RSA_PKCS1_SHA256};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::json;

use super::Issuer;

/// What a token says.
#[derive(Debug, Serialize)]
pub(crate) struct Claims<'a> {
    pub(crate) iss: &'a str,
    pub(crate) aud: &'a str,
    pub(crate) sub: &'a str,
    /// Separated by spaces.
    pub(crate) scope: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
}

impl Issuer {
    /// A signed token.
    pub(crate) fn sign(&self, claims: &Claims<'_>) -> anyhow::Result<String> {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.key_id });
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?),
            URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims)?),
        );
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| anyhow!("cannot sign the token"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_token_is_signed_and_says_what_was_asked_for() {
        let issuer = Issuer::shared();
        let claims = Claims {
            iss: "http://127.0.0.1:3000",
            aud: "recharge",
            sub: "alice",
            scope: "a b".to_owned(),
            iat: 1_000,
            exp: 4_600,
        };
        let token = issuer.sign(&claims).unwrap();

        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, issuer.key.public_key());
        public.verify(signed.as_bytes(), &signature).unwrap();
        assert!(public.verify(b"something else", &signature).is_err());

        let [header, claims] = [0, 1].map(|part| -> Value {
            let text = URL_SAFE_NO_PAD
                .decode(signed.split('.').nth(part).unwrap())
                .unwrap();
            serde_json::from_slice(&text).unwrap()
        });
        assert_eq!(header["alg"], "RS256");
        assert_eq!(header["kid"], issuer.jwks()["keys"][0]["kid"]);
        assert_eq!(
            claims,
            json!({
                "iss": "http://127.0.0.1:3000", "aud": "recharge", "sub": "alice",
                "scope": "a b", "iat": 1_000, "exp": 4_600,
            })
        );
    }
}
