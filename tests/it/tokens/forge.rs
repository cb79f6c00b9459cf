//! Makes tokens, right ones and others. Written apart from the issuer and from the verifier.

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{
        KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
        RsaSignatureEncoding,
    },
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use recharge_core::app::Clock;
use recharge_local::LocalServer;
use serde_json::{Value, json};
use sha2::Sha256;

/// What else an RSA key can sign with: name, `alg`, algorithm.
pub(crate) const OTHER_RSA: [(&str, &str, &RsaSignatureEncoding); 4] = [
    ("RS384", "RS384", &RSA_PKCS1_SHA384),
    ("RS512", "RS512", &RSA_PKCS1_SHA512),
    ("PS256", "PS256", &RSA_PSS_SHA256),
    ("PS256 that says RS256", "RS256", &RSA_PSS_SHA256),
];

/// Somebody with an RSA key.
#[derive(Debug)]
pub(crate) struct Forger {
    key: KeyPair,
    kid: String,
    issuer: String,
    audience: String,
    now: i64,
}

/// JSON as a token has it.
pub(crate) fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

impl Forger {
    /// With that key, for that server.
    pub(crate) fn new(server: &LocalServer, pkcs8: &[u8]) -> Self {
        let issuer = recharge_local::Issuer::from_pkcs8(pkcs8).unwrap();
        Self {
            key: KeyPair::from_pkcs8(pkcs8).unwrap(),
            kid: issuer.jwks()["keys"][0]["kid"].as_str().unwrap().to_owned(),
            issuer: server.setting("JWT_ISSUER").to_owned(),
            audience: server.setting("JWT_AUDIENCE").to_owned(),
            now: server.clock().now().as_second(),
        }
    }

    /// Claims that count for an hour.
    pub(crate) fn claims(&self, sub: &str) -> Value {
        let (iat, exp) = (self.now, self.now + 3_600);
        json!({"iss": self.issuer, "aud": self.audience, "sub": sub, "iat": iat, "exp": exp})
    }

    /// As the issuer makes it.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.signed(
            &json!({"alg": "RS256", "typ": "JWT", "kid": self.kid}),
            claims,
        )
    }

    /// Signed as RS256 is, whatever the header says.
    pub(crate) fn signed(&self, header: &Value, claims: &Value) -> String {
        self.signed_with(&RSA_PKCS1_SHA256, header, claims)
    }

    /// Signed with that algorithm, whatever the header says.
    pub(crate) fn signed_with(
        &self,
        algorithm: &'static RsaSignatureEncoding,
        header: &Value,
        claims: &Value,
    ) -> String {
        let signed = format!("{}.{}", encoded(header), encoded(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = SystemRandom::new();
        self.key
            .sign(algorithm, &random, signed.as_bytes(), &mut signature)
            .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// With an empty signature.
    pub(crate) fn unsigned(&self, header: &Value, claims: &Value) -> String {
        format!("{}.{}.", encoded(header), encoded(claims))
    }

    /// Signed with a secret that both sides would know.
    pub(crate) fn with_hmac(header: &Value, claims: &Value, secret: &[u8]) -> String {
        let signed = format!("{}.{}", encoded(header), encoded(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(signed.as_bytes());
        format!(
            "{signed}.{}",
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        )
    }

    /// What its key is called.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Its public key.
    pub(crate) fn jwk(&self) -> Value {
        let exponent = self
            .key
            .public_key()
            .exponent()
            .big_endian_without_leading_zero();
        json!({
            "kty": "RSA",
            "n": URL_SAFE_NO_PAD.encode(self.modulus()),
            "e": URL_SAFE_NO_PAD.encode(exponent),
        })
    }

    /// The modulus of its public key.
    pub(crate) fn modulus(&self) -> Vec<u8> {
        self.key
            .public_key()
            .modulus()
            .big_endian_without_leading_zero()
            .to_vec()
    }

    /// The public key as X.509 has it.
    pub(crate) fn public_der(&self) -> Vec<u8> {
        let der = AsDer::<PublicKeyX509Der<'_>>::as_der(self.key.public_key()).unwrap();
        der.as_ref().to_vec()
    }

    /// The same as text.
    pub(crate) fn public_pem(&self) -> String {
        let text = STANDARD.encode(self.public_der());
        let lines: Vec<_> = text
            .as_bytes()
            .chunks(64)
            .map(String::from_utf8_lossy)
            .collect();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        )
    }
}
