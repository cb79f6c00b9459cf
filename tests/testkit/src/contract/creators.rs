//! What a store must do for creators.

use recharge_core::app::ports::{BlockedPage, Freshness, SaveError};

use super::Store;
use crate::samples::{creator, noon, user};

pub(super) async fn every_law(store: &impl Store, names: &str) {
    a_creator_is_saved_only_over_the_version_it_was_decided_on(store, names).await;
    blocks_are_listed_until_they_are_taken_back(store, names).await;
}

async fn a_creator_is_saved_only_over_the_version_it_was_decided_on(
    store: &impl Store,
    names: &str,
) {
    let first = creator(&format!("{names}saved"));
    let stored = async || {
        let found = store.creator(&first.id, Freshness::Consistent).await;
        found.unwrap()
    };
    assert_eq!(stored().await, None);
    let paused = first.with_accepting(false).unwrap();
    let missing = store.save_creator(1, &paused).await;
    assert!(matches!(missing, Err(SaveError::Moved)), "{missing:?}");
    assert_eq!(stored().await, None);

    store.save_creator(0, &first).await.unwrap();
    assert_eq!(stored().await, Some(first.clone()));
    let twice = store.save_creator(0, &paused).await;
    assert!(matches!(twice, Err(SaveError::Moved)), "{twice:?}");
    store.save_creator(1, &paused).await.unwrap();
    let stale = store.save_creator(1, &first).await;
    assert!(matches!(stale, Err(SaveError::Moved)), "{stale:?}");
    assert_eq!(stored().await, Some(paused));
}

async fn blocks_are_listed_until_they_are_taken_back(store: &impl Store, names: &str) {
    let id = user(&format!("{names}blocks"));
    let page = async |after: Option<&str>, limit| {
        let after = after.map(user);
        store.blocked(&id, after.as_ref(), limit).await.unwrap()
    };
    assert_eq!(page(None, 10).await, BlockedPage::default());
    for name in ["a", "b", "c", "d"] {
        store
            .save_block(&id, &user(name), true, noon())
            .await
            .unwrap();
    }
    store
        .save_block(&id, &user("b"), false, noon())
        .await
        .unwrap();
    store
        .save_block(&id, &user("never"), false, noon())
        .await
        .unwrap();
    let all = page(None, 10).await;
    let blocked: Vec<_> = all.users.iter().map(|(user, _)| user.as_str()).collect();
    assert_eq!(blocked, ["a", "c", "d"]);
    assert_eq!((all.users[0].1, all.next_after), (noon(), None));
    // A page may have fewer than its limit, but none is skipped.
    let first = page(None, 2).await;
    assert_eq!(first.users, [(user("a"), noon())]);
    let next = first.next_after.unwrap();
    let rest = page(Some(next.as_str()), 10).await;
    assert_eq!(rest.users, [(user("c"), noon()), (user("d"), noon())]);
}
