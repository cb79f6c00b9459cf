//! The OpenAPI document: committed, served and generated alike, and true of template.yaml, of the
//! codes in docs/api.md, and of its own examples. Every answer of every suite is held to it, too.

mod types;

use std::collections::{BTreeMap, BTreeSet};

use recharge_core::http::openapi::Access;
use recharge_local::{openapi, template::Template};
use recharge_testkit::{Answer, Document, DocumentedOperation, World};
use reqwest::{Method, header::HeaderValue};
use serde_json::{Value, json};

use crate::architecture::{names_in, read};

fn document() -> &'static Document {
    Document::of_this_build()
}

/// The key of the route that an operation is at, as API Gateway calls it.
fn route(operation: &DocumentedOperation<'_>) -> String {
    format!("{} {}", operation.method.to_uppercase(), operation.path)
}

fn id(operation: &DocumentedOperation<'_>) -> String {
    operation.value["operationId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_committed_document_is_the_generated_and_the_served_one() {
    let generated = openapi::text().unwrap();
    assert!(
        read("docs/openapi.json") == generated,
        "docs/openapi.json is not what the types say: cargo run -- openapi > docs/openapi.json"
    );
    let world = World::start().await;
    let served = world.api.request(Method::GET, "/openapi.json").send().await;
    let served = served.unwrap();
    assert_eq!(served.headers()["content-type"], "application/json");
    assert!(served.text().await.unwrap() == generated);
    world.stop().await;
}

#[test]
fn every_route_of_the_template_is_described_and_no_other_is() {
    let template = Template::parse(&read("template.yaml")).unwrap();
    let routes: BTreeSet<_> = template.routes().map(|route| route.key()).collect();
    let described: BTreeSet<_> = document().operations().iter().map(route).collect();
    assert_eq!(described, routes);
}

/// What needs a token here goes through API Gateway's authorizer there.
#[test]
fn what_needs_a_token_is_what_the_template_protects() {
    let template: serde_norway::Value = serde_norway::from_str(&read("template.yaml")).unwrap();
    let mut open = BTreeSet::new();
    for (_, resource) in template["Resources"].as_mapping().unwrap() {
        let events = resource["Properties"]["Events"].as_mapping();
        for (_, event) in events.into_iter().flatten() {
            let properties = &event["Properties"];
            if properties["Auth"]["Authorizer"].as_str() == Some("NONE") {
                let (method, path) = (&properties["Method"], &properties["Path"]);
                open.insert(format!(
                    "{} {}",
                    method.as_str().unwrap(),
                    path.as_str().unwrap()
                ));
            }
        }
    }
    for operation in document().operations() {
        let access = operation.value["x-recharge-access"].as_str().unwrap();
        let access = Access::named(access).unwrap();
        let key = route(&operation);
        assert_eq!(access.needs_token(), !open.contains(&key), "{key}");
        let security = &operation.value["security"];
        let expected = match access {
            Access::Public | Access::Link => json!([]),
            Access::Stripe => json!([{"stripeSignature": []}]),
            Access::Operator => json!([{"token": ["recharge:admin"]}]),
            Access::Caller | Access::Owner | Access::Creator => json!([{"token": []}]),
        };
        assert_eq!(*security, expected, "{key}");
    }
}

#[test]
fn every_operation_says_what_it_is_under_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    let tags = document().value()["tags"].as_array().unwrap();
    let tags: BTreeSet<_> = tags.iter().map(|tag| tag["name"].as_str()).collect();
    for operation in document().operations() {
        let name = id(&operation);
        assert!(names.insert(name.clone()), "{name} twice");
        assert_ne!(operation.value["summary"], "", "{name}");
        assert_ne!(operation.value["description"], "", "{name}");
        assert!(
            tags.contains(&operation.value["tags"][0].as_str()),
            "{name}"
        );
        for (status, response) in operation.value["responses"].as_object().unwrap() {
            assert_ne!(response["description"], "", "{name} {status}");
            assert!(
                response.get("content").is_some() || status == "304",
                "{name} {status}"
            );
        }
    }
}

#[test]
fn every_example_is_what_its_schema_says() {
    let mut checked = 0;
    let mut assert_right = |schema: &Value, example: &Value, is_request: bool, at: &str| {
        let mistakes = document().mistakes(schema, example, is_request);
        assert!(mistakes.is_empty(), "{at}: {example}: {mistakes:?}");
        checked += 1;
    };
    for operation in document().operations() {
        let name = id(&operation);
        if let Some(media) = operation
            .value
            .pointer("/requestBody/content/application~1json")
        {
            assert_right(&media["schema"], &media["example"], true, &name);
        }
        for (status, response) in operation.value["responses"].as_object().unwrap() {
            for (_, media) in response["content"].as_object().into_iter().flatten() {
                let at = format!("{name} {status}");
                if let Some(example) = media.get("example") {
                    assert_right(&media["schema"], example, false, &at);
                }
                for (_, example) in media["examples"].as_object().into_iter().flatten() {
                    assert_right(&media["schema"], &example["value"], false, &at);
                }
            }
        }
    }
    assert!(checked > 100, "{checked} examples");
}

#[test]
fn every_link_leads_to_an_operation_and_gives_what_it_takes() {
    let operations = document().operations();
    let by_name: BTreeMap<_, _> = operations.iter().map(|one| (id(one), one)).collect();
    let mut count = 0;
    for operation in &operations {
        for (_, response) in operation.value["responses"].as_object().unwrap() {
            for (name, link) in response["links"].as_object().into_iter().flatten() {
                let target = by_name[link["operationId"].as_str().unwrap()];
                count += 1;
                for (parameter, _) in link["parameters"].as_object().into_iter().flatten() {
                    let path = format!("{{{parameter}}}");
                    let is_cursor = parameter == "cursor" && name == &id(operation);
                    assert!(
                        target.path.contains(&path) || is_cursor,
                        "{name}: {parameter}"
                    );
                }
            }
        }
    }
    assert!(count > 12, "{count} links");
}

/// Every suite holds its answers to the document: this is what they would notice.
#[tokio::test]
async fn an_answer_that_the_document_does_not_have_is_noticed() {
    let world = World::start().await;
    let fan = world.fan("alice");
    let wallet = fan.get("/v1/wallet").await;
    let refused = fan.get("/v1/recharges/rch_1").await;
    world.stop().await;
    let problem = |path: &str, right: &Answer, change: &dyn Fn(&mut Answer)| {
        let mut answer = right.clone();
        change(&mut answer);
        document().problem(path, &answer).unwrap_or_default()
    };
    let in_wallet = |change: &dyn Fn(&mut Answer)| problem("/v1/wallet", &wallet, change);
    assert_eq!(in_wallet(&|_| ()), "");
    assert!(in_wallet(&|answer| answer.status = 202).contains("no 202"));
    assert!(in_wallet(&|answer| answer.body["more"] = json!(1)).contains("more"));
    assert!(in_wallet(&|answer| answer.body["spent"]["more"] = json!(1)).contains("/spent"));
    assert!(in_wallet(&|answer| answer.body["coins"] = json!(-1)).contains("/coins"));
    assert!(in_wallet(&|answer| answer.body["status"] = json!("Frozen")).contains("/status"));
    let lacking = |answer: &mut Answer| {
        answer.body.as_object_mut().unwrap().remove("seq");
    };
    assert!(in_wallet(&lacking).contains("seq"));
    let cached = |answer: &mut Answer| {
        answer.headers.remove("cache-control");
    };
    assert!(in_wallet(&cached).contains("Cache-Control"));
    let another_kind = |answer: &mut Answer| {
        answer
            .headers
            .insert("content-type", HeaderValue::from_static("text/html"));
    };
    assert!(in_wallet(&another_kind).contains("text/html"));

    let in_refusal = |change: &dyn Fn(&mut Answer)| problem("/v1/recharges/x", &refused, change);
    assert_eq!(in_refusal(&|_| ()), "");
    let foreign = |answer: &mut Answer| answer.body["code"] = json!("creator_not_found");
    assert!(in_refusal(&foreign).contains("not of"));
    assert!(in_refusal(&|answer| answer.body["status"] = json!(409)).contains("not of"));
    assert_eq!(
        problem("/healthz", &wallet, &|answer| answer.status = 202),
        ""
    );
}

/// The rows of docs/api.md: code and status.
fn documented_codes() -> BTreeSet<(String, String)> {
    let text = read("docs/api.md");
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let (code, status) = (cells.get(1)?, cells.get(2)?);
        let code = code.strip_prefix('`')?.strip_suffix('`')?;
        let is_status = status.len() == 3 && status.parse::<u16>().is_ok();
        is_status.then(|| (code.to_owned(), (*status).to_owned()))
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn the_codes_and_their_statuses_are_those_of_the_api_reference() {
    let mut codes = BTreeSet::new();
    for operation in document().operations() {
        for (status, response) in operation.value["responses"].as_object().unwrap() {
            let problem = &response["content"]["application/problem+json"];
            let listed = problem["x-recharge-codes"].as_array();
            for code in listed.into_iter().flatten() {
                codes.insert((code.as_str().unwrap().to_owned(), status.clone()));
            }
        }
    }
    assert_eq!(codes, documented_codes());
}

/// Else a function would carry what describes it.
#[test]
fn no_function_that_is_deployed_asks_for_the_document() {
    let mut described = 0;
    for function in names_in("functions") {
        let manifest: toml::Table = read(&format!("functions/{function}/Cargo.toml"))
            .parse()
            .unwrap();
        let schemars = manifest["dependencies"].get("schemars");
        let is_optional = |one: &toml::Value| one["optional"].as_bool() == Some(true);
        assert!(schemars.is_none_or(is_optional), "{function}");
        let core = manifest["dependencies"]["recharge-core"]["features"].as_array();
        let core: Vec<_> = core.unwrap().iter().map(toml::Value::as_str).collect();
        assert!(!core.contains(&Some("openapi")), "{function}");
        let features = manifest.get("features").and_then(toml::Value::as_table);
        let Some(features) = features else { continue };
        assert_eq!(
            features.keys().collect::<Vec<_>>(),
            ["openapi"],
            "{function}"
        );
        described += 1;
    }
    assert_eq!(described, 7);
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    let core = &workspace["workspace"]["dependencies"]["recharge-core"];
    assert_eq!(core["default-features"].as_bool(), Some(false));
}
