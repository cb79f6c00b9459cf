//! Sent and received gifts, one to one.

use super::Audit;
use crate::{
    app::ports::{AuditedLedger, AuditedViews, Outage, ViewsItem},
    domain::{
        Account, Entry, EntryDetail, Finding, Place, Reason, ReceivedGift, Stored, check_received,
    },
};

/// So many are read at once.
const AT_ONCE: usize = 100;

impl<L: AuditedLedger, V: AuditedViews> Audit<'_, L, V> {
    /// Every gift was received.
    pub(super) async fn gifts_of(&mut self, account: &Account) -> Result<(), Outage> {
        let gifts = account
            .readable()
            .filter(|entry| matches!(entry.detail, EntryDetail::Gift(_)));
        let gifts: Vec<&Entry> = gifts.collect();
        for gifts in gifts.chunks(AT_ONCE) {
            let received = self.views.received_of(gifts).await?;
            for (entry, received) in gifts.iter().zip(received) {
                self.gift(entry, received.as_ref());
            }
        }
        Ok(())
    }

    fn gift(&mut self, entry: &Entry, received: Option<&Stored<ReceivedGift>>) {
        let is_due = entry.at <= self.due;
        let reason = match received {
            None if !is_due => return self.audited.totals.add_pending(),
            None => check_received(entry, None),
            // Told where the walk comes to it.
            Some(Err(_)) => None,
            Some(Ok(received)) => {
                if is_due {
                    self.sums
                        .sent(received.creator(), received.at, &received.sent.id);
                }
                check_received(entry, Some(received))
            }
        };
        if let Some(reason) = reason {
            self.found(&Finding {
                place: Place::Wallet(entry.user.clone()),
                seq: Some(entry.seq),
                reason,
            });
        }
    }

    /// Every received gift was sent. The sums say whether; if not, another walk says which was not.
    pub(super) async fn look_for_strays(&mut self) -> Result<(), Outage> {
        if self.sums.is_even() {
            return Ok(());
        }
        let mut position = None;
        loop {
            let page = self.views.views_page(position.as_ref()).await?;
            for item in page.items {
                if let ViewsItem::Received(Ok(gift)) = item
                    && gift.at <= self.due
                    && self.sums.is_suspect(&gift)
                    && !self.is_sent(&gift).await?
                {
                    let place = Place::Received(gift.creator().clone(), gift.sent.id.clone());
                    let sender = gift.sender.clone();
                    self.found_at(place, Reason::NotSent { sender });
                }
            }
            self.progress();
            position = page.next;
            if position.is_none() {
                return Ok(());
            }
        }
    }

    async fn is_sent(&self, gift: &ReceivedGift) -> Result<bool, Outage> {
        let account = self.ledger.account(&gift.sender).await?;
        let is_it = |entry: &Entry| {
            let EntryDetail::Gift(sent) = &entry.detail else {
                return false;
            };
            let is_its_key = sent.creator == *gift.creator() && entry.at == gift.at;
            is_its_key && sent.id == gift.sent.id
        };
        // An entry that cannot be read was told, and may be it.
        Ok(account
            .entries
            .iter()
            .any(|entry| entry.as_ref().map_or(true, is_it)))
    }
}
