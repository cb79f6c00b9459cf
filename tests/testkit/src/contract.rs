//! What every store must do, whatever it is made of.
//!
//! Each law uses ids of its own, so that all of them may run on one table, also at once.
//! `names` makes them unique where a table is used again.

use recharge_core::{
    app::ports::{
        Blocks, CheckoutPages, CommitError, Commits, Creators, Entries, Freshness, PaymentIntents,
        Recharges, ReconcileMarks, SaveError, Statements, SyncTurns, Wallets,
    },
    domain::{
        Change, Entry, EntryKey, GiftDecision, GiftTerms, LimitRaise, LimitRaises, Limits,
        OpenedCheckout, Pace, Quantity, Recharge, RechargeChange, RechargeStatus, Recipient,
        ReviewReason, Spent, StatusNote, TakenBack, Wallet, WalletChange, WalletStatus,
        decide_gift, decide_review, decide_settlement,
    },
};

use crate::samples::{coins, gift, gift_request, key, noon, paid_session, recharge, user, wallet};

mod creators;
mod money_in;
mod statement;
mod views;

pub use views::{ViewStore, every_law_of_views};

/// Nothing in the way of a gift.
const SENDING: GiftTerms = GiftTerms {
    is_client_admitted: true,
    max_quantity: Quantity::MOST,
    gifts_per_minute: 1_000,
};

/// All ports of the ledger.
pub trait Store:
    Wallets
    + Entries
    + Statements
    + Commits
    + Recharges
    + CheckoutPages
    + PaymentIntents
    + SyncTurns
    + ReconcileMarks
    + Creators
    + Blocks
{
}

impl<S> Store for S where
    S: Wallets
        + Entries
        + Statements
        + Commits
        + Recharges
        + CheckoutPages
        + PaymentIntents
        + SyncTurns
        + ReconcileMarks
        + Creators
        + Blocks
{
}

/// Runs every law; panics at the first that is broken.
pub async fn every_law(store: &impl Store, names: &str) {
    a_user_without_a_wallet_has_an_empty_one(store, names).await;
    a_commit_stores_the_wallet_and_its_entry(store, names).await;
    every_attribute_reads_back_as_it_was_stored(store, names).await;
    an_existing_entry_wins_over_everything_else(store, names).await;
    a_moved_wallet_is_told_and_nothing_is_stored(store, names).await;
    coins_that_are_not_there_are_not_spent_whatever_the_version_says(store, names).await;
    a_new_wallet_is_stored_once(store, names).await;
    a_settlement_is_stored_whole_or_not_at_all(store, names).await;
    money_in::every_law(store, names).await;
    creators::every_law(store, names).await;
    a_review_is_stored_once(store, names).await;
    a_recharge_is_saved_only_over_the_version_it_was_decided_on(store, names).await;
    a_checkout_page_reads_back(store, names).await;
    statement::a_statement_is_newest_first_and_has_only_entries(store, names).await;
}

/// Stores a wallet as if it had come to be so.
pub async fn store_wallet(store: &impl Commits, wallet: &Wallet) {
    let change = WalletChange {
        expected_version: wallet.version.saturating_sub(1),
        spends: coins(0),
        after: wallet.clone(),
    };
    store.commit(&[Change::Wallet(change)]).await.unwrap();
}

fn decided(wallet: &Wallet, idempotency_key: &str, price: u64) -> GiftDecision {
    let request = gift_request(wallet.user.as_str(), idempotency_key, "rose");
    decide_gift(
        &request,
        Recipient::Accepting,
        Some(&gift("rose", price)),
        wallet,
        SENDING,
        noon(),
    )
    .unwrap()
}

async fn stored(store: &impl Wallets, id: &str) -> Wallet {
    store
        .wallet(&user(id), Freshness::Consistent)
        .await
        .unwrap()
}

async fn entry(store: &impl Entries, id: &str, idempotency_key: &str) -> Option<Entry> {
    store
        .entry(&user(id), &EntryKey::gift(&key(idempotency_key)))
        .await
        .unwrap()
}

async fn a_user_without_a_wallet_has_an_empty_one(store: &impl Store, names: &str) {
    let id = format!("{names}nobody");
    assert_eq!(stored(store, &id).await, Wallet::empty(user(&id)));
    assert_eq!(entry(store, &id, "k").await, None);
}

async fn a_commit_stores_the_wallet_and_its_entry(store: &impl Store, names: &str) {
    let id = format!("{names}commit");
    let before = wallet(&id, 100);
    store_wallet(store, &before).await;
    let decision = decided(&before, "k #1~", 30);
    store.commit(&decision.changes()).await.unwrap();
    assert_eq!(stored(store, &id).await, decision.wallet.after);
    assert_eq!(entry(store, &id, "k #1~").await, Some(decision.entry));
}

async fn every_attribute_reads_back_as_it_was_stored(store: &impl Store, names: &str) {
    let id = format!("{names}attributes");
    let mut full = wallet(&id, u64::from(u32::MAX));
    full.status = WalletStatus::Frozen;
    full.debt = coins(3);
    full.limits = Limits {
        daily_coins: Some(coins(5)),
        monthly_coins: None,
    };
    full.spent = Spent::NOTHING.at(noon());
    full.spent.month_coins = coins(7);
    full.status_note = Some(StatusNote {
        reason: "a reason".to_owned(),
        by: user("operator"),
        at: noon(),
    });
    let raise = |to| Some(LimitRaise { to, from: noon() });
    full.raises = LimitRaises {
        daily: raise(Some(coins(9))),
        monthly: raise(None),
    };
    full.pace = Pace {
        minute: 29_000_000,
        count: 7,
    };
    full.has_recharged = true;
    store_wallet(store, &full).await;
    assert_eq!(stored(store, &id).await, full);

    let sender = wallet(&format!("{id}2"), 9_007_199_254_740_991);
    store_wallet(store, &sender).await;
    let mut request = gift_request(sender.user.as_str(), "k", "rose");
    request.quantity = 9_999_i64.try_into().unwrap();
    request.combo = Some("combo-1".try_into().unwrap());
    request.message = Some("für dich 🌹".to_owned().try_into().unwrap());
    request.expected_coins = Some(coins(9_999));
    let decision = decide_gift(
        &request,
        Recipient::Accepting,
        Some(&gift("rose", 1)),
        &sender,
        SENDING,
        noon(),
    )
    .unwrap();
    store.commit(&decision.changes()).await.unwrap();
    assert_eq!(
        entry(store, sender.user.as_str(), "k").await,
        Some(decision.entry)
    );

    let mut bought = recharge(&id, "k");
    store.save_recharge(0, &bought).await.unwrap();
    assert_eq!(
        store.recharge(&bought.id).await.unwrap(),
        Some(bought.clone())
    );
    bought.status = RechargeStatus::Disputed;
    bought.return_url = Some("https://app.example.com/?a=1#b".to_owned());
    bought.session = Some("cs_1".try_into().unwrap());
    bought.payment_intent = Some("pi_1".try_into().unwrap());
    bought.credited_at = Some(noon());
    bought.attempt = 3;
    bought.first_bonus_coins = coins(20);
    bought.version = 2;
    store.save_recharge(1, &bought).await.unwrap();
    assert_eq!(store.recharge(&bought.id).await.unwrap(), Some(bought));
}

async fn an_existing_entry_wins_over_everything_else(store: &impl Store, names: &str) {
    let id = format!("{names}exists");
    let before = wallet(&id, 100);
    store_wallet(store, &before).await;
    let first = decided(&before, "k", 30);
    store.commit(&first.changes()).await.unwrap();
    // The same key again, decided on the old wallet: both conditions fail.
    let again = decided(&before, "k", 40);
    let error = store.commit(&again.changes()).await.unwrap_err();
    let CommitError::EntryExists(found) = error else {
        panic!("{error:?}")
    };
    assert_eq!(*found, first.entry);
    // And on the current one: only the entry is in the way.
    let again = decided(&first.wallet.after, "k", 40);
    let error = store.commit(&again.changes()).await.unwrap_err();
    assert!(matches!(error, CommitError::EntryExists(found) if *found == first.entry));
    assert_eq!(stored(store, &id).await, first.wallet.after);
}

async fn a_moved_wallet_is_told_and_nothing_is_stored(store: &impl Store, names: &str) {
    let id = format!("{names}moved");
    let before = wallet(&id, 100);
    store_wallet(store, &before).await;
    let first = decided(&before, "k1", 30);
    store.commit(&first.changes()).await.unwrap();
    let error = store
        .commit(&decided(&before, "k2", 30).changes())
        .await
        .unwrap_err();
    let CommitError::Moved(found) = error else {
        panic!("{error:?}")
    };
    assert_eq!(found.wallet, Some(first.wallet.after.clone()));
    assert_eq!(entry(store, &id, "k2").await, None);
    assert_eq!(stored(store, &id).await, first.wallet.after);
}

/// The second guard of I1: a decision that was wrong about the coins is not stored.
async fn coins_that_are_not_there_are_not_spent_whatever_the_version_says(
    store: &impl Store,
    names: &str,
) {
    let id = format!("{names}guard");
    let before = wallet(&id, 10);
    store_wallet(store, &before).await;
    let mut wrong = decided(&wallet(&id, 1_000), "k", 30);
    wrong.wallet.expected_version = before.version;
    let error = store.commit(&wrong.changes()).await.unwrap_err();
    assert!(matches!(error, CommitError::Moved(_)), "{error:?}");
    assert_eq!(stored(store, &id).await, before);
    assert_eq!(entry(store, &id, "k").await, None);
}

async fn a_new_wallet_is_stored_once(store: &impl Store, names: &str) {
    let id = format!("{names}new");
    store_wallet(store, &wallet(&id, 10)).await;
    let change = WalletChange {
        expected_version: 0,
        spends: coins(0),
        after: wallet(&id, 20),
    };
    let error = store.commit(&[Change::Wallet(change)]).await.unwrap_err();
    let CommitError::Moved(found) = error else {
        panic!("{error:?}")
    };
    assert_eq!(found.wallet, Some(wallet(&id, 10)));
    assert_eq!(stored(store, &id).await, wallet(&id, 10));
}

fn settlement(bought: &Recharge, wallet: &Wallet) -> Vec<Change> {
    let taken_back = TakenBack::default();
    decide_settlement(bought, &paid_session("cs_1"), taken_back, wallet, noon()).unwrap()
}

async fn a_settlement_is_stored_whole_or_not_at_all(store: &impl Store, names: &str) {
    let id = format!("{names}settle");
    let bought = recharge(&id, "k");
    store.save_recharge(0, &bought).await.unwrap();
    let empty = Wallet::empty(user(&id));
    let changes = settlement(&bought, &empty);
    // Somebody else was faster with the wallet: nothing of the settlement is stored.
    store_wallet(store, &wallet(&id, 10)).await;
    let error = store.commit(&changes).await.unwrap_err();
    assert!(matches!(error, CommitError::Moved(_)), "{error:?}");
    assert_eq!(
        store.recharge(&bought.id).await.unwrap(),
        Some(bought.clone())
    );
    let settled_key = EntryKey::recharge(&bought.id);
    assert_eq!(store.entry(&user(&id), &settled_key).await.unwrap(), None);

    let held = stored(store, &id).await;
    let changes = settlement(&bought, &held);
    store.commit(&changes).await.unwrap();
    let settled = store.recharge(&bought.id).await.unwrap().unwrap();
    assert_eq!(
        (settled.status, settled.version),
        (RechargeStatus::Settled, 2)
    );
    assert_eq!(stored(store, &id).await.coins, coins(85));
    let error = store.commit(&changes).await.unwrap_err();
    assert!(matches!(error, CommitError::EntryExists(_)), "{error:?}");
    assert_eq!(stored(store, &id).await.coins, coins(85));
}

async fn a_review_is_stored_once(store: &impl Store, names: &str) {
    let bought = recharge(&format!("{names}review"), "k");
    store.save_recharge(0, &bought).await.unwrap();
    let review = |of: &Recharge| {
        decide_review(
            of,
            &paid_session("cs_2"),
            ReviewReason::SecondSession,
            noon(),
        )
    };
    store.commit(&review(&bought)).await.unwrap();
    let shown = store.recharge(&bought.id).await.unwrap().unwrap();
    assert_eq!(shown.status, RechargeStatus::NeedsReview);
    let error = store.commit(&review(&shown)).await.unwrap_err();
    assert!(matches!(error, CommitError::ReviewExists), "{error:?}");
    let error = store.commit(&review(&bought)).await.unwrap_err();
    assert!(matches!(error, CommitError::ReviewExists), "{error:?}");
}

async fn a_recharge_is_saved_only_over_the_version_it_was_decided_on(
    store: &impl Store,
    names: &str,
) {
    let bought = recharge(&format!("{names}save"), "k");
    assert_eq!(store.recharge(&bought.id).await.unwrap(), None);
    let missing = store
        .save_recharge(1, &bought.next_attempt())
        .await
        .unwrap_err();
    assert!(matches!(missing, SaveError::Moved), "{missing:?}");
    store.save_recharge(0, &bought).await.unwrap();
    let twice = store.save_recharge(0, &bought).await.unwrap_err();
    assert!(matches!(twice, SaveError::Moved), "{twice:?}");
    let next = bought.next_attempt();
    store.save_recharge(1, &next).await.unwrap();
    let stale = store
        .save_recharge(1, &bought.opened("cs_9".try_into().unwrap()))
        .await;
    assert!(matches!(stale, Err(SaveError::Moved)), "{stale:?}");
    assert_eq!(
        store.recharge(&bought.id).await.unwrap(),
        Some(next.clone())
    );
    // In a transaction, too.
    let change = RechargeChange {
        expected_version: 1,
        after: next.clone(),
    };
    let error = store.commit(&[Change::Recharge(change)]).await.unwrap_err();
    let CommitError::Moved(found) = error else {
        panic!("{error:?}")
    };
    assert_eq!(found.recharge, Some(next));
}

async fn a_checkout_page_reads_back(store: &impl Store, names: &str) {
    let bought = recharge(&format!("{names}page"), "k");
    assert_eq!(store.checkout_page(&bought.id).await.unwrap(), None);
    let url = format!("https://checkout.example.com/{}", "x".repeat(500));
    let opened = OpenedCheckout {
        session: "cs_1".try_into().unwrap(),
        url,
    };
    for _ in 0..2 {
        store.save_checkout_page(&bought.id, &opened).await.unwrap();
        assert_eq!(
            store.checkout_page(&bought.id).await.unwrap(),
            Some(opened.clone())
        );
    }
    assert_eq!(
        store.recharge(&bought.id).await.unwrap(),
        None,
        "it is not the recharge"
    );
}
