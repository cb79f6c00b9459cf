//! The ledger, wallet by wallet.

use super::{Audit, READS_MAX, pause};
use crate::{
    app::ports::{ApplyError, AuditedLedger, AuditedViews, Clock, LedgerItem, Outage, WalletStamp},
    domain::{Account, Finding, Place, UserId, check_account},
};

/// Why a wallet is not judged.
const MOVES: &str = "it moved each time that it was read";

impl<L: AuditedLedger, V: AuditedViews> Audit<'_, L, V> {
    /// Reads every item once, and every wallet with its entries when it comes to the wallet: so
    /// each is judged once, in whatever order a table gives its items.
    pub(super) async fn walk_ledger(&mut self) -> Result<(), Outage> {
        let (mut position, mut passed) = (None, None);
        loop {
            let page = self.ledger.ledger_page(position.as_ref()).await?;
            for item in page.items {
                self.ledger_item(item, &mut passed).await?;
            }
            self.progress();
            position = page.next;
            if position.is_none() {
                return self.passed(passed).await;
            }
        }
    }

    async fn ledger_item(
        &mut self,
        item: LedgerItem,
        passed: &mut Option<Passed>,
    ) -> Result<(), Outage> {
        match item {
            LedgerItem::OfWallet { user, is_wallet } => {
                if is_wallet {
                    self.wallet(&user).await?;
                }
                match passed {
                    Some(passed) if passed.user == user => passed.has_wallet |= is_wallet,
                    Some(_) | None => {
                        let has_wallet = is_wallet;
                        let before = passed.replace(Passed { user, has_wallet });
                        self.passed(before).await?;
                    }
                }
                Ok(())
            }
            LedgerItem::Recharge(Ok(recharge)) => self.recharge(&recharge).await,
            LedgerItem::Recharge(Err(damaged)) | LedgerItem::Damaged(damaged) => {
                self.damaged(*damaged);
                Ok(())
            }
            LedgerItem::Other => Ok(()),
        }
    }

    /// Entries without a wallet have nobody else who would look at them.
    async fn passed(&mut self, passed: Option<Passed>) -> Result<(), Outage> {
        let Some(passed) = passed.filter(|passed| !passed.has_wallet) else {
            return Ok(());
        };
        let account = self.ledger.account(&passed.user).await?;
        match account.wallet {
            // The table gave it elsewhere, or will.
            Some(_) => Ok(()),
            None => self.wallet(&passed.user).await,
        }
    }

    async fn wallet(&mut self, user: &UserId) -> Result<(), Outage> {
        let Some((account, findings)) = read_account(self.ledger, self.clock, user).await? else {
            self.unread(&Place::Wallet(user.clone()), MOVES);
            return Ok(());
        };
        for finding in &findings {
            self.found(finding);
        }
        self.audited.totals.add_account(&account);
        self.settlements_of(&account).await?;
        self.gifts_of(&account).await
    }
}

/// A user whose items the walk is passing.
#[derive(Debug)]
pub(super) struct Passed {
    user: UserId,
    has_wallet: bool,
}

/// A wallet with its entries and what is wrong with them; `None` if it moves all the while.
///
/// Where nothing is wrong, that is proof enough. Where something seems to be, the wallet may have
/// been written while it was read: then it is read again, until it stood still from before to
/// behind the read.
pub(super) async fn read_account(
    ledger: &impl AuditedLedger,
    clock: &dyn Clock,
    user: &UserId,
) -> Result<Option<(Account, Vec<Finding>)>, Outage> {
    let account = ledger.account(user).await?;
    if check_account(&account).is_empty() {
        return Ok(Some((account, Vec::new())));
    }
    for _ in 0..READS_MAX {
        if let Some(before) = stamp(ledger, user).await? {
            let account = ledger.account(user).await?;
            let findings = check_account(&account);
            if findings.is_empty() || stamp(ledger, user).await? == Some(before) {
                return Ok(Some((account, findings)));
            }
        }
        pause(clock).await;
    }
    Ok(None)
}

/// Where a wallet stands, or `None` while it is being written.
async fn stamp(ledger: &impl AuditedLedger, user: &UserId) -> Result<Option<WalletStamp>, Outage> {
    match ledger.wallet_stamp(user).await {
        Ok(stamp) => Ok(Some(stamp)),
        Err(ApplyError::Moved) => Ok(None),
        Err(ApplyError::Unavailable(outage)) => Err(outage),
    }
}
