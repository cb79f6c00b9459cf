//! Reads a wallet's statement, newest first.

use super::ports::{Outage, Statements};
use crate::domain::{Entry, UserId};

/// A page of a statement.
#[derive(Debug)]
pub struct StatementPage {
    /// Its entries, newest first, without a hole.
    pub entries: Vec<Entry>,
    /// The next page has the entries with a `seq` below this; `None` at the end.
    pub next_before: Option<u64>,
}

/// The entries of `user` with a `seq` below `before`, newest first.
///
/// The index behind it lags by milliseconds, so that an entry may show before an older one
/// does. Since `seq` has no gaps a page can check itself: it ends at the first hole, and the
/// next page goes on from there. A reader never sees a page that skips an entry.
///
/// # Errors
/// [`Outage`] if the ledger cannot be read.
pub async fn read_statement(
    statements: &impl Statements,
    user: &UserId,
    before: Option<u64>,
    limit: u32,
) -> Result<StatementPage, Outage> {
    let found = statements.entries_before(user, before, limit).await?;
    let mut expected = before.or_else(|| found.first().map(|entry| entry.seq.saturating_add(1)));
    let mut entries = Vec::with_capacity(found.len());
    for entry in found {
        let next = expected.map(|expected| expected.saturating_sub(1));
        if next != Some(entry.seq) {
            break;
        }
        expected = next;
        entries.push(entry);
    }
    // The first entry is seq 1: below it there is nothing.
    Ok(StatementPage {
        entries,
        next_before: expected.filter(|before| *before > 1),
    })
}

#[cfg(test)]
#[path = "read_statement_tests.rs"]
mod tests;
