//! All that is stored of one user, to compare one run with another.

use std::collections::{BTreeMap, HashMap};

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
        let found = found.items.unwrap_or_default();
        items.extend(found.iter().map(|item| told(item, alike)));
    }
    Snapshot(items)
}

/// Reads the whole of `table`.
pub async fn snapshot_of_all(client: &Client, table: &str) -> Snapshot {
    let pages = client.scan().table_name(table).into_paginator();
    let found = pages.items().send().collect::<Result<Vec<_>, _>>().await;
    let mut items: Vec<_> = found.unwrap().iter().map(|item| told(item, &[])).collect();
    items.sort();
    Snapshot(items)
}

fn told(
    item: &HashMap<String, AttributeValue>,
    alike: &[(String, &str)],
) -> BTreeMap<String, String> {
    let told = item.iter().filter(|(name, _)| !is_time(name));
    let told = told.map(|(name, value)| {
        let mut text = text_of(value);
        for (from, to) in alike {
            text = text.replace(from.as_str(), to);
        }
        (name.clone(), text)
    });
    told.collect()
}

/// The same for equal values: a map's order differs from one to the next.
fn text_of(value: &AttributeValue) -> String {
    if let AttributeValue::M(map) = value {
        let told = map.iter().filter(|(name, _)| !is_time(name));
        let sorted: BTreeMap<_, _> = told.map(|(name, it)| (name, text_of(it))).collect();
        return format!("M({sorted:?})");
    }
    if let AttributeValue::L(list) = value {
        return format!("L({:?})", list.iter().map(text_of).collect::<Vec<_>>());
    }
    format!("{value:?}")
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
            | "accepted_at"
            | "applied_at"
            | "expires_at"
            | "day"
            | "month"
    )
}
