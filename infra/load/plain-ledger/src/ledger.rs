//! The ledger: one transaction for each gift, with the rows of sender and creator locked.

use anyhow::Context;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Transaction};
use serde::{Deserialize, Serialize};
use tokio_postgres::{NoTls, Row};

/// Coins that a rose costs; a real one would read a catalogue.
const COINS: i64 = 1;

/// What is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Gift {
    gift_id: String,
    quantity: i32,
    creator_id: String,
    target: Target,
}

#[derive(Debug, Serialize, Deserialize)]
struct Target {
    kind: String,
    id: String,
}

/// What is answered: everything from the row, so that a replay answers the same.
#[derive(Debug, Serialize)]
pub(crate) struct Sent {
    id: i64,
    gift_id: String,
    quantity: i32,
    creator_id: String,
    target: Target,
    coins: i64,
    balance_after: i64,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Outcome {
    Sent(Sent),
    Replayed(Sent),
    KeyReused,
    NoSuchUser,
    TooFewCoins,
}

/// The ledger.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    pool: Pool,
}

const COLUMNS: &str =
    "id, gift_id, quantity, creator, target_kind, target_id, coins, balance_after";

impl Ledger {
    /// Connects, with so many connections, and makes the tables.
    pub(crate) async fn open(url: &str, connections: usize) -> anyhow::Result<Self> {
        let config = url.parse().context("--database")?;
        let recycling_method = RecyclingMethod::Fast;
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method });
        let pool = Pool::builder(manager).max_size(connections).build()?;
        let client = pool.get().await?;
        client.batch_execute(include_str!("schema.sql")).await?;
        Ok(Self { pool })
    }

    /// Gives every fan so many coins.
    pub(crate) async fn seed(
        &self,
        fans: &[String],
        creators: &[String],
        coins: i64,
    ) -> anyhow::Result<()> {
        let client = self.pool.get().await?;
        let insert = "INSERT INTO wallets (user_id, coins) VALUES ($1, $2)";
        for fan in fans {
            client.execute(insert, &[fan, &coins]).await?;
        }
        for creator in creators {
            client.execute(insert, &[creator, &0_i64]).await?;
        }
        Ok(())
    }

    /// The coins of a wallet.
    pub(crate) async fn coins(&self, user: &str) -> anyhow::Result<Option<i64>> {
        let client = self.pool.get().await?;
        let select = client
            .prepare_cached("SELECT coins FROM wallets WHERE user_id = $1")
            .await?;
        let found = client.query_opt(&select, &[&user]).await?;
        Ok(found.map(|row| row.get(0)))
    }

    /// Sends a gift.
    pub(crate) async fn send(
        &self,
        sender: &str,
        key: &str,
        gift: &Gift,
    ) -> anyhow::Result<Outcome> {
        let mut client = self.pool.get().await?;
        let transaction = client.transaction().await?;
        // Always in the same order, so that two gifts the other way round do not wait for each other.
        let lock = "SELECT user_id, coins FROM wallets WHERE user_id IN ($1, $2) ORDER BY user_id FOR UPDATE";
        let lock = transaction.prepare_cached(lock).await?;
        let locked = transaction
            .query(&lock, &[&sender, &gift.creator_id])
            .await?;
        // Behind the lock: what another request with the same key did is seen here.
        if let Some(row) = earlier(&transaction, sender, key).await? {
            let sent = read(&row);
            let is_same = (&sent.gift_id, sent.quantity, &sent.creator_id)
                == (&gift.gift_id, gift.quantity, &gift.creator_id);
            return Ok(if is_same {
                Outcome::Replayed(sent)
            } else {
                Outcome::KeyReused
            });
        }
        let coins = COINS.saturating_mul(gift.quantity.into());
        let mut held = None;
        for row in &locked {
            if row.get::<_, &str>("user_id") == sender {
                held = Some(row.get::<_, i64>("coins"));
            }
        }
        let (Some(held), 2) = (held, locked.len()) else {
            return Ok(Outcome::NoSuchUser);
        };
        if coins < 1 || held < coins {
            return Ok(Outcome::TooFewCoins);
        }
        let left = held.saturating_sub(coins);
        let debit = "UPDATE wallets SET coins = $2 WHERE user_id = $1";
        let debit = transaction.prepare_cached(debit).await?;
        transaction.execute(&debit, &[&sender, &left]).await?;
        let credit = "UPDATE wallets SET diamonds = diamonds + $2 WHERE user_id = $1";
        let credit = transaction.prepare_cached(credit).await?;
        transaction
            .execute(&credit, &[&gift.creator_id, &coins])
            .await?;
        let insert = format!(
            "INSERT INTO gifts (sender, key, creator, gift_id, quantity, target_kind, target_id, coins, \
             balance_after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING {COLUMNS}"
        );
        let insert = transaction.prepare_cached(&insert).await?;
        let Target { kind, id } = &gift.target;
        let row = transaction
            .query_one(
                &insert,
                &[
                    &sender,
                    &key,
                    &gift.creator_id,
                    &gift.gift_id,
                    &gift.quantity,
                    kind,
                    id,
                    &coins,
                    &left,
                ],
            )
            .await?;
        transaction.commit().await?;
        Ok(Outcome::Sent(read(&row)))
    }
}

async fn earlier(
    transaction: &Transaction<'_>,
    sender: &str,
    key: &str,
) -> anyhow::Result<Option<Row>> {
    let select = format!("SELECT {COLUMNS} FROM gifts WHERE sender = $1 AND key = $2");
    let select = transaction.prepare_cached(&select).await?;
    Ok(transaction.query_opt(&select, &[&sender, &key]).await?)
}

fn read(row: &Row) -> Sent {
    Sent {
        id: row.get("id"),
        gift_id: row.get("gift_id"),
        quantity: row.get("quantity"),
        creator_id: row.get("creator"),
        target: Target {
            kind: row.get("target_kind"),
            id: row.get("target_id"),
        },
        coins: row.get("coins"),
        balance_after: row.get("balance_after"),
    }
}
