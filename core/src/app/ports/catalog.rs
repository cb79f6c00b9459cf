//! What keeps the gifts and packages.

use std::future::Future;

use super::{Freshness, Outage};
use crate::domain::{CustomAmounts, Gift, GiftId, Package, PackageId};

/// The gifts that can be sent.
pub trait Gifts {
    /// The gift of that id, or `None` if the catalogue does not have it.
    fn gift(
        &self,
        id: &GiftId,
        freshness: Freshness,
    ) -> impl Future<Output = Result<Option<Gift>, Outage>> + Send;
}

/// The packages and amounts that are sold.
pub trait Packages {
    /// The amounts that buyers may choose themselves, if any are sold so.
    fn custom_amounts(
        &self,
        freshness: Freshness,
    ) -> impl Future<Output = Result<Option<CustomAmounts>, Outage>> + Send;

    /// The package of that id, or `None` if the catalogue does not have it.
    fn package(
        &self,
        id: &PackageId,
        freshness: Freshness,
    ) -> impl Future<Output = Result<Option<Package>, Outage>> + Send;
}
