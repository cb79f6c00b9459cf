//! Currencies: how many decimals they have, the least Stripe charges in them, and how to write an amount.

/// The most Stripe takes in one go: eight digits, `$999,999.99`.
pub(crate) const MAXIMUM_AMOUNT: i64 = 99_999_999;

/// A currency the simulator charges in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Currency {
    /// ISO 4217, lower case, as Stripe writes it.
    pub(crate) code: &'static str,
    /// Digits after the point: 0, 2 or 3.
    pub(crate) exponent: usize,
    /// Stripe's minimum charge in minor units; 1 where Stripe publishes none.
    pub(crate) minimum: i64,
}

impl Currency {
    /// Looks a code up, in either case.
    pub(crate) fn find(code: &str) -> Option<Self> {
        let code = code.to_ascii_lowercase();
        let row = CURRENCIES.iter().find(|(known, ..)| *known == code)?;
        Some(Self {
            code: row.0,
            exponent: row.1,
            minimum: row.2,
        })
    }

    /// `1,234.50 USD`, `500 JPY`: the code and not a sign, since half the world's signs are `$`.
    pub(crate) fn format(self, amount: i64) -> String {
        let digits = format!(
            "{:0>width$}",
            amount.unsigned_abs(),
            width = self.exponent.saturating_add(1)
        );
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(self.exponent));
        let sign = if amount < 0 { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        let code = self.code.to_ascii_uppercase();
        format!("{sign}{}{point}{fraction} {code}", grouped(whole))
    }

    /// Why an amount cannot be charged in this currency, if it cannot: three-decimal amounts end in 0.
    pub(crate) fn is_chargeable_step(self, amount: i64) -> bool {
        self.exponent < 3 || amount.checked_rem(10) == Some(0)
    }
}

/// Formats `amount` in the currency with this code, or bare if there is none.
pub(crate) fn format_amount(code: &str, amount: i64) -> String {
    Currency::find(code).map_or_else(|| amount.to_string(), |currency| currency.format(amount))
}

/// Every code, for Stripe's "supports these currencies" message.
pub(crate) fn known_codes() -> String {
    let codes: Vec<&str> = CURRENCIES.iter().map(|(code, ..)| *code).collect();
    codes.join(", ")
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len().saturating_mul(2));
    for (index, digit) in digits.chars().enumerate() {
        let left = digits.len().saturating_sub(index);
        if index > 0 && left.checked_rem(3) == Some(0) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Code, decimals, minimum. Minimums are from Stripe's table of supported currencies.
const CURRENCIES: &[(&str, usize, i64)] = &[
    ("aed", 2, 200),
    ("ars", 2, 1),
    ("aud", 2, 50),
    ("bgn", 2, 100),
    ("bhd", 3, 1),
    ("bif", 0, 1),
    ("brl", 2, 50),
    ("cad", 2, 50),
    ("chf", 2, 50),
    ("clp", 0, 1),
    ("cny", 2, 1),
    ("cop", 2, 1),
    ("czk", 2, 1_500),
    ("djf", 0, 1),
    ("dkk", 2, 250),
    ("egp", 2, 1),
    ("eur", 2, 50),
    ("gbp", 2, 30),
    ("gnf", 0, 1),
    ("hkd", 2, 400),
    ("huf", 2, 17_500),
    ("idr", 2, 1),
    ("ils", 2, 1),
    ("inr", 2, 50),
    ("jod", 3, 1),
    ("jpy", 0, 50),
    ("kes", 2, 1),
    ("kmf", 0, 1),
    ("krw", 0, 1),
    ("kwd", 3, 1),
    ("mad", 2, 1),
    ("mga", 0, 1),
    ("mxn", 2, 1_000),
    ("myr", 2, 200),
    ("ngn", 2, 1),
    ("nok", 2, 300),
    ("nzd", 2, 50),
    ("omr", 3, 1),
    ("pen", 2, 1),
    ("php", 2, 1),
    ("pkr", 2, 1),
    ("pln", 2, 200),
    ("pyg", 0, 1),
    ("ron", 2, 200),
    ("rwf", 0, 1),
    ("sar", 2, 1),
    ("sek", 2, 300),
    ("sgd", 2, 50),
    ("thb", 2, 1_000),
    ("tnd", 3, 1),
    ("try", 2, 1),
    ("twd", 2, 1),
    ("uah", 2, 1),
    ("usd", 2, 50),
    ("vnd", 0, 1),
    ("vuv", 0, 1),
    ("xaf", 0, 1),
    ("xof", 0, 1),
    ("xpf", 0, 1),
    ("zar", 2, 1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_their_currencys_decimals() {
        for (code, amount, text) in [
            ("usd", 499, "4.99 USD"),
            ("usd", 5, "0.05 USD"),
            ("usd", 0, "0.00 USD"),
            ("USD", 123_456_789, "1,234,567.89 USD"),
            ("jpy", 500, "500 JPY"),
            ("jpy", 1_234_567, "1,234,567 JPY"),
            ("kwd", 5_120, "5.120 KWD"),
            ("kwd", 10, "0.010 KWD"),
            ("usd", -499, "-4.99 USD"),
        ] {
            assert_eq!(format_amount(code, amount), text);
        }
    }

    #[test]
    fn the_published_minimums_are_known() {
        for (code, minimum) in [
            ("usd", 50),
            ("jpy", 50),
            ("eur", 50),
            ("gbp", 30),
            ("brl", 50),
        ] {
            assert_eq!(
                Currency::find(code).map(|currency| currency.minimum),
                Some(minimum)
            );
        }
        assert_eq!(Currency::find("zzz"), None);
    }

    #[test]
    fn three_decimal_amounts_end_in_zero() {
        let step = |code: &str, amount| Currency::find(code).map(|c| c.is_chargeable_step(amount));
        assert_eq!(step("kwd", 5_124), Some(false));
        assert_eq!(step("kwd", 5_120), Some(true));
        assert_eq!(step("usd", 5_124), Some(true));
    }
}
