//! What each function may do besides calls to its tables; those are held against what was called by
//! `tests/simulation/crash_matrix/permissions.rs`, key by key.

use std::collections::BTreeSet;

use recharge_testkit::World;
use serde_norway::Value;

use super::{STREAMED, document, each, make, recorded, setup_of, template, written};

pub(super) const API_KEY: &str = "!Ref StripeApiKeySecretArn";
pub(super) const WEBHOOK_SECRETS: &str = "!Ref StripeWebhookSecretsSecretArn";

/// What a statement allows: action and resource.
type Allowed = BTreeSet<(String, String)>;

/// The statements of a function's role, which is its own.
fn statements(document: &Value, function: &str) -> Vec<Value> {
    let resources = &document["Resources"];
    let role = function.replace("Function", "Role");
    let of_function = &resources[function]["Properties"];
    assert_eq!(
        written(&of_function["Role"]),
        format!("!GetAtt {role}.Arn"),
        "the role that SAM makes may write every log group"
    );
    assert_eq!(of_function["Policies"], Value::Null, "{function}");
    let role = &resources[role.as_str()]["Properties"];
    assert_eq!(role["ManagedPolicyArns"], Value::Null, "{function}");
    let trust = each(&role["AssumeRolePolicyDocument"]["Statement"]);
    assert_eq!(trust.len(), 1, "{function}");
    let trusted = &trust[0]["Principal"]["Service"];
    assert_eq!(trusted.as_str(), Some("lambda.amazonaws.com"), "{function}");
    let policies = role["Policies"].as_sequence().unwrap().iter();
    policies
        .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_sequence().unwrap())
        .cloned()
        .collect()
}

fn allowed(document: &Value, function: &str) -> Allowed {
    let mut allowed = BTreeSet::new();
    for statement in statements(document, function) {
        let keys = statement.as_mapping().unwrap().keys().map(written);
        let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
        let unknown: Vec<_> = keys.filter(|key| !known.contains(&key.as_str())).collect();
        assert!(unknown.is_empty(), "{function}: {unknown:?}");
        assert_eq!(statement["Effect"].as_str(), Some("Allow"));
        for action in each(&statement["Action"]) {
            for resource in each(&statement["Resource"]) {
                allowed.insert((written(action), written(resource)));
            }
        }
    }
    allowed
}

fn of_service(allowed: &Allowed, service: &str) -> Allowed {
    let allowed = allowed.iter();
    allowed
        .filter(|(action, _)| action.starts_with(service))
        .cloned()
        .collect()
}

#[test]
fn no_role_has_a_wildcard_and_each_writes_its_own_log() {
    let document = document();
    for function in template().functions() {
        let id = &function.logical_id;
        let allowed = allowed(&document, id);
        let text = format!("{allowed:?}");
        assert!(!text.contains('*'), "{id}: {text}");
        let services: BTreeSet<_> = allowed
            .iter()
            .map(|(action, _)| action.split(':').next().unwrap())
            .collect();
        let known = BTreeSet::from(["dynamodb", "logs", "secretsmanager"]);
        assert!(services.is_subset(&known), "{id}: {services:?}");
        let group =
            written(&document["Resources"][id.as_str()]["Properties"]["LoggingConfig"]["LogGroup"]);
        let group = format!("!GetAtt {}.Arn", group.strip_prefix("!Ref ").unwrap());
        let logs = ["logs:CreateLogStream", "logs:PutLogEvents"];
        let logs = logs.map(|action| (action.to_owned(), group.clone()));
        assert_eq!(of_service(&allowed, "logs:"), logs.into(), "{id}");
    }
}

/// No policy stands anywhere else: what SAM would add by itself is for everything.
#[test]
fn every_role_is_that_of_a_function() {
    let document = document();
    let resources = document["Resources"].as_mapping().unwrap();
    let of_kind = |kind: &str| -> BTreeSet<String> {
        let resources = resources.iter();
        let of_kind = resources.filter(|(_, it)| it["Type"].as_str() == Some(kind));
        of_kind.map(|(name, _)| written(name)).collect()
    };
    let functions = template();
    let functions = functions.functions().iter();
    let expected = functions.map(|function| function.logical_id.replace("Function", "Role"));
    assert_eq!(of_kind("AWS::IAM::Role"), expected.collect());
    for kind in ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"] {
        assert_eq!(of_kind(kind), BTreeSet::new());
    }
}

/// Who spends touches no view; who writes views touches no ledger; nobody does both.
#[test]
fn ledger_and_views_are_written_by_different_functions() {
    let document = document();
    let mut writers = BTreeSet::new();
    for function in template().functions() {
        let name = function.name.as_str();
        let tables = of_service(&allowed(&document, &function.logical_id), "dynamodb:");
        let text = format!("{tables:?}");
        let writes = |table: &str| {
            let mut tables = tables.iter();
            tables.any(|(action, on)| on.contains(table) && !is_read(action))
        };
        assert!(!(writes("LedgerTable") && writes("ViewsTable")), "{text}");
        assert_eq!(writes("ViewsTable"), name == STREAMED, "{name}: {text}");
        if name == STREAMED {
            let stream: Allowed = STREAM
                .map(|action| {
                    (
                        action.to_owned(),
                        "!GetAtt LedgerTable.StreamArn".to_owned(),
                    )
                })
                .into();
            let of_ledger = tables.iter().filter(|(_, on)| on.contains("LedgerTable"));
            assert_eq!(of_ledger.cloned().collect::<Allowed>(), stream);
        }
        if name == "gifts" {
            assert!(!text.contains("ViewsTable"), "{text}");
        }
        if writes("LedgerTable") {
            writers.insert(name.to_owned());
        }
    }
    let expected = [
        "admin",
        "creators",
        "gifts",
        "recharges",
        "reconcile",
        "wallet",
        "webhook",
    ];
    assert_eq!(writers, expected.map(str::to_owned).into());
}

/// What Lambda does with the role of a function that hears a stream.
const STREAM: [&str; 4] = [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
];

fn is_read(action: &str) -> bool {
    let reads = ["BatchGetItem", "GetItem", "Query"];
    let name = action.split(':').nth(1).unwrap();
    reads.contains(&name) || STREAM.contains(&action)
}

/// The settings that a function reads tell which secrets it fetches.
#[tokio::test]
async fn a_function_may_read_the_secrets_that_it_asks_for_and_no_other() {
    let document = document();
    let world = World::start().await;
    let mut of_all = BTreeSet::new();
    for function in template().functions() {
        let (settings, asked) = recorded(&world, function);
        make(&function.name, &setup_of(&world, settings)).await;
        let id = function.logical_id.as_str();
        let variables = &document["Resources"][id]["Properties"]["Environment"]["Variables"];
        let asked = asked.lock().unwrap();
        let secrets: Allowed = asked
            .iter()
            .filter(|name| name.ends_with("_SECRET_ID"))
            .map(|name| (GET_SECRET.to_owned(), written(&variables[name.as_str()])))
            .collect();
        let allowed = of_service(&allowed(&document, id), "secretsmanager:");
        assert_eq!(allowed, secrets, "{}: allowed, asked for", function.name);
        of_all.extend(secrets.into_iter().map(|(_, on)| on));
    }
    assert_eq!(of_all, [API_KEY, WEBHOOK_SECRETS].map(str::to_owned).into());
    world.stop().await;
}

const GET_SECRET: &str = "secretsmanager:GetSecretValue";

/// A use case is one, whichever way it is entered: what the matrix did not see a function do on one
/// way into a settlement, it saw on another.
#[test]
fn whoever_settles_may_do_the_same() {
    let document = document();
    let mut settle = ["Recharges", "Webhook", "Reconcile"].map(|name| {
        let mut statements = statements(&document, &format!("{name}Function"));
        let parts = ["ReadForSettlement", "Settle", "MoveSettled"];
        statements.retain(|statement| parts.contains(&statement["Sid"].as_str().unwrap()));
        assert_eq!(statements.len(), parts.len(), "{name}");
        statements
    });
    settle.sort_by_key(|statements| format!("{statements:?}"));
    assert_eq!(settle.first(), settle.last());
}
