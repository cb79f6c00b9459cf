//! The way that async-stripe's requests take.

use std::time::Duration;

use bytes::Bytes;
use miniserde::Deserialize;
use stripe::{ApiErrors, Client, StripeError};
use stripe_client_core::{CustomizedStripeRequest, StripeClient, StripeMethod};

use super::http::{SharedStripeHttp, StripeRequest, StripeUnanswered};

/// async-stripe's own client, or a stand-in for the network that its requests are handed to.
#[derive(Debug, Clone)]
pub(super) enum Transport {
    Network(Box<Client>),
    StandIn(SharedStripeHttp, Duration),
}

impl StripeClient for Transport {
    type Err = StripeError;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, StripeError> {
        match self {
            Self::Network(client) => client.execute(request).await,
            Self::StandIn(http, timeout) => hand_over(http, request, *timeout).await,
        }
    }
}

/// Stripe's answer to what it refuses.
#[derive(Deserialize)]
struct Refused {
    error: Box<ApiErrors>,
}

/// As async-stripe's client does it, for strategies that try once.
async fn hand_over(
    http: &SharedStripeHttp,
    request: CustomizedStripeRequest,
    timeout: Duration,
) -> Result<Bytes, StripeError> {
    let (request, config) = request.into_pieces();
    let query = request.query.map(|query| format!("?{query}"));
    let strategy = config.request_strategy;
    let key = strategy.as_ref().and_then(|strategy| strategy.get_key());
    let sent = http.send(StripeRequest {
        method: match request.method {
            StripeMethod::Get => "GET",
            StripeMethod::Post => "POST",
            StripeMethod::Delete => "DELETE",
        },
        target: format!("/v1{}{}", request.path, query.unwrap_or_default()),
        body: request.body,
        idempotency_key: key.map(|key| key.as_str().to_owned()),
        timeout: config.timeout.unwrap_or(timeout),
    });
    let (status, body) = sent.await.map_err(|unanswered| match unanswered {
        StripeUnanswered::Timeout => StripeError::Timeout,
        StripeUnanswered::Connection => StripeError::ClientError("the connection broke".to_owned()),
    })?;
    if (200..300).contains(&status) {
        return Ok(body.into());
    }
    let unreadable = || StripeError::JSONDeserialize("error deserializing Stripe error".to_owned());
    let text = std::str::from_utf8(&body).map_err(|_| unreadable())?;
    let refused: Refused = miniserde::json::from_str(text).map_err(|_| unreadable())?;
    Err(StripeError::Stripe(refused.error, status))
}
