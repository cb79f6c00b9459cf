//! Update expressions made from items, so that no attribute is written by hand twice.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

/// `SET` of every attribute of an item. An update leaves attributes alone that this version of
/// the code does not know, where a put would drop them.
#[derive(Debug)]
pub(super) struct Assignment {
    pub(super) expression: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

impl Assignment {
    /// Of `attributes`, which must not contain the key.
    pub(super) fn of(attributes: HashMap<String, AttributeValue>) -> Self {
        // In order, so that the same item always makes the same request.
        let ordered: BTreeMap<_, _> = attributes.into_iter().collect();
        let mut parts = Vec::with_capacity(ordered.len());
        let (mut names, mut values) = (HashMap::new(), HashMap::new());
        for (name, value) in ordered {
            parts.push(format!("#{name} = :{name}"));
            values.insert(format!(":{name}"), value);
            names.insert(format!("#{name}"), name);
        }
        Self {
            expression: format!("SET {}", parts.join(", ")),
            names,
            values,
        }
    }

    /// Adds a value that a condition compares with.
    pub(super) fn with_value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }
}

/// A number as the SDK takes it.
pub(super) fn number(number: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_is_set_through_a_placeholder() {
        let item = HashMap::from([
            ("status".to_owned(), number(1)), // a reserved word of DynamoDB
            ("coins".to_owned(), number(2)),
        ]);
        let assignment = Assignment::of(item);
        assert_eq!(
            assignment.expression,
            "SET #coins = :coins, #status = :status"
        );
        assert_eq!(assignment.names["#status"], "status");
        assert_eq!(assignment.values[":coins"], number(2));
    }
}
