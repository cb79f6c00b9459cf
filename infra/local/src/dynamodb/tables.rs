//! Creates the template's tables where they are missing.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, bail};
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{
        create_table::CreateTableError, describe_table::DescribeTableError,
        update_time_to_live::UpdateTimeToLiveError,
    },
    types::{TableDescription, TableStatus, TimeToLiveSpecification},
};
use recharge_core::app::Clock;

use super::definition::{create, difference};
use crate::template::{Table, Template};

/// What the tables are called here, by their logical id.
#[derive(Debug, Clone)]
pub(crate) struct TableNames(BTreeMap<String, String>);

impl TableNames {
    /// The template's local names behind a prefix.
    pub(crate) fn new(template: &Template, prefix: &str) -> Self {
        let names = template
            .tables()
            .iter()
            .map(|table| (table.logical_id.clone(), format!("{prefix}{}", table.name)));
        Self(names.collect())
    }

    /// Calls one table otherwise.
    pub(crate) fn rename(&mut self, logical_id: &str, name: &str) {
        self.0.insert(logical_id.to_owned(), name.to_owned());
    }

    /// What a table is called here.
    pub(crate) fn get(&self, logical_id: &str) -> anyhow::Result<&str> {
        let name = self.0.get(logical_id).map(String::as_str);
        name.with_context(|| format!("template.yaml has no table `{logical_id}`"))
    }
}

/// Creates every table that is missing, and refuses one that is there with other keys.
pub(crate) async fn ensure_tables(
    client: &Client,
    template: &Template,
    names: &TableNames,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    for table in template.tables() {
        let name = names.get(&table.logical_id)?;
        ensure_table(client, table, name, clock)
            .await
            .with_context(|| format!("table {name}"))?;
    }
    Ok(())
}

async fn ensure_table(
    client: &Client,
    table: &Table,
    name: &str,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    if describe(client, name).await?.is_none() {
        let request = create(client.create_table().table_name(name), table)?;
        match request.send().await {
            // Another server on the same DynamoDB may be faster.
            Err(SdkError::ServiceError(error)) if is_there_now(error.err()) => {}
            created => {
                created.context("cannot be created")?;
            }
        }
    }
    let found = wait_until_active(client, name, clock).await?;
    if let Some(difference) = difference(&found, table)? {
        bail!(
            "{difference} than template.yaml's {} says; take another data folder or table name",
            table.logical_id
        );
    }
    expire(client, table, name).await
}

fn is_there_now(error: &CreateTableError) -> bool {
    error.is_resource_in_use_exception()
}

async fn describe(client: &Client, name: &str) -> anyhow::Result<Option<TableDescription>> {
    match client.describe_table().table_name(name).send().await {
        Ok(found) => Ok(found.table),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(DescribeTableError::is_resource_not_found_exception) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).context("cannot be read; does the DynamoDB endpoint answer?"),
    }
}

async fn wait_until_active(
    client: &Client,
    name: &str,
    clock: &dyn Clock,
) -> anyhow::Result<TableDescription> {
    // Emulators are done at once; this many waits are some ten seconds.
    for _ in 0..100 {
        if let Some(found) = describe(client, name).await?
            && found.table_status() == Some(&TableStatus::Active)
        {
            return Ok(found);
        }
        clock.sleep(Duration::from_millis(100)).await;
    }
    bail!("does not become active")
}

/// Sets what the template says about expiry; emulators differ in what they say to a repetition.
async fn expire(client: &Client, table: &Table, name: &str) -> anyhow::Result<()> {
    let Some(attribute) = &table.expires_by else {
        return Ok(());
    };
    let expiry = TimeToLiveSpecification::builder()
        .attribute_name(attribute)
        .enabled(true)
        .build()?;
    let request = client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(expiry);
    match request.send().await {
        Err(error) if error.as_service_error().is_some_and(is_repetition) => Ok(()),
        set => set.map(drop).context("expiry cannot be set"),
    }
}

fn is_repetition(error: &UpdateTimeToLiveError) -> bool {
    error.meta().code() == Some("ValidationException")
        && error
            .meta()
            .message()
            .is_some_and(|message| message.contains("already enabled"))
}

#[cfg(test)]
mod tests {
    use recharge_core::adapters::SystemClock;

    use super::{super::Embedded, *};

    #[tokio::test]
    async fn tables_are_made_once_and_a_different_one_is_refused() {
        let embedded = Embedded::start(None).await.unwrap();
        let client = super::super::client(embedded.endpoint(), None, None);
        let template = Template::built_in().unwrap();
        let names = TableNames::new(&template, "test-");
        let clock = SystemClock::default();
        for _ in 0..2 {
            ensure_tables(&client, &template, &names, &clock)
                .await
                .unwrap();
        }
        let ledger = describe(&client, "test-recharge-ledger")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            ledger.global_secondary_indexes()[0].index_name(),
            Some("statement")
        );
        assert!(
            ledger
                .stream_specification()
                .is_some_and(|stream| stream.stream_enabled())
        );
        let expiry = client
            .describe_time_to_live()
            .table_name("test-recharge-views")
            .send()
            .await;
        let expiry = expiry.unwrap().time_to_live_description.unwrap();
        assert_eq!(expiry.attribute_name(), Some("expires_at"));

        let mut names = names;
        names.rename("LedgerTable", "test-recharge-views");
        let error = ensure_tables(&client, &template, &names, &clock)
            .await
            .unwrap_err();
        let error = format!("{error:#}");
        assert!(
            error.contains("test-recharge-views: has no index `statement`"),
            "{error}"
        );

        drop(client);
        embedded.stop().await.unwrap();
    }
}
