//! Time and chance.

use std::{fmt::Debug, future::Future, pin::Pin, time::Duration};

use jiff::Timestamp;

/// Time and chance enter here and nowhere else.
pub trait Clock: Send + Sync + Debug {
    /// Now, in whole milliseconds.
    fn now(&self) -> Timestamp;

    /// Waits. It is not `async` so that a clock can be a trait object.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// A random duration from zero to `max`.
    fn jitter(&self, max: Duration) -> Duration;
}
