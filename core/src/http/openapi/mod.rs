//! The OpenAPI document, made of the very types that requests are read into and answers are
//! written from. Each function says which operations it has, beside its handler; nothing of this
//! is compiled into what is deployed.

mod access;
mod document;
mod for_clients;
mod operation;
mod parameters;
mod refusal;
mod schemas;

pub use serde_json::{Value, json};

pub use access::Access;
pub use document::{Api, document};
pub use operation::Operation;
pub use parameters::Parameter;
pub use schemas::{Names, Time, names};
