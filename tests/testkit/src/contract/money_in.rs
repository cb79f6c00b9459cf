//! The laws of money that comes in.

use jiff::{SignedDuration, Timestamp};
use recharge_core::{
    app::ports::{CommitError, Freshness, LinkError, SaveError},
    domain::{
        EntryDetail, EntryKey, GrantReason, Recharge, RechargeId, ReconcileMark, Sweep, TakenBack,
        WaitingSession, Wallet, decide_settlement,
    },
};

use super::Store;
use crate::samples::{coins, noon, paid_session, recharge, user};

pub(super) async fn every_law(store: &impl Store, names: &str) {
    a_payment_intent_belongs_to_one_recharge(store, names).await;
    a_first_recharge_is_stored_with_its_grant(store, names).await;
    what_was_taken_back_reads_back_and_can_be_undone(store, names).await;
    a_turn_is_taken_once_in_its_interval(store, names).await;
    a_mark_is_stored_if_it_has_not_moved(store).await;
}

async fn a_payment_intent_belongs_to_one_recharge(store: &impl Store, names: &str) {
    let intent = format!("pi_{names}").as_str().try_into().unwrap();
    let (first, second) = (recharge("a", "k1").id, recharge("a", "k2").id);
    store.link(&intent, &first).await.unwrap();
    store.link(&intent, &first).await.unwrap();
    let taken = store.link(&intent, &second).await.unwrap_err();
    assert!(matches!(taken, LinkError::Taken), "{taken:?}");
}

async fn a_first_recharge_is_stored_with_its_grant(store: &impl Store, names: &str) {
    let id = format!("{names}first");
    let promising = |key: &str| Recharge {
        first_bonus_coins: coins(20),
        ..recharge(&id, key)
    };
    let refunded = TakenBack {
        refunded: 33,
        disputed: false,
    };
    let (first, second) = (promising("k1"), promising("k2"));
    let empty = Wallet::empty(user(&id));
    let mut decided = Vec::new();
    for bought in [&first, &second] {
        store.save_recharge(0, bought).await.unwrap();
        let session = paid_session("cs_1");
        decided.push(decide_settlement(bought, &session, refunded, &empty, noon()).unwrap());
    }
    store.commit(&decided[0]).await.unwrap();
    // Both were decided on the empty wallet; only one of them may be the first.
    let error = store.commit(&decided[1]).await.unwrap_err();
    assert!(matches!(error, CommitError::Moved(_)), "{error:?}");
    let held = store
        .wallet(&user(&id), Freshness::Consistent)
        .await
        .unwrap();
    assert_eq!((held.coins, held.last_seq), (coins(50 + 20), 2));
    assert!(held.has_recharged);
    let entry_of = |key: EntryKey| async move {
        let found = store.entry(&user(&id), &key).await.unwrap();
        found.unwrap().detail
    };
    let grant = entry_of.clone()(EntryKey::grant(GrantReason::FirstRecharge)).await;
    let expected = EntryDetail::Grant {
        reason: GrantReason::FirstRecharge,
        recharge: first.id.clone(),
        coins: coins(20),
    };
    assert_eq!(grant, expected);
    let settled = entry_of(EntryKey::recharge(&first.id)).await;
    let EntryDetail::Recharge { refunded_coins, .. } = settled else {
        panic!("{settled:?}")
    };
    assert_eq!(refunded_coins, coins(25));
}

async fn what_was_taken_back_reads_back_and_can_be_undone(store: &impl Store, names: &str) {
    let bought = recharge(&format!("{names}taken"), "k");
    store.save_recharge(0, &bought).await.unwrap();
    let session = paid_session(&format!("cs_{names}taken"));
    let intent = session.payment_intent.clone().unwrap();
    assert_eq!(store.recharge_of(&intent).await.unwrap(), None);
    store.link(&intent, &bought.id).await.unwrap();
    let linked = store.recharge_of(&intent).await.unwrap();
    assert_eq!(linked, Some(bought.id.clone()));

    let disputed = TakenBack {
        refunded: 7,
        disputed: true,
    };
    let taken = bought.without_coins(&session, disputed);
    let freed = taken.with_taken_back(&intent, TakenBack::default());
    for (before, after) in [(&bought, &taken), (&taken, &freed)] {
        store.save_recharge(before.version, after).await.unwrap();
        let stored = store.recharge(&bought.id).await.unwrap().unwrap();
        assert_eq!(stored, *after);
    }
}

async fn a_turn_is_taken_once_in_its_interval(store: &impl Store, names: &str) {
    let id = recharge(&format!("{names}turn"), "k").id;
    let take = |ms: i64| {
        let at = noon().checked_add(SignedDuration::from_millis(ms)).unwrap();
        let earliest = at.checked_sub(SignedDuration::from_secs(2)).unwrap();
        let id = id.clone();
        async move { store.take_sync_turn(&id, at, earliest).await.unwrap() }
    };
    for (ms, taken) in [
        (0, true),
        (0, false),
        (1_999, false),
        (2_000, true),
        (2_001, false),
    ] {
        assert_eq!(take(ms).await, taken, "after {ms} ms");
    }
}

/// There is one mark in a table, so that this law alone cannot run twice on one.
async fn a_mark_is_stored_if_it_has_not_moved(store: &impl Store) {
    let before = store.reconcile_mark().await.unwrap();
    let expected = before.as_ref().map_or(0, |mark| mark.version);
    let mut mark = ReconcileMark::first(noon());
    mark.version = expected.checked_add(1).unwrap();
    mark.swept_at = Some(Timestamp::UNIX_EPOCH);
    mark.sweep = Some(Sweep {
        began: noon(),
        after: Some("cs_9".try_into().unwrap()),
        oldest_unfinished: Some(Timestamp::UNIX_EPOCH),
    });
    let waiting = WaitingSession {
        recharge: waiting_recharge(),
        opened: noon(),
    };
    assert!(mark.wait_for("cs_8".try_into().unwrap(), waiting));
    store.save_reconcile_mark(expected, &mark).await.unwrap();
    assert_eq!(store.reconcile_mark().await.unwrap(), Some(mark.clone()));
    let error = store
        .save_reconcile_mark(expected, &mark)
        .await
        .unwrap_err();
    assert!(matches!(error, SaveError::Moved), "{error:?}");
}

fn waiting_recharge() -> RechargeId {
    recharge("waits", "k").id
}
