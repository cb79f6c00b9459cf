//! Decimals that are multiplied, divided and added, or too large.

use anyhow::Context;
use rust_decimal::Decimal;

const TOO_LARGE: &str = "a figure of the model is too large";

/// The product of all.
pub(crate) fn product<const N: usize>(factors: [Decimal; N]) -> anyhow::Result<Decimal> {
    let product = factors
        .into_iter()
        .try_fold(Decimal::ONE, Decimal::checked_mul);
    product.context(TOO_LARGE)
}

/// A quotient.
pub(crate) fn quotient(number: Decimal, by: Decimal) -> anyhow::Result<Decimal> {
    let quotient = number.checked_div(by);
    quotient.context("a figure of the model is divided by nothing, or too large")
}

/// The sum of all.
pub(crate) fn total(numbers: impl IntoIterator<Item = Decimal>) -> anyhow::Result<Decimal> {
    let sum = numbers
        .into_iter()
        .try_fold(Decimal::ZERO, Decimal::checked_add);
    sum.context(TOO_LARGE)
}
