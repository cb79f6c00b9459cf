//! Time enters the simulator here and nowhere else.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

/// Where the simulator takes the time from.
pub trait Clock: Send + Sync + 'static {
    /// Seconds since 1970-01-01 UTC: Stripe's own resolution.
    fn unix_seconds(&self) -> i64;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn unix_seconds(&self) -> i64 {
        UNIX_EPOCH.elapsed().map_or(0, whole_seconds)
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock {
    unix_seconds: AtomicI64,
}

impl ManualClock {
    /// A clock that shows `unix_seconds`.
    #[must_use]
    pub fn at(unix_seconds: i64) -> Self {
        Self {
            unix_seconds: AtomicI64::new(unix_seconds),
        }
    }

    /// Moves the clock forward; parts of a second are dropped.
    pub fn advance(&self, by: Duration) {
        self.unix_seconds
            .fetch_add(whole_seconds(by), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn unix_seconds(&self) -> i64 {
        self.unix_seconds.load(Ordering::SeqCst)
    }
}

fn whole_seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at(1_000);
        assert_eq!(clock.unix_seconds(), 1_000);
        clock.advance(Duration::from_millis(61_900));
        assert_eq!(clock.unix_seconds(), 1_061);
    }

    #[test]
    fn the_system_clock_is_past_2025() {
        assert!(SystemClock.unix_seconds() > 1_735_689_600);
    }
}
