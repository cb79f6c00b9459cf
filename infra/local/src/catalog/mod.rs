//! Reads `packages.toml` and `gifts.toml`, and says everything that is wrong with them.

mod entries;
mod rules;

use std::{fmt, fs, path::Path};

use anyhow::Context;
use aws_sdk_dynamodb::Client;
use recharge_core::{
    adapters::dynamodb::{self, Published},
    app::ports::Outage,
    domain::{CustomAmounts, Gift, Package},
};
use thiserror::Error;

use self::entries::{Entry, GiftEntry, PackageEntry};

const PACKAGES_FILE: &str = "packages.toml";
const GIFTS_FILE: &str = "gifts.toml";

/// The repository's own catalogue, as it was when this was built.
const PACKAGES: &str = include_str!("../../../catalog/packages.toml");
const GIFTS: &str = include_str!("../../../catalog/gifts.toml");

/// Packages and gifts that passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// The packages, in the order of the file.
    pub packages: Vec<Package>,
    /// The amounts that buyers choose themselves.
    pub custom: Option<CustomAmounts>,
    /// The gifts, in the order of the file.
    pub gifts: Vec<Gift>,
}

/// Everything that is wrong with a catalogue: a line each, with file, entry and field.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct CatalogInvalid(pub Vec<FileProblem>);

/// One thing that is wrong in a file of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// The file's name.
    pub file: &'static str,
    /// The entry's id or place; none if the file cannot be read as a whole.
    pub entry: Option<String>,
    /// The field, if it is one.
    pub field: Option<String>,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for FileProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.file)?;
        for place in [&self.entry, &self.field].into_iter().flatten() {
            write!(formatter, "{place}: ")?;
        }
        formatter.write_str(&self.problem)
    }
}

impl Catalog {
    /// The catalogue of `folder`, or the built-in one.
    ///
    /// # Errors
    /// As the other two.
    pub fn load(folder: Option<&Path>) -> anyhow::Result<Self> {
        match folder {
            Some(folder) => Self::from_folder(folder),
            None => Ok(Self::parse(PACKAGES, GIFTS)?),
        }
    }

    /// The catalogue whose two files are in `folder`.
    ///
    /// # Errors
    /// If a file cannot be read, or [`CatalogInvalid`].
    pub fn from_folder(folder: &Path) -> anyhow::Result<Self> {
        let read = |file: &str| {
            let path = folder.join(file);
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        Ok(Self::parse(&read(PACKAGES_FILE)?, &read(GIFTS_FILE)?)?)
    }

    /// Publishes it to a ledger's table. Nothing is written if nothing changed.
    ///
    /// # Errors
    /// [`Outage`]; it may be published again.
    pub async fn publish(&self, client: &Client, table: &str) -> Result<Published, Outage> {
        let custom = self.custom.as_ref();
        dynamodb::publish(client, table, &self.packages, custom, &self.gifts).await
    }

    /// The catalogue that the texts of the two files say.
    ///
    /// # Errors
    /// [`CatalogInvalid`] with everything that is wrong in both.
    pub fn parse(packages: &str, gifts: &str) -> Result<Self, CatalogInvalid> {
        let (custom, mut problems) = entries::custom(packages);
        let of_packages = |packages: &[Package]| rules::of_packages(packages, custom.as_ref());
        let (packages, found) = read::<PackageEntry>(packages, of_packages);
        problems.extend(found);
        let (gifts, of_gifts) = read::<GiftEntry>(gifts, rules::of_gifts);
        problems.extend(of_gifts);
        if problems.is_empty() {
            Ok(Self {
                packages,
                custom,
                gifts,
            })
        } else {
            Err(CatalogInvalid(problems))
        }
    }
}

/// The entries that are right, and everything that is wrong with a file: with an entry alone, and
/// among those that are right alone.
fn read<E: Entry>(
    text: &str,
    rules: impl FnOnce(&[E::Item]) -> Vec<FileProblem>,
) -> (Vec<E::Item>, Vec<FileProblem>) {
    let (items, mut problems) = entries::read::<E>(text);
    // A file whose every entry is wrong is not empty.
    if problems.is_empty() || !items.is_empty() {
        problems.extend(rules(&items));
    }
    (items, problems)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
