//! The catalogue, cached for half a minute.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::Client;
use jiff::{SignedDuration, Timestamp};

use super::{
    access,
    items::{CatalogItem, GiftItem, PackageItem, Unreadable, read},
    keys::Key,
};
use crate::{
    app::{
        Clock,
        ports::{Freshness, Gifts, Outage, Packages},
    },
    domain::{
        CatalogProblem, CustomAmounts, Gift, GiftCatalog, GiftId, Package, PackageCatalog,
        PackageId,
    },
};

/// How stale a cached catalogue may be.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(30);

/// Both catalogues, as `recharge catalog publish` wrote them.
#[derive(Debug, Clone)]
pub struct DynamoCatalog {
    client: Client,
    table: String,
    clock: Arc<dyn Clock>,
    packages: Cached<PackageCatalog>,
    gifts: Cached<GiftCatalog>,
}

/// What was read last, and when.
type Cached<T> = Arc<Mutex<Option<(Timestamp, Arc<T>)>>>;

impl DynamoCatalog {
    /// The catalogues in `table`.
    #[must_use]
    pub fn new(client: Client, table: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            table,
            clock,
            packages: Arc::default(),
            gifts: Arc::default(),
        }
    }

    /// All packages.
    ///
    /// # Errors
    /// [`Outage`] if they cannot be read, or none were published.
    pub async fn package_catalog(
        &self,
        freshness: Freshness,
    ) -> Result<Arc<PackageCatalog>, Outage> {
        if let Some(fresh) = self.fresh(&self.packages, freshness) {
            return Ok(fresh);
        }
        let item: CatalogItem<PackageItem> = self.load(PACKAGES, freshness).await?;
        let packages = item.items.into_iter().map(Package::from).collect();
        let custom = item.custom.map(CustomAmounts::from);
        let catalog = PackageCatalog::new(item.version, packages, custom).map_err(unreadable)?;
        Ok(self.keep(&self.packages, catalog))
    }

    /// All gifts.
    ///
    /// # Errors
    /// [`Outage`] if they cannot be read, or none were published.
    pub async fn gift_catalog(&self, freshness: Freshness) -> Result<Arc<GiftCatalog>, Outage> {
        if let Some(fresh) = self.fresh(&self.gifts, freshness) {
            return Ok(fresh);
        }
        let item: CatalogItem<GiftItem> = self.load(GIFTS, freshness).await?;
        let gifts: Result<_, _> = item.items.into_iter().map(Gift::try_from).collect();
        let catalog = GiftCatalog::new(item.version, gifts?).map_err(unreadable)?;
        Ok(self.keep(&self.gifts, catalog))
    }

    async fn load<T>(&self, kind: &'static str, freshness: Freshness) -> Result<T, Outage>
    where
        T: serde::de::DeserializeOwned,
    {
        let (client, table) = (&self.client, &self.table);
        let key = Key::catalog(kind);
        let found = access::item(client, table, "the catalogue", key, freshness).await?;
        let nothing = || {
            Outage::new(
                "the catalogue",
                "none is published: recharge catalog publish",
            )
        };
        Ok(read("catalogue", found.ok_or_else(nothing)?)?)
    }

    fn fresh<T>(&self, cached: &Cached<T>, freshness: Freshness) -> Option<Arc<T>> {
        if freshness == Freshness::Consistent {
            return None;
        }
        let cached = cached.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, catalog) = cached.as_ref()?;
        let age = self.clock.now().duration_since(*read_at);
        // A clock that was set back makes the age negative: then nothing is known of it.
        (SignedDuration::ZERO..FRESH_FOR)
            .contains(&age)
            .then(|| Arc::clone(catalog))
    }

    fn keep<T>(&self, cached: &Cached<T>, catalog: T) -> Arc<T> {
        let catalog = Arc::new(catalog);
        let kept = Some((self.clock.now(), Arc::clone(&catalog)));
        *cached.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        catalog
    }
}

/// The kinds of catalogues, as in their keys.
pub(super) const PACKAGES: &str = "PACKAGES";
pub(super) const GIFTS: &str = "GIFTS";

fn unreadable(problems: Vec<CatalogProblem>) -> Unreadable {
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Unreadable::new("catalogue", problems.join("; "))
}

impl Packages for DynamoCatalog {
    async fn package(
        &self,
        id: &PackageId,
        freshness: Freshness,
    ) -> Result<Option<Package>, Outage> {
        Ok(self.package_catalog(freshness).await?.find(id).cloned())
    }

    async fn custom_amounts(&self, freshness: Freshness) -> Result<Option<CustomAmounts>, Outage> {
        Ok(self.package_catalog(freshness).await?.custom().cloned())
    }
}

impl Gifts for DynamoCatalog {
    async fn gift(&self, id: &GiftId, freshness: Freshness) -> Result<Option<Gift>, Outage> {
        Ok(self.gift_catalog(freshness).await?.find(id).cloned())
    }
}
