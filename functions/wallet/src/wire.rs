//! What goes out.

use jiff::Timestamp;
use recharge_core::domain::{
    Coins, Entry, EntryDetail, RechargeId, SentGiftId, Wallet, WalletStatus,
};
use serde::Serialize;

/// A wallet.
#[derive(Debug, Serialize)]
pub(crate) struct WalletReply {
    coins: Coins,
    debt: Coins,
    status: &'static str,
    seq: u64,
    limits: LimitsReply,
    spent: SpentReply,
}

#[derive(Debug, Serialize)]
struct LimitsReply {
    daily_coins: Option<Coins>,
    monthly_coins: Option<Coins>,
}

#[derive(Debug, Serialize)]
struct SpentReply {
    day: Coins,
    month: Coins,
}

impl WalletReply {
    pub(crate) fn of(wallet: &Wallet, now: Timestamp) -> Self {
        let spent = wallet.spent.at(now);
        Self {
            coins: wallet.coins,
            debt: wallet.debt,
            status: match wallet.status {
                WalletStatus::Active => "active",
                WalletStatus::Frozen => "frozen",
            },
            seq: wallet.last_seq,
            limits: LimitsReply {
                daily_coins: wallet.limits.daily_coins,
                monthly_coins: wallet.limits.monthly_coins,
            },
            spent: SpentReply {
                day: spent.day_coins,
                month: spent.month_coins,
            },
        }
    }
}

/// A page of a statement.
#[derive(Debug, Serialize)]
pub(crate) struct StatementReply<'a> {
    data: Vec<EntryReply<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
struct EntryReply<'a> {
    seq: u64,
    kind: &'static str,
    coins: i64,
    balance_after: Coins,
    debt_after: Coins,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recharge: Option<&'a RechargeId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_gift: Option<&'a SentGiftId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

impl<'a> StatementReply<'a> {
    pub(crate) fn of(entries: &'a [Entry], next_cursor: Option<String>) -> Self {
        Self {
            data: entries.iter().map(EntryReply::of).collect(),
            next_cursor,
        }
    }
}

impl<'a> EntryReply<'a> {
    fn of(entry: &'a Entry) -> Self {
        let (recharge, sent_gift, note) = match &entry.detail {
            EntryDetail::Recharge { recharge, .. } => (Some(recharge), None, None),
            EntryDetail::Grant {
                reason, recharge, ..
            } => (Some(recharge), None, Some(reason.as_str())),
            EntryDetail::Gift(sent) => (None, Some(&sent.id), None),
        };
        Self {
            seq: entry.seq,
            kind: entry.key.kind.as_str(),
            coins: entry.change,
            balance_after: entry.coins_after,
            debt_after: entry.debt_after,
            at: entry.at.to_string(),
            recharge,
            sent_gift,
            note,
        }
    }
}
