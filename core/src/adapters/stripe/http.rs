//! What carries requests to Stripe: the network, or what a test puts in its place.

use std::{fmt::Debug, future::Future, pin::Pin, sync::Arc, time::Duration};

/// A request to Stripe's API, as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path and query, beginning with `/v1/`.
    pub target: String,
    /// A form.
    pub body: Option<String>,
    /// The idempotency key.
    pub idempotency_key: Option<String>,
    /// How long the caller waits.
    pub timeout: Duration,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StripeUnanswered {
    /// Not in time.
    Timeout,
    /// The connection broke.
    Connection,
}

/// An answer on its way: its status and its body.
pub type StripeAnswer<'a> =
    Pin<Box<dyn Future<Output = Result<(u16, Vec<u8>), StripeUnanswered>> + Send + 'a>>;

/// Stands for the network on the way to Stripe. No setting brings one in: only who makes a
/// function's [`Setup`](crate::adapters::Setup) can.
pub trait StripeHttp: Debug + Send + Sync {
    /// Sends a request.
    fn send(&self, request: StripeRequest) -> StripeAnswer<'_>;
}

/// One that is shared.
pub type SharedStripeHttp = Arc<dyn StripeHttp>;
