//! Virtual time, and chance that a seed decides.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use recharge_core::app::Clock;
use tokio::time::Instant;

/// When every simulation begins: a Tuesday afternoon.
const EPOCH_S: i64 = 1_795_530_000;

/// A clock that shows tokio's time, which passes when everybody waits.
#[derive(Debug, Clone)]
pub struct SimClock {
    started: Instant,
    random: Arc<Mutex<fastrand::Rng>>,
}

impl SimClock {
    /// One that shows the epoch now.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            started: Instant::now(),
            random: Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))),
        }
    }

    /// The first moment, in milliseconds since 1970.
    #[must_use]
    pub const fn epoch_ms() -> u64 {
        EPOCH_S.unsigned_abs().saturating_mul(1_000)
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        let elapsed = i64::try_from(self.started.elapsed().as_millis()).unwrap();
        let epoch = Timestamp::from_second(EPOCH_S).unwrap();
        epoch
            .saturating_add(SignedDuration::from_millis(elapsed))
            .unwrap()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn jitter(&self, max: Duration) -> Duration {
        let max_us = u64::try_from(max.as_micros()).unwrap_or(u64::MAX);
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        Duration::from_micros(random.u64(..=max_us))
    }
}

impl stripe_sim::Clock for SimClock {
    fn unix_seconds(&self) -> i64 {
        self.now().as_second()
    }
}
