//! Real money: integer minor units of a currency.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A currency that packages may be priced in.
///
/// Stripe's minimum and maximum are per charge; source: <https://docs.stripe.com/currencies>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Currency {
    /// US dollar, in cents.
    Usd,
    /// Euro, in cents.
    Eur,
    /// Pound sterling, in pence.
    Gbp,
    /// Brazilian real, in centavos.
    Brl,
    /// Japanese yen: has no minor unit.
    Jpy,
}

/// A currency code that we do not sell in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the currency is not supported")]
pub struct CurrencyUnsupported;

impl Currency {
    /// Every currency there is.
    pub const ALL: [Self; 5] = [Self::Usd, Self::Eur, Self::Gbp, Self::Brl, Self::Jpy];

    /// The ISO 4217 code in lower case, as Stripe writes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Usd => "usd",
            Self::Eur => "eur",
            Self::Gbp => "gbp",
            Self::Brl => "brl",
            Self::Jpy => "jpy",
        }
    }

    /// How many decimal digits its minor unit has.
    #[must_use]
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Usd | Self::Eur | Self::Gbp | Self::Brl => 2,
            Self::Jpy => 0,
        }
    }

    /// The least that Stripe charges, in minor units.
    #[must_use]
    pub const fn charge_min(self) -> u64 {
        match self {
            Self::Usd | Self::Eur | Self::Brl | Self::Jpy => 50,
            Self::Gbp => 30,
        }
    }

    /// The most that Stripe charges: eight digits, in minor units.
    #[must_use]
    pub const fn charge_max(self) -> u64 {
        99_999_999
    }
}

impl TryFrom<&str> for Currency {
    type Error = CurrencyUnsupported;

    fn try_from(code: &str) -> Result<Self, CurrencyUnsupported> {
        Self::ALL
            .into_iter()
            .find(|currency| currency.code() == code)
            .ok_or(CurrencyUnsupported)
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyUnsupported;

    fn try_from(code: String) -> Result<Self, CurrencyUnsupported> {
        code.as_str().try_into()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

/// An amount of real money: `{"amount": 499, "currency": "usd", "exponent": 2}` is $4.99.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Money {
    amount: u64,
    currency: Currency,
    exponent: u32,
}

impl Money {
    /// `amount` minor units of `currency`.
    #[must_use]
    pub const fn new(amount: u64, currency: Currency) -> Self {
        Self {
            amount,
            currency,
            exponent: currency.exponent(),
        }
    }

    /// In minor units.
    #[must_use]
    pub const fn amount(self) -> u64 {
        self.amount
    }

    /// Which currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }
}
