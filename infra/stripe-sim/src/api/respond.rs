//! Answers: pretty-printed JSON as Stripe sends it, or no answer at all.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body::Frame;
use serde_json::Value;

use crate::error::ApiError;

/// What Stripe's own clients obey before they decide by the status whether they ask again.
pub(crate) const SHOULD_RETRY: HeaderName = HeaderName::from_static("stripe-should-retry");

/// A body of JSON.
pub(crate) fn json_response(status: StatusCode, body: &Value) -> Response {
    text_response(status, format!("{body:#}"))
}

/// A body of JSON that is text already.
pub(crate) fn text_response(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// A refusal.
pub(crate) fn error_response(error: &ApiError) -> Response {
    let mut response = json_response(error.status(), &error.body());
    if error.is_passing() {
        let headers = response.headers_mut();
        headers.insert(SHOULD_RETRY, HeaderValue::from_static("true"));
    }
    response
}

/// 200 with the body, or the refusal.
pub(crate) fn respond(answer: Result<Value, ApiError>) -> Response {
    match answer {
        Ok(body) => json_response(StatusCode::OK, &body),
        Err(error) => error_response(&error),
    }
}

/// No answer: the server closes the connection, because the body fails before anything was sent.
pub(crate) fn hang_up() -> Response {
    Response::new(Body::new(BrokenBody))
}

struct BrokenBody;

impl HttpBody for BrokenBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::Error::other(
            "a fault closes this connection",
        ))))
    }
}
