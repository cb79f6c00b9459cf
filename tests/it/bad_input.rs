//! Malformed, oversized, foreign and hostile requests over HTTP: each gets a problem with its
//! code, and nothing changes.

mod gifts;
mod keys;
mod reads;
mod recharges;
mod sizes;

use recharge_testkit::{Fan, World};
use serde_json::Value;

use crate::support::{assert_points_at, assert_problem, send, sessions, stored};

/// What none of our ids may be.
const NO_IDS: [&str; 12] = [
    "",
    "a#b",
    "a b",
    " a",
    "a/b",
    "../b",
    "ä",
    "🌹",
    "a\0b",
    "a\nb",
    "a%23b",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", // 65
];

/// A request that must be refused.
#[derive(Debug)]
struct Row {
    body: String,
    expected: (u16, &'static str),
    pointer: Option<String>,
}

impl Row {
    /// A body that is no JSON, or not only.
    fn no_json(body: impl Into<String>) -> Self {
        Self {
            body: body.into(),
            expected: (400, "body_invalid"),
            pointer: None,
        }
    }

    /// A field that is wrong.
    fn wrong(pointer: &str, body: impl Into<String>) -> Self {
        let pointer = Some(pointer.to_owned());
        Self {
            body: body.into(),
            expected: (422, "body_invalid"),
            pointer,
        }
    }

    /// A body that is fine in itself.
    fn refused(expected: (u16, &'static str), body: &Value) -> Self {
        Self {
            body: body.to_string(),
            expected,
            pointer: None,
        }
    }
}

/// Sends every row with a key of its own, and asserts that nothing in the world changes.
async fn assert_refused(world: &World, fan: &Fan, path: &str, rows: Vec<Row>) {
    let before = (stored(world).await, sessions(&world.api).await);
    assert!(!rows.is_empty());
    for (number, row) in rows.iter().enumerate() {
        let case = format!("{path} {:.300}", row.body);
        let answer = send(
            &fan.api,
            &fan.token,
            path,
            &format!("k{number}"),
            row.body.clone(),
        )
        .await;
        assert_problem(&answer, row.expected, &case);
        assert_points_at(&answer, row.pointer.as_deref(), &case);
        before.0.assert_kept(world, &case).await;
    }
    assert_eq!(
        sessions(&world.api).await,
        before.1,
        "a checkout session was opened"
    );
    println!("{path}: {} requests refused", rows.len());
}

/// The body with another value at a pointer's place.
fn with(body: &Value, pointer: &str, value: impl Into<Value>) -> Value {
    let mut body = body.clone();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[field] = value.into();
    body
}

/// The body without a field.
fn without(body: &Value, pointer: &str) -> Value {
    let mut body = body.clone();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent)
        .unwrap()
        .as_object_mut()
        .unwrap()
        .remove(field)
        .unwrap();
    body
}

/// The body as text, with any text at the place of one value: what no JSON value can be.
fn with_text(body: &Value, pointer: &str, text: &str) -> String {
    with(body, pointer, "PLACE")
        .to_string()
        .replace("\"PLACE\"", text)
}

/// What is wrong with every object: junk, another type, more or fewer fields, one twice.
fn shapes(body: &Value, required: &[&str], optional: &[&str]) -> Vec<Row> {
    let text = body.to_string();
    let mut rows: Vec<_> = [
        "",
        " ",
        "{",
        "}",
        "junk",
        "{'a': 1}",
        "{\"a\"}",
        "{,}",
        "NaN",
        "\u{feff}{}",
        "\0",
        "<xml/>",
        "a=b&c=d",
    ]
    .map(Row::no_json)
    .into();
    rows.push(Row::no_json(format!("{text} x")));
    rows.push(Row::no_json(format!("{text}{text}")));
    rows.push(Row::no_json(format!("{text},")));
    rows.push(Row::no_json(&text[..text.len() - 1]));
    rows.push(Row::no_json("[".repeat(10_000)));
    for whole in ["null", "true", "1", "1.5", "\"text\"", "[]", "[{}]"] {
        rows.push(Row::wrong("", whole));
    }
    rows.push(Row::wrong("", format!("[{text}]")));
    // The values in their order, but no object.
    let values: Vec<_> = required
        .iter()
        .chain(optional)
        .map(|field| body[field].clone())
        .collect();
    rows.push(Row::wrong("", Value::from(values).to_string()));
    for field in required {
        let pointer = format!("/{field}");
        rows.push(Row::wrong("", without(body, &pointer).to_string()));
        rows.push(Row::wrong(
            &pointer,
            with(body, &pointer, Value::Null).to_string(),
        ));
    }
    for (field, value) in body.as_object().unwrap() {
        let twice = text.replacen('{', &format!("{{{:?}:{value},", field), 1);
        // The parser tells which field, but not as a place in the body.
        rows.push(Row::wrong("", twice));
        let pointer = format!("/{field}");
        for other in ["[[]]", "[1]", "true", "1e999"] {
            rows.push(Row::wrong(&pointer, with_text(body, &pointer, other)));
        }
    }
    for unknown in [
        "more",
        "coins",
        "user",
        "price",
        "__proto__",
        "Gift_id",
        "",
        "🌹",
    ] {
        let pointer = format!("/{unknown}");
        rows.push(Row::wrong(&pointer, with(body, &pointer, 1).to_string()));
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    rows.push(Row::wrong("/more", with_text(body, "/more", &deep)));
    rows
}
