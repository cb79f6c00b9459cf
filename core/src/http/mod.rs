//! The edge that the functions share: requests in, replies and problems out.
//!
//! A handler is: parse, one use case, render. No status code lives below this module.

mod body;
mod caller;
mod client;
mod code;
mod cursor;
#[cfg(feature = "openapi")]
pub mod openapi;
mod problem;
mod refusals;
mod reply;
mod request;
mod target;
mod token;

pub use body::{Bounded, Object, parse_json};
pub use caller::{Caller, Callers};
pub use client::{client_of, client_rules};
pub use code::Code;
pub use cursor::{CursorKeys, Cursors};
pub use problem::{FieldError, Problem};
pub use reply::{Cacheable, Replayed, answer, cacheable, created, ok};
pub use request::{
    Page, body_bytes, currency_of, header, idempotency_key, page, path_parameter, query, route_key,
};
pub use target::TargetReply;
pub use token::{TokenInvalid, TokenRules};
