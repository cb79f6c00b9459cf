//! What `template.yaml` says about functions, routes and tables: the same file that AWS gets,
//! so that the local server cannot differ from it.

mod route;
mod stream;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, anyhow};
use serde::{Deserialize, de::IgnoredAny};
use serde_norway::Value;

pub use self::{
    route::{PathPattern, Route},
    stream::{Filter, StreamMapping},
    table::{Index, Key, Projection, Table},
};

/// The repository's own template, as it was when this was built.
const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// The parts of a template that the local server runs.
#[derive(Debug, Clone)]
pub struct Template {
    functions: Vec<Function>,
    tables: Vec<Table>,
}

/// A function of the template.
#[derive(Debug, Clone)]
pub struct Function {
    /// The last segment of its `CodeUri`: folder, package and binary are called so.
    pub name: String,
    /// What the template calls it.
    pub logical_id: String,
    /// The HTTP routes that lead to it.
    pub routes: Vec<Route>,
    /// The schedules that it runs on, as the template writes them: `rate(1 minute)`.
    pub schedules: Vec<String>,
    /// The streams that it hears.
    pub streams: Vec<StreamMapping>,
    /// The environment variables it is given.
    pub variables: BTreeSet<String>,
}

impl Template {
    /// The repository's own template.
    ///
    /// # Errors
    /// As [`Template::parse`].
    pub fn built_in() -> anyhow::Result<Self> {
        Self::parse(TEMPLATE)
    }

    /// Reads a template. CloudFormation's tags (`!Ref` …) are fine wherever the local server
    /// does not look.
    ///
    /// # Errors
    /// If it is not YAML, or has something where we look that cannot be run locally.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let document: Document =
            serde_norway::from_str(text).context("template.yaml is not a SAM template")?;
        let shared = document.globals.function.environment.variables;
        let mut template = Self {
            functions: Vec::new(),
            tables: Vec::new(),
        };
        for (logical_id, resource) in document.resources {
            let properties = resource.properties;
            match resource.kind.as_str() {
                "AWS::Serverless::Function" => {
                    let function = Function::new(&logical_id, &shared, properties);
                    template
                        .functions
                        .push(function.with_context(|| at(&logical_id))?);
                }
                "AWS::DynamoDB::Table" => {
                    let table = Table::new(&logical_id, properties);
                    template
                        .tables
                        .push(table.with_context(|| at(&logical_id))?);
                }
                _ => {}
            }
        }
        Ok(template)
    }

    /// Every function.
    #[must_use]
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// Every HTTP route of every function.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.functions.iter().flat_map(|function| &function.routes)
    }

    /// Every table.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Every environment variable that any function is given.
    #[must_use]
    pub fn variables(&self) -> BTreeSet<&str> {
        self.functions
            .iter()
            .flat_map(|function| &function.variables)
            .map(String::as_str)
            .collect()
    }
}

fn at(logical_id: &str) -> String {
    format!("template.yaml: {logical_id}")
}

impl Function {
    fn new(logical_id: &str, shared: &Variables, properties: Value) -> anyhow::Result<Self> {
        let properties: FunctionProperties = serde_norway::from_value(properties)?;
        let name = properties.code_uri.trim_end_matches('/').rsplit('/').next();
        let name = name
            .filter(|name| !name.is_empty())
            .ok_or_else(|| anyhow!("CodeUri is empty"))?;
        let (mut routes, mut schedules, mut streams) = (Vec::new(), Vec::new(), Vec::new());
        for (event, Event { kind, properties }) in properties.events {
            let at = || format!("Events: {event}");
            if kind == "HttpApi" {
                routes.push(Route::new(name, properties).with_context(at)?);
            } else if kind == "ScheduleV2" {
                let event: ScheduleEvent = serde_norway::from_value(properties).with_context(at)?;
                schedules.push(event.schedule_expression);
            } else if kind == "DynamoDB" {
                streams.push(StreamMapping::new(properties).with_context(at)?);
            }
        }
        let own = properties.environment.variables;
        Ok(Self {
            name: name.to_owned(),
            logical_id: logical_id.to_owned(),
            routes,
            schedules,
            streams,
            variables: shared.keys().chain(own.keys()).cloned().collect(),
        })
    }
}

/// Names of variables; their values are CloudFormation's business.
type Variables = BTreeMap<String, IgnoredAny>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    #[serde(default)]
    globals: Globals,
    resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Globals {
    function: GlobalFunction,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct GlobalFunction {
    environment: Environment,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Environment {
    variables: Variables,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    properties: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionProperties {
    code_uri: String,
    #[serde(default)]
    environment: Environment,
    #[serde(default)]
    events: BTreeMap<String, Event>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    properties: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduleEvent {
    schedule_expression: String,
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
