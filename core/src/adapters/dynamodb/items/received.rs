//! `CREATOR#<id>#<yyyymm>#<lane>` / `GIFT#<time>#<sent gift id>`, in the views.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{super::keys::Key, Attributes, Unreadable, read, write};
use crate::domain::{
    Coins, ComboId, GiftId, Message, Quantity, ReceivedGift, SentGift, SentGiftId, SequenceNumber,
    ShardId, Target, TargetId, TargetKind, UserId,
};

/// A received gift. Creator, time and id are in its key.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct ReceivedItem {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    sender: UserId,
    gift: GiftId,
    quantity: Quantity,
    coins: Coins,
    diamonds: u64,
    target_kind: String,
    target: TargetId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    combo: Option<ComboId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
    /// Where the stream told it: with the shard's mark this says whether it is counted yet.
    shard: String,
    sequence: String,
}

impl ReceivedItem {
    pub(in super::super) fn write(gift: &ReceivedGift) -> Result<Attributes, Unreadable> {
        let Key { pk, sk } = Key::received(gift);
        let sent = gift.sent.clone();
        let item = Self {
            pk,
            sk,
            sender: gift.sender.clone(),
            gift: sent.gift,
            quantity: sent.quantity,
            coins: sent.coins,
            diamonds: sent.diamonds,
            target_kind: sent.target.kind.as_str().to_owned(),
            target: sent.target.id,
            combo: sent.combo,
            message: sent.message,
            shard: gift.shard.to_string(),
            sequence: gift.sequence.to_string(),
        };
        write("received gift", &item)
    }

    pub(in super::super) fn read(attributes: Attributes) -> Result<ReceivedGift, Unreadable> {
        let item: Self = read("received gift", attributes)?;
        let unreadable = |what| Unreadable::new("received gift", what);
        let (creator, at, id) =
            key_parts(&item.pk, &item.sk).ok_or_else(|| unreadable("its key"))?;
        let place = || {
            let shard = ShardId::try_from(item.shard.as_str()).ok()?;
            let sequence = SequenceNumber::try_from(item.sequence.as_str()).ok()?;
            Some((shard, sequence))
        };
        let (shard, sequence) = place().ok_or_else(|| unreadable("its place in the stream"))?;
        let kind = TargetKind::named(&item.target_kind);
        Ok(ReceivedGift {
            sender: item.sender,
            sent: SentGift {
                id,
                gift: item.gift,
                quantity: item.quantity,
                creator,
                target: Target {
                    kind: kind.ok_or_else(|| unreadable("its target"))?,
                    id: item.target,
                },
                coins: item.coins,
                diamonds: item.diamonds,
                combo: item.combo,
                message: item.message,
            },
            at,
            shard,
            sequence,
        })
    }
}

fn key_parts(pk: &str, sk: &str) -> Option<(UserId, Timestamp, SentGiftId)> {
    let (creator, _) = pk.strip_prefix("CREATOR#")?.split_once('#')?;
    let (at, id) = sk.strip_prefix("GIFT#")?.split_once('#')?;
    Some((
        creator.try_into().ok()?,
        at.parse().ok()?,
        id.try_into().ok()?,
    ))
}
