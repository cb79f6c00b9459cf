//! Amounts of coins, and how many times a gift is sent.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An amount of coins, from 0 to [`Coins::MAX`]. Never negative, never fractional.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "u64", into = "u64")]
pub struct Coins(u64);

/// A sum of coins would leave the range that every client can read exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the amount of coins is out of range")]
pub struct Overflow;

impl Coins {
    /// No coins.
    pub const ZERO: Self = Self(0);
    /// 2^53 − 1: the largest integer that JSON readers which use doubles keep exact.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// This many coins.
    ///
    /// # Errors
    /// [`Overflow`] above [`Coins::MAX`].
    pub const fn new(coins: u64) -> Result<Self, Overflow> {
        if coins <= Self::MAX.0 {
            Ok(Self(coins))
        } else {
            Err(Overflow)
        }
    }

    /// The bare number, for stores and replies.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The bare number with a sign, for an entry's change.
    #[must_use]
    pub fn signed(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX) // Unreachable: MAX is below i64::MAX.
    }

    /// Whether there are no coins.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Overflow`] above [`Coins::MAX`].
    pub const fn plus(self, other: Self) -> Result<Self, Overflow> {
        match self.0.checked_add(other.0) {
            Some(sum) => Self::new(sum),
            None => Err(Overflow),
        }
    }

    /// The difference, or `None` if it would be negative.
    #[must_use]
    pub const fn minus(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Some(Self(rest)),
            None => None,
        }
    }

    /// The difference, or zero if it would be negative.
    #[must_use]
    pub const fn saturating_minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// `quantity` times as many.
    ///
    /// # Errors
    /// [`Overflow`] above [`Coins::MAX`].
    pub fn times(self, quantity: Quantity) -> Result<Self, Overflow> {
        Self::new(
            self.0
                .checked_mul(u64::from(quantity.get()))
                .ok_or(Overflow)?,
        )
    }
}

impl TryFrom<u64> for Coins {
    type Error = Overflow;

    fn try_from(coins: u64) -> Result<Self, Overflow> {
        Self::new(coins)
    }
}

impl From<Coins> for u64 {
    fn from(coins: Coins) -> Self {
        coins.0
    }
}

/// How many of a gift are sent at once: 1 to [`Quantity::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Quantity(u16);

/// A quantity outside 1 to 9,999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("quantity must be from 1 to 9999")]
pub struct QuantityOutOfRange;

impl Quantity {
    /// The most that one sent gift may carry.
    pub const MAX: u16 = 9_999;

    /// As many as that.
    pub const MOST: Self = Self(Self::MAX);

    /// The bare number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for Quantity {
    type Error = QuantityOutOfRange;

    fn try_from(quantity: u16) -> Result<Self, QuantityOutOfRange> {
        if (1..=Self::MAX).contains(&quantity) {
            Ok(Self(quantity))
        } else {
            Err(QuantityOutOfRange)
        }
    }
}

impl TryFrom<i64> for Quantity {
    type Error = QuantityOutOfRange;

    fn try_from(quantity: i64) -> Result<Self, QuantityOutOfRange> {
        u16::try_from(quantity)
            .map_err(|_| QuantityOutOfRange)?
            .try_into()
    }
}

impl FromStr for Quantity {
    type Err = QuantityOutOfRange;

    fn from_str(text: &str) -> Result<Self, QuantityOutOfRange> {
        let quantity: u16 = text.parse().map_err(|_| QuantityOutOfRange)?;
        quantity.try_into()
    }
}

impl From<Quantity> for u16 {
    fn from(quantity: Quantity) -> Self {
        quantity.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_beyond_the_range_are_refused() {
        let one = Coins::new(1).unwrap();
        assert_eq!(Coins::MAX.plus(one), Err(Overflow));
        assert_eq!(Coins::MAX.plus(Coins::ZERO), Ok(Coins::MAX));
        assert_eq!(Coins::new(u64::MAX), Err(Overflow));
        let most = Quantity::try_from(Quantity::MAX).unwrap();
        assert_eq!(Coins::MAX.times(most), Err(Overflow));
    }

    #[test]
    fn a_difference_is_never_negative() {
        let (one, two) = (Coins::new(1).unwrap(), Coins::new(2).unwrap());
        assert_eq!(one.minus(two), None);
        assert_eq!(two.minus(one), Some(one));
        assert_eq!(one.saturating_minus(two), Coins::ZERO);
    }

    #[test]
    fn a_quantity_is_from_1_to_9999() {
        for bad in [i64::MIN, -1, 0, 10_000, 65_537, i64::MAX] {
            assert_eq!(Quantity::try_from(bad), Err(QuantityOutOfRange), "{bad}");
        }
        assert_eq!(Quantity::try_from(9_999_i64).unwrap().get(), 9_999);
    }
}
