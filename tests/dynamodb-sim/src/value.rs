//! Items and their attributes, as the wire has them: `{"S": "text"}`.

use std::{cmp::Ordering, collections::BTreeMap};

use rust_decimal::Decimal;
use serde_json::Value;

use crate::failure::Failure;

/// An item: attributes by name.
pub(crate) type Item = BTreeMap<String, Value>;

/// What a key is made of. Keys of bytes are not simulated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Scalar {
    N(Decimal),
    S(String),
}

impl Scalar {
    pub(crate) fn of(attribute: &Value) -> Option<Self> {
        if let Some(text) = attribute["S"].as_str() {
            return Some(Self::S(text.to_owned()));
        }
        let number = attribute["N"].as_str()?;
        // Numbers beyond 28 digits are not simulated.
        Some(Self::N(number.parse().ok()?))
    }
}

/// Reads an item or a key from a request.
pub(crate) fn item(value: &Value) -> Result<Item, Failure> {
    let members = value.as_object();
    let members = members.ok_or_else(|| Failure::validation("an item is an object"))?;
    for (name, attribute) in members {
        let kinds = attribute.as_object().map_or(0, serde_json::Map::len);
        let number = attribute["N"].as_str();
        if kinds != 1 || number.is_some_and(|number| number.parse::<Decimal>().is_err()) {
            let message = format!("attribute {name} is none that is simulated: {attribute}");
            return Err(Failure::validation(message));
        }
    }
    Ok(members.clone().into_iter().collect())
}

/// Whether two attributes are equal; 1 is 1.0.
pub(crate) fn equal(one: &Value, other: &Value) -> bool {
    match (Scalar::of(one), Scalar::of(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// How two attributes compare; those of different kinds do not.
pub(crate) fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    match (Scalar::of(one)?, Scalar::of(other)?) {
        (Scalar::N(one), Scalar::N(other)) => Some(one.cmp(&other)),
        (Scalar::S(one), Scalar::S(other)) => Some(one.cmp(&other)),
        (Scalar::N(_), Scalar::S(_)) | (Scalar::S(_), Scalar::N(_)) => None,
    }
}

/// How large an item is, in bytes, as DynamoDB's developer guide counts.
pub(crate) fn size(item: &Item) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + size_of(value))
        .sum()
}

fn size_of(attribute: &Value) -> usize {
    let Some((kind, value)) = attribute.as_object().and_then(|kinds| kinds.iter().next()) else {
        return 0;
    };
    let text = value.as_str().unwrap_or_default().len();
    match kind.as_str() {
        "S" => text,
        "N" => text.div_ceil(2) + 1,
        "B" => text / 4 * 3,
        "L" => {
            let elements = value.as_array().into_iter().flatten();
            3 + elements.map(|element| 1 + size_of(element)).sum::<usize>()
        }
        "M" => {
            let members = value.as_object().into_iter().flatten();
            let sizes = members.map(|(name, member)| 1 + name.len() + size_of(member));
            3 + sizes.sum::<usize>()
        }
        "SS" | "NS" | "BS" => value.to_string().len(),
        _ => 1, // BOOL and NULL
    }
}
