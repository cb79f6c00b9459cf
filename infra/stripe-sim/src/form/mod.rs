//! Stripe's request encoding: `line_items[0][price_data][currency]=usd`.

mod params;
mod tree;

pub(crate) use params::{Metadata, Params};
pub(crate) use tree::{Tree, parse};
