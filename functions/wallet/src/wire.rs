//! What goes in and out.

use jiff::Timestamp;
use recharge_core::domain::{
    Coins, Entry, EntryDetail, LimitRaise, LimitRaises, LimitsRequest, RechargeId, SentGiftId,
    Wallet,
};
use serde::{Deserialize, Deserializer, Serialize};

/// A wallet.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Wallet")
)]
pub(crate) struct WalletReply {
    coins: Coins,
    debt: Coins,
    #[cfg_attr(
        feature = "openapi",
        schemars(
            with = "recharge_core::http::openapi::Names<recharge_core::domain::WalletStatus>"
        )
    )]
    status: &'static str,
    seq: u64,
    limits: LimitsReply,
    /// Raises that wait; null if none does.
    pending_limits: Option<PendingLimits>,
    spent: SpentReply,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct PendingLimits {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "PendingLimit"))]
    daily_coins: Option<PendingLimit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "PendingLimit"))]
    monthly_coins: Option<PendingLimit>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct PendingLimit {
    /// Null removes the limit.
    to: Option<Coins>,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Time")
    )]
    from: String,
}

impl From<LimitRaise> for PendingLimit {
    fn from(LimitRaise { to, from }: LimitRaise) -> Self {
        let from = from.to_string();
        Self { to, from }
    }
}

impl PendingLimits {
    fn of(raises: LimitRaises) -> Option<Self> {
        (raises != LimitRaises::default()).then(|| Self {
            daily_coins: raises.daily.map(PendingLimit::from),
            monthly_coins: raises.monthly.map(PendingLimit::from),
        })
    }
}

/// What a client sends to change its limits. A field that is absent leaves its limit as it is,
/// null removes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "SpendingLimitsRequest")
)]
pub(crate) struct LimitsBody {
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Coins>"))]
    daily_coins: Option<Option<Coins>>,
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Coins>"))]
    monthly_coins: Option<Option<Coins>>,
}

/// Tells null from absent: this is only asked if the field is there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Coins>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl From<LimitsBody> for LimitsRequest {
    fn from(body: LimitsBody) -> Self {
        Self {
            daily_coins: body.daily_coins,
            monthly_coins: body.monthly_coins,
        }
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "SpendingLimits")
)]
struct LimitsReply {
    daily_coins: Option<Coins>,
    monthly_coins: Option<Coins>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Spent")
)]
struct SpentReply {
    day: Coins,
    month: Coins,
}

impl WalletReply {
    pub(crate) fn of(wallet: &Wallet, now: Timestamp) -> Self {
        let (spent, limits) = (wallet.spent.at(now), wallet.limits_at(now));
        Self {
            coins: wallet.coins,
            debt: wallet.debt,
            status: wallet.status.as_str(),
            seq: wallet.last_seq,
            limits: LimitsReply {
                daily_coins: limits.daily_coins,
                monthly_coins: limits.monthly_coins,
            },
            pending_limits: PendingLimits::of(wallet.raises_at(now)),
            spent: SpentReply {
                day: spent.day_coins,
                month: spent.month_coins,
            },
        }
    }
}

/// A page of a statement.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "EntriesPage")
)]
pub(crate) struct StatementReply<'a> {
    data: Vec<EntryReply<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "String"))]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "Entry")
)]
struct EntryReply<'a> {
    seq: u64,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Names<recharge_core::domain::EntryKind>")
    )]
    kind: &'static str,
    coins: i64,
    balance_after: Coins,
    debt_after: Coins,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Time")
    )]
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "RechargeId"))]
    recharge: Option<&'a RechargeId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "SentGiftId"))]
    sent_gift: Option<&'a SentGiftId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Names<recharge_core::domain::GrantReason>")
    )]
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
