//! Sends a gift.

use thiserror::Error;

use super::{
    Attempts,
    ports::{
        Clock, CommitError, Commits, Entries, Freshness, GiftParties, GiftPartiesOf, Gifts, Outage,
        Wallets,
    },
};
use crate::domain::{Entry, EntryKey, GiftRejected, GiftRequest, GiftTerms, Wallet, decide_gift};

/// A sent gift's entry, and whether this very request made it.
#[derive(Debug)]
pub struct SentReceipt {
    /// The entry.
    pub entry: Entry,
    /// It was stored by an earlier request with the same key.
    pub replayed: bool,
}

/// Why no gift was sent.
#[derive(Debug, Error)]
pub enum SendGiftError {
    /// A business answer.
    #[error(transparent)]
    Rejected(#[from] GiftRejected),
    /// The key was used for another gift.
    #[error("the idempotency key was used for another gift")]
    KeyReused,
    /// An outage: the same key may be tried again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Sends a gift: one load and one commit, if nothing is in the way.
///
/// The first decision is made on reads that may lag. A success of it costs nothing more,
/// because the commit is conditional; a refusal is decided again on consistent reads, which
/// include the key's entry (I3).
///
/// # Errors
/// [`SendGiftError`]; then nothing was sent, or after an outage nothing for certain.
pub async fn send_gift(
    ledger: &(impl Wallets + Entries + Commits),
    parties: &impl GiftPartiesOf,
    catalog: &impl Gifts,
    clock: &dyn Clock,
    terms: GiftTerms,
    request: &GiftRequest,
) -> Result<SentReceipt, SendGiftError> {
    let mut attempts = Attempts::begin(clock);
    let mut gift = catalog.gift(&request.gift, Freshness::Recent).await?;
    let (sender, creator) = (&request.sender, &request.creator);
    let recent = parties.gift_parties(sender, creator, Freshness::Recent);
    let GiftParties {
        mut wallet,
        mut recipient,
    } = recent.await?;
    let mut consistent = false;
    loop {
        let decide = |recipient, wallet: &Wallet| {
            decide_gift(
                request,
                recipient,
                gift.as_ref(),
                wallet,
                terms,
                clock.now(),
            )
        };
        let decided = match decide(recipient, &wallet) {
            Ok(decided) => decided,
            Err(rejected) if consistent => return Err(rejected.into()),
            Err(_) => {
                gift = catalog.gift(&request.gift, Freshness::Consistent).await?;
                let found = parties.gift_parties(sender, creator, Freshness::Consistent);
                GiftParties { wallet, recipient } = found.await?;
                // The entry comes last: had this key succeeded before the wallet was read, its
                // entry is there by now. The other way round, a wallet that this very key has
                // emptied could refuse it.
                if let Some(entry) = ledger.entry(sender, &entry_key(request)).await? {
                    return replay(request, entry);
                }
                consistent = true;
                continue;
            }
        };
        match ledger.commit(&decided.changes()).await {
            Ok(()) => {
                return Ok(SentReceipt {
                    entry: decided.entry,
                    replayed: false,
                });
            }
            Err(CommitError::EntryExists(entry)) => return replay(request, *entry),
            Err(CommitError::Moved(found)) => {
                // What the failed condition found is fresh now. If it refuses, there is nothing
                // to wait for, unless it has flickered before; otherwise it is stale after the
                // wait.
                let refuses = |found: &Wallet| decide(recipient, found).is_err();
                let refusing = found.wallet.filter(|found| !consistent && refuses(found));
                wallet = if let Some(refusing) = refusing {
                    refusing
                } else {
                    attempts.again().await?;
                    ledger.wallet(sender, Freshness::Consistent).await?
                };
                // The key may have succeeded in between: a refusal must look again.
                consistent = false;
            }
            Err(CommitError::ReviewExists) => {
                return Err(Outage::new("the ledger", "a gift has no review").into());
            }
            Err(CommitError::Unavailable(outage)) => return Err(outage.into()),
        }
    }
}

fn entry_key(request: &GiftRequest) -> EntryKey {
    EntryKey::gift(&request.key)
}

fn replay(request: &GiftRequest, entry: Entry) -> Result<SentReceipt, SendGiftError> {
    if entry.input_hash == request.input_hash() {
        Ok(SentReceipt {
            entry,
            replayed: true,
        })
    } else {
        Err(SendGiftError::KeyReused)
    }
}
