//! Which recharge paid for which gift: coins are one line, and lots are intervals on it.

use super::{Coins, Entry, EntryDetail};

/// The coins that one recharge or grant brought in: the interval `[start, end)` of its wallet's
/// line of coins. What leaves the wallet uses the same line from its beginning, so that the
/// overlap of a lot with a gift's interval is what this recharge paid of that gift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot {
    /// Where it begins: the wallet's `in_total` before.
    pub start: Coins,
    /// Where it ends: the wallet's `in_total` after.
    pub end: Coins,
}

impl Lot {
    /// The lot that `entry` brought in, or `None` for an entry that took coins out.
    #[must_use]
    pub fn brought_in(entry: &Entry) -> Option<Self> {
        match &entry.detail {
            EntryDetail::Recharge { .. } | EntryDetail::Grant { .. } => {
                // What came in, whatever was refunded before: the change itself.
                let size = Coins::new(u64::try_from(entry.change).ok()?).ok()?;
                Some(Self {
                    start: entry.in_total.minus(size)?,
                    end: entry.in_total,
                })
            }
            EntryDetail::Gift(_) => None,
        }
    }

    /// The interval that `entry` used, or `None` for an entry that brought coins in.
    #[must_use]
    pub fn used(entry: &Entry) -> Option<Self> {
        match &entry.detail {
            EntryDetail::Gift(sent) => Some(Self {
                start: entry.out_total.minus(sent.coins)?,
                end: entry.out_total,
            }),
            EntryDetail::Recharge { .. } | EntryDetail::Grant { .. } => None,
        }
    }

    /// How many coins lie in both.
    #[must_use]
    pub fn overlap(self, other: Self) -> Coins {
        self.end
            .min(other.end)
            .saturating_minus(self.start.max(other.start))
    }

    /// How many of its coins are unused when `out_total` coins have left the wallet.
    #[must_use]
    pub fn left(self, out_total: Coins) -> Coins {
        self.end.saturating_minus(self.start.max(out_total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lot(start: u64, end: u64) -> Lot {
        Lot {
            start: Coins::new(start).unwrap(),
            end: Coins::new(end).unwrap(),
        }
    }

    #[test]
    fn the_overlap_says_which_recharge_paid_for_which_gift() {
        let (first, second) = (lot(0, 100), lot(100, 150));
        for (gift, from_first, from_second) in [
            (lot(0, 30), 30, 0),
            (lot(90, 120), 10, 20),
            (lot(100, 150), 0, 50),
            (lot(150, 160), 0, 0),
            (lot(0, 150), 100, 50),
        ] {
            assert_eq!(first.overlap(gift).get(), from_first, "{gift:?}");
            assert_eq!(gift.overlap(second).get(), from_second, "{gift:?}");
        }
    }

    #[test]
    fn what_is_left_of_a_lot_shrinks_as_coins_leave() {
        for (out_total, left) in [(0, 50), (100, 50), (120, 30), (150, 0), (400, 0)] {
            assert_eq!(
                lot(100, 150).left(Coins::new(out_total).unwrap()).get(),
                left
            );
        }
    }
}
