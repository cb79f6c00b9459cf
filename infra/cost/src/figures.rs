//! The files that the model is made of.

use std::collections::BTreeMap;

use anyhow::Context;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::Error};

use crate::Stack;

/// All figures of the model.
#[derive(Debug, Clone)]
pub struct Figures {
    /// What AWS asks for.
    pub prices: Prices,
    /// What operations consume.
    pub units: Units,
    /// What is taken for granted.
    pub assumed: Assumed,
    /// What the template says.
    pub stack: Stack,
}

impl Figures {
    /// Those of the repository.
    ///
    /// # Errors
    /// If a file is not as it must be.
    pub fn built_in() -> anyhow::Result<Self> {
        let prices = include_str!("../prices.toml");
        Ok(Self {
            prices: toml::from_str(prices).context("infra/cost/prices.toml")?,
            units: Units::built_in()?,
            assumed: toml::from_str(include_str!("../assumed.toml"))
                .context("infra/cost/assumed.toml")?,
            stack: Stack::built_in()?,
        })
    }
}

/// A file of prices.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Where they hold.
    pub region: String,
    /// When they were looked at.
    pub as_of: String,
    prices: BTreeMap<String, Price>,
}

/// What AWS asks for something.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Dollars for `per` units.
    #[serde(deserialize_with = "decimal")]
    pub usd: Decimal,
    /// For how many units.
    #[serde(deserialize_with = "decimal")]
    pub per: Decimal,
    /// What is counted.
    pub unit: String,
    /// How we know.
    pub known: Known,
    /// Where it stands.
    pub source: String,
}

/// How a price is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Taken from the page that is named.
    Read,
    /// Not read again when it was written down.
    Believed,
}

impl Prices {
    /// The price of that name.
    ///
    /// # Errors
    /// If the file has none.
    pub fn price(&self, name: &str) -> anyhow::Result<&Price> {
        let found = self.prices.get(name);
        found.with_context(|| format!("the prices have no {name}"))
    }

    /// All of them by name.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Price)> {
        self.prices
            .iter()
            .map(|(name, price)| (name.as_str(), price))
    }
}

/// What operations consume of DynamoDB; the suites hold each figure to what they measure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Units {
    operations: BTreeMap<String, Measured>,
    /// Of the relay, by the size of its batches.
    pub relay: Vec<Relayed>,
}

/// What an operation consumes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Its calls in their order.
    pub calls: Vec<String>,
    /// Read units of all calls.
    #[serde(deserialize_with = "decimal")]
    pub reads: Decimal,
    /// Write units of all calls.
    #[serde(deserialize_with = "decimal")]
    pub writes: Decimal,
}

/// What the relay consumes for one gift.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relayed {
    /// Gifts in a batch.
    pub batch: u32,
    /// To how many creators.
    pub creators: u32,
    /// The calls of a batch.
    pub calls: Vec<String>,
    /// Read units for each gift.
    #[serde(deserialize_with = "decimal")]
    pub reads: Decimal,
    /// Write units for each gift.
    #[serde(deserialize_with = "decimal")]
    pub writes: Decimal,
}

impl Units {
    /// Those of the repository.
    ///
    /// # Errors
    /// If the file is not as it must be.
    pub fn built_in() -> anyhow::Result<Self> {
        toml::from_str(include_str!("../units.toml")).context("infra/cost/units.toml")
    }

    /// Those of an operation.
    ///
    /// # Errors
    /// If it is not in the file.
    pub fn operation(&self, name: &str) -> anyhow::Result<&Measured> {
        let found = self.operations.get(name);
        found.with_context(|| format!("infra/cost/units.toml has no operation {name}"))
    }

    /// The names of all operations.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.operations.keys().map(String::as_str)
    }

    /// Those of the relay.
    ///
    /// # Errors
    /// If batches of that size are not in the file.
    pub fn relayed(&self, batch: u32, creators: u32) -> anyhow::Result<&Relayed> {
        let mut all = self.relay.iter();
        let found = all.find(|relayed| (relayed.batch, relayed.creators) == (batch, creators));
        found.with_context(|| {
            format!("infra/cost/units.toml has no batches of {batch} gifts to {creators} creators")
        })
    }
}

/// What the model takes for granted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumed {
    /// How long a call takes.
    pub wait_ms: Waits,
    cpu_ms: BTreeMap<String, Number>,
    stripe_calls: BTreeMap<String, u32>,
    /// Sizes.
    pub bytes: Bytes,
    stack: Fixed,
}

/// How long a call takes, in milliseconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waits {
    #[serde(deserialize_with = "decimal")]
    read: Decimal,
    #[serde(deserialize_with = "decimal")]
    write: Decimal,
    #[serde(deserialize_with = "decimal")]
    transaction: Decimal,
    /// Of Stripe.
    #[serde(deserialize_with = "decimal")]
    pub stripe: Decimal,
}

impl Waits {
    /// Of DynamoDB, by the name of the call.
    #[must_use]
    pub fn of(&self, call: &str) -> Decimal {
        match call {
            "TransactWriteItems" => self.transaction,
            read if read.contains("Get") || read == "Query" => self.read,
            _ => self.write,
        }
    }
}

/// Sizes in bytes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bytes {
    /// Of a line of the access log.
    pub access_line: u32,
    /// Of the lines that Lambda writes for a call.
    pub platform_lines: u32,
    /// Of the line with what a call counted.
    pub metrics_line: u32,
    /// Of another line of ours.
    pub own_line: u32,
    /// Of an answer.
    pub answer: u32,
    /// What a gift leaves in both tables.
    pub gift_stored: u32,
    /// What a recharge leaves.
    pub recharge_stored: u32,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixed {
    secrets: u32,
    metrics: u32,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Number(#[serde(deserialize_with = "decimal")] Decimal);

impl Assumed {
    /// Processor time of an operation, in milliseconds.
    ///
    /// # Errors
    /// If the file does not tell it.
    pub fn cpu_ms(&self, operation: &str) -> anyhow::Result<Decimal> {
        let found = self.cpu_ms.get(operation).map(|number| number.0);
        found.with_context(|| format!("infra/cost/assumed.toml has no cpu_ms of {operation}"))
    }

    /// How often an operation calls Stripe.
    #[must_use]
    pub fn stripe_calls(&self, operation: &str) -> u32 {
        self.stripe_calls.get(operation).copied().unwrap_or(0)
    }

    /// How many secrets a stack has.
    #[must_use]
    pub const fn secrets(&self) -> u32 {
        self.stack.secrets
    }

    /// How many metrics of its own a stack tells.
    #[must_use]
    pub const fn metrics(&self) -> u32 {
        self.stack.metrics
    }
}

/// Decimals are texts: TOML's own numbers with a point are binary.
fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = text.replace('_', "").parse::<Decimal>();
    let number = number.map_err(|error| D::Error::custom(format!("{text}: {error}")))?;
    if number.is_sign_negative() {
        return Err(D::Error::custom(format!("{text} is negative")));
    }
    Ok(number)
}
