//! `QUOTA#<user>` / `RECHARGES`.

use serde::{Deserialize, Serialize};

use super::{Attributes, Unreadable, read, write};
use crate::domain::{Pace, RechargeQuota, UserId};

/// How many recharges a user has asked for in a minute.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct QuotaItem {
    minute: i64,
    count: u32,
    version: u64,
}

impl QuotaItem {
    pub(in super::super) fn write(quota: &RechargeQuota) -> Result<Attributes, Unreadable> {
        let item = Self {
            minute: quota.pace.minute,
            count: quota.pace.count,
            version: quota.version,
        };
        write("quota", &item)
    }

    pub(in super::super) fn read(
        user: &UserId,
        attributes: Attributes,
    ) -> Result<RechargeQuota, Unreadable> {
        let item: Self = read("quota", attributes)?;
        Ok(RechargeQuota {
            user: user.clone(),
            pace: Pace {
                minute: item.minute,
                count: item.count,
            },
            version: item.version,
        })
    }
}
