//! What goes in and out.

use jiff::Timestamp;
use recharge_core::{
    app::ports::Outage,
    domain::{
        Coins, ComboId, Entry, EntryDetail, GiftId, Message, SentGiftId, Target, TargetId,
        TargetKind, UserId,
    },
    http::{Object, Problem, TargetReply},
};
use serde::{Deserialize, Serialize};

/// One act of sending.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "GiftRequest")
)]
pub(crate) struct GiftBody {
    pub(crate) gift_id: GiftId,
    // Wider than its range, so that one outside gets a code of its own.
    /// From 1 to `max_quantity` of `/v1/config`.
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::domain::Quantity")
    )]
    pub(crate) quantity: i64,
    /// The `sub` of somebody who is a creator.
    pub(crate) creator_id: UserId,
    pub(crate) target: Object<TargetBody>,
    /// The whole cost that was shown: another cost refuses.
    pub(crate) expected_coins: Option<Coins>,
    pub(crate) combo_id: Option<ComboId>,
    pub(crate) message: Option<Message>,
    /// Later than this the gift is not sent, unless the key had succeeded.
    pub(crate) not_after: Option<Timestamp>,
}

/// The stream or video of the creator that the gift is for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "TargetRequest")
)]
pub(crate) struct TargetBody {
    #[cfg_attr(feature = "openapi", schemars(with = "TargetKind"))]
    kind: KindBody,
    id: TargetId,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum KindBody {
    Live,
    Video,
}

impl From<TargetBody> for Target {
    fn from(body: TargetBody) -> Self {
        let kind = match body.kind {
            KindBody::Live => TargetKind::Live,
            KindBody::Video => TargetKind::Video,
        };
        Self { kind, id: body.id }
    }
}

/// What a client gets: everything from the entry, so that a replay answers the same.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "SentGift")
)]
pub(crate) struct GiftReply<'a> {
    id: &'a SentGiftId,
    gift_id: &'a GiftId,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::domain::Quantity")
    )]
    quantity: u16,
    creator_id: &'a UserId,
    target: TargetReply<'a>,
    pub(crate) coins: Coins,
    balance_after: Coins,
    seq: u64,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Time")
    )]
    at: String,
}

impl<'a> GiftReply<'a> {
    /// Of a gift's entry.
    pub(crate) fn of(entry: &'a Entry) -> Option<Self> {
        let EntryDetail::Gift(sent) = &entry.detail else {
            return None;
        };
        Some(Self {
            id: &sent.id,
            gift_id: &sent.gift,
            quantity: sent.quantity.get(),
            creator_id: &sent.creator,
            target: (&sent.target).into(),
            coins: sent.coins,
            balance_after: entry.coins_after,
            seq: entry.seq,
            at: entry.at.to_string(),
        })
    }

    /// Under a gift's key another kind of entry is stored: somebody wrote by hand.
    pub(crate) fn missing() -> Problem {
        Outage::new("the ledger", "an entry under a gift's key is no gift").into()
    }
}
