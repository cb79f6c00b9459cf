//! What is deployed and what is written, held together: template.yaml, the functions' folders,
//! their routes, settings and permissions.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use recharge_core::{
    adapters::{Setup, dynamodb, metrics},
    app::{Clock, ports::NoMetrics},
    config::Settings,
};
use recharge_local::template::{Function, Template};
use recharge_testkit::{Answer, World, invoke};
use serde_norway::Value;

use crate::architecture::{names_in, read};

pub(crate) mod alarms;
mod github;
mod permissions;
mod rollout;
mod secrets;
mod streams;

/// Who may call without a token: what is public, and Stripe, which signs.
const PUBLIC: [&str; 6] = [
    "GET /v1/config",
    "GET /v1/packages",
    "GET /v1/gifts",
    "POST /v1/stripe/webhook",
    "GET /return/{id}",
    "GET /cancel/{id}",
];

fn template() -> Template {
    // From the file, not from when the local server was built.
    Template::parse(&read("template.yaml")).unwrap()
}

fn document() -> Value {
    serde_norway::from_str(&read("template.yaml")).unwrap()
}

/// A tagged value as it is written, any other as it is.
fn written(value: &Value) -> String {
    match value {
        Value::Tagged(tagged) => format!("{} {}", tagged.tag, written(&tagged.value)),
        Value::String(text) => text.clone(),
        other => serde_norway::to_string(other).unwrap().trim().to_owned(),
    }
}

/// One or several.
fn each(value: &Value) -> Vec<&Value> {
    value
        .as_sequence()
        .map_or_else(|| vec![value], |values| values.iter().collect())
}

/// Runs on a schedule, and has no route.
const SCHEDULED: &str = "reconcile";
/// Hears a stream, and has no route.
const STREAMED: &str = "relay";

/// A new container of the function of that name answers.
async fn call(name: &str, setup: &Setup, route: &str) -> Answer {
    let request = invoke(route, "", &[], "");
    macro_rules! functions {
        ($($function:ident),+) => {
            match name {
                $(stringify!($function) => {
                    $function::Function::new(setup).unwrap().handle(request).await.into()
                })+
                _ => panic!("name `{name}` here, too"),
            }
        };
    }
    functions!(admin, creators, gifts, packages, recharges, wallet, webhook)
}

/// A new container of the function of that name is made.
async fn make(name: &str, setup: &Setup) {
    if name == SCHEDULED {
        reconcile::Function::new(setup).unwrap();
    } else if name == STREAMED {
        relay::Function::new(setup).unwrap();
    } else {
        call(name, setup, "GET /v1/strangers").await;
    }
}

fn setup_of(world: &World, settings: Settings) -> Setup {
    let clock = Arc::new(world.server.clock().clone());
    Setup {
        settings,
        dynamodb: world.server.dynamodb().clone(),
        secrets: None,
        stripe_http: None,
        metrics: Arc::new(NoMetrics),
        clock,
    }
}

/// The server's own settings, and the names that are asked for.
fn recorded(world: &World, function: &Function) -> (Settings, Arc<Mutex<BTreeSet<String>>>) {
    let values: BTreeMap<String, String> = function
        .variables
        .iter()
        .map(|name| (name.clone(), world.server.setting(name).to_owned()))
        .collect();
    let asked = Arc::new(Mutex::new(BTreeSet::new()));
    let asks = Arc::clone(&asked);
    let settings = Settings::from_lookup(move |name| {
        asks.lock().unwrap().insert(name.to_owned());
        values.get(name).cloned()
    });
    (settings, asked)
}

#[test]
fn every_folder_is_one_function_and_every_function_has_its_folder() {
    let mut declared: Vec<_> = template()
        .functions()
        .iter()
        .map(|function| function.name.clone())
        .collect();
    declared.sort();
    let folders: Vec<_> = names_in("functions").into_iter().collect();
    assert_eq!(declared, folders);
    let resources = document();
    for function in template().functions() {
        let properties = &resources["Resources"][function.logical_id.as_str()]["Properties"];
        let code = properties["CodeUri"].as_str().unwrap();
        assert_eq!(code, format!("functions/{}/", function.name));
        let manifest: toml::Table = read(&format!("{code}Cargo.toml")).parse().unwrap();
        assert_eq!(
            manifest["package"]["name"].as_str(),
            Some(function.name.as_str())
        );
    }
}

#[tokio::test]
async fn every_route_is_answered_by_its_function_and_no_other_is() {
    let world = World::start().await;
    for function in template().functions() {
        if function.name == SCHEDULED {
            assert_eq!(function.schedules, ["rate(1 minute)"]);
            assert!(function.routes.is_empty());
            continue;
        }
        if function.name == STREAMED {
            assert_eq!(function.streams.len(), 1);
            assert!(function.routes.is_empty());
            continue;
        }
        let setup = setup_of(&world, recorded(&world, function).0);
        assert!(
            !function.routes.is_empty(),
            "{} has no route",
            function.name
        );
        for route in &function.routes {
            let key = route.key();
            let (status, code) = match key.as_str() {
                "POST /v1/stripe/webhook" => (400, "signature_invalid"),
                // No recharge has the empty id that this event carries: a page, but 404.
                "GET /return/{id}" | "GET /cancel/{id}" => (404, ""),
                key if PUBLIC.contains(&key) => (200, ""),
                _ => (401, "unauthenticated"),
            };
            let answer = call(&function.name, &setup, &key).await;
            assert_eq!(answer.outcome(), (status, code), "{key}: {}", answer.body);
        }
        for stranger in ["GET /v1/strangers", "$default", "PATCH /v1/wallet"] {
            let key = if stranger == "$default" {
                "$default /"
            } else {
                stranger
            };
            let answer = call(&function.name, &setup, key).await;
            assert_eq!(
                answer.outcome(),
                (404, "not_found"),
                "{}: {key}",
                function.name
            );
        }
    }
    world.stop().await;
}

#[test]
fn the_routes_in_the_code_are_those_of_the_template() {
    for function in template().functions() {
        let code = read(&format!("functions/{}/src/lib.rs", function.name));
        let matched: BTreeSet<_> = code
            .lines()
            .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" =>"))
            .map(|(key, _)| key.to_owned())
            .collect();
        let routes: BTreeSet<_> = function.routes.iter().map(|route| route.key()).collect();
        assert_eq!(matched, routes, "{}", function.name);
    }
}

#[tokio::test]
async fn a_function_is_given_every_setting_that_it_reads_and_no_other() {
    let world = World::start().await;
    for function in template().functions() {
        let (settings, asked) = recorded(&world, function);
        // As Setup::from_environment does.
        let dynamodb = dynamodb::client(&settings).await;
        let clock: Arc<dyn Clock> = Arc::new(world.server.clock().clone());
        let metrics = metrics::metrics(&settings, &clock);
        let setup = Setup {
            dynamodb,
            metrics,
            ..setup_of(&world, settings)
        };
        make(&function.name, &setup).await;
        let asked = asked.lock().unwrap().clone();
        assert_eq!(
            asked, function.variables,
            "{}: read, declared",
            function.name
        );
    }
    world.stop().await;
}

#[test]
fn only_what_is_public_has_no_authorizer() {
    let document = document();
    let api = &document["Resources"]["HttpApi"]["Properties"];
    assert_eq!(api["Auth"]["DefaultAuthorizer"].as_str(), Some("Jwt"));
    let mut public = BTreeSet::new();
    for function in template().functions() {
        if [SCHEDULED, STREAMED].contains(&function.name.as_str()) {
            continue;
        }
        let properties = &document["Resources"][function.logical_id.as_str()]["Properties"];
        for (name, event) in properties["Events"].as_mapping().unwrap() {
            let event = &event["Properties"];
            assert_eq!(written(&event["ApiId"]), "!Ref HttpApi", "{name:?}");
            let key = format!("{} {}", written(&event["Method"]), written(&event["Path"]));
            match &event["Auth"] {
                Value::Null => {}
                auth => {
                    assert_eq!(auth["Authorizer"].as_str(), Some("NONE"), "{key}");
                    public.insert(key);
                }
            }
        }
    }
    assert_eq!(public, PUBLIC.map(str::to_owned).into());
}

#[test]
fn no_table_is_lost_with_its_stack() {
    let document = document();
    let tables: Vec<_> = template()
        .tables()
        .iter()
        .map(|table| table.logical_id.clone())
        .collect();
    assert_eq!(tables, ["LedgerTable", "ViewsTable"]);
    for name in tables {
        let table = &document["Resources"][name.as_str()];
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            assert_eq!(table[policy].as_str(), Some("Retain"), "{name}: {policy}");
        }
        let recovery = &table["Properties"]["PointInTimeRecoverySpecification"];
        assert_eq!(
            recovery["PointInTimeRecoveryEnabled"].as_bool(),
            Some(true),
            "{name}"
        );
        let protected = &table["Properties"]["DeletionProtectionEnabled"];
        let Value::Tagged(protected) = protected else {
            panic!("{name}: {protected:?}")
        };
        assert_eq!(protected.tag, "!If", "{name}");
        let (condition, then) = (&protected.value[0], &protected.value[1]);
        let in_prod = (condition.as_str(), then.as_bool());
        assert_eq!(in_prod, (Some("IsProd"), Some(true)), "{name}");
    }
}

#[test]
fn every_functions_log_ends_some_day() {
    let document = document();
    for function in template().functions() {
        let properties = &document["Resources"][function.logical_id.as_str()]["Properties"];
        let group = written(&properties["LoggingConfig"]["LogGroup"]);
        let group = group
            .strip_prefix("!Ref ")
            .unwrap_or_else(|| panic!("{group}"));
        let kept = &document["Resources"][group]["Properties"]["RetentionInDays"];
        assert_eq!(written(kept), "!Ref LogRetentionDays", "{}", function.name);
    }
}

/// SAM's cache looks at a function's own folder only: after a change in core/ it would deploy
/// the old binary.
#[test]
fn no_build_is_cached() {
    let samconfig: toml::Table = read("samconfig.toml").parse().unwrap();
    let stages = samconfig.iter().filter(|(_, stage)| stage.is_table());
    let mut count = 0;
    for (stage, commands) in stages {
        let cached = commands["build"]["parameters"].get("cached");
        assert_eq!(
            cached.and_then(toml::Value::as_bool),
            Some(false),
            "{stage}"
        );
        count += 1;
    }
    assert!(count >= 3, "{count} stages");
}
