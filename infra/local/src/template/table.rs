//! Tables: what the template says about keys, indexes, streams and expiry.

use anyhow::{Context, bail};
use serde::{Deserialize, de::IgnoredAny};
use serde_norway::Value;

/// A table of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What the template calls it.
    pub logical_id: String,
    /// What it is called locally: `recharge-ledger` for `LedgerTable`.
    pub name: String,
    /// Its key.
    pub key: Key,
    /// Every attribute that a key names, with its type: `S`, `N` or `B`.
    pub attributes: Vec<(String, String)>,
    /// Its global secondary indexes.
    pub indexes: Vec<Index>,
    /// What its stream shows, if it has one.
    pub stream_view: Option<String>,
    /// The attribute that says when an item expires, if any does.
    pub expires_by: Option<String>,
}

/// The key of a table or an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The hash key's attribute.
    pub hash: String,
    /// The range key's attribute.
    pub range: Option<String>,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: Key,
    /// What it holds.
    pub projection: Projection,
}

/// Which attributes an index holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Projection {
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    #[serde(rename = "ProjectionType")]
    pub kind: String,
    /// With `INCLUDE`: which, besides the keys.
    #[serde(rename = "NonKeyAttributes", default)]
    pub attributes: Vec<String>,
}

impl Table {
    pub(super) fn new(logical_id: &str, properties: Value) -> anyhow::Result<Self> {
        let properties: Properties = serde_norway::from_value(properties)
            .context("keys, indexes, billing, streams and expiry must be plain values here")?;
        if properties.billing_mode != "PAY_PER_REQUEST" {
            bail!("BillingMode must be PAY_PER_REQUEST: the local server creates no other tables");
        }
        let attributes = properties.attribute_definitions.into_iter();
        let indexes = properties
            .global_secondary_indexes
            .into_iter()
            .map(|index| {
                Ok(Index {
                    key: Key::new(&index.key_schema).with_context(|| index.index_name.clone())?,
                    name: index.index_name,
                    projection: index.projection,
                })
            });
        Ok(Self {
            logical_id: logical_id.to_owned(),
            name: local_name(logical_id),
            key: Key::new(&properties.key_schema)?,
            attributes: attributes
                .map(|it| (it.attribute_name, it.attribute_type))
                .collect(),
            indexes: indexes.collect::<anyhow::Result<_>>()?,
            stream_view: properties
                .stream_specification
                .map(|stream| stream.stream_view_type),
            expires_by: properties
                .time_to_live_specification
                .filter(|ttl| ttl.enabled)
                .map(|ttl| ttl.attribute_name),
        })
    }
}

/// `recharge-ledger` for `LedgerTable`.
fn local_name(logical_id: &str) -> String {
    let mut name = "recharge".to_owned();
    for letter in logical_id
        .strip_suffix("Table")
        .unwrap_or(logical_id)
        .chars()
    {
        if letter.is_ascii_uppercase() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

impl Key {
    fn new(schema: &[KeyElement]) -> anyhow::Result<Self> {
        let attribute = |kind: &str| {
            let element = schema.iter().find(|element| element.key_type == kind);
            element.map(|element| element.attribute_name.clone())
        };
        let hash = attribute("HASH").context("KeySchema has no HASH key")?;
        Ok(Self {
            hash,
            range: attribute("RANGE"),
        })
    }
}

/// What is understood, and what changes nothing locally. Anything else is refused: a table that
/// silently lacked it would not be the table on AWS.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    billing_mode: String,
    attribute_definitions: Vec<AttributeDefinition>,
    key_schema: Vec<KeyElement>,
    #[serde(default)]
    global_secondary_indexes: Vec<IndexProperties>,
    stream_specification: Option<StreamSpecification>,
    time_to_live_specification: Option<TimeToLiveSpecification>,
    #[serde(rename = "TableName")]
    _table_name: Option<IgnoredAny>,
    #[serde(rename = "TableClass")]
    _table_class: Option<IgnoredAny>,
    #[serde(rename = "Tags")]
    _tags: Option<IgnoredAny>,
    #[serde(rename = "PointInTimeRecoverySpecification")]
    _recovery: Option<IgnoredAny>,
    #[serde(rename = "SSESpecification")]
    _encryption: Option<IgnoredAny>,
    #[serde(rename = "DeletionProtectionEnabled")]
    _deletion_protection: Option<IgnoredAny>,
    #[serde(rename = "OnDemandThroughput")]
    _throughput: Option<IgnoredAny>,
    #[serde(rename = "ContributorInsightsSpecification")]
    _insights: Option<IgnoredAny>,
    #[serde(rename = "ResourcePolicy")]
    _policy: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AttributeDefinition {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct KeyElement {
    attribute_name: String,
    key_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct IndexProperties {
    index_name: String,
    key_schema: Vec<KeyElement>,
    projection: Projection,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StreamSpecification {
    stream_view_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TimeToLiveSpecification {
    attribute_name: String,
    enabled: bool,
}
