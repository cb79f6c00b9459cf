//! How often something may be done in a minute.

use std::time::Duration;

use jiff::Timestamp;

/// How often something was done in the running UTC minute.
///
/// The minutes are the calendar's: twice the limit fits around the turn of one. That is the
/// price of one number, which lives in an item that is written anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// The minute that `count` counts, since 1970.
    pub minute: i64,
    /// How often.
    pub count: u32,
}

impl Pace {
    /// Nothing was ever done.
    pub const NOTHING: Self = Self {
        minute: 0,
        count: 0,
    };

    /// The pace after one more at `at`. A minute never begins again: a clock that lags keeps
    /// counting in the later one.
    ///
    /// # Errors
    /// How long the minute lasts if `limit` is reached; at least a second.
    pub fn one_more(self, at: Timestamp, limit: u32) -> Result<Self, Duration> {
        let minute = at.as_second().div_euclid(60).max(self.minute);
        let count = if minute > self.minute { 0 } else { self.count };
        if count < limit {
            let count = count.saturating_add(1);
            return Ok(Self { minute, count });
        }
        let next = minute.saturating_add(1).saturating_mul(60);
        let left = next.saturating_sub(at.as_second()).max(1);
        Err(Duration::from_secs(left.unsigned_abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_its_limit_and_the_next_one_begins_anew() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut pace = Pace::NOTHING;
        for _ in 0..3 {
            pace = pace.one_more(at(600), 3).unwrap();
        }
        assert_eq!(
            pace,
            Pace {
                minute: 10,
                count: 3
            }
        );
        assert_eq!(pace.one_more(at(600), 3), Err(Duration::from_secs(60)));
        assert_eq!(pace.one_more(at(659), 3), Err(Duration::from_secs(1)));
        let next = Pace {
            minute: 11,
            count: 1,
        };
        assert_eq!(pace.one_more(at(660), 3), Ok(next));
        // A clock that was set back does not win a fresh minute.
        assert_eq!(pace.one_more(at(599), 3), Err(Duration::from_secs(61)));
    }
}
