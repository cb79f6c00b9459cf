//! The files as they are written, entry by entry.

use std::{collections::BTreeMap, fmt};

use recharge_core::domain::{
    Coins, Currency, CustomAmounts, Gift, GiftId, Package, PackageId, PriceStep, Tier,
};
use serde::{Deserialize, de::DeserializeOwned};
use toml::{Table, Value};

use super::{FileProblem, GIFTS_FILE, PACKAGES_FILE};

/// What one kind of file holds.
pub(super) trait Entry: DeserializeOwned {
    type Item;
    const FILE: &'static str;
    /// What an entry's heading is: `[[package]]`.
    const HEADING: &'static str;

    /// The item, or the fields that are wrong and what is wrong with them.
    fn check(self) -> Result<Self::Item, Vec<(String, String)>>;
}

/// A package as `packages.toml` has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackageEntry {
    id: String,
    coins: u64,
    bonus_coins: u64,
    prices: BTreeMap<String, u64>,
}

/// A gift as `gifts.toml` has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GiftEntry {
    id: String,
    name: String,
    tier: String,
    coins: u64,
    icon: String,
    animation: Option<String>,
    combo: bool,
}

impl Entry for PackageEntry {
    type Item = Package;
    const FILE: &'static str = PACKAGES_FILE;
    const HEADING: &'static str = "package";

    fn check(self) -> Result<Package, Vec<(String, String)>> {
        let mut problems = Vec::new();
        let id = note(&mut problems, "id", id(self.id, PackageId::try_from));
        let coins = note(&mut problems, "coins", Coins::new(self.coins));
        let bonus_coins = note(&mut problems, "bonus_coins", Coins::new(self.bonus_coins));
        let prices = prices(&mut problems, "prices", self.prices);
        match (id, coins, bonus_coins) {
            (Some(id), Some(coins), Some(bonus_coins)) if problems.is_empty() => Ok(Package {
                id,
                coins,
                bonus_coins,
                prices,
            }),
            _ => Err(problems),
        }
    }
}

/// The heading of the amounts that buyers choose themselves.
const CUSTOM: &str = "custom";

/// Those amounts as `packages.toml` has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomEntry {
    min_coins: u64,
    max_coins: u64,
    step: Vec<StepEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepEntry {
    from_coins: u64,
    prices: BTreeMap<String, u64>,
}

/// `[custom]` of a packages file, and what is wrong with it. A file that is no TOML at all is
/// told of with its packages.
pub(super) fn custom(text: &str) -> (Option<CustomAmounts>, Vec<FileProblem>) {
    let file = text.parse::<Table>().ok();
    let Some(value) = file.and_then(|mut file| file.remove(CUSTOM)) else {
        return (None, Vec::new());
    };
    let problem = |(field, problem): (String, String)| FileProblem {
        file: PACKAGES_FILE,
        entry: Some(CUSTOM.to_owned()),
        field: (!field.is_empty()).then_some(field),
        problem,
    };
    match deserialize::<CustomEntry>(value).and_then(CustomEntry::check) {
        Ok(custom) => (Some(custom), Vec::new()),
        Err(found) => (None, found.into_iter().map(problem).collect()),
    }
}

impl CustomEntry {
    fn check(self) -> Result<CustomAmounts, Vec<(String, String)>> {
        let mut problems = Vec::new();
        let min_coins = note(&mut problems, "min_coins", Coins::new(self.min_coins));
        let max_coins = note(&mut problems, "max_coins", Coins::new(self.max_coins));
        let mut steps = Vec::new();
        for step in self.step {
            let from_coins = note(
                &mut problems,
                "step.from_coins",
                Coins::new(step.from_coins),
            );
            let prices = prices(&mut problems, "step.prices", step.prices);
            steps.extend(from_coins.map(|from_coins| PriceStep { from_coins, prices }));
        }
        match (min_coins, max_coins) {
            (Some(min_coins), Some(max_coins)) if problems.is_empty() => Ok(CustomAmounts {
                min_coins,
                max_coins,
                steps,
            }),
            _ => Err(problems),
        }
    }
}

/// Prices by currencies that there are.
fn prices(
    problems: &mut Vec<(String, String)>,
    field: &str,
    prices: BTreeMap<String, u64>,
) -> BTreeMap<Currency, u64> {
    let mut known = BTreeMap::new();
    for (code, price) in prices {
        let currency = Currency::try_from(code.as_str());
        if let Some(currency) = note(problems, &format!("{field}.{code}"), currency) {
            known.insert(currency, price);
        }
    }
    known
}

impl Entry for GiftEntry {
    type Item = Gift;
    const FILE: &'static str = GIFTS_FILE;
    const HEADING: &'static str = "gift";

    fn check(self) -> Result<Gift, Vec<(String, String)>> {
        let mut problems = Vec::new();
        let id = note(&mut problems, "id", id(self.id, GiftId::try_from));
        let tier = Tier::named(&self.tier).ok_or("must be small, medium, large or epic");
        let tier = note(&mut problems, "tier", tier);
        let coins = note(&mut problems, "coins", Coins::new(self.coins));
        let Self {
            name,
            icon,
            animation,
            combo,
            ..
        } = self;
        match (id, tier, coins) {
            (Some(id), Some(tier), Some(coins)) => Ok(Gift {
                id,
                name,
                tier,
                coins,
                icon,
                animation,
                combo,
            }),
            _ => Err(problems),
        }
    }
}

/// Stricter than an id of ours has to be: these are read by people in statements and logs.
fn id<I, E>(text: String, make: impl FnOnce(String) -> Result<I, E>) -> Result<I, &'static str> {
    let plain = text
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    let id = plain.then(|| make(text).ok()).flatten();
    id.ok_or("must be 1 to 64 of a-z, 0-9 and _")
}

/// The value, or a note of what is wrong with the field.
fn note<T, E: fmt::Display>(
    problems: &mut Vec<(String, String)>,
    field: &str,
    value: Result<T, E>,
) -> Option<T> {
    value
        .map_err(|problem| problems.push((field.to_owned(), problem.to_string())))
        .ok()
}

/// The items of a file that are right, and what is wrong with the others.
pub(super) fn read<E: Entry>(text: &str) -> (Vec<E::Item>, Vec<FileProblem>) {
    let (mut items, mut problems) = (Vec::new(), Vec::new());
    let mut problem = |entry: Option<&str>, field: Option<String>, problem: String| {
        problems.push(FileProblem {
            file: E::FILE,
            entry: entry.map(str::to_owned),
            field,
            problem,
        });
    };
    match text.parse::<Table>() {
        Err(error) => problem(None, None, error.to_string().trim_end().to_owned()),
        Ok(mut file) => {
            let entries = file.remove(E::HEADING);
            if E::FILE == PACKAGES_FILE {
                file.remove(CUSTOM); // Read on its own.
            }
            for key in file.keys() {
                let heading = E::HEADING;
                problem(
                    None,
                    Some(key.clone()),
                    format!("unknown; entries begin with [[{heading}]]"),
                );
            }
            for (place, entry) in list(entries).into_iter().enumerate() {
                let name = name_of(&entry, place);
                match deserialize::<E>(entry).and_then(E::check) {
                    Ok(item) => items.push(item),
                    Err(found) => found.into_iter().for_each(|(field, text)| {
                        problem(Some(&name), (!field.is_empty()).then_some(field), text);
                    }),
                }
            }
        }
    }
    (items, problems)
}

fn list(entries: Option<Value>) -> Vec<Value> {
    match entries {
        Some(Value::Array(entries)) => entries,
        Some(entry) => vec![entry],
        None => Vec::new(),
    }
}

/// The entry's id; its place if it has none.
fn name_of(entry: &Value, place: usize) -> String {
    let id = entry
        .get("id")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty());
    id.map_or_else(
        || format!("entry {}", place.saturating_add(1)),
        str::to_owned,
    )
}

fn deserialize<T: DeserializeOwned>(entry: Value) -> Result<T, Vec<(String, String)>> {
    serde_path_to_error::deserialize(entry).map_err(|error| {
        let field = error.path().to_string();
        let field = if field == "." { String::new() } else { field };
        vec![(field, error.inner().message().to_owned())]
    })
}
