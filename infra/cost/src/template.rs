//! What the templates say that costs something: nothing of it is written twice.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;
use serde_norway::Value;

const TEMPLATE: &str = include_str!("../../../template.yaml");
const WATCHING: &str = include_str!("../../observability/template.yaml");

/// What a stack is made of, as far as it costs something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stack {
    /// The memory of a function, in MB.
    pub memory_mb: u32,
    /// How many metrics its alarms look at; an alarm may look at several.
    pub alarmed_metrics: usize,
    /// How many boards it has.
    pub dashboards: usize,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "Globals")]
    globals: Globals,
    #[serde(rename = "Resources")]
    resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
struct Globals {
    #[serde(rename = "Function")]
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    #[serde(rename = "MemorySize")]
    memory_size: u32,
}

#[derive(Deserialize)]
struct Watching {
    #[serde(rename = "Resources")]
    resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "Properties", default)]
    properties: Value,
}

impl Stack {
    /// That of the repository's templates.
    ///
    /// # Errors
    /// If one is no template.
    pub fn built_in() -> anyhow::Result<Self> {
        let document: Document = serde_norway::from_str(TEMPLATE).context("template.yaml")?;
        let watching: Watching =
            serde_norway::from_str(WATCHING).context("infra/observability/template.yaml")?;
        let resources = || {
            document
                .resources
                .values()
                .chain(watching.resources.values())
        };
        let of = |kind: &'static str| resources().filter(move |resource| resource.kind == kind);
        let alarms = of("AWS::CloudWatch::Alarm");
        Ok(Self {
            memory_mb: document.globals.function.memory_size,
            alarmed_metrics: alarms.map(|alarm| metrics_in(&alarm.properties)).sum(),
            dashboards: of("AWS::CloudWatch::Dashboard").count(),
        })
    }
}

/// How many metrics are named somewhere in it.
fn metrics_in(value: &Value) -> usize {
    match value {
        Value::Mapping(fields) => fields
            .iter()
            .map(|(name, value)| match name.as_str() {
                Some("MetricName") => 1,
                _ => metrics_in(value),
            })
            .sum(),
        Value::Sequence(items) => items.iter().map(metrics_in).sum(),
        Value::Tagged(tagged) => metrics_in(&tagged.value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_costs_as_many_metrics_as_it_looks_at() {
        let count = |text: &str| metrics_in(&serde_norway::from_str(text).unwrap());
        assert_eq!(count("{MetricName: Refusals, Threshold: 1}"), 1);
        let two = "{Metrics: [{MetricStat: {Metric: {MetricName: A}}}, {MetricStat: {Metric: {MetricName: B}}}]}";
        assert_eq!(count(two), 2);
        assert_eq!(count("{Threshold: 1}"), 0);
    }

    #[test]
    fn the_repositorys_templates_have_alarms_and_a_board() {
        let stack = Stack::built_in().unwrap();
        assert!(stack.memory_mb >= 128 && stack.alarmed_metrics > 10 && stack.dashboards == 1);
    }
}
