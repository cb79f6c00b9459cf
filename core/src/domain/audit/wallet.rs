//! A wallet against its entries: I1, I4 and I5.

use super::{Finding, Place, Reason, Stored};
use crate::domain::{Entry, EntryDetail, EntryKey, IdempotencyKey, SentGiftId, UserId, Wallet};

/// A wallet and all its entries, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub user: UserId,
    /// The wallet, if there is one.
    pub wallet: Option<Stored<Wallet>>,
    /// The entries, in any order, and what else is stored beside them.
    pub entries: Vec<Stored<Entry>>,
}

impl Account {
    /// The entries that can be read.
    pub fn readable(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter_map(|entry| entry.as_ref().ok())
    }
}

/// What is wrong with a wallet and its entries, by their own word. Nothing is, only if the entries
/// are 1 to n without a hole, each follows from the one before, and the wallet is as the last one
/// left it: that holds whatever was written while they were read, because entries never change.
#[must_use]
pub fn check_account(account: &Account) -> Vec<Finding> {
    let mut check = Check {
        user: &account.user,
        findings: Vec::new(),
        is_whole: true,
    };
    let last = check.entries(account);
    match &account.wallet {
        None if account.entries.is_empty() => {}
        None => check.tell(last.first_seq, Reason::NoWallet),
        Some(Err(damaged)) => check.tell(None, damaged.reason.clone()),
        Some(Ok(wallet)) => check.wallet(wallet, account, &last),
    }
    check.findings
}

/// What a wallet holds, after an entry or now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Balance {
    coins: i128,
    debt: i128,
    in_total: i128,
    out_total: i128,
}

impl Balance {
    const NOTHING: Self = Self {
        coins: 0,
        debt: 0,
        in_total: 0,
        out_total: 0,
    };

    fn after(entry: &Entry) -> Self {
        Self {
            coins: entry.coins_after.get().into(),
            debt: entry.debt_after.get().into(),
            in_total: entry.in_total.get().into(),
            out_total: entry.out_total.get().into(),
        }
    }

    fn of(wallet: &Wallet) -> Self {
        Self {
            coins: wallet.coins.get().into(),
            debt: wallet.debt.get().into(),
            in_total: wallet.in_total.get().into(),
            out_total: wallet.out_total.get().into(),
        }
    }

    /// Coins less debt. Never out of range: each is far below it, as all sums here are.
    const fn net(self) -> i128 {
        self.coins.saturating_sub(self.debt)
    }

    /// What follows from `change`: a debt is paid first, and coins that are not there are owed.
    fn with(self, change: i64) -> Self {
        let change = i128::from(change);
        let net = self.net().saturating_add(change);
        Self {
            coins: net.max(0),
            debt: net.saturating_neg().max(0),
            in_total: self.in_total.saturating_add(change.max(0)),
            out_total: self
                .out_total
                .saturating_add(change.saturating_neg().max(0)),
        }
    }

    /// The first in which the two differ: what, here, there.
    fn difference(self, other: Self) -> Option<(&'static str, i128, i128)> {
        let pairs = [
            ("coins", self.coins, other.coins),
            ("debt", self.debt, other.debt),
            ("in_total", self.in_total, other.in_total),
            ("out_total", self.out_total, other.out_total),
        ];
        pairs.into_iter().find(|(_, here, there)| here != there)
    }
}

/// Where a wallet's history stands while it is walked.
struct Last {
    first_seq: Option<u64>,
    seq: u64,
    /// What is stored of the last entry; `None` behind a hole or what cannot be read.
    stored: Option<Balance>,
    /// What follows at the last entry where something else is stored: the entries behind it may go
    /// on from either, so that one wrong number is told once.
    followed: Option<Balance>,
}

struct Check<'a> {
    user: &'a UserId,
    findings: Vec<Finding>,
    /// Whether every entry is there and can be read, so that they can be added up.
    is_whole: bool,
}

impl Check<'_> {
    fn tell(&mut self, seq: Option<u64>, reason: Reason) {
        self.findings.push(Finding {
            place: Place::Wallet(self.user.clone()),
            seq,
            reason,
        });
    }

    fn entries(&mut self, account: &Account) -> Last {
        let mut slots: Vec<_> = account
            .entries
            .iter()
            .map(|entry| match entry {
                Ok(entry) => (Some(entry.seq), Some(entry)),
                Err(damaged) => (damaged.seq, None),
            })
            .collect();
        for damaged in account.entries.iter().filter_map(|it| it.as_ref().err()) {
            self.is_whole = false;
            self.tell(damaged.seq, damaged.reason.clone());
        }
        slots.sort_by_key(|(seq, _)| *seq);
        let mut last = Last {
            first_seq: slots.iter().find_map(|(seq, _)| *seq),
            seq: 0,
            stored: Some(Balance::NOTHING),
            followed: None,
        };
        for (seq, entry) in slots {
            // One that does not say its place was told already.
            if let Some(seq) = seq {
                self.slot(seq, entry, &mut last);
            }
        }
        last
    }

    fn slot(&mut self, seq: u64, entry: Option<&Entry>, last: &mut Last) {
        if seq <= last.seq {
            self.is_whole = false;
            let key = entry.map_or_else(String::new, |entry| shown(&entry.key));
            let reason = match seq {
                0 => Reason::Unreadable("I5: the first seq is 1".to_owned()),
                _ => Reason::Doubled { key },
            };
            self.tell(Some(seq), reason);
            // Nobody knows which of them goes on.
            (last.stored, last.followed) = (None, None);
            return;
        }
        self.hole(last, seq.saturating_sub(1));
        last.seq = seq;
        let Some(entry) = entry else {
            (last.stored, last.followed) = (None, None);
            return;
        };
        let (stored, change) = (Balance::after(entry), entry.change);
        let before = [last.stored, last.followed].into_iter().flatten();
        let expected: Vec<_> = before.map(|before| (before, before.with(change))).collect();
        let follows = expected.is_empty() || expected.iter().any(|(_, after)| *after == stored);
        let reason = own_problem(entry).or_else(|| {
            let (before, after) = expected.first().filter(|_| !follows)?;
            broken_link(entry, *before, *after)
        });
        last.stored = Some(stored);
        last.followed = expected
            .first()
            .filter(|_| !follows)
            .map(|(_, after)| *after);
        if let Some(reason) = reason {
            self.tell(Some(seq), reason);
        }
    }

    /// Tells what is missing behind the last entry, up to `to`.
    fn hole(&mut self, last: &mut Last, to: u64) {
        let missing = last.seq.saturating_add(1);
        if missing <= to {
            self.is_whole = false;
            self.tell(Some(missing), Reason::Missing { last: to });
            (last.stored, last.followed) = (None, None);
        }
    }

    fn wallet(&mut self, wallet: &Wallet, account: &Account, last: &Last) {
        let (last_seq, now) = (wallet.last_seq, Balance::of(wallet));
        if !wallet.coins.is_zero() && !wallet.debt.is_zero() {
            let (coins, debt) = (wallet.coins.get(), wallet.debt.get());
            self.tell(None, Reason::CoinsAndDebt { coins, debt });
        }
        if last.seq > last_seq {
            let first = account.readable().map(|entry| entry.seq);
            let first = first.filter(|seq| *seq > last_seq).min();
            self.tell(first.or(Some(last.seq)), Reason::BeyondLast { last_seq });
        } else if last.seq < last_seq {
            let mut end = Last { ..*last };
            self.hole(&mut end, last_seq);
        } else if let Some(stored) = last.stored
            && last.followed != Some(now)
            && let Some((what, stored, expected)) = now.difference(stored)
        {
            let seq = (last_seq > 0).then_some(last_seq);
            let reason = Reason::WalletDiffers {
                what,
                stored,
                expected,
            };
            self.tell(seq, reason);
        }
        let changes = account.readable().map(|entry| i128::from(entry.change));
        let (held, sum) = (now.net(), changes.fold(0, i128::saturating_add));
        if self.is_whole && held != sum {
            self.tell(None, Reason::SumDiffers { held, sum });
        }
    }
}

fn shown(key: &EntryKey) -> String {
    format!("{} {}", key.kind.as_str(), key.name)
}

/// What is wrong with an entry by itself.
fn own_problem(entry: &Entry) -> Option<Reason> {
    let (coins, debt) = (entry.coins_after.get(), entry.debt_after.get());
    if coins > 0 && debt > 0 {
        return Some(Reason::CoinsAndDebt { coins, debt });
    }
    let differs = |what| Some(Reason::KeyDiffers { what });
    let name = entry.key.name.as_str();
    let detail = match &entry.detail {
        EntryDetail::Gift(sent) => {
            let key = IdempotencyKey::try_from(name).ok();
            if key.map(|key| SentGiftId::of(&entry.user, &key)).as_ref() != Some(&sent.id) {
                return differs("the sent gift's id");
            }
            let (diamonds, coins) = (sent.diamonds, sent.coins.get());
            if diamonds != coins {
                return Some(Reason::DiamondsDiffer { diamonds, coins });
            }
            i128::from(coins).saturating_neg()
        }
        EntryDetail::Recharge {
            recharge,
            coins,
            bonus_coins,
            refunded_coins,
        } => {
            if name != recharge.as_str() {
                return differs("the recharge's id");
            }
            let total = i128::from(coins.get()).saturating_add(bonus_coins.get().into());
            total.saturating_sub(refunded_coins.get().into())
        }
        EntryDetail::Grant { reason, coins, .. } => {
            if name != reason.as_str() {
                return differs("the grant's reason");
            }
            coins.get().into()
        }
    };
    let change = entry.change;
    (i128::from(change) != detail).then_some(Reason::ChangeDiffers { change, detail })
}

/// Why an entry does not follow from what was there before.
fn broken_link(entry: &Entry, before: Balance, expected: Balance) -> Option<Reason> {
    let spends = matches!(entry.detail, EntryDetail::Gift(_));
    if spends && expected.debt > 0 {
        return Some(Reason::Overspent {
            held: before.net(),
            spent: i128::from(entry.change).saturating_neg(),
        });
    }
    let (what, stored, expected) = Balance::after(entry).difference(expected)?;
    Some(Reason::DoesNotFollow {
        what,
        stored,
        expected,
    })
}
