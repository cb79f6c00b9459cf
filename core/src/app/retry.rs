//! How long a use case tries again when something moved in between.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::ports::{Clock, Outage};

/// The tries of one use case: a deadline, not a count, because 20 taps at once of one fan must
/// all resolve, and each try waits a random time, so that they do not collide again.
#[derive(Debug)]
pub struct Attempts<'a> {
    clock: &'a dyn Clock,
    what: &'static str,
    deadline: Timestamp,
    wait_max: Duration,
}

impl<'a> Attempts<'a> {
    /// After this a caller is told to come back.
    const DEADLINE: SignedDuration = SignedDuration::from_secs(2);
    /// About as long as a transaction takes, times the participants that usually collide.
    const WAIT_BASE: Duration = Duration::from_millis(50);
    const WAIT_CAP: Duration = Duration::from_millis(400);

    /// Stripe takes about a second to open a session, and seconds on a bad day.
    const DEADLINE_OF_STRIPE: SignedDuration = SignedDuration::from_secs(8);

    /// Nobody waits for the relay, and to begin anew costs it a whole batch: longer than a caller
    /// would wait, shorter than its function may run.
    const DEADLINE_OF_RELAY: SignedDuration = SignedDuration::from_secs(20);

    /// Begins to try at the ledger now.
    #[must_use]
    pub fn begin(clock: &'a dyn Clock) -> Self {
        Self::until(clock, "the ledger", Self::DEADLINE)
    }

    /// Begins now to wait for a call to Stripe that another request has made.
    #[must_use]
    pub fn begin_at_stripe(clock: &'a dyn Clock) -> Self {
        Self::until(clock, "Stripe", Self::DEADLINE_OF_STRIPE)
    }

    /// Begins to try at the views now.
    #[must_use]
    pub fn begin_at_views(clock: &'a dyn Clock) -> Self {
        Self::until(clock, "the views table", Self::DEADLINE_OF_RELAY)
    }

    fn until(clock: &'a dyn Clock, what: &'static str, after: SignedDuration) -> Self {
        let now = clock.now();
        let deadline = now.saturating_add(after).unwrap_or(now);
        Self {
            clock,
            what,
            deadline,
            wait_max: Self::WAIT_BASE,
        }
    }

    /// Waits before the next try, with full jitter.
    ///
    /// # Errors
    /// [`Outage`] if there is no time left for one.
    pub async fn again(&mut self) -> Result<(), Outage> {
        let wait = self.clock.jitter(self.wait_max);
        self.wait_max = self.wait_max.saturating_mul(2).min(Self::WAIT_CAP);
        let left = self.clock.now().duration_until(self.deadline);
        if SignedDuration::try_from(wait).is_ok_and(|wait| wait < left) {
            self.clock.sleep(wait).await;
            Ok(())
        } else {
            Err(Outage::new(self.what, "contention outlasted the deadline"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{Future, ready},
        pin::{Pin, pin},
        sync::Mutex,
        task::{Context, Poll, Waker},
    };

    use super::*;

    /// Time passes only by sleeping, and every wait is as long as it may be.
    #[derive(Debug)]
    struct Virtual(Mutex<Timestamp>);

    impl Clock for Virtual {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }

        fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
            let mut now = self.0.lock().unwrap();
            *now = now.saturating_add(duration).unwrap();
            Box::pin(ready(()))
        }

        fn jitter(&self, max: Duration) -> Duration {
            max
        }
    }

    fn at_once<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    #[test]
    fn tries_end_before_the_deadline_and_wait_longer_each_time_up_to_a_cap() {
        let clock = Virtual(Mutex::new(Timestamp::UNIX_EPOCH));
        let mut attempts = Attempts::begin(&clock);
        let mut times_ms = Vec::new();
        while at_once(attempts.again()).is_ok() {
            times_ms.push(clock.now().as_millisecond());
        }
        assert_eq!(times_ms, [50, 150, 350, 750, 1_150, 1_550, 1_950]);
    }
}
