//! `USER#<id>` / `WALLET`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Attributes, Unreadable, read, write};
use crate::domain::{Coins, Limits, Spent, UserId, Wallet, WalletStatus};

/// A stored wallet. None of its attributes is called `seq`: that would put it into the
/// statement index.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct WalletItem {
    coins: Coins,
    debt: Coins,
    in_total: Coins,
    out_total: Coins,
    status: String,
    daily_limit: Option<Coins>,
    monthly_limit: Option<Coins>,
    day: Date,
    day_spent: Coins,
    month: Date,
    month_spent: Coins,
    /// Absent in wallets that were written before there was a bonus for the first recharge:
    /// then all that ever came in was recharges.
    has_recharged: Option<bool>,
    last_seq: u64,
    version: u64,
}

impl WalletItem {
    pub(in super::super) fn write(wallet: &Wallet) -> Result<Attributes, Unreadable> {
        let status = match wallet.status {
            WalletStatus::Active => "active",
            WalletStatus::Frozen => "frozen",
        };
        let item = Self {
            coins: wallet.coins,
            debt: wallet.debt,
            in_total: wallet.in_total,
            out_total: wallet.out_total,
            status: status.to_owned(),
            daily_limit: wallet.limits.daily_coins,
            monthly_limit: wallet.limits.monthly_coins,
            day: wallet.spent.day,
            day_spent: wallet.spent.day_coins,
            month: wallet.spent.month,
            month_spent: wallet.spent.month_coins,
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
        let status = match item.status.as_str() {
            "active" => WalletStatus::Active,
            "frozen" => WalletStatus::Frozen,
            other => return Err(Unreadable::new("wallet", format!("status {other:?}"))),
        };
        Ok(Wallet {
            user: user.clone(),
            coins: item.coins,
            debt: item.debt,
            in_total: item.in_total,
            out_total: item.out_total,
            status,
            limits: Limits {
                daily_coins: item.daily_limit,
                monthly_coins: item.monthly_limit,
            },
            spent: Spent {
                day: item.day,
                day_coins: item.day_spent,
                month: item.month,
                month_coins: item.month_spent,
            },
            has_recharged: item.has_recharged.unwrap_or(!item.in_total.is_zero()),
            last_seq: item.last_seq,
            version: item.version,
        })
    }
}
