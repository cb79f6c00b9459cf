//! What the suites about refusals share.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use recharge_testkit::{Answer, Api, World};
use reqwest::Method;
use serde_json::Value;

/// Everything in the ledger's table, by key. A whole table is little here, and equal tables
/// prove that nothing changed, wherever it might have.
pub(crate) async fn stored(world: &World) -> Stored {
    let (mut items, mut start) = (BTreeMap::new(), None);
    loop {
        let scan = world.server.dynamodb().scan().table_name(world.table());
        let page = scan.consistent_read(true).set_exclusive_start_key(start);
        let page = page.send().await.unwrap();
        for item in page.items.unwrap_or_default() {
            let key = format!(
                "{} {}",
                item["PK"].as_s().unwrap(),
                item["SK"].as_s().unwrap()
            );
            items.insert(key, canonical(&AttributeValue::M(item)));
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return Stored(items);
        }
    }
}

/// A table as it was.
#[derive(PartialEq, Eq)]
pub(crate) struct Stored(BTreeMap<String, String>);

impl Stored {
    /// Asserts that the table is still like this, or says which items are not.
    pub(crate) async fn assert_kept(&self, world: &World, case: &str) {
        let now = stored(world).await.0;
        let keys = self.0.keys().chain(now.keys());
        let changed = keys.filter(|key| self.0.get(*key) != now.get(*key));
        let changed: BTreeMap<_, _> = changed
            .map(|key| (key, (self.0.get(key), now.get(key))))
            .collect();
        assert!(
            changed.is_empty(),
            "{case} changed (before, after): {changed:#?}"
        );
    }

    /// The items whose key begins so.
    pub(crate) fn items_of(&self, key_start: &str) -> Vec<(&str, &str)> {
        let items = self.0.iter().filter(|(key, _)| key.starts_with(key_start));
        items
            .map(|(key, item)| (key.as_str(), item.as_str()))
            .collect()
    }

    /// How many items there were whose key begins so.
    pub(crate) fn count_of(&self, key_start: &str) -> usize {
        let keys = self.0.keys();
        keys.filter(|key| key.starts_with(key_start)).count()
    }

    /// How many items there were.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// The same text for the same value: maps have no order of their own.
fn canonical(value: &AttributeValue) -> String {
    match value {
        AttributeValue::M(map) => {
            let sorted: BTreeMap<_, _> = map
                .iter()
                .map(|(name, value)| (name, canonical(value)))
                .collect();
            format!("{sorted:?}")
        }
        AttributeValue::L(list) => format!("{:?}", list.iter().map(canonical).collect::<Vec<_>>()),
        other => format!("{other:?}"),
    }
}

/// The items of one partition.
pub(crate) async fn partition(world: &World, pk: &str) -> Vec<BTreeMap<String, AttributeValue>> {
    let query = world.server.dynamodb().query().table_name(world.table());
    let query = query
        .consistent_read(true)
        .key_condition_expression("PK = :pk");
    let value = AttributeValue::S(pk.to_owned());
    let found = query
        .expression_attribute_values(":pk", value)
        .send()
        .await
        .unwrap();
    found
        .items
        .unwrap_or_default()
        .into_iter()
        .map(BTreeMap::from_iter)
        .collect()
}

/// A text attribute of an item.
pub(crate) fn text<'a>(item: &'a BTreeMap<String, AttributeValue>, name: &str) -> &'a str {
    item[name].as_s().unwrap()
}

/// The checkout sessions that the simulator has, newest first.
pub(crate) async fn sessions(api: &Api) -> Vec<Value> {
    let path = "/stripe-sim/v1/checkout/sessions?limit=100&expand[]=data.line_items";
    let request = api.request(Method::GET, path).bearer_auth("sk_test_x");
    let list = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(list.status, 200, "{}", list.body);
    list.body["data"].as_array().unwrap().clone()
}

/// Sends a body as it is, with an idempotency key.
pub(crate) async fn send(
    api: &Api,
    token: &str,
    path: &str,
    key: &str,
    body: impl Into<reqwest::Body>,
) -> Answer {
    let request = api.request(Method::POST, path).bearer_auth(token);
    let request = request.header("content-type", "application/json");
    let request = request.header("idempotency-key", key).body(body);
    Answer::read(request.send().await.unwrap()).await
}

/// Asserts that an answer is a problem as the contract has it, and tells nothing of our insides.
pub(crate) fn assert_problem(answer: &Answer, expected: (u16, &str), case: &str) {
    let body = &answer.body;
    assert_eq!(answer.outcome(), expected, "{case}: {body}");
    assert_eq!(
        answer.headers["content-type"], "application/problem+json",
        "{case}"
    );
    assert_eq!(answer.headers["cache-control"], "no-store", "{case}");
    let (status, code) = expected;
    assert_eq!(
        body["type"],
        format!("urn:recharge:problem:{code}"),
        "{case}"
    );
    assert_eq!(body["status"], status, "{case}");
    assert_eq!(body["retryable"], status >= 500, "{case}");
    assert_eq!(
        answer.headers.contains_key("retry-after"),
        status >= 500,
        "{case}"
    );
    for member in ["title", "detail", "request_id"] {
        assert!(
            body[member].as_str().is_some_and(|text| !text.is_empty()),
            "{case}: {member}"
        );
    }
    let mut members: Vec<_> = body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    // Numbers that a client can act on come with the codes that are about them.
    let amount = match body["code"].as_str() {
        Some("insufficient_coins") => "missing_coins",
        Some("price_changed") => "coins",
        _ => "",
    };
    assert_eq!(amount.is_empty(), !body[amount].is_u64(), "{case}");
    members.retain(|member| *member != "errors" && *member != amount);
    members.sort_unstable();
    let known = [
        "code",
        "detail",
        "request_id",
        "retryable",
        "status",
        "title",
        "type",
    ];
    assert_eq!(members, known, "{case}");
    for error in body["errors"].as_array().into_iter().flatten() {
        let members: Vec<_> = error.as_object().unwrap().keys().collect();
        assert_eq!(members, ["detail", "pointer"], "{case}");
    }
    assert_tells_nothing(answer, case);
}

fn assert_tells_nothing(answer: &Answer, case: &str) {
    const INTERNALS: [&str; 13] = [
        "dynamo",
        "panicked",
        "backtrace",
        ".rs",
        "/src",
        "recharge-ledger",
        "user#",
        "entry#",
        "serde",
        "struct ",
        " at line ",
        "sqlite",
        "sk_test",
    ];
    let mut body = answer.body.clone();
    // Random text may say anything.
    body.as_object_mut().unwrap().remove("request_id");
    let told = body.to_string().to_lowercase();
    for internal in INTERNALS {
        assert!(!told.contains(internal), "{case} tells {internal}: {told}");
    }
}

/// Asserts that a problem points at a field of the body, or at nothing.
pub(crate) fn assert_points_at(answer: &Answer, pointer: Option<&str>, case: &str) {
    let pointers: Vec<_> = answer.body["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(pointers, Vec::from_iter(pointer), "{case}: {}", answer.body);
}
