//! What goes in and out.

use jiff::Timestamp;
use recharge_core::{
    domain::{Country, Creator, CreatorRequest, DisplayName, UserId},
    http::Bounded,
};
use serde::{Deserialize, Serialize};

/// What a user sends to become a creator, or to change what they said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "CreatorRequest")
)]
pub(crate) struct CreatorBody {
    display_name: DisplayName,
    terms_version: Bounded<64>,
    country: Country,
}

impl From<CreatorBody> for CreatorRequest {
    fn from(body: CreatorBody) -> Self {
        Self {
            display_name: body.display_name,
            country: body.country,
            terms_version: body.terms_version.into(),
        }
    }
}

/// What a creator sends to pause and resume.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "CreatorStatusRequest")
)]
pub(crate) struct StatusBody {
    pub(crate) accepting: bool,
}

/// A creator, as they see themself.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Creator")
)]
pub(crate) struct CreatorReply<'a> {
    id: &'a UserId,
    #[cfg_attr(feature = "openapi", schemars(with = "DisplayName"))]
    display_name: &'a str,
    country: Country,
    terms_version: &'a str,
    accepting: bool,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Time")
    )]
    created_at: String,
}

impl<'a> CreatorReply<'a> {
    pub(crate) fn of(creator: &'a Creator) -> Self {
        Self {
            id: &creator.id,
            display_name: creator.display_name.as_str(),
            country: creator.country,
            terms_version: &creator.terms_version,
            accepting: creator.is_accepting,
            created_at: creator.created_at.to_string(),
        }
    }
}

/// Whether somebody is blocked now.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Block")
)]
pub(crate) struct BlockReply<'a> {
    user: &'a UserId,
    blocked: bool,
}

impl<'a> BlockReply<'a> {
    pub(crate) const fn of(user: &'a UserId, blocked: bool) -> Self {
        Self { user, blocked }
    }
}

/// A page of those who are blocked.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "BlockedPage")
)]
pub(crate) struct BlockedReply<'a> {
    data: Vec<BlockedUser<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "String"))]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct BlockedUser<'a> {
    user: &'a UserId,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Time")
    )]
    since: String,
}

impl<'a> BlockedReply<'a> {
    pub(crate) fn of(users: &'a [(UserId, Timestamp)], next_cursor: Option<String>) -> Self {
        let data = users.iter().map(|(user, since)| BlockedUser {
            user,
            since: since.to_string(),
        });
        Self {
            data: data.collect(),
            next_cursor,
        }
    }
}
