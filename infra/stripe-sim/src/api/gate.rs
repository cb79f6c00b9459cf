//! What every request passes: an outage if there is one, the API key, and the headers that Stripe puts on
//! every answer.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::api::{auth, error_response, hang_up};
use crate::error::ApiError;
use crate::faults::Outage;
use crate::hub::Hub;
use crate::ids;
use crate::model::API_VERSION;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");

/// The id of a request, as its handler finds it.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) String);

/// Lets the request through, or has it meet the outage that there is.
pub(crate) async fn pass(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    let releases = hub.releases.subscribe();
    let outage = hub.lock().faults.outage;
    match outage {
        None => answer(request, next).await,
        Some(Outage::Error500) => error_response(&ApiError::internal()),
        Some(Outage::ClosedBefore) => hang_up(),
        Some(Outage::ClosedAfter) => {
            answer(request, next).await;
            hang_up()
        }
        Some(Outage::Timeout) => {
            hub.stall(releases).await;
            answer(request, next).await
        }
    }
}

/// Checks the key, hands the request on, and stamps the answer.
async fn answer(mut request: Request, next: Next) -> Response {
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

fn unauthorized(error: &ApiError) -> Response {
    let mut response = error_response(error);
    let realm = HeaderValue::from_static("Basic realm=\"Stripe\"");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, realm);
    response
}
