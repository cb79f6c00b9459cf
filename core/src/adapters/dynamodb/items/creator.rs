//! `CREATOR#<id>` / `CREATOR` and `BLOCK#<user>`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attributes, Unreadable, read, write};
use crate::domain::{Country, Creator, DisplayName, UserId};

/// A stored creator.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct CreatorItem {
    display_name: DisplayName,
    country: Country,
    terms_version: String,
    accepted_at: Timestamp,
    accepting: bool,
    created_at: Timestamp,
    version: u64,
}

impl CreatorItem {
    pub(in super::super) fn write(creator: &Creator) -> Result<Attributes, Unreadable> {
        let item = Self {
            display_name: creator.display_name.clone(),
            country: creator.country,
            terms_version: creator.terms_version.clone(),
            accepted_at: creator.accepted_at,
            accepting: creator.is_accepting,
            created_at: creator.created_at,
            version: creator.version,
        };
        write("creator", &item)
    }

    pub(in super::super) fn read(
        id: &UserId,
        attributes: Attributes,
    ) -> Result<Creator, Unreadable> {
        let item: Self = read("creator", attributes)?;
        Ok(Creator {
            id: id.clone(),
            display_name: item.display_name,
            country: item.country,
            terms_version: item.terms_version,
            accepted_at: item.accepted_at,
            is_accepting: item.accepting,
            created_at: item.created_at,
            version: item.version,
        })
    }
}

/// Whether a creator blocks a user. Unblocking keeps the row: no function may delete.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct BlockItem {
    blocked: bool,
    at: Timestamp,
}

impl BlockItem {
    pub(in super::super) fn write(
        is_blocked: bool,
        at: Timestamp,
    ) -> Result<Attributes, Unreadable> {
        let item = Self {
            blocked: is_blocked,
            at,
        };
        write("block", &item)
    }

    /// Since when the user is blocked, if they are.
    pub(in super::super) fn read(attributes: Attributes) -> Result<Option<Timestamp>, Unreadable> {
        let item: Self = read("block", attributes)?;
        Ok(item.blocked.then_some(item.at))
    }
}
