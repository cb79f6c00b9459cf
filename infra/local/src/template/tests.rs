//! The real template, and what is refused.

use super::*;

#[test]
fn every_function_of_the_template_has_a_name_routes_and_variables() {
    let template = Template::built_in().unwrap();
    let names: BTreeSet<_> = template
        .functions()
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert!(names.is_superset(&["gifts", "packages", "recharges", "wallet", "webhook"].into()));
    for function in template.functions() {
        // What writes the views does not even know where the ledger is.
        let table = match function.name.as_str() {
            "relay" => "VIEWS_TABLE",
            _ => "LEDGER_TABLE",
        };
        let given = function.variables.contains(table);
        assert!(given, "{}", function.logical_id);
    }
    let spends = ["gifts", "recharges", "wallet", "webhook"];
    let knows_views = |name: &str| {
        let mut functions = template.functions().iter();
        let found = functions.find(|function| function.name == name).unwrap();
        found.variables.contains("VIEWS_TABLE")
    };
    assert!(!spends.map(knows_views).contains(&true));
    let gifts = template
        .functions()
        .iter()
        .find(|function| function.name == "gifts")
        .unwrap();
    assert!(gifts.variables.contains("JWT_JWKS"));
    assert!(
        !gifts.variables.contains("STRIPE_API_KEY"),
        "only what calls Stripe has its key"
    );
}

#[test]
fn every_route_of_the_contract_that_stands_is_there() {
    let template = Template::built_in().unwrap();
    let routes: BTreeMap<_, _> = template
        .routes()
        .map(|route| (route.key(), route.function.clone()))
        .collect();
    for (key, function) in [
        ("GET /v1/config", "packages"),
        ("GET /v1/packages", "packages"),
        ("GET /v1/gifts", "packages"),
        ("PUT /v1/creator", "creators"),
        ("GET /v1/creator/earnings", "creators"),
        ("POST /v1/recharges", "recharges"),
        ("GET /v1/recharges/{id}", "recharges"),
        ("POST /v1/stripe/webhook", "webhook"),
        ("GET /v1/wallet", "wallet"),
        ("GET /v1/wallet/entries", "wallet"),
        ("POST /v1/gifts/send", "gifts"),
    ] {
        assert_eq!(routes.get(key).map(String::as_str), Some(function), "{key}");
    }
}

#[test]
fn the_tables_are_the_templates_own() {
    let template = Template::built_in().unwrap();
    let table = |name: &str| {
        template
            .tables()
            .iter()
            .find(|table| table.name == name)
            .unwrap()
    };
    let key = |hash: &str, range: &str| Key {
        hash: hash.into(),
        range: Some(range.into()),
    };

    let ledger = table("recharge-ledger");
    assert_eq!(ledger.logical_id, "LedgerTable");
    assert_eq!(ledger.key, key("PK", "SK"));
    assert_eq!(ledger.stream_view.as_deref(), Some("NEW_IMAGE"));
    assert_eq!(
        ledger.expires_by, None,
        "nothing in the ledger may disappear by itself"
    );
    let projection = Projection {
        kind: "ALL".to_owned(),
        attributes: Vec::new(),
    };
    let statement = Index {
        name: "statement".to_owned(),
        key: key("PK", "seq"),
        projection,
    };
    assert!(ledger.indexes.contains(&statement), "{:?}", ledger.indexes);

    assert_eq!(
        table("recharge-views").expires_by.as_deref(),
        Some("expires_at")
    );
}

fn with_table(properties: &str) -> anyhow::Result<Template> {
    Template::parse(&format!(
        "Resources: {{MyThingsTable: {{Type: 'AWS::DynamoDB::Table', Properties: {properties}}}}}"
    ))
}

#[test]
fn tags_are_fine_where_nobody_looks_and_named_where_somebody_does() {
    let rest = "AttributeDefinitions: [{AttributeName: PK, AttributeType: S}], \
                KeySchema: [{AttributeName: PK, KeyType: HASH}]";
    let template = with_table(&format!(
        "{{BillingMode: PAY_PER_REQUEST, {rest}, DeletionProtectionEnabled: !If [Prod, true, false]}}"
    ));
    assert_eq!(template.unwrap().tables()[0].name, "recharge-my-things");

    for (bad, expected) in [
        ("BillingMode: !Ref Mode", "MyThingsTable"),
        ("BillingMode: PROVISIONED", "PAY_PER_REQUEST"),
        (
            "BillingMode: PAY_PER_REQUEST, LocalSecondaryIndexes: []",
            "LocalSecondaryIndexes",
        ),
    ] {
        let error = with_table(&format!("{{{bad}, {rest}}}")).unwrap_err();
        assert!(format!("{error:#}").contains(expected), "{error:#}");
    }
}

#[test]
fn an_event_that_is_no_route_is_not_one() {
    let template = Template::parse(
        "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: functions/f/, \
         Events: {Every: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}}}}}",
    )
    .unwrap();
    assert_eq!(template.functions()[0].name, "f");
    assert_eq!(template.routes().count(), 0);
}

#[test]
fn the_relay_hears_the_ledgers_stream_only() {
    let template = Template::built_in().unwrap();
    for function in template.functions() {
        let tables: Vec<_> = function
            .streams
            .iter()
            .map(|it| it.table.as_str())
            .collect();
        let expected: &[&str] = match function.name.as_str() {
            "relay" => &["LedgerTable"],
            _ => &[],
        };
        assert_eq!(tables, expected, "{}", function.name);
    }
}
