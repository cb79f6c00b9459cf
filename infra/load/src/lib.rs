//! A load client for Recharge, or anything else that takes gifts as it does: sends gifts in one of
//! three shapes, repeats some, hangs up on some, and then asks every wallet whether it paid for
//! exactly those that were acknowledged. Nothing of it is part of a Lambda.

mod arguments;
mod cli;
mod client;
mod players;
mod prepare;
mod report;
mod run;

pub use arguments::{LoadArguments, Shape};
pub use cli::run;
pub use players::{Fan, Players};
pub use report::Report;
pub use run::drive;
