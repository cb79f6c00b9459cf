//! What each function may do, and that it is no more.

use std::collections::{BTreeMap, BTreeSet};

use serde_norway::Value;

use super::{STREAMED, document, each, template, written};

/// All that a function may do: action and resource.
const PERMISSIONS: [(&str, &[(&str, &str)]); 9] = [
    (
        "admin",
        &[
            ("dynamodb:GetItem", LEDGER),
            ("dynamodb:UpdateItem", LEDGER),
        ],
    ),
    (
        "creators",
        &[
            ("dynamodb:GetItem", LEDGER),
            ("dynamodb:Query", LEDGER),
            ("dynamodb:Query", VIEWS),
            ("dynamodb:UpdateItem", LEDGER),
        ],
    ),
    (
        "gifts",
        &[
            ("dynamodb:BatchGetItem", LEDGER),
            ("dynamodb:GetItem", LEDGER),
            ("dynamodb:PutItem", LEDGER),
            ("dynamodb:UpdateItem", LEDGER),
        ],
    ),
    ("packages", &[("dynamodb:GetItem", LEDGER)]),
    (
        "recharges",
        &[
            ("dynamodb:GetItem", LEDGER),
            ("dynamodb:PutItem", LEDGER),
            ("dynamodb:UpdateItem", LEDGER),
            ("secretsmanager:GetSecretValue", API_KEY),
        ],
    ),
    (
        "reconcile",
        &[
            ("dynamodb:GetItem", LEDGER),
            ("dynamodb:PutItem", LEDGER),
            ("dynamodb:UpdateItem", LEDGER),
            ("secretsmanager:GetSecretValue", API_KEY),
        ],
    ),
    (
        "relay",
        &[
            ("dynamodb:BatchWriteItem", VIEWS),
            ("dynamodb:GetItem", VIEWS),
            ("dynamodb:PutItem", VIEWS),
            ("dynamodb:UpdateItem", VIEWS),
        ],
    ),
    (
        "wallet",
        &[
            ("dynamodb:GetItem", LEDGER),
            ("dynamodb:Query", STATEMENT),
            ("dynamodb:UpdateItem", LEDGER),
        ],
    ),
    (
        "webhook",
        &[
            ("dynamodb:GetItem", LEDGER),
            ("dynamodb:PutItem", LEDGER),
            ("dynamodb:UpdateItem", LEDGER),
            ("secretsmanager:GetSecretValue", API_KEY),
            ("secretsmanager:GetSecretValue", WEBHOOK_SECRETS),
        ],
    ),
];
const LEDGER: &str = "!GetAtt LedgerTable.Arn";
const VIEWS: &str = "!GetAtt ViewsTable.Arn";
pub(super) const API_KEY: &str = "!Ref StripeApiKeySecretArn";
pub(super) const WEBHOOK_SECRETS: &str = "!Ref StripeWebhookSecretsSecretArn";
const STATEMENT: &str = "!Sub ${LedgerTable.Arn}/index/statement";

#[test]
fn a_function_may_do_what_it_does_and_nothing_else() {
    let document = document();
    let mut found = BTreeMap::new();
    for function in template().functions() {
        let properties = &document["Resources"][function.logical_id.as_str()]["Properties"];
        assert_eq!(properties["Role"], Value::Null, "{}", function.name);
        let mut allowed = BTreeSet::new();
        for policy in properties["Policies"].as_sequence().unwrap() {
            for statement in policy["Statement"].as_sequence().unwrap() {
                let keys = statement.as_mapping().unwrap().keys().map(written);
                let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
                let unknown: Vec<_> = keys.filter(|key| !known.contains(&key.as_str())).collect();
                assert!(unknown.is_empty(), "{}: {unknown:?}", function.name);
                assert_eq!(statement["Effect"].as_str(), Some("Allow"));
                for action in each(&statement["Action"]) {
                    for resource in each(&statement["Resource"]) {
                        allowed.insert((written(action), written(resource)));
                    }
                }
            }
        }
        let text = format!("{allowed:?}");
        assert!(!text.contains('*'), "{}: {text}", function.name);
        // Who spends touches no view; who writes views touches no ledger; nobody does both.
        let writes = |table: &str| {
            let mut allowed = allowed.iter();
            allowed.any(|(action, on)| on.contains(table) && !is_read(action))
        };
        assert!(!(writes("LedgerTable") && writes("ViewsTable")), "{text}");
        assert_eq!(writes("ViewsTable"), function.name == STREAMED, "{text}");
        if function.name == STREAMED {
            assert!(!text.contains("LedgerTable"), "{text}");
        }
        if function.name == "gifts" {
            assert!(!text.contains("ViewsTable"), "{text}");
        }
        found.insert(function.name.clone(), allowed);
    }
    let expected = PERMISSIONS.map(|(name, allowed)| {
        let allowed = allowed
            .iter()
            .map(|(action, on)| ((*action).into(), (*on).into()));
        (name.to_owned(), allowed.collect())
    });
    assert_eq!(found, BTreeMap::from(expected));
}

fn is_read(action: &str) -> bool {
    ["BatchGetItem", "GetItem", "Query", "GetSecretValue"]
        .iter()
        .any(|read| action.split(':').nth(1) == Some(read))
}

/// Anybody may call it, so it can read the catalogue and nothing else of the ledger.
#[test]
fn the_public_function_reads_the_catalogue_only() {
    let document = document();
    let policy = &document["Resources"]["PackagesFunction"]["Properties"]["Policies"][0];
    let keys = &policy["Statement"][0]["Condition"]["ForAllValues:StringEquals"];
    let keys: Vec<_> = each(&keys["dynamodb:LeadingKeys"])
        .into_iter()
        .map(written)
        .collect();
    assert_eq!(keys, ["CATALOG"]);
}
