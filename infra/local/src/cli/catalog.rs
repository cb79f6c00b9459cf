//! `recharge catalog`: checks and publishes the catalogue.

use std::path::Path;

use anyhow::Context;
use recharge_core::{adapters::dynamodb, config::Settings};

use super::say;
use crate::catalog::Catalog;

pub(super) fn check(dir: Option<&Path>) -> anyhow::Result<()> {
    let catalog = Catalog::load(dir)?;
    say(&format!(
        "{} packages and {} gifts: all right",
        catalog.packages.len(),
        catalog.gifts.len()
    ));
    Ok(())
}

pub(super) async fn publish(table: &str, dir: Option<&Path>) -> anyhow::Result<()> {
    let catalog = Catalog::load(dir)?;
    let client = dynamodb::client(&Settings::from_environment()).await;
    let published = catalog.publish(&client, table).await.with_context(|| {
        format!(
            "not published to {table}: are the table's name, the region and the credentials right?"
        )
    })?;
    let dynamodb::Published { packages, gifts } = published;
    say(&format!(
        "{table} has version {packages} of the packages and version {gifts} of the gifts"
    ));
    Ok(())
}
