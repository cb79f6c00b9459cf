//! Publishes catalogues.

use aws_sdk_dynamodb::{
    Client,
    types::{Put, TransactWriteItem},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    catalog::{GIFTS, PACKAGES},
    expression::number,
    failure::outage,
    items::{CatalogItem, CustomItem, GiftItem, PackageItem, read, write},
    keys::Key,
};
use crate::{
    app::ports::Outage,
    domain::{CustomAmounts, Gift, Package},
};

/// What versions the catalogues have after publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Of the packages.
    pub packages: u64,
    /// Of the gifts.
    pub gifts: u64,
}

/// Publishes both catalogues: the current one changes, and what it was stays readable under its
/// version. Nothing is written if nothing changed.
///
/// # Errors
/// [`Outage`] if it was not published, or not for certain; it may be published again.
pub async fn publish(
    client: &Client,
    table: &str,
    packages: &[Package],
    custom: Option<&CustomAmounts>,
    gifts: &[Gift],
) -> Result<Published, Outage> {
    let packages = packages.iter().map(PackageItem::from).collect();
    let gifts = gifts.iter().map(GiftItem::from).collect();
    Ok(Published {
        packages: publish_one(
            client,
            table,
            PACKAGES,
            packages,
            custom.map(CustomItem::from),
        )
        .await?,
        gifts: publish_one(client, table, GIFTS, gifts, None).await?,
    })
}

async fn publish_one<T>(
    client: &Client,
    table: &str,
    kind: &'static str,
    items: Vec<T>,
    custom: Option<CustomItem>,
) -> Result<u64, Outage>
where
    T: Serialize + DeserializeOwned + PartialEq,
{
    let got = client
        .get_item()
        .table_name(table)
        .set_key(Some(Key::catalog(kind).attributes()))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| outage("the catalogue", error))?;
    let current: Option<CatalogItem<T>> = got
        .item
        .map(|attributes| read("catalogue", attributes))
        .transpose()?;
    let before = match current {
        Some(current) if (&current.items, &current.custom) == (&items, &custom) => {
            return Ok(current.version);
        }
        Some(current) => current.version,
        None => 0,
    };
    let version = before.saturating_add(1);
    let next = CatalogItem {
        version,
        items,
        custom,
    };
    let current = put(table, Key::catalog(kind), &next)?
        .condition_expression("attribute_not_exists(PK) OR #version = :before")
        .expression_attribute_names("#version", "version")
        .expression_attribute_values(":before", number(before));
    let kept = put(table, Key::catalog_version(kind, version), &next)?;
    let mut puts = Vec::new();
    for put in [current, kept] {
        let put = put
            .build()
            .map_err(|error| Outage::new("the catalogue", error))?;
        puts.push(TransactWriteItem::builder().put(put).build());
    }
    client
        .transact_write_items()
        .set_transact_items(Some(puts))
        .send()
        .await
        .map_err(|error| outage("the catalogue", error))?;
    Ok(version)
}

fn put<T: Serialize>(
    table: &str,
    key: Key,
    item: &CatalogItem<T>,
) -> Result<aws_sdk_dynamodb::types::builders::PutBuilder, Outage> {
    let mut attributes = write("catalogue", item)?;
    attributes.extend(key.attributes());
    Ok(Put::builder().table_name(table).set_item(Some(attributes)))
}
