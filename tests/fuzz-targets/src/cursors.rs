//! Cursors: one that reads is one that we wrote, letter by letter.

use recharge_core::{
    domain::UserId,
    http::{CursorKeys, Cursors},
};

const LISTS: [&str; 2] = ["entries", "received"];

fn keys(secrets: &[&str]) -> CursorKeys {
    CursorKeys::new(
        secrets
            .iter()
            .map(|secret| secret.repeat(32).into())
            .collect(),
    )
}

/// Where the letter before a text says so, a cursor; `s`: a position that is signed, and then
/// spoiled at the place that two letters before it tell.
pub fn cursors(data: &[u8]) -> bool {
    let Some((kind, data)) = data.split_first() else {
        return false;
    };
    match kind {
        b's' => {
            let (place, position) = data.split_at(data.len().min(2));
            let Ok(position) = std::str::from_utf8(position) else {
                return false;
            };
            assert_bound(position);
            assert_unspoiled(position, place);
            true
        }
        _ => std::str::from_utf8(data).is_ok_and(assert_ours),
    }
}

fn users() -> [UserId; 2] {
    ["alice", "bob"].map(|user| user.try_into().unwrap())
}

/// What reads is what signing its position gives, with one of the keys: there is one text for each.
/// Whether it reads.
fn assert_ours(cursor: &str) -> bool {
    let mut reads = false;
    for user in users() {
        for list in LISTS {
            let both = Cursors::new(keys(&["b", "a"]), list);
            let Ok(position) = both.verify(&user, cursor) else {
                continue;
            };
            let signed = ["a", "b"].map(|key| {
                let signer = Cursors::new(keys(&[key]), list);
                signer.sign(&user, &position)
            });
            assert!(signed.iter().any(|ours| ours == cursor), "{cursor}");
            reads = true;
        }
    }
    reads
}

/// What is signed reads, for its user, list and key only. No position of ours is as long as 300.
fn assert_bound(position: &str) {
    if position.len() > 300 {
        return;
    }
    let [alice, bob] = users();
    let cursor = Cursors::new(keys(&["a"]), LISTS[0]).sign(&alice, position);
    let read = |secrets: &[&str], list, user| {
        let cursors = Cursors::new(keys(secrets), list);
        cursors.verify(user, &cursor).ok()
    };
    assert_eq!(
        read(&["b", "a"], LISTS[0], &alice).as_deref(),
        Some(position)
    );
    assert_eq!(read(&["a"], LISTS[0], &bob), None);
    assert_eq!(read(&["a"], LISTS[1], &alice), None);
    assert_eq!(read(&["b"], LISTS[0], &alice), None);
    assert!(assert_ours(&cursor), "{cursor}");
}

/// Another letter anywhere, and it does not read.
fn assert_unspoiled(position: &str, place: &[u8]) {
    let [at, letter] = place else { return };
    let alice = &users()[0];
    let cursors = Cursors::new(keys(&["a"]), LISTS[0]);
    let mut cursor = cursors.sign(alice, position).into_bytes();
    let at = usize::from(*at) % cursor.len();
    if cursor[at] == *letter {
        return;
    }
    cursor[at] = *letter;
    if let Ok(spoiled) = String::from_utf8(cursor) {
        assert!(cursors.verify(alice, &spoiled).is_err(), "{spoiled}");
    }
}
