//! Recharges against the entries that credited them.

use super::Reason;
use crate::domain::{Entry, EntryDetail, EntryKind, Recharge, RechargeId};

impl Entry {
    /// The recharge that it must agree with; none for a gift.
    #[must_use]
    pub const fn credited_recharge(&self) -> Option<&RechargeId> {
        match &self.detail {
            EntryDetail::Recharge { recharge, .. } | EntryDetail::Grant { recharge, .. } => {
                Some(recharge)
            }
            EntryDetail::Gift(_) => None,
        }
    }
}

/// What is wrong with an entry that credits coins, by the recharge that it names: it must be
/// settled, for the same user, at the same moment, with the same coins.
#[must_use]
pub fn check_settlement(entry: &Entry, recharge: Option<&Recharge>) -> Option<Reason> {
    let id = entry.credited_recharge()?;
    let Some(row) = recharge else {
        return Some(Reason::NoRecharge {
            recharge: id.clone(),
        });
    };
    let coins_agree = match &entry.detail {
        EntryDetail::Recharge {
            coins, bonus_coins, ..
        } => row.coins == *coins && row.bonus_coins == *bonus_coins,
        EntryDetail::Grant { coins, .. } => row.first_bonus_coins == *coins,
        EntryDetail::Gift(_) => true,
    };
    let what = if row.user != entry.user {
        "user"
    } else if row.credited_at != Some(entry.at) {
        "time of settlement"
    } else if !coins_agree && entry.key.kind == EntryKind::Grant {
        "bonus"
    } else if !coins_agree {
        "number of coins"
    } else {
        return None;
    };
    Some(Reason::RechargeDiffers {
        recharge: id.clone(),
        what,
    })
}
