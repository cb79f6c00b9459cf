//! Recharge on this machine: the very handlers that Lambda gets, behind a gateway that makes the
//! events API Gateway makes; an embedded DynamoDB with the tables of `template.yaml`; an issuer
//! of tokens, a Stripe simulator and a page. One process, one loopback address, no accounts.
//!
//! [`LocalServer`] starts all of it; nothing here is ever part of a Lambda.

mod banner;
pub mod catalog;
pub mod cli;
mod data;
mod doors;
mod dynamodb;
mod functions;
mod gateway;
mod issuer;
pub mod openapi;
mod options;
mod pages;
mod prepare;
mod random;
mod sam;
mod schedule;
mod server;
mod settings;
mod stream;
mod stripe;
pub mod template;

pub use issuer::Issuer;
pub use options::Options;
pub use prepare::{dynamodb_client, prepare};
pub use server::LocalServer;
pub use stream::Pumped;
