//! A handler's response as HTTP.

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::header;

/// API Gateway sets the length itself, and says JSON where the handler said nothing.
pub(super) fn to_http(response: lambda_http::Response<lambda_http::Body>) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::TRANSFER_ENCODING);
    parts.headers.remove(header::CONNECTION);
    let body = Bytes::copy_from_slice(&body);
    if !body.is_empty() {
        let json = header::HeaderValue::from_static("application/json");
        parts.headers.entry(header::CONTENT_TYPE).or_insert(json);
    }
    Response::from_parts(parts, Body::from(body))
}
