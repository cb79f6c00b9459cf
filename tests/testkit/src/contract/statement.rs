//! What a store must do for statements.

use super::{Store, decided, store_wallet};
use crate::samples::{user, wallet};

pub(super) async fn a_statement_is_newest_first_and_has_only_entries(
    store: &impl Store,
    names: &str,
) {
    let id = format!("{names}statement");
    let mut held = wallet(&id, 100);
    held.last_seq = 0; // As if it had come from nowhere: its entries begin at 1.
    store_wallet(store, &held).await;
    for number in 1..=5_u64 {
        let decision = decided(&held, &format!("k{number}"), 1);
        store.commit(&decision.changes()).await.unwrap();
        held = decision.wallet.after;
    }
    let seqs = async |before, limit| -> Vec<u64> {
        let found = store
            .entries_before(&user(&id), before, limit)
            .await
            .unwrap();
        found.iter().map(|entry| entry.seq).collect()
    };
    assert_eq!(seqs(None, 100).await, [5, 4, 3, 2, 1]);
    assert_eq!(seqs(None, 2).await, [5, 4]);
    assert_eq!(seqs(Some(4), 2).await, [3, 2]);
    assert!(seqs(Some(1), 2).await.is_empty());
    let other = store
        .entries_before(&user(&format!("{id}x")), None, 10)
        .await
        .unwrap();
    assert!(other.is_empty());
}
