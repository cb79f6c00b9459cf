//! All that is stored of one user, to compare one run with another.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{Client, types::AttributeValue};

/// What is stored of one user: their items, with every mention of them, of the time and of
/// what Stripe called things replaced, so that two users with the same history are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot(pub Vec<BTreeMap<String, String>>);

/// Reads the partitions `pks` of `table`.
///
/// `alike` are texts that differ between runs, with what they stand for.
pub async fn snapshot(
    client: &Client,
    table: &str,
    pks: &[String],
    alike: &[(String, &str)],
) -> Snapshot {
    let mut items = Vec::new();
    for pk in pks {
        let found = client
            .query()
            .table_name(table)
            .consistent_read(true)
            .key_condition_expression("PK = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk.clone()))
            .send()
            .await
            .unwrap();
        for item in found.items.unwrap_or_default() {
            let told = item.iter().filter(|(name, _)| !is_time(name));
            let told = told.map(|(name, value)| {
                let mut text = format!("{value:?}");
                for (from, to) in alike {
                    text = text.replace(from.as_str(), to);
                }
                (name.clone(), text)
            });
            items.push(told.collect());
        }
    }
    Snapshot(items)
}

fn is_time(attribute: &str) -> bool {
    matches!(
        attribute,
        "at" | "at_ms"
            | "turn"
            | "minute"
            | "from"
            | "created_at"
            | "credited_at"
            | "expires_at"
            | "day"
            | "month"
    )
}
