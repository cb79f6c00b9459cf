//! The types that requests are made of: the document takes what the code takes, and nothing else.

use recharge_core::{
    domain::{
        Coins, ComboId, Country, Currency, DisplayName, GiftId, Message, PackageId, Quantity,
        RechargeId, SentGiftId, TargetId, TargetKind, UserId, WalletStatus,
    },
    http::Bounded,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::document;

/// Texts at every edge of every type.
fn texts() -> Vec<Value> {
    let mut texts: Vec<String> = [
        "",
        "a",
        "A-z_0.9:|",
        "a#b",
        "a b",
        " ",
        "\u{3000}",
        " x ",
        "ä",
        "🌹",
        "a/b",
        "a\n",
        "\n",
        "a\u{0}",
        "\u{7f}",
        "\u{85}",
        "\u{9f}",
        "\u{a0}",
        "\u{a0}x",
        "usd",
        "USD",
        "DE",
        "de",
        "ZZ",
        "live",
        "Live",
        "frozen",
        "chargebacks",
    ]
    .map(str::to_owned)
    .into();
    for length in [16, 17, 50, 51, 64, 65, 200, 201, 512, 513] {
        texts.push("x".repeat(length));
        texts.push("🌹".repeat(length));
    }
    texts.into_iter().map(Value::String).collect()
}

fn numbers() -> Vec<Value> {
    let most = Coins::MAX.get();
    let mut all = vec![
        json!(-1),
        json!(0),
        json!(1),
        json!(9_999),
        json!(10_000),
        json!(65_536),
    ];
    all.extend([
        json!(most),
        json!(most + 1),
        json!(u64::MAX),
        json!(i64::MIN),
    ]);
    all.extend([
        json!(1.5),
        json!(1e300),
        json!(true),
        Value::Null,
        json!([]),
        json!({}),
    ]);
    all
}

/// Asserts that a schema takes what its type takes, but for what it says it cannot tell.
fn assert_agree<T: DeserializeOwned>(name: &str, schema: &Value, cannot_tell: &[Value]) {
    let (mut taken, mut refused) = (0, 0);
    for value in texts().into_iter().chain(numbers()) {
        let told = document().mistakes(schema, &value, true).is_empty();
        let is_taken = serde_json::from_value::<T>(value.clone()).is_ok();
        let may_differ = cannot_tell.contains(&value) && told;
        assert!(told == is_taken || may_differ, "{name}: {value}: {told}");
        taken += usize::from(is_taken);
        refused += usize::from(!is_taken);
    }
    assert!(taken > 0 && refused > 0, "{name}: {taken} {refused}");
}

fn assert_component<T: DeserializeOwned>(name: &str) {
    let schema = json!({"$ref": format!("#/components/schemas/{name}")});
    assert_agree::<T>(name, &schema, &[]);
}

#[test]
fn a_schema_takes_what_its_type_takes() {
    assert_component::<UserId>("UserId");
    assert_component::<GiftId>("GiftId");
    assert_component::<PackageId>("PackageId");
    assert_component::<RechargeId>("RechargeId");
    assert_component::<SentGiftId>("SentGiftId");
    assert_component::<TargetId>("TargetId");
    assert_component::<ComboId>("ComboId");
    assert_component::<Coins>("Coins");
    assert_component::<Quantity>("Quantity");
    assert_component::<Message>("Message");
    assert_component::<DisplayName>("DisplayName");
    assert_component::<Currency>("Currency");
}

#[test]
fn a_country_looks_like_one() {
    let schema = json!({"$ref": "#/components/schemas/Country"});
    // Which codes are assigned changes, and is said in words.
    assert_agree::<Country>("Country", &schema, &[json!("ZZ")]);
}

#[test]
fn the_names_are_those_of_the_domain() {
    for (schema, named) in [
        ("TargetKind", TargetKind::ALL.map(TargetKind::as_str)),
        ("WalletStatus", WalletStatus::ALL.map(WalletStatus::as_str)),
    ] {
        let names = &document().value()["components"]["schemas"][schema]["enum"];
        assert_eq!(*names, json!(named), "{schema}");
    }
}

/// JSON Schema counts characters, and we count bytes: longer in bytes is said in words.
#[test]
fn a_limit_in_bytes_is_one_in_characters_for_ascii() {
    let request = &document().value()["components"]["schemas"]["RechargeRequest"];
    for (field, most) in [("currency", 16), ("terms_version", 64), ("return_url", 512)] {
        let schema = &request["properties"][field];
        assert_eq!(schema["x-recharge-max-bytes"], most, "{field}");
        let long: Vec<Value> = texts()
            .into_iter()
            .filter(|text| {
                text.as_str()
                    .is_some_and(|text| text.len() > most && !text.is_ascii())
            })
            .collect();
        match most {
            16 => assert_agree::<Bounded<16>>(field, schema, &long),
            64 => assert_agree::<Bounded<64>>(field, schema, &long),
            _ => {
                // May be absent, and then may be null.
                let mut null = long.clone();
                null.push(Value::Null);
                assert_agree::<Bounded<512>>(field, schema, &null);
            }
        }
    }
}
