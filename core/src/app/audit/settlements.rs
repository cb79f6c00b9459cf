//! Recharges and the entries that credited them, one to one.

use super::{Audit, READS_MAX, pause};
use crate::{
    app::ports::{ApplyError, AuditedLedger, Outage, Settlement},
    domain::{
        Account, Entry, Finding, Place, Reason, Recharge, RechargeId, Stored, UserId,
        check_settlement,
    },
};

/// So many are read at once.
const AT_ONCE: usize = 100;
/// Why a recharge is not judged.
const MOVES: &str = "it was being written each time that it was read";

impl<L: AuditedLedger, V> Audit<'_, L, V> {
    /// Every entry that credits coins has its recharge.
    pub(super) async fn settlements_of(&mut self, account: &Account) -> Result<(), Outage> {
        let entries = account.readable();
        let credits: Vec<_> = entries
            .filter_map(|entry| Some((entry, entry.credited_recharge()?.clone())))
            .collect();
        for credits in credits.chunks(AT_ONCE) {
            let ids: Vec<_> = credits.iter().map(|(_, id)| id.clone()).collect();
            let rows = self.ledger.recharges(&ids).await?;
            for ((entry, id), row) in credits.iter().zip(rows) {
                if judged(entry, row).is_some() {
                    self.look_again(entry, id).await?;
                }
            }
        }
        Ok(())
    }

    /// Both are written in one transaction, of which two reads may see a half.
    async fn look_again(&mut self, entry: &Entry, id: &RechargeId) -> Result<(), Outage> {
        let Some((row, _)) = self.settlement(&entry.user, id).await? else {
            self.unread(&Place::Recharge(id.clone()), MOVES);
            return Ok(());
        };
        if let Some(reason) = judged(entry, row) {
            self.found(&Finding {
                place: Place::Wallet(entry.user.clone()),
                seq: Some(entry.seq),
                reason,
            });
        }
        Ok(())
    }

    /// Every settled recharge has its entry. That they agree is told with the entry.
    pub(super) async fn recharge(&mut self, recharge: &Recharge) -> Result<(), Outage> {
        self.audited.totals.add_recharge(recharge);
        if !recharge.is_settled() {
            return Ok(());
        }
        let place = Place::Recharge(recharge.id.clone());
        let user = recharge.user.clone();
        match self.settlement(&user, &recharge.id).await? {
            None => self.unread(&place, MOVES),
            Some((_, None)) => self.found_at(place, Reason::NotCredited { user }),
            // One that cannot be read is told with its wallet.
            Some((_, Some(_))) => {}
        }
        Ok(())
    }

    /// Recharge and entry at one moment; `None` if they are being written all the while.
    async fn settlement(
        &self,
        user: &UserId,
        id: &RechargeId,
    ) -> Result<Option<Settlement>, Outage> {
        for _ in 0..READS_MAX {
            match self.ledger.settlement(user, id).await {
                Ok(read) => return Ok(Some(read)),
                Err(ApplyError::Moved) => pause(self.clock).await,
                Err(ApplyError::Unavailable(outage)) => return Err(outage),
            }
        }
        Ok(None)
    }
}

/// A recharge that cannot be read is told where the walk comes to it.
fn judged(entry: &Entry, row: Option<Stored<Recharge>>) -> Option<Reason> {
    match row {
        Some(Err(_)) => None,
        Some(Ok(row)) => check_settlement(entry, Some(&row)),
        None => check_settlement(entry, None),
    }
}
