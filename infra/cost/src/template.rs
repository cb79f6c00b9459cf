//! What `template.yaml` says that costs something: nothing of it is written twice.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// What a stack is made of, as far as it costs something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stack {
    /// The memory of a function, in MB.
    pub memory_mb: u32,
    /// How many alarms it has.
    pub alarms: usize,
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
struct Resource {
    #[serde(rename = "Type")]
    kind: String,
}

impl Stack {
    /// That of the repository's template.
    ///
    /// # Errors
    /// If it is no template.
    pub fn built_in() -> anyhow::Result<Self> {
        let document: Document = serde_norway::from_str(TEMPLATE).context("template.yaml")?;
        let kinds = document.resources.values().map(|resource| &resource.kind);
        let alarms = kinds.filter(|kind| *kind == "AWS::CloudWatch::Alarm");
        Ok(Self {
            memory_mb: document.globals.function.memory_size,
            alarms: alarms.count(),
        })
    }
}
