//! Secrets that are read while a function runs, so that they are in no template, no variable
//! and no deployment, and can be changed without one.

#[cfg(feature = "secrets")]
mod manager;
#[cfg(feature = "secrets")]
mod runtime;

use std::{fmt::Debug, future::Future, pin::Pin};

use secrecy::SecretString;

use crate::app::ports::Outage;

#[cfg(feature = "secrets")]
pub use manager::SecretsManager;
#[cfg(feature = "secrets")]
pub use runtime::RuntimeSecret;

/// Keeps secrets under names. It is not `async` so that a store can be a trait object.
pub trait SecretStore: Send + Sync + Debug {
    /// The secret of that id as it is now.
    ///
    /// # Errors
    /// [`Outage`] if it cannot be read; its text MUST NOT tell any of it.
    fn fetch<'a>(&'a self, id: &'a str) -> Fetching<'a>;
}

/// A secret on its way.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<SecretString, Outage>> + Send + 'a>>;
