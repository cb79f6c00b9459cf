//! What a million gifts or recharges cost on AWS: units that the suites measure, times prices of a
//! file. Nothing of it is part of a Lambda.

mod cli;
mod figures;
mod model;
mod sum;
mod table;
mod template;

pub use cli::run;
pub use figures::{Assumed, Figures, Measured, Price, Prices, Relayed, Units};
pub use model::{Bill, Line, Part, gifts, idle_month, recharges};
pub use template::Stack;
