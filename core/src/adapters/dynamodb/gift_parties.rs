//! Both sides of a gift, in one round trip.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{
    DynamoLedger, access,
    items::{Attributes, BlockItem, CreatorItem, Unreadable, WalletItem},
    keys::Key,
};
use crate::{
    app::{
        Clock,
        ports::{Freshness, GiftParties, GiftPartiesOf, Outage},
    },
    domain::{Creator, Recipient, UserId, Wallet},
};

/// Both sides of a gift; remembers for a short while which creators take gifts.
#[derive(Debug, Clone)]
pub struct DynamoGiftParties {
    ledger: DynamoLedger,
    clock: Arc<dyn Clock>,
    /// Creators who took gifts when they were read last, and when that was.
    accepting: Arc<Mutex<HashMap<UserId, Timestamp>>>,
}

/// A pause takes effect within 30 seconds. What is remembered counts from before it was asked for;
/// the ten seconds between are for reads that lag and for the gift's own tries.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(20);
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

    /// Remembers what was found of `id` by a read that began at `now`; a pause is forgotten at once.
    fn remember(&self, id: &UserId, found: Option<&Creator>, now: Timestamp) {
        let accepting = self.accepting.lock();
        let mut accepting = accepting.unwrap_or_else(PoisonError::into_inner);
        let Some(creator) = found.filter(|creator| creator.is_accepting) else {
            accepting.remove(id);
            return;
        };
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
        let now = self.clock.now();
        let [wallet, row, block] = self.ledger.items(keys, freshness).await?;
        let read = |attributes| CreatorItem::read(creator, attributes);
        let found = row.map(read).transpose()?;
        self.remember(creator, found.as_ref(), now);
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
        let found = access::many(&self.client, &self.table, "the ledger", &keys, freshness);
        let found: Result<[_; N], _> = found.await?.try_into();
        found.map_err(|_| Outage::new("the ledger", "another number of items than was asked for"))
    }
}
