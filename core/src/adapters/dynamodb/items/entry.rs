//! `USER#<id>` / `ENTRY#<kind>#<key>`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{super::keys::Key, Attributes, Unreadable, read, write};
use crate::domain::{
    Coins, ComboId, Entry, EntryDetail, EntryKey, EntryKind, GiftId, GrantReason, InputHash,
    Message, Quantity, RechargeId, SentGift, SentGiftId, Target, TargetId, TargetKind, UserId,
};

/// A stored entry. `seq` puts it into the statement index, and nothing else does.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct EntryItem {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    seq: u64,
    change: i64,
    coins_after: Coins,
    debt_after: Coins,
    in_total: Coins,
    out_total: Coins,
    at: Timestamp,
    input_hash: String,
    // Of a gift
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent_gift: Option<SentGiftId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gift: Option<GiftId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quantity: Option<Quantity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    creator: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target_kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<TargetId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    diamonds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    combo: Option<ComboId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
    // Of a recharge, or a grant that came with one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recharge: Option<RechargeId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bonus_coins: Option<Coins>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refunded_coins: Option<Coins>,
    // Of all: what the gift cost; the recharge's coins without its bonus; what was granted
    #[serde(default, skip_serializing_if = "Option::is_none")]
    coins: Option<Coins>,
}

impl EntryItem {
    pub(in super::super) fn write(entry: &Entry) -> Result<Attributes, Unreadable> {
        let Key { pk, sk } = Key::entry(&entry.user, &entry.key);
        let mut item = Self {
            pk,
            sk,
            seq: entry.seq,
            change: entry.change,
            coins_after: entry.coins_after,
            debt_after: entry.debt_after,
            in_total: entry.in_total,
            out_total: entry.out_total,
            at: entry.at,
            input_hash: entry.input_hash.as_str().to_owned(),
            sent_gift: None,
            gift: None,
            quantity: None,
            creator: None,
            target_kind: None,
            target: None,
            diamonds: None,
            combo: None,
            message: None,
            recharge: None,
            bonus_coins: None,
            refunded_coins: None,
            coins: None,
        };
        match &entry.detail {
            EntryDetail::Gift(sent) => item.set_gift(sent),
            EntryDetail::Recharge {
                recharge,
                coins,
                bonus_coins,
                refunded_coins,
            } => {
                item.recharge = Some(recharge.clone());
                item.coins = Some(*coins);
                item.bonus_coins = Some(*bonus_coins);
                item.refunded_coins = Some(*refunded_coins).filter(|coins| !coins.is_zero());
            }
            // Its reason is its key.
            EntryDetail::Grant {
                reason: _,
                recharge,
                coins,
            } => {
                item.recharge = Some(recharge.clone());
                item.coins = Some(*coins);
            }
        }
        write("entry", &item)
    }

    fn set_gift(&mut self, sent: &SentGift) {
        self.sent_gift = Some(sent.id.clone());
        self.gift = Some(sent.gift.clone());
        self.quantity = Some(sent.quantity);
        self.creator = Some(sent.creator.clone());
        self.target_kind = Some(sent.target.kind.as_str().to_owned());
        self.target = Some(sent.target.id.clone());
        self.coins = Some(sent.coins);
        self.diamonds = Some(sent.diamonds);
        self.combo.clone_from(&sent.combo);
        self.message.clone_from(&sent.message);
    }

    pub(in super::super) fn read(attributes: Attributes) -> Result<Entry, Unreadable> {
        let item: Self = read("entry", attributes)?;
        let user = item
            .pk
            .strip_prefix("USER#")
            .and_then(|id| UserId::try_from(id).ok());
        let key = item
            .sk
            .strip_prefix("ENTRY#")
            .and_then(|rest| rest.split_once('#'));
        let (Some(user), Some((kind, name))) = (user, key) else {
            return Err(Unreadable::new("entry", "its key"));
        };
        let (kind, detail) = match kind {
            "gift" => (EntryKind::Gift, item.gift_detail()),
            "recharge" => (EntryKind::Recharge, item.recharge_detail()),
            "grant" => (EntryKind::Grant, item.grant_detail(name)),
            other => return Err(Unreadable::new("entry", format!("kind {other:?}"))),
        };
        Ok(Entry {
            user,
            key: EntryKey {
                kind,
                name: name.to_owned(),
            },
            seq: item.seq,
            change: item.change,
            coins_after: item.coins_after,
            debt_after: item.debt_after,
            in_total: item.in_total,
            out_total: item.out_total,
            at: item.at,
            input_hash: InputHash::from_stored(item.input_hash.clone()),
            detail: detail.ok_or_else(|| Unreadable::new("entry", "an attribute is missing"))?,
        })
    }

    fn gift_detail(&self) -> Option<EntryDetail> {
        let kind = TargetKind::named(self.target_kind.as_deref()?)?;
        Some(EntryDetail::Gift(SentGift {
            id: self.sent_gift.clone()?,
            gift: self.gift.clone()?,
            quantity: self.quantity?,
            creator: self.creator.clone()?,
            target: Target {
                kind,
                id: self.target.clone()?,
            },
            coins: self.coins?,
            diamonds: self.diamonds?,
            combo: self.combo.clone(),
            message: self.message.clone(),
        }))
    }

    fn recharge_detail(&self) -> Option<EntryDetail> {
        Some(EntryDetail::Recharge {
            recharge: self.recharge.clone()?,
            coins: self.coins?,
            bonus_coins: self.bonus_coins?,
            refunded_coins: self.refunded_coins.unwrap_or_default(),
        })
    }

    fn grant_detail(&self, reason: &str) -> Option<EntryDetail> {
        Some(EntryDetail::Grant {
            reason: GrantReason::named(reason)?,
            recharge: self.recharge.clone()?,
            coins: self.coins?,
        })
    }
}
