//! Stripe's examples, and events made of them.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

/// Versions of Stripe's API; an endpoint may be set to any.
pub(super) const VERSIONS: [&str; 4] = [
    "2022-11-15",
    "2025-05-28.basil",
    "2026-08-26.dahlia",
    "2026-08-26.preview",
];

/// Stripe's own example of `name` in that version.
pub(super) fn example(version: &str, name: &str) -> Value {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = root.join(format!("stripe/recorded/{version}/{name}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).unwrap()
}

/// The events of that version that are about what we read.
pub(super) fn known_events(version: &str) -> Vec<String> {
    serde_json::from_value(example(version, "events")).unwrap()
}

/// The example with other values in fields that it has: a shape stays what it is.
pub(super) fn with(mut example: Value, changes: &[(&str, Value)]) -> Value {
    for (field, value) in changes {
        let place = example.get_mut(field);
        *place.unwrap_or_else(|| panic!("Stripe's example has no {field}")) = value.clone();
    }
    example
}

/// What the event is about, in that version.
pub(super) fn object_of(version: &str, kind: &str) -> Value {
    let object = match kind.rsplit_once('.').unwrap() {
        ("checkout.session", _) => "checkout.session",
        ("charge.dispute", _) => "dispute",
        ("charge.refund" | "refund", _) => "refund",
        ("charge", "refunded") => "charge",
        _ => panic!("what is {kind} about?"),
    };
    example(version, object)
}

/// An event of that version.
pub(super) fn event(version: &str, kind: &str, object: Value, created: i64) -> Value {
    let changes = [
        ("id", json!(format!("evt_{}", kind.replace('.', "_")))),
        ("api_version", json!(version)),
        ("type", json!(kind)),
        ("created", json!(created)),
        ("data", json!({ "object": object })),
    ];
    with(example(version, "event"), &changes)
}
