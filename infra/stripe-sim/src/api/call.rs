//! A POST as it comes in: its idempotency key and its parameters.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderName, Uri, header};
use sha2::{Digest, Sha256};

use crate::api::gate::RequestId;
use crate::error::ApiError;
use crate::form::{self, Tree};

/// The header that makes a POST safe to repeat.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const MAX_KEY_LENGTH: usize = 255;

/// A POST as it came in.
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) request: String,
    pub(crate) key: Option<String>,
    pub(crate) tree: Tree,
}

impl Call {
    /// Reads key and parameters.
    pub(crate) fn read(
        request: RequestId,
        uri: &Uri,
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Result<Self, ApiError> {
        let body = body.map_err(|rejection| {
            ApiError::new(
                rejection.status(),
                "invalid_request_error",
                "The request body is too large or broke off.",
            )
        })?;
        let is_json = headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
        if is_json {
            return Err(ApiError::invalid(
                "Invalid request (check that your POST content type is application/x-www-form-urlencoded).",
            ));
        }
        Ok(Self {
            path: uri.path().trim_start_matches("/stripe-sim").to_owned(),
            request: request.0,
            key: key(headers)?,
            tree: form::parse(uri.query().unwrap_or_default(), &body)?,
        })
    }

    /// One text for equal requests: the path and the parameters in any order.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Sha256::digest(format!("{}\n{}", self.path, self.tree.canonical()));
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let key = value
        .to_str()
        .map_err(|_| ApiError::invalid("Idempotency keys must be printable ASCII."))?;
    if key.len() > MAX_KEY_LENGTH {
        return Err(ApiError::invalid(format!(
            "Idempotency keys cannot be more than {MAX_KEY_LENGTH} characters long."
        )));
    }
    Ok((!key.is_empty()).then(|| key.to_owned()))
}
