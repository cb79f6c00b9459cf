//! A table of the template in DynamoDB's own words.

use anyhow::Context;
use aws_sdk_dynamodb::{
    error::BuildError,
    operation::create_table::builders::CreateTableFluentBuilder,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, StreamSpecification, TableDescription,
    },
};

use crate::template::{Index, Key, Table};

/// Asks for the table to be created.
pub(super) fn create(
    request: CreateTableFluentBuilder,
    table: &Table,
) -> anyhow::Result<CreateTableFluentBuilder> {
    let attributes = table.attributes.iter().map(|(name, kind)| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(kind.as_str().into())
            .build()
    });
    let indexes = table
        .indexes
        .iter()
        .map(index)
        .collect::<Result<Vec<_>, _>>()?;
    let stream = table.stream_view.as_deref().map(|view| {
        StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(view.into())
            .build()
    });
    Ok(request
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes.collect::<Result<_, _>>()?))
        .set_key_schema(Some(key_schema(&table.key)?))
        .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
        .set_stream_specification(stream.transpose()?))
}

fn index(index: &Index) -> Result<GlobalSecondaryIndex, BuildError> {
    let attributes = &index.projection.attributes;
    let projection = Projection::builder()
        .projection_type(index.projection.kind.as_str().into())
        .set_non_key_attributes((!attributes.is_empty()).then(|| attributes.clone()))
        .build();
    GlobalSecondaryIndex::builder()
        .index_name(&index.name)
        .set_key_schema(Some(key_schema(&index.key)?))
        .projection(projection)
        .build()
}

fn key_schema(key: &Key) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |name: &String, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
    };
    let hash = element(&key.hash, KeyType::Hash)?;
    let range = key
        .range
        .as_ref()
        .map(|name| element(name, KeyType::Range))
        .transpose()?;
    Ok([Some(hash), range].into_iter().flatten().collect())
}

/// Why a table that is already there cannot stand for the template's.
pub(super) fn difference(
    found: &TableDescription,
    table: &Table,
) -> anyhow::Result<Option<String>> {
    if key_of(found.key_schema())? != table.key {
        return Ok(Some("has another key".to_owned()));
    }
    for index in &table.indexes {
        let found = found
            .global_secondary_indexes()
            .iter()
            .find(|found| found.index_name() == Some(&index.name));
        let Some(found) = found else {
            return Ok(Some(format!("has no index `{}`", index.name)));
        };
        let projection = found.projection().and_then(Projection::projection_type);
        let projection = projection.map(|kind| kind.as_str().to_owned());
        let same_key = key_of(found.key_schema())? == index.key;
        if !same_key || projection.as_deref() != Some(&index.projection.kind) {
            return Ok(Some(format!("has another index `{}`", index.name)));
        }
    }
    Ok(None)
}

fn key_of(schema: &[KeySchemaElement]) -> anyhow::Result<Key> {
    let attribute = |kind: KeyType| {
        let element = schema.iter().find(|element| *element.key_type() == kind);
        element.map(|element| element.attribute_name().to_owned())
    };
    let hash = attribute(KeyType::Hash).context("a table without a hash key")?;
    Ok(Key {
        hash,
        range: attribute(KeyType::Range),
    })
}
