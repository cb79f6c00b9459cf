//! What an audit adds up.

use std::collections::BTreeMap;

use super::Account;
use crate::domain::{Currency, Entry, EntryDetail, EntryKind, Recharge, Tally};

/// How many, and how much in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flow {
    /// How many.
    pub count: u64,
    /// How much.
    pub amount: u128,
}

impl Flow {
    fn add(&mut self, amount: u128) {
        self.count = self.count.saturating_add(1);
        self.amount = self.amount.saturating_add(amount);
    }
}

/// What the whole of both tables comes to. Sums are far below the range of their numbers: a wallet
/// holds less than 2^53 coins, and 2^75 wallets would be needed to leave it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Wallets.
    pub wallets: u64,
    /// Their coins.
    pub coins: u128,
    /// Their debts.
    pub debt: u128,
    /// Entries.
    pub entries: u64,
    /// Coins that recharges brought in.
    pub recharges: Flow,
    /// Coins that the house gave.
    pub grants: Flow,
    /// Coins that gifts took out.
    pub gifts: Flow,
    /// Diamonds that accrue from them.
    pub diamonds: u128,
    /// Settled recharges by currency: how many, and what was paid, in minor units.
    pub settled: BTreeMap<Currency, Flow>,
    /// Received gifts and their diamonds.
    pub received: Flow,
    /// Diamonds earned: the sum of all days that could be compared.
    pub earned: i128,
    /// Gifts that were not received yet, and are younger than the time that the relay is given.
    pub pending: u64,
    /// Days of creators with gifts that are not counted yet, or that are being counted.
    pub pending_days: u64,
}

impl Totals {
    /// Adds a wallet and its entries.
    pub fn add_account(&mut self, account: &Account) {
        if let Some(Ok(wallet)) = &account.wallet {
            self.wallets = self.wallets.saturating_add(1);
            self.coins = self.coins.saturating_add(wallet.coins.get().into());
            self.debt = self.debt.saturating_add(wallet.debt.get().into());
        }
        for entry in account.readable() {
            self.add_entry(entry);
        }
    }

    fn add_entry(&mut self, entry: &Entry) {
        self.entries = self.entries.saturating_add(1);
        let amount = entry.change.unsigned_abs().into();
        match entry.key.kind {
            EntryKind::Recharge => self.recharges.add(amount),
            EntryKind::Grant => self.grants.add(amount),
            EntryKind::Gift => self.gifts.add(amount),
        }
        if let EntryDetail::Gift(sent) = &entry.detail {
            self.diamonds = self.diamonds.saturating_add(sent.diamonds.into());
        }
    }

    /// Adds a recharge if it is settled.
    pub fn add_recharge(&mut self, recharge: &Recharge) {
        if recharge.is_settled() {
            let paid = self.settled.entry(recharge.price.currency()).or_default();
            paid.add(recharge.price.amount().into());
        }
    }

    /// Adds a received gift.
    pub fn add_received(&mut self, diamonds: u64) {
        self.received.add(diamonds.into());
    }

    /// Adds what was earned on a day.
    pub fn add_earned(&mut self, tally: Tally) {
        let diamonds = i128::from(tally.live.diamonds).saturating_add(tally.video.diamonds.into());
        self.earned = self.earned.saturating_add(diamonds);
    }

    /// Counts a gift that may still be on its way.
    pub const fn add_pending(&mut self) {
        self.pending = self.pending.saturating_add(1);
    }

    /// Counts a day that is not finished.
    pub const fn add_pending_day(&mut self) {
        self.pending_days = self.pending_days.saturating_add(1);
    }
}
