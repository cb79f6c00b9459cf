//! Reads the whole ledger. Only an operator's own command may: no function has the permission.

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ReturnConsumedCapacity},
};

use super::{
    DynamoLedger, access,
    failure::outage,
    items::{Attributes, EntryItem, RechargeItem, Unreadable, WalletItem},
    keys::{Key, user_partition},
};
use crate::{
    app::ports::{
        ApplyError, AuditedLedger, Freshness, LedgerItem, Outage, Page, PagePosition, Settlement,
        WalletStamp,
    },
    domain::{Account, Damaged, EntryKey, Reason, Recharge, RechargeId, Stored, UserId},
};

impl AuditedLedger for DynamoLedger {
    async fn ledger_page(&self, after: Option<&PagePosition>) -> Result<Page<LedgerItem>, Outage> {
        let page = page(&self.client, &self.table, "the ledger", after).await?;
        Ok(Page {
            items: page.items.into_iter().map(ledger_item).collect(),
            next: page.next,
        })
    }

    async fn account(&self, user: &UserId) -> Result<Account, Outage> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("PK = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(user_partition(user)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut items = query.into_paginator().items().send();
        let mut account = Account {
            user: user.clone(),
            wallet: None,
            entries: Vec::new(),
        };
        while let Some(item) = items
            .try_next()
            .await
            .map_err(|e| outage("the ledger", e))?
        {
            let key = Key::of(&item).map_or_else(String::new, |key| key.sk);
            if key == "WALLET" {
                let wallet = stored(item, |item| WalletItem::read(user, item));
                account.wallet = Some(wallet);
            } else if key.starts_with("ENTRY#") {
                account.entries.push(stored(item, EntryItem::read));
            } else {
                let unknown = |_| Err(Unreadable::new("item", "neither a wallet nor an entry"));
                account.entries.push(stored(item, unknown));
            }
        }
        Ok(account)
    }

    async fn wallet_stamp(&self, user: &UserId) -> Result<WalletStamp, ApplyError> {
        let found = self.at_once(vec![Key::wallet(user)]).await?;
        let wallet = found.into_iter().flatten().next();
        let stamp = wallet.and_then(|wallet| {
            let number = |name| whole(&wallet, name);
            Some((number("last_seq")?, number("version")?))
        });
        Ok(WalletStamp(stamp))
    }

    async fn recharges(&self, ids: &[RechargeId]) -> Result<Vec<Option<Stored<Recharge>>>, Outage> {
        let keys: Vec<_> = ids.iter().map(Key::recharge).collect();
        let found = access::many(
            &self.client,
            &self.table,
            "the ledger",
            &keys,
            Freshness::Consistent,
        );
        let found = ids.iter().zip(found.await?);
        Ok(found
            .map(|(id, item)| item.map(|item| stored(item, |item| RechargeItem::read(id, item))))
            .collect())
    }

    async fn settlement(&self, user: &UserId, id: &RechargeId) -> Result<Settlement, ApplyError> {
        let entry = Key::entry(user, &EntryKey::recharge(id));
        let found = self.at_once(vec![Key::recharge(id), entry]).await?;
        let mut found = found.into_iter();
        let (recharge, entry) = (found.next().flatten(), found.next().flatten());
        Ok((
            recharge.map(|item| stored(item, |item| RechargeItem::read(id, item))),
            entry.map(|item| stored(item, EntryItem::read)),
        ))
    }
}

impl DynamoLedger {
    /// As [`access::at_once`].
    async fn at_once(&self, keys: Vec<Key>) -> Result<Vec<Option<Attributes>>, ApplyError> {
        access::at_once(&self.client, &self.table, "the ledger", keys).await
    }
}

/// A page of all items, of at most 1 MB.
pub(super) async fn page(
    client: &Client,
    table: &str,
    what: &'static str,
    after: Option<&PagePosition>,
) -> Result<Page<Attributes>, Outage> {
    let start = after.map(|after| Key {
        pk: after.pk.clone(),
        sk: after.sk.clone(),
    });
    let scanned = client
        .scan()
        .table_name(table)
        .consistent_read(true)
        .set_exclusive_start_key(start.map(Key::attributes))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .map_err(|error| outage(what, error))?;
    let last = scanned.last_evaluated_key.filter(|key| !key.is_empty());
    let next = last.map(|last| {
        let Key { pk, sk } = Key::of(&last).ok_or("a page ends without a key")?;
        Ok::<_, &str>(PagePosition { pk, sk })
    });
    Ok(Page {
        items: scanned.items.unwrap_or_default(),
        next: next
            .transpose()
            .map_err(|problem| Outage::new(what, problem))?,
    })
}

fn ledger_item(item: Attributes) -> LedgerItem {
    let Some(Key { pk, sk }) = Key::of(&item) else {
        return LedgerItem::Other;
    };
    if let Some(user) = pk.strip_prefix("USER#") {
        return match UserId::try_from(user) {
            Ok(user) => LedgerItem::OfWallet {
                user,
                is_wallet: sk == "WALLET",
            },
            Err(error) => LedgerItem::Damaged(damaged(&item, error.to_string())),
        };
    }
    match pk.strip_prefix("RECHARGE#") {
        Some(id) if sk == "RECHARGE" => LedgerItem::Recharge(match RechargeId::try_from(id) {
            Ok(id) => stored(item, |item| RechargeItem::read(&id, item).map(Box::new)),
            Err(error) => Err(damaged(&item, error.to_string())),
        }),
        Some(_) | None => LedgerItem::Other,
    }
}

/// An item as `read` reads it, or what is wrong with it.
pub(super) fn stored<T>(
    item: Attributes,
    read: impl FnOnce(Attributes) -> Result<T, Unreadable>,
) -> Stored<T> {
    let if_damaged = damaged(&item, String::new());
    let negative = BALANCES.into_iter().find_map(|attribute| {
        let value = item.get(attribute)?.as_n().ok()?;
        value.starts_with('-').then(|| Reason::Negative {
            attribute,
            value: value.clone(),
        })
    });
    read(item).map_err(|error| {
        let reason = negative.unwrap_or_else(|| Reason::Unreadable(error.to_string()));
        Box::new(Damaged {
            reason,
            ..*if_damaged
        })
    })
}

/// What may never be below zero, of wallets and entries.
const BALANCES: [&str; 6] = [
    "coins",
    "debt",
    "coins_after",
    "debt_after",
    "in_total",
    "out_total",
];

pub(super) fn damaged(item: &Attributes, problem: String) -> Box<Damaged> {
    let key = Key::of(item).map_or_else(String::new, |key| format!("{} {}", key.pk, key.sk));
    Box::new(Damaged {
        key,
        seq: whole(item, "seq"),
        reason: Reason::Unreadable(problem),
    })
}

fn whole(item: &Attributes, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}
