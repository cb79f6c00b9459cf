//! The simulator's state: tables, the one way they change, and the file they are kept in.

mod journal;
mod table;
mod world;

pub(crate) use journal::Journal;
pub(crate) use table::{Place, Table};
pub(crate) use world::{Change, StoredAnswer, World};
