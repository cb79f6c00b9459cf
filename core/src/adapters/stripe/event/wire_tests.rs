use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::tests::{BASIL, CLOVER, ENDIVE, RECHARGE, parse, value, with},
    *,
};

/// What is read of an event; nothing else may matter.
const READ: [&str; 13] = [
    "/id",
    "/type",
    "/created",
    "/data/object/id",
    "/data/object/object",
    "/data/object/mode",
    "/data/object/payment_status",
    "/data/object/amount_total",
    "/data/object/currency",
    "/data/object/livemode",
    "/data/object/payment_intent",
    "/data/object/metadata/recharge_id",
    "/data/object/client_reference_id",
];

/// Every place in `value`, as JSON pointers.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(items) => (0..).map(|at: usize| at.to_string()).zip(items).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (key, child) in children {
        let pointer = format!("{at}/{key}");
        pointers(child, &pointer, all);
        all.push(pointer);
    }
}

#[test]
fn what_is_not_read_does_not_matter() {
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!("text"),
        json!([]),
        json!([[{}]]),
        json!({"id": 1}),
    ];
    let mut tried = 0;
    for fixture in [BASIL, CLOVER, ENDIVE] {
        let (event, expected) = (value(fixture), parse(fixture));
        let mut all = Vec::new();
        pointers(&event, "", &mut all);
        // Neither what is read nor what is around it.
        all.retain(|pointer| !READ.iter().any(|read| read.starts_with(pointer.as_str())));
        for pointer in all {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            let mut renamed = event.clone();
            if let Value::Object(fields) = renamed.pointer_mut(parent).unwrap() {
                let field = fields.remove(key).unwrap();
                assert_eq!(parse(renamed.to_string()), expected, "{pointer} is dropped");
                let fields = renamed
                    .pointer_mut(parent)
                    .unwrap()
                    .as_object_mut()
                    .unwrap();
                fields.insert(format!("new_{key}"), field);
                assert_eq!(parse(renamed.to_string()), expected, "{pointer} is renamed");
            }
            for other in &others {
                let mut changed = event.clone();
                *changed.pointer_mut(&pointer).unwrap() = other.clone();
                assert_eq!(parse(changed.to_string()), expected, "{pointer} is {other}");
            }
            tried += 1;
        }
    }
    assert!(tried > 250, "only {tried} places tried");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_is_read_must_be_what_it_was() {
    let field = "a field is missing, twice there, or of another type";
    for (pointer, at, wrong) in [
        ("/id", "id", vec![json!(null), json!(1)]),
        (
            "/type",
            "type",
            vec![json!(null), json!(["checkout.session.completed"])],
        ),
        (
            "/created",
            "created",
            vec![json!("1"), json!(1.0), json!(u64::MAX), json!(null)],
        ),
        ("/data", "data", vec![json!(null), json!("x"), json!([])]),
        (
            "/data",
            "data.object",
            vec![json!({"object": null}), json!({"object": []})],
        ),
        (
            "/data/object/id",
            "data.object.id",
            vec![json!(""), json!("a#b"), json!(null)],
        ),
        (
            "/data/object/object",
            "data.object.object",
            vec![json!(null)],
        ),
        (
            "/data/object/mode",
            "data.object.mode",
            vec![json!(null), json!({})],
        ),
        (
            "/data/object/payment_status",
            "data.object.payment_status",
            vec![json!(null)],
        ),
        (
            "/data/object/amount_total",
            "data.object.amount_total",
            vec![json!("499"), json!(499.0), json!(u64::MAX), json!([499])],
        ),
        (
            "/data/object/currency",
            "data.object.currency",
            vec![json!(1), json!({})],
        ),
        (
            "/data/object/livemode",
            "data.object.livemode",
            vec![json!(null), json!("false"), json!(0)],
        ),
        (
            "/data/object/payment_intent",
            "data.object.payment_intent",
            vec![
                json!(1),
                json!(true),
                json!(["pi_1"]),
                json!(""),
                json!({}),
                json!({"id": "#"}),
            ],
        ),
        (
            "/data/object/payment_intent",
            "data.object.payment_intent.id",
            vec![json!({"id": null})],
        ),
        (
            "/data/object/metadata",
            "data.object.metadata",
            vec![json!("x"), json!([RECHARGE])],
        ),
        (
            "/data/object/metadata/recharge_id",
            "data.object.metadata.recharge_id",
            vec![json!(1), json!(null), json!({})],
        ),
        (
            "/data/object/client_reference_id",
            "data.object.client_reference_id",
            vec![json!(1)],
        ),
    ] {
        for wrong in wrong {
            let error = with(pointer, wrong.clone()).unwrap_err();
            assert_eq!(
                error,
                EventUnreadable { at, problem: field },
                "{pointer} is {wrong}"
            );
        }
    }
    let error = with("/data/object/object", json!("invoice")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the event is unreadable at `data.object.object`: not a checkout session"
    );
}

#[test]
fn what_stripe_always_sends_must_be_there_and_the_rest_may_be_null() {
    for pointer in READ {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let mut event = value(ENDIVE);
        event
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(key);
        let optional = [
            "amount_total",
            "currency",
            "payment_intent",
            "recharge_id",
            "client_reference_id",
        ];
        assert_eq!(
            parse(event.to_string()).is_ok(),
            optional.contains(&key),
            "{pointer}"
        );
    }
    for key in [
        "amount_total",
        "currency",
        "payment_intent",
        "metadata",
        "client_reference_id",
    ] {
        assert!(
            with(&format!("/data/object/{key}"), json!(null)).is_ok(),
            "{key}"
        );
    }
}

#[test]
fn a_field_that_is_there_twice_is_not_guessed_at() {
    for (field, twice) in [
        (r#""id": "evt_"#, r#""id": "x", "id": "evt_"#),
        (
            r#""livemode": false,"#,
            r#""livemode": true, "livemode": false,"#,
        ),
        (
            r#""amount_total": 499,"#,
            r#""amount_total": 499, "amount_total": 499,"#,
        ),
        (
            r#""recharge_id": "rch_"#,
            r#""recharge_id": "rch_1", "recharge_id": "rch_"#,
        ),
        (r#""data": {"#, r#""data": {}, "data": {"#),
    ] {
        let body = ENDIVE.replace(field, twice);
        assert_ne!(body, ENDIVE);
        // The event's own livemode is not read.
        assert!(parse(body).is_err(), "{twice}");
    }
}

#[test]
fn what_is_no_event_is_an_error_without_its_content() {
    let deep_metadata = ENDIVE.replace(
        r#""metadata": {"#,
        &format!(r#""metadata": {{"x": {}"#, "[".repeat(100_000)),
    );
    let secret = "fan@example.com";
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "7",
        "\u{feff}{}",
        r#"{"id": "fan@example.com""#,
        r#"{"id": "\ud800", "type": "x", "created": 1}"#,
        r#"{"fan@example.com": fan@example.com}"#,
        &format!("{ENDIVE} {ENDIVE}"),
        &format!("{ENDIVE}\u{0}"),
        &ENDIVE.replace("499", "1e99999"),
        &ENDIVE.replace("499", &"9".repeat(10_000)),
        &ENDIVE.replace("false", "fan@example.com"),
        &ENDIVE.replace("\"paid\"", "{\"fan@example.com\": 1}"),
        &"[".repeat(1_000_000),
        &r#"{"data":"#.repeat(200_000),
        &deep_metadata,
    ] {
        let error = parse(body).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(secret), "{shown}");
        assert!(std::error::Error::source(&error).is_none());
    }
    assert!(parse(b"\xff\xfe{}").is_err());
}

#[test]
fn no_beginning_of_an_event_is_an_event() {
    for end in 0..ENDIVE.trim_end().len() {
        assert!(parse(&ENDIVE.as_bytes()[..end]).is_err(), "{end} bytes");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(at in 0..ENDIVE.len(), len in 0..40usize, junk in proptest::collection::vec(any::<u8>(), 0..40)) {
        let mut body = ENDIVE.as_bytes().to_vec();
        body.splice(at..at.saturating_add(len).min(ENDIVE.len()), junk);
        let _ = parse(body);
    }
}
