//! Creators, and both sides of a gift.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use jiff::{SignedDuration, Timestamp};

use super::{
    DynamoLedger,
    commit::{NEW, UNMOVED},
    expression::{Assignment, number},
    failure::{WriteFailure, outage, update_failure},
    items::{Attributes, BlockItem, CreatorItem, Unreadable, WalletItem},
    keys::{BLOCK, Key, creator_partition},
};
use crate::{
    app::{
        Clock,
        ports::{
            BlockedPage, Blocks, Creators, Freshness, GiftParties, GiftPartiesOf, Outage, SaveError,
        },
    },
    domain::{Creator, Recipient, UserId, Wallet},
};

impl Creators for DynamoLedger {
    async fn creator(&self, id: &UserId, freshness: Freshness) -> Result<Option<Creator>, Outage> {
        let found = self.item(Key::creator(id), freshness).await?;
        let read = |attributes| CreatorItem::read(id, attributes);
        Ok(found.map(read).transpose()?)
    }

    async fn save_creator(
        &self,
        expected_version: u64,
        creator: &Creator,
    ) -> Result<(), SaveError> {
        let item = CreatorItem::write(creator).map_err(Outage::from)?;
        let mut assignment = Assignment::of(item);
        if expected_version > 0 {
            assignment = assignment.with_value(":expected_version", number(expected_version));
        }
        let saved = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(Key::creator(&creator.id).attributes()))
            .update_expression(assignment.expression)
            .condition_expression(if expected_version == 0 { NEW } else { UNMOVED })
            .set_expression_attribute_names(Some(assignment.names))
            .set_expression_attribute_values(Some(assignment.values))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match saved.map_err(update_failure) {
            Ok(_) => Ok(()),
            Err(WriteFailure::ConditionFailed | WriteFailure::Collided) => Err(SaveError::Moved),
            Err(WriteFailure::Unavailable(outage)) => Err(outage.into()),
        }
    }
}

impl Blocks for DynamoLedger {
    async fn save_block(
        &self,
        creator: &UserId,
        user: &UserId,
        is_blocked: bool,
        at: Timestamp,
    ) -> Result<(), Outage> {
        let assignment = Assignment::of(BlockItem::write(is_blocked, at)?);
        // Unconditional: the last word of the creator holds, however often it is said.
        let saved = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(Key::block(creator, user).attributes()))
            .update_expression(assignment.expression)
            .set_expression_attribute_names(Some(assignment.names))
            .set_expression_attribute_values(Some(assignment.values))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        saved.map_err(|error| outage("the ledger", error))?;
        Ok(())
    }

    async fn blocked(
        &self,
        creator: &UserId,
        after: Option<&UserId>,
        limit: u32,
    ) -> Result<BlockedPage, Outage> {
        let start = after.map(|after| Key::block(creator, after).attributes());
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(creator_partition(creator)))
            .expression_attribute_values(":prefix", AttributeValue::S(BLOCK.to_owned()))
            .set_exclusive_start_key(start)
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| outage("the ledger", error))?;
        let mut page = BlockedPage {
            next_after: found
                .last_evaluated_key
                .map(|key| blocked_user(&key))
                .transpose()?,
            ..BlockedPage::default()
        };
        for item in found.items.unwrap_or_default() {
            let user = blocked_user(&item)?;
            if let Some(since) = BlockItem::read(item)? {
                page.users.push((user, since));
            }
        }
        Ok(page)
    }
}

/// Whom a block's key names.
fn blocked_user(attributes: &Attributes) -> Result<UserId, Unreadable> {
    let key = attributes.get("SK").and_then(|key| key.as_s().ok());
    let user = key.and_then(|key| key.strip_prefix(BLOCK)?.try_into().ok());
    user.ok_or_else(|| Unreadable::new("block", "its key"))
}

/// Both sides of a gift; remembers for a short while which creators take gifts.
#[derive(Debug, Clone)]
pub struct DynamoGiftParties {
    ledger: DynamoLedger,
    clock: Arc<dyn Clock>,
    /// Creators who took gifts when they were read last, and when that was.
    accepting: Arc<Mutex<HashMap<UserId, Timestamp>>>,
}

/// A pause takes effect within 30 seconds. A read that is not consistent lags by less than the
/// five seconds between.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(25);
/// A container remembers so many creators at most, some hundred bytes each.
const REMEMBERED_MAX: usize = 10_000;

impl DynamoGiftParties {
    /// Of the wallets and creators in `ledger`.
    #[must_use]
    pub fn new(ledger: DynamoLedger, clock: Arc<dyn Clock>) -> Self {
        Self {
            ledger,
            clock,
            accepting: Arc::default(),
        }
    }

    fn is_known_to_accept(&self, creator: &UserId) -> bool {
        let accepting = self.accepting.lock();
        let accepting = accepting.unwrap_or_else(PoisonError::into_inner);
        accepting
            .get(creator)
            .is_some_and(|read_at| is_fresh(*read_at, self.clock.now()))
    }

    fn remember(&self, creator: Option<&Creator>) {
        let Some(creator) = creator.filter(|creator| creator.is_accepting) else {
            return;
        };
        let now = self.clock.now();
        let accepting = self.accepting.lock();
        let mut accepting = accepting.unwrap_or_else(PoisonError::into_inner);
        if accepting.len() >= REMEMBERED_MAX {
            accepting.retain(|_, read_at| is_fresh(*read_at, now));
        }
        if accepting.len() < REMEMBERED_MAX {
            accepting.insert(creator.id.clone(), now);
        }
    }
}

fn is_fresh(read_at: Timestamp, now: Timestamp) -> bool {
    // A clock that was set back makes the age negative: then nothing is known of it.
    (SignedDuration::ZERO..FRESH_FOR).contains(&now.duration_since(read_at))
}

impl GiftPartiesOf for DynamoGiftParties {
    async fn gift_parties(
        &self,
        sender: &UserId,
        creator: &UserId,
        freshness: Freshness,
    ) -> Result<GiftParties, Outage> {
        // Blocks are read every time: there are as many pairs as gifts.
        let (wallet, block) = (Key::wallet(sender), Key::block(creator, sender));
        if freshness == Freshness::Recent && self.is_known_to_accept(creator) {
            let [wallet, block] = self.ledger.items([wallet, block], freshness).await?;
            let recipient = match is_blocked(block)? {
                true => Recipient::NotAccepting,
                false => Recipient::Accepting,
            };
            let wallet = read_wallet(sender, wallet)?;
            return Ok(GiftParties { wallet, recipient });
        }
        let keys = [wallet, Key::creator(creator), block];
        let [wallet, row, block] = self.ledger.items(keys, freshness).await?;
        let read = |attributes| CreatorItem::read(creator, attributes);
        let found = row.map(read).transpose()?;
        self.remember(found.as_ref());
        Ok(GiftParties {
            wallet: read_wallet(sender, wallet)?,
            recipient: Recipient::of(found.as_ref(), is_blocked(block)?),
        })
    }
}

fn read_wallet(user: &UserId, attributes: Option<Attributes>) -> Result<Wallet, Unreadable> {
    match attributes {
        Some(attributes) => WalletItem::read(user, attributes),
        None => Ok(Wallet::empty(user.clone())),
    }
}

fn is_blocked(attributes: Option<Attributes>) -> Result<bool, Unreadable> {
    let since = attributes.map(BlockItem::read).transpose()?;
    Ok(since.flatten().is_some())
}

impl DynamoLedger {
    /// Several items in one round trip, in the order of their keys.
    async fn items<const N: usize>(
        &self,
        keys: [Key; N],
        freshness: Freshness,
    ) -> Result<[Option<Attributes>; N], Outage> {
        let wanted = keys.iter().map(|key| key.clone().attributes());
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(wanted.collect()))
            .consistent_read(freshness == Freshness::Consistent)
            .build()
            .map_err(|error| Outage::new("the ledger", error))?;
        let got = self
            .client
            .batch_get_item()
            .request_items(&self.table, wanted)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| outage("the ledger", error))?;
        let found = got.responses.unwrap_or_default().into_values().flatten();
        let mut found: HashMap<_, _> = found
            .filter_map(|item| Some((key_of(&item)?, item)))
            .collect();
        let unread = got.unprocessed_keys.unwrap_or_default();
        for left in unread.values().flat_map(KeysAndAttributes::keys) {
            // DynamoDB was short of breath. A single read waits and tries again by itself.
            let Some(key) = key_of(left) else { continue };
            if let Some(item) = self.item(key.clone(), freshness).await? {
                found.insert(key, item);
            }
        }
        Ok(keys.map(|key| found.remove(&key)))
    }
}

fn key_of(attributes: &Attributes) -> Option<Key> {
    let text = |name| attributes.get(name)?.as_s().ok().cloned();
    Some(Key {
        pk: text("PK")?,
        sk: text("SK")?,
    })
}
