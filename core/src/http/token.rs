//! Tokens, where no gateway has checked them.

use jiff::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, JwkSet},
};
use serde::Deserialize;
use thiserror::Error;

/// What a token must be to count: RS256, as API Gateway's JWT authorizer takes it.
#[derive(Clone)]
pub struct TokenRules {
    keys: Vec<(Option<String>, DecodingKey)>,
    validation: Validation,
}

impl std::fmt::Debug for TokenRules {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("TokenRules")
            .field("keys", &self.keys.len())
            .finish()
    }
}

/// A token that does not count; who sent it learns no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the token is not valid")]
pub struct TokenInvalid;

/// The claims that we read.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    #[serde(default)]
    pub(super) scope: String,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
}

/// Clocks differ by seconds.
const LEEWAY_S: i64 = 30;
/// The tokens of large identity providers have about two thousand characters.
const LENGTH_MAX: usize = 8 * 1024;

impl TokenRules {
    /// Of an issuer, an audience, and the issuer's key set as JSON.
    ///
    /// # Errors
    /// If the key set is unreadable or has no RSA key.
    pub fn new(issuer: &str, audience: &str, jwks: &str) -> Result<Self, String> {
        let set: JwkSet =
            serde_json::from_str(jwks).map_err(|error| format!("no JSON key set: {error}"))?;
        let rsa = set
            .keys
            .iter()
            .filter(|key| matches!(key.algorithm, AlgorithmParameters::RSA(_)));
        let keys: Vec<_> = rsa
            .filter_map(|key| Some((key.common.key_id.clone(), DecodingKey::from_jwk(key).ok()?)))
            .collect();
        if keys.is_empty() {
            return Err("the key set has no RSA key".to_owned());
        }
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // By our own clock, below: time enters through one port.
        validation.validate_exp = false;
        Ok(Self { keys, validation })
    }

    /// The claims of a token that counts now.
    pub(super) fn verify(
        &self,
        unverified_token: &str,
        now: Timestamp,
    ) -> Result<Claims, TokenInvalid> {
        if unverified_token.len() > LENGTH_MAX {
            return Err(TokenInvalid);
        }
        let unverified_header = decode_header(unverified_token).map_err(|_| TokenInvalid)?;
        let named = |key_id: &Option<String>| {
            unverified_header.kid.is_none() || *key_id == unverified_header.kid
        };
        let claims = self
            .keys
            .iter()
            .filter(|(key_id, _)| named(key_id))
            .find_map(|(_, key)| {
                let token = decode::<Claims>(unverified_token, key, &self.validation).ok()?;
                Some(token.claims)
            })
            .ok_or(TokenInvalid)?;
        let now = now.as_second();
        let expired = claims.exp.saturating_add(LEEWAY_S) <= now;
        let early = claims
            .nbf
            .is_some_and(|nbf| nbf.saturating_sub(LEEWAY_S) > now);
        if expired || early {
            Err(TokenInvalid)
        } else {
            Ok(claims)
        }
    }
}
