//! The system's clock.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::app::Clock;

/// The system's clock. Tests and the local server can set it forward, or let it stand still.
#[derive(Debug, Clone, Default)]
pub struct SystemClock {
    ahead_ms: Arc<AtomicI64>,
    standing_at: Option<Timestamp>,
}

impl SystemClock {
    /// A clock that stands still until it is set forward: what a test proves on it does not
    /// depend on how fast the machine is, because no deadline passes by itself.
    #[must_use]
    pub fn standing() -> Self {
        Self {
            standing_at: Some(Self::default().now()),
            ..Self::default()
        }
    }

    /// Sets it, and all its clones, forward.
    pub fn advance(&self, duration: Duration) {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that reads it"
        )]
        let now = self.standing_at.unwrap_or_else(Timestamp::now);
        let ahead = SignedDuration::from_millis(self.ahead_ms.load(Ordering::SeqCst));
        let now = now.saturating_add(ahead).unwrap_or(now);
        // Whole milliseconds: what is stored reads back as the same.
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn jitter(&self, max: Duration) -> Duration {
        let max_us = u64::try_from(max.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(fastrand::u64(..=max_us))
    }
}
