//! `USER#<id>` / `WALLET`.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Attributes, Unreadable, read, write};
use crate::domain::{
    Coins, LimitRaise, LimitRaises, Limits, Pace, Spent, StatusNote, UserId, Wallet, WalletStatus,
};

/// A stored wallet. None of its attributes is called `seq`: that would put it into the
/// statement index.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct WalletItem {
    coins: Coins,
    debt: Coins,
    in_total: Coins,
    out_total: Coins,
    status: String,
    #[serde(default)]
    status_note: Option<StatusNoteItem>,
    daily_limit: Option<Coins>,
    monthly_limit: Option<Coins>,
    #[serde(default)]
    daily_raise: Option<RaiseItem>,
    #[serde(default)]
    monthly_raise: Option<RaiseItem>,
    day: Date,
    day_spent: Coins,
    month: Date,
    month_spent: Coins,
    #[serde(default)]
    minute: i64,
    #[serde(default)]
    minute_gifts: u32,
    /// Absent in wallets that were written before there was a bonus for the first recharge:
    /// then all that ever came in was recharges.
    has_recharged: Option<bool>,
    last_seq: u64,
    version: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct StatusNoteItem {
    reason: String,
    by: UserId,
    at: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct RaiseItem {
    to: Option<Coins>,
    from: Timestamp,
}

impl From<LimitRaise> for RaiseItem {
    fn from(LimitRaise { to, from }: LimitRaise) -> Self {
        Self { to, from }
    }
}

impl From<RaiseItem> for LimitRaise {
    fn from(RaiseItem { to, from }: RaiseItem) -> Self {
        Self { to, from }
    }
}

impl WalletItem {
    pub(in super::super) fn write(wallet: &Wallet) -> Result<Attributes, Unreadable> {
        let note = wallet.status_note.clone();
        let item = Self {
            coins: wallet.coins,
            debt: wallet.debt,
            in_total: wallet.in_total,
            out_total: wallet.out_total,
            status: wallet.status.as_str().to_owned(),
            status_note: note.map(|StatusNote { reason, by, at }| StatusNoteItem {
                reason,
                by,
                at,
            }),
            daily_limit: wallet.limits.daily_coins,
            monthly_limit: wallet.limits.monthly_coins,
            daily_raise: wallet.raises.daily.map(RaiseItem::from),
            monthly_raise: wallet.raises.monthly.map(RaiseItem::from),
            day: wallet.spent.day,
            day_spent: wallet.spent.day_coins,
            month: wallet.spent.month,
            month_spent: wallet.spent.month_coins,
            minute: wallet.pace.minute,
            minute_gifts: wallet.pace.count,
            has_recharged: Some(wallet.has_recharged),
            last_seq: wallet.last_seq,
            version: wallet.version,
        };
        write("wallet", &item)
    }

    pub(in super::super) fn read(
        user: &UserId,
        attributes: Attributes,
    ) -> Result<Wallet, Unreadable> {
        let item: Self = read("wallet", attributes)?;
        let status = WalletStatus::named(&item.status)
            .ok_or_else(|| Unreadable::new("wallet", format!("status {:?}", item.status)))?;
        let note = item.status_note;
        Ok(Wallet {
            user: user.clone(),
            coins: item.coins,
            debt: item.debt,
            in_total: item.in_total,
            out_total: item.out_total,
            status,
            status_note: note.map(|StatusNoteItem { reason, by, at }| StatusNote {
                reason,
                by,
                at,
            }),
            limits: Limits {
                daily_coins: item.daily_limit,
                monthly_coins: item.monthly_limit,
            },
            raises: LimitRaises {
                daily: item.daily_raise.map(LimitRaise::from),
                monthly: item.monthly_raise.map(LimitRaise::from),
            },
            spent: Spent {
                day: item.day,
                day_coins: item.day_spent,
                month: item.month,
                month_coins: item.month_spent,
            },
            pace: Pace {
                minute: item.minute,
                count: item.minute_gifts,
            },
            has_recharged: item.has_recharged.unwrap_or(!item.in_total.is_zero()),
            last_seq: item.last_seq,
            version: item.version,
        })
    }
}
