//! What every request passes: the API key, and the headers that Stripe puts on every answer.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::api::{auth, error_response};
use crate::ids;
use crate::model::API_VERSION;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");

/// The id of a request, as its handler finds it.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) String);

/// Checks the key, hands the request on, and stamps the answer.
pub(crate) async fn pass(mut request: Request, next: Next) -> Response {
    let id = ids::request();
    let version = request.headers().get(STRIPE_VERSION).cloned();
    let mut response = match auth::check(request.headers()) {
        Err(error) => unauthorized(&error),
        Ok(()) => {
            request.extensions_mut().insert(RequestId(id.clone()));
            next.run(request).await
        }
    };
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(
        STRIPE_VERSION,
        version.unwrap_or(HeaderValue::from_static(API_VERSION)),
    );
    response
}

fn unauthorized(error: &crate::error::ApiError) -> Response {
    let mut response = error_response(error);
    let realm = HeaderValue::from_static("Basic realm=\"Stripe\"");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, realm);
    response
}
