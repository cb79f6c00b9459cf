//! What a server prepares in DynamoDB before it listens, for tests that need no server.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{Client, config::SharedHttpClient};
use recharge_core::app::Clock;

use crate::{
    catalog::Catalog,
    dynamodb::{self, TableNames, ensure_tables},
    settings::{Facts, LocalSettings},
    template::Template,
};

/// A client that behaves as the one on AWS does, through `http_client`, whatever that reaches.
#[must_use]
pub fn dynamodb_client(http_client: SharedHttpClient) -> Client {
    dynamodb::client("http://dynamodb.invalid", Some(http_client), None)
}

/// Makes the template's tables, publishes the built-in catalogue, and tells every setting of every
/// function. There is no key for tokens: callers are those whom an authorizer has let in.
///
/// # Errors
/// If a table cannot be made, or a setting is missing.
pub async fn prepare(
    dynamodb: &Client,
    template: &Template,
    clock: &dyn Clock,
) -> anyhow::Result<BTreeMap<String, String>> {
    let tables = TableNames::new(template, "");
    ensure_tables(dynamodb, template, &tables, clock).await?;
    let (ledger_table, views_table) = (tables.get("LedgerTable")?, tables.get("ViewsTable")?);
    Catalog::load(None)?.publish(dynamodb, ledger_table).await?;
    let facts = Facts {
        port: 1,
        ledger_table,
        views_table,
        dynamodb_endpoint: "http://dynamodb.invalid",
        stripe_url: None,
        api_url: None,
        jwks: String::new(),
        cursor_secret: "0123456789abcdef0123456789abcdef".to_owned(),
    };
    let settings = LocalSettings::new(facts, template, &BTreeMap::new())?;
    let value = |name: &str| (name.to_owned(), settings.get(name).to_owned());
    Ok(template.variables().into_iter().map(value).collect())
}
