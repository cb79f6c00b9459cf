//! The economy as it should be: small enough to be seen to be right. Nothing of it is shared with
//! the code that it judges.

use std::collections::BTreeMap;

/// A gift in the catalogue, and what one costs.
pub(crate) const GIFTS: [(&str, i64); 5] = [
    ("rose", 1),
    ("heart", 5),
    ("clap", 10),
    ("doughnut", 20),
    ("star", 50),
];
/// A package, its coins with the bonus, and its price in US cents.
pub(crate) const PACKAGES: [(&str, i64, i64); 3] = [
    ("coins_70", 70, 99),
    ("coins_350", 350, 479),
    ("coins_700", 715, 949),
];

/// A moment: milliseconds since 1970, in UTC.
pub(crate) type Ms = i64;
pub(crate) const HOUR: Ms = 3_600_000;
pub(crate) const DAY: Ms = 24 * HOUR;

/// What a fan asks to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sending {
    pub(crate) gift: usize,
    pub(crate) quantity: i64,
    pub(crate) creator: usize,
    /// What the client claims that it costs, too much by this; only to be refused (I7).
    pub(crate) claim: Option<i64>,
}

impl Sending {
    pub(crate) fn cost(&self) -> i64 {
        GIFTS[self.gift].1 * self.quantity
    }
}

/// A line of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// `gift` or `recharge`, and the key.
    pub(crate) key: (&'static str, String),
    pub(crate) change: i64,
    pub(crate) day: i64,
    pub(crate) sent: Option<Sending>,
}

/// The most that may be spent in a day; a raise that waits from when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Limit {
    held: Option<i64>,
    pub(crate) raise: Option<(Ms, Option<i64>)>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Wallet {
    pub(crate) lines: Vec<Line>,
    pub(crate) is_frozen: bool,
    pub(crate) daily: Limit,
}

impl Wallet {
    pub(crate) fn coins(&self) -> i64 {
        self.lines.iter().map(|line| line.change).sum()
    }

    fn spent(&self, day: i64) -> i64 {
        let gifts = self.lines.iter().filter(|line| line.sent.is_some());
        gifts
            .filter(|line| line.day == day)
            .map(|line| -line.change)
            .sum()
    }

    pub(crate) fn gift(&self, key: &str) -> Option<&Line> {
        self.lines
            .iter()
            .find(|line| line.key == ("gift", key.to_owned()))
    }
}

impl Limit {
    pub(crate) fn at(&self, now: Ms) -> Option<i64> {
        match self.raise {
            Some((from, to)) if from <= now => to,
            _ => self.held,
        }
    }

    /// Tightening works at once, loosening a day later.
    pub(crate) fn ask(&mut self, asked: Option<i64>, now: Ms) {
        let held = self.at(now);
        let waiting = self.raise.filter(|(from, _)| *from > now);
        let allows = |limit: Option<i64>| limit.unwrap_or(i64::MAX);
        self.held = held;
        self.raise = if allows(asked) <= allows(held) {
            self.held = asked;
            None
        } else if waiting.is_some_and(|(_, to)| to == asked) {
            waiting
        } else {
            Some((now + DAY, asked))
        };
    }
}

/// Where the buyer's money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Money {
    Nowhere,
    OnItsWay,
    Here,
}

#[derive(Debug, Clone)]
pub(crate) struct Recharge {
    pub(crate) fan: usize,
    pub(crate) key: usize,
    pub(crate) package: usize,
    /// Ours, and Stripe's.
    pub(crate) id: String,
    pub(crate) session: String,
    pub(crate) intent: String,
    pub(crate) money: Money,
    /// What Stripe took back: the truth, and what we were told of it.
    pub(crate) taken_back: (i64, bool),
    pub(crate) known: (i64, bool),
    pub(crate) is_settled: bool,
}

/// Somebody who receives gifts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Creator {
    pub(crate) exists: bool,
    pub(crate) pauses: bool,
    pub(crate) blocked: Vec<usize>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) wallets: BTreeMap<usize, Wallet>,
    pub(crate) creators: BTreeMap<usize, Creator>,
    pub(crate) recharges: Vec<Recharge>,
}

impl Model {
    pub(crate) fn wallet(&mut self, fan: usize) -> &mut Wallet {
        self.wallets.entry(fan).or_default()
    }

    /// What a fan is answered who sends a gift now; `None` if it is sent.
    pub(crate) fn refusal(&self, fan: usize, sending: &Sending, now: Ms) -> Option<&'static str> {
        let empty = Wallet::default();
        let wallet = self.wallets.get(&fan).unwrap_or(&empty);
        let creator = self.creators.get(&sending.creator);
        let Some(creator) = creator.filter(|creator| creator.exists) else {
            return Some("creator_not_found");
        };
        if creator.pauses || creator.blocked.contains(&fan) {
            return Some("creator_not_accepting");
        }
        if sending.claim.is_some_and(|claim| claim != 0) {
            return Some("price_changed");
        }
        if wallet.is_frozen {
            return Some("wallet_frozen");
        }
        let limit = wallet.daily.at(now).unwrap_or(i64::MAX);
        if wallet.spent(now / DAY) + sending.cost() > limit {
            return Some("spending_limit_reached");
        }
        (wallet.coins() < sending.cost()).then_some("insufficient_coins")
    }

    /// A gift was sent.
    pub(crate) fn send(&mut self, fan: usize, key: &str, sending: Sending, now: Ms) {
        self.wallet(fan).lines.push(Line {
            key: ("gift", key.to_owned()),
            change: -sending.cost(),
            day: now / DAY,
            sent: Some(sending),
        });
    }

    /// We hear that a session is paid; of what was taken back we know what we were told, or ask.
    /// Whether coins come in.
    pub(crate) fn hear(&mut self, nth: usize, asks: bool, now: Ms) -> bool {
        let recharge = &mut self.recharges[nth];
        if recharge.money != Money::Here {
            return false;
        }
        if recharge.is_settled {
            return false;
        }
        if asks {
            recharge.known = recharge.taken_back;
        }
        let (_, coins, price) = PACKAGES[recharge.package];
        let (refunded, is_disputed) = recharge.known;
        if is_disputed || refunded >= price {
            return false;
        }
        recharge.is_settled = true;
        // The refunded share is rounded up.
        let change = coins - (coins * refunded + price - 1) / price;
        let (fan, id) = (recharge.fan, recharge.id.clone());
        self.wallet(fan).lines.push(Line {
            key: ("recharge", id),
            change,
            day: now / DAY,
            sent: None,
        });
        true
    }

    /// What a creator earned, by day: one diamond a coin.
    pub(crate) fn earned(&self, creator: usize) -> BTreeMap<i64, (i64, i64)> {
        let mut days = BTreeMap::new();
        for line in self.wallets.values().flat_map(|wallet| &wallet.lines) {
            if line.sent.is_some_and(|sent| sent.creator == creator) {
                let day: &mut (i64, i64) = days.entry(line.day).or_default();
                *day = (day.0 - line.change, day.1 + 1);
            }
        }
        days
    }
}
