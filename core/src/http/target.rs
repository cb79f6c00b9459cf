//! What a gift is for, as several functions tell it.

use serde::Serialize;

use crate::domain::{Target, TargetId};

/// What a gift is for.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Target")
)]
pub struct TargetReply<'a> {
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "super::openapi::Names<crate::domain::TargetKind>")
    )]
    kind: &'static str,
    id: &'a TargetId,
}

impl<'a> From<&'a Target> for TargetReply<'a> {
    fn from(target: &'a Target) -> Self {
        Self {
            kind: target.kind.as_str(),
            id: &target.id,
        }
    }
}
