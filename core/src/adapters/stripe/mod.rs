//! Stripe, in both directions.
//!
//! - Events come in: [`verify`] proves that a body is Stripe's before anything reads it, and
//!   [`StripeEvent`] reads what we use of it, and nothing else. Neither needs a Stripe client.
//! - We ask Stripe through [`StripePayments`], the only user of async-stripe; [`StripeAccess`]
//!   has one with the API key as it is now.

#[cfg(all(feature = "stripe", feature = "secrets"))]
mod access;
#[cfg(feature = "stripe")]
mod base_url;
#[cfg(feature = "stripe")]
mod checkout;
#[cfg(feature = "http")]
mod event;
#[cfg(feature = "stripe")]
mod failure;
mod http;
#[cfg(any(feature = "http", feature = "stripe"))]
mod ours;
#[cfg(feature = "stripe")]
mod records;
#[cfg(feature = "http")]
mod signature;
#[cfg(feature = "stripe")]
mod transport;

#[cfg(all(feature = "stripe", feature = "secrets"))]
pub use access::StripeAccess;
#[cfg(feature = "stripe")]
pub use base_url::parse_base_url;
#[cfg(feature = "stripe")]
pub use checkout::StripePayments;
#[cfg(feature = "http")]
pub use event::{EventKind, EventUnreadable, SessionEvent, StripeEvent};
pub use http::{SharedStripeHttp, StripeAnswer, StripeHttp, StripeRequest, StripeUnanswered};
#[cfg(feature = "http")]
pub use signature::{SignatureInvalid, VerifiedBody, WebhookSecretInvalid, WebhookSecrets, verify};
