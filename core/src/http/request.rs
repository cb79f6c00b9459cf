//! What a request says.

use lambda_http::{Body, Request, RequestExt, request::RequestContext};

use super::{Code, Problem};
use crate::domain::{Currency, IdempotencyKey};

/// The route as template.yaml has it: `GET /v1/recharges/{id}`.
#[must_use]
pub fn route_key(request: &Request) -> &str {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            context.route_key.as_deref().unwrap_or_default()
        }
        Some(_) | None => "",
    }
}

/// A header's value, if it is text.
#[must_use]
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// A parameter of the path.
#[must_use]
pub fn path_parameter<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.path_parameters_ref()?.first(name)
}

/// A parameter of the query.
#[must_use]
pub fn query<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.query_string_parameters_ref()?.first(name)
}

/// The body's bytes, of at most `size_max`.
///
/// # Errors
/// `body_too_large`.
pub fn body_bytes(request: &Request, size_max: usize) -> Result<&[u8], Problem> {
    let bytes: &[u8] = match request.body() {
        Body::Text(text) => text.as_bytes(),
        Body::Binary(bytes) => bytes,
        Body::Empty | _ => &[],
    };
    if bytes.len() > size_max {
        let detail = format!("A body has at most {size_max} bytes.");
        return Err(Problem::new(Code::BodyTooLarge, detail));
    }
    Ok(bytes)
}

/// The idempotency key that everything that moves value needs.
///
/// # Errors
/// `idempotency_key_missing`, `idempotency_key_invalid`.
pub fn idempotency_key(request: &Request) -> Result<IdempotencyKey, Problem> {
    let Some(value) = request.headers().get("idempotency-key") else {
        let detail = "Send an Idempotency-Key; repeat it when you repeat the request.";
        return Err(Problem::new(Code::IdempotencyKeyMissing, detail));
    };
    let invalid = |_| {
        let detail = "An Idempotency-Key is 1 to 255 printable ASCII characters.";
        Problem::new(Code::IdempotencyKeyInvalid, detail)
    };
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| invalid(()))?;
    IdempotencyKey::try_from(text).map_err(|_| invalid(()))
}

/// The currency that `?currency=` names, or the first that is sold in.
///
/// # Errors
/// `currency_unsupported`.
pub fn currency_of(request: &Request, currencies: &[Currency]) -> Result<Currency, Problem> {
    let found = match query(request, "currency") {
        Some(code) => currencies.iter().find(|currency| currency.code() == code),
        None => currencies.first(),
    };
    let codes: Vec<&str> = currencies.iter().map(|currency| currency.code()).collect();
    let unsupported = || {
        let detail = format!(
            "Nothing is sold in this currency; there is {}.",
            codes.join(", ")
        );
        Problem::new(Code::CurrencyUnsupported, detail)
    };
    found.copied().ok_or_else(unsupported)
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<'a> {
    /// How many items at most: 1 to 100.
    pub limit: u32,
    /// Where the last page ended.
    pub unverified_cursor: Option<&'a str>,
}

/// Reads `?limit=` and `?cursor=`.
///
/// # Errors
/// `body_invalid` for a limit that is not from 1 to 100.
pub fn page(request: &Request) -> Result<Page<'_>, Problem> {
    let limit = match query(request, "limit") {
        None => 20,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=100).contains(limit))
            .ok_or_else(|| Problem::malformed("limit is a whole number from 1 to 100."))?,
    };
    Ok(Page {
        limit,
        unverified_cursor: query(request, "cursor"),
    })
}
