//! All operations, as one document.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{super::problem::Wire, Operation, access, for_clients::ForClients, parameters};

/// What the document is about.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    /// Its name.
    pub title: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What it is for, in Markdown.
    pub description: &'static str,
    /// Tags with what each is about, in the order in which they are read.
    pub tags: &'static [(&'static str, &'static str)],
}

/// What API Gateway says when it refuses or fails by itself.
#[derive(JsonSchema)]
#[schemars(rename = "GatewayMessage")]
#[expect(dead_code, reason = "only described")]
struct GatewayMessage {
    /// For people.
    message: Option<String>,
}

/// The OpenAPI 3.1 document of `operations`.
///
/// # Errors
/// If two types share a name, or two operations a route.
pub fn document(api: Api, operations: &[Operation]) -> Result<Value, String> {
    let settings = || {
        let mut settings = SchemaSettings::draft2020_12().with_transform(ForClients);
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        settings
    };
    let mut takes = SchemaGenerator::new(settings().for_deserialize());
    let mut gives = SchemaGenerator::new(settings().for_serialize());
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations {
        let told = operation.to_json(&mut takes, &mut gives);
        let path = paths.entry(operation.path).or_default();
        let method = operation.method.to_lowercase();
        if path.insert(method, told).is_some() {
            return Err(format!(
                "two operations at {} {}",
                operation.method, operation.path
            ));
        }
    }
    gives.subschema_for::<Wire<'_>>();
    gives.subschema_for::<GatewayMessage>();
    let used: BTreeSet<&str> = operations.iter().map(|operation| operation.tag).collect();
    let tags = api.tags.iter().filter(|(name, _)| used.contains(name));
    let tag =
        |(name, description): &(&str, &str)| json!({"name": name, "description": description});
    Ok(json!({
        "openapi": "3.1.1",
        "info": {
            "title": api.title,
            "version": api.version,
            "summary": "The coin economy behind a live-streaming or video app.",
            "description": api.description,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [
            {"url": "http://127.0.0.1:3000", "description": "The local server"},
            {
                "url": "https://{host}",
                "description": "A deployed stack",
                "variables": {"host": {"default": "api.example.net", "description": "Your stage's host"}},
            },
        ],
        "tags": tags.map(tag).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": merged(takes.take_definitions(true), gives.take_definitions(true))?,
            "parameters": parameters::shared(),
            "headers": parameters::headers(),
            "securitySchemes": access::schemes(),
        },
    }))
}

/// What requests and answers are made of, under one name each.
fn merged(
    takes: Map<String, Value>,
    gives: Map<String, Value>,
) -> Result<BTreeMap<String, Value>, String> {
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    for (name, schema) in takes.into_iter().chain(gives) {
        match all.get(&name) {
            Some(other) if *other != schema => {
                return Err(format!("two types are called {name}"));
            }
            _ => {
                // schemars numbers types that share a name.
                let first = name.trim_end_matches(|last: char| last.is_ascii_digit());
                if first != name {
                    return Err(format!("two types are called {first}"));
                }
                all.insert(name, schema);
            }
        }
    }
    Ok(all)
}
