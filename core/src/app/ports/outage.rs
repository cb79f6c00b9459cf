//! What went wrong where we depend on others.

use std::{
    error::Error,
    fmt::{self, Display},
};

/// Something that we depend on does not work. The outcome of a write that ended so is unknown.
#[derive(Debug, thiserror::Error)]
#[error("{what} is unavailable")]
pub struct Outage {
    /// Which call.
    pub what: &'static str,
    /// What went wrong, for the log.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl Outage {
    /// An outage of `what`.
    pub fn new(what: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            what,
            source: source.into(),
        }
    }

    /// The outage with all its causes, in one line for the log.
    #[must_use]
    pub fn causes(&self) -> impl Display {
        causes(self)
    }
}

/// An error with all its causes, in one line for the log.
#[must_use]
pub fn causes(error: &(dyn Error + 'static)) -> impl Display {
    Causes(error)
}

struct Causes<'a>(&'a (dyn Error + 'static));

impl Display for Causes<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(formatter, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
