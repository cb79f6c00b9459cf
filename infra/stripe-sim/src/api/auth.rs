//! API keys: any `sk_test_…`, as a bearer token or as the user of Basic authentication.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::ApiError;

/// Accepts a test key, or says what is wrong in Stripe's words. The key itself is never repeated.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), ApiError> {
    match key(headers) {
        None => Err(ApiError::unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization \
             header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See \
             https://stripe.com/docs/api#authentication for details.",
        )),
        Some(key) if is_test_key(&key) => Ok(()),
        Some(_) => Err(ApiError::unauthorized(
            "Invalid API Key provided: stripe-sim takes any key that begins with sk_test_.",
        )),
    }
}

fn key(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.trim().split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.to_owned());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
        let user = decoded
            .split_once(':')
            .map_or(decoded.as_str(), |(user, _)| user);
        return (!user.is_empty()).then(|| user.to_owned());
    }
    None
}

fn is_test_key(key: &str) -> bool {
    key.strip_prefix("sk_test_").is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_test_keys_are_accepted_in_either_form() {
        let basic = |credentials: &str| format!("Basic {}", STANDARD.encode(credentials));
        for (value, accepted) in [
            ("Bearer sk_test_123".to_owned(), true),
            ("bearer sk_test_123".to_owned(), true),
            (basic("sk_test_123:"), true),
            (basic("sk_test_123"), true),
            ("Bearer sk_live_123".to_owned(), false),
            ("Bearer sk_test_".to_owned(), false),
            ("Bearer pk_test_123".to_owned(), false),
            ("Bearer".to_owned(), false),
            (basic(":sk_test_123"), false),
            ("Basic !!!".to_owned(), false),
            ("Digest sk_test_123".to_owned(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::AUTHORIZATION,
                HeaderValue::try_from(&value).unwrap(),
            );
            assert_eq!(check(&headers).is_ok(), accepted, "{value}");
        }
        assert!(check(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_refusal_does_not_repeat_the_key() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::AUTHORIZATION,
            HeaderValue::from_static("Bearer sk_live_marker"),
        );
        let error = check(&headers).unwrap_err();
        assert!(!error.body().to_string().contains("marker"));
    }
}
