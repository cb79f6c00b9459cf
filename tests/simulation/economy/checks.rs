//! What must be stored, judged by the model and by the invariants.

use aws_sdk_dynamodb::types::AttributeValue;
use recharge_core::{
    app::ports::{Earnings, Entries, Freshness, Recharges, Statements, Wallets},
    domain::{Accrued, Entry, EntryKey, RechargeId, UserId},
};

use super::{
    model::{GOODS, Line, Money, date},
    plants::Plant,
    player::{Played, Player, creator, fan, same},
    step::{CREATORS, FANS},
};

fn user(id: &str) -> UserId {
    UserId::try_from(id).unwrap()
}

/// A recharge as it is stored.
pub(crate) async fn recharge(player: &Player, nth: usize) -> recharge_core::domain::Recharge {
    let id = RechargeId::try_from(player.model.recharges[nth].id.as_str()).unwrap();
    let stored = player.simulation.ledger().recharge(&id).await.unwrap();
    stored.expect("a recharge that was started")
}

/// The place of a recharge's entry in its wallet's history.
pub(crate) async fn seq_of(player: &Player, nth: usize) -> Option<u64> {
    let recharge = &player.model.recharges[nth];
    let id = RechargeId::try_from(recharge.id.as_str()).unwrap();
    let ledger = player.simulation.ledger();
    let (user, key) = (user(&fan(recharge.fan)), EntryKey::recharge(&id));
    let entry = ledger.entry(&user, &key).await.unwrap();
    entry.map(|entry| entry.seq)
}

/// Every wallet with its entries: I1, I3, I4, I5, and what the model says.
pub(crate) async fn wallets(player: &Player) -> Played {
    let ledger = player.simulation.ledger();
    for who in 0..FANS {
        let id = user(&fan(who));
        let mut entries = ledger.entries_before(&id, None, 100_000).await.unwrap();
        entries.reverse();
        let wallet = ledger.wallet(&id, Freshness::Consistent).await.unwrap();
        let lines = player
            .model
            .wallets
            .get(&who)
            .map_or(&[][..], |wallet| wallet.lines.as_slice());
        history(who, &entries, lines)?;
        let sum: i64 = lines.iter().map(|line| line.change).sum();
        let coins = i64::try_from(wallet.coins.get()).unwrap();
        let debt = i64::try_from(wallet.debt.get()).unwrap();
        same(&format!("I4: the coins of fan {who}"), coins - debt, sum)?;
        let last = u64::try_from(lines.len()).unwrap();
        same(
            &format!("I5: the last seq of fan {who}"),
            wallet.last_seq,
            last,
        )?;
        let in_out = wallet.in_total.get() - wallet.out_total.get();
        same("in and out", i64::try_from(in_out).unwrap(), coins - debt)?;
    }
    Ok(())
}

fn history(who: usize, entries: &[Entry], lines: &[Line]) -> Played {
    let told: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                entry.key.kind.as_str(),
                entry.key.name.clone(),
                entry.change,
            )
        })
        .collect();
    let expected: Vec<_> = lines
        .iter()
        .map(|line| (line.key.0, line.key.1.clone(), line.change))
        .collect();
    same(&format!("I3: the entries of fan {who}"), told, expected)?;
    let (mut sum, mut seq) = (0, 0);
    for entry in entries {
        seq += 1;
        sum += entry.change;
        same(&format!("I5: a seq of fan {who}"), entry.seq, seq)?;
        let after = i64::try_from(entry.coins_after.get()).unwrap();
        same(
            &format!("I1: coins after an entry of fan {who}"),
            after,
            sum,
        )?;
    }
    Ok(())
}

/// The whole table, once nothing is on its way any more: nothing is lost, and nobody earned more or
/// less than was sent.
pub(crate) async fn everything(player: &mut Player) -> Played {
    player.is_stormy = false;
    player.simulation.set_stormy(false);
    if player.plant == Some(Plant::MarksAreForgotten) {
        forget_marks(player).await;
        player.simulation.hear_stream_again();
    }
    if player.plant == Some(Plant::CoinsFromNowhere) {
        give_a_coin(player).await;
    }
    player.relay_all().await;
    // The reconciler runs every minute; each hour it looks at everything.
    for _ in 0..3 {
        player
            .simulation
            .advance(std::time::Duration::from_secs(3_700))
            .await;
        player.reconcile().await?;
    }
    for nth in 0..player.model.recharges.len() {
        let stored = recharge(player, nth).await;
        let recharge = &player.model.recharges[nth];
        let what = format!("I2: whether recharge {nth} is settled");
        let is_due = recharge.money == Money::Here
            && !recharge.taken_back.1
            && recharge.taken_back.0 < GOODS[recharge.goods].price;
        same(&what, stored.is_settled(), recharge.is_settled)?;
        same(
            "I2: whether what is due was settled",
            recharge.is_settled || !is_due,
            true,
        )?;
    }
    wallets(player).await?;
    for who in 0..CREATORS {
        let earned = player
            .simulation
            .views()
            .earnings(&user(&creator(who)))
            .await
            .unwrap();
        let found: Vec<_> = earned
            .iter()
            .map(|(date, tally)| {
                let of = |it: Accrued| (it.diamonds, it.gifts);
                (*date, [of(tally.live), of(tally.video)])
            })
            .collect();
        let expected: Vec<_> = player
            .model
            .earned(who)
            .iter()
            .map(|(day, earned)| (date(*day), *earned))
            .collect();
        same(&format!("I4: what creator {who} earned"), found, expected)?;
    }
    let lines = player
        .model
        .wallets
        .values()
        .map(|wallet| wallet.lines.len());
    same(
        "I5: all entries",
        count(player, "LEDGER_TABLE", "ENTRY#").await,
        lines.sum(),
    )?;
    let gifts = player
        .model
        .wallets
        .values()
        .flat_map(|wallet| &wallet.lines);
    let gifts = gifts.filter(|line| line.sent.is_some()).count();
    same(
        "all received gifts",
        count(player, "VIEWS_TABLE", "GIFT#").await,
        gifts,
    )
}

async fn count(player: &Player, table: &str, prefix: &str) -> usize {
    let scan = player.simulation.calm_client().scan();
    let found = scan
        .table_name(player.simulation.setting(table))
        .filter_expression("begins_with(SK, :prefix)")
        .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>();
    found.await.unwrap().len()
}

async fn forget_marks(player: &Player) {
    let client = player.simulation.calm_client();
    let table = player.simulation.setting("VIEWS_TABLE");
    let found = client.scan().table_name(table).send().await.unwrap();
    for item in found.items() {
        if item["SK"].as_s().is_ok_and(|sk| sk == "MARK") {
            let delete = client.delete_item().table_name(table);
            let delete = delete
                .key("PK", item["PK"].clone())
                .key("SK", item["SK"].clone());
            delete.send().await.unwrap();
        }
    }
}

async fn give_a_coin(player: &Player) {
    let update = player.simulation.calm_client().update_item();
    let update = update
        .table_name(player.simulation.setting("LEDGER_TABLE"))
        .key("PK", AttributeValue::S(format!("USER#{}", fan(0))))
        .key("SK", AttributeValue::S("WALLET".to_owned()))
        .condition_expression("attribute_exists(PK)")
        .update_expression("ADD coins :one")
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
    // A fan who has no wallet yet is given nothing.
    drop(update.send().await);
}
