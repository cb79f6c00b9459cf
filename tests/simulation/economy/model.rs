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
/// What is bought: a package or an amount of one's own, its coins with the bonus, and its price in
/// the smallest unit of a currency.
pub(crate) struct Goods {
    /// `None` for an amount of one's own.
    pub(crate) package: Option<&'static str>,
    pub(crate) coins: i64,
    pub(crate) price: i64,
    pub(crate) currency: &'static str,
}

const fn goods(
    package: Option<&'static str>,
    coins: i64,
    price: i64,
    currency: &'static str,
) -> Goods {
    Goods {
        package,
        coins,
        price,
        currency,
    }
}

pub(crate) const GOODS: [Goods; 5] = [
    goods(Some("coins_70"), 70, 99, "usd"),
    goods(Some("coins_350"), 350, 479, "usd"),
    goods(Some("coins_700"), 715, 949, "usd"),
    goods(Some("coins_70"), 70, 150, "jpy"),
    // 14.15 for 1,000: 141.5, rounded up.
    goods(None, 100, 142, "usd"),
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
    /// For a video, and not for a live stream.
    pub(crate) is_video: bool,
    /// What the client claims that it costs, too much by this; only to be refused (I7).
    pub(crate) claim: Option<i64>,
}

impl Sending {
    pub(crate) fn cost(&self) -> i64 {
        GIFTS[self.gift].1 * self.quantity
    }
}

/// Diamonds and gifts of a day: for live streams, and for videos.
pub(crate) type Earned = [(i64, i64); 2];

/// A line of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// `gift` or `recharge`, and the key.
    pub(crate) key: (&'static str, String),
    pub(crate) change: i64,
    pub(crate) day: i64,
    pub(crate) sent: Option<Sending>,
}

/// The most that may be spent in a day or a month; a raise that waits from when on.
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
    pub(crate) monthly: Limit,
}

impl Wallet {
    pub(crate) fn coins(&self) -> i64 {
        self.lines.iter().map(|line| line.change).sum()
    }

    fn spent(&self, on: impl Fn(i64) -> bool) -> i64 {
        let gifts = self.lines.iter().filter(|line| line.sent.is_some());
        gifts
            .filter(|line| on(line.day))
            .map(|line| -line.change)
            .sum()
    }

    fn is_beyond_limits(&self, cost: i64, now: Ms) -> bool {
        let today = now / DAY;
        let day = self.spent(|day| day == today) + cost;
        let month = self.spent(|day| month(day) == month(today)) + cost;
        let allows = |limit: &Limit| limit.at(now).unwrap_or(i64::MAX);
        day > allows(&self.daily) || month > allows(&self.monthly)
    }

    pub(crate) fn gift(&self, key: &str) -> Option<&Line> {
        self.lines
            .iter()
            .find(|line| line.key == ("gift", key.to_owned()))
    }
}

/// Days are counted from 1970.
pub(crate) fn date(day: i64) -> jiff::civil::Date {
    jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(day)
}

fn month(day: i64) -> (i16, i8) {
    (date(day).year(), date(day).month())
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
    pub(crate) goods: usize,
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
        if wallet.is_beyond_limits(sending.cost(), now) {
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
        let Goods { coins, price, .. } = GOODS[recharge.goods];
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
    pub(crate) fn earned(&self, creator: usize) -> BTreeMap<i64, Earned> {
        let mut days = BTreeMap::new();
        for line in self.wallets.values().flat_map(|wallet| &wallet.lines) {
            if let Some(sent) = line.sent.filter(|sent| sent.creator == creator) {
                let day: &mut Earned = days.entry(line.day).or_default();
                let of_its_kind = &mut day[usize::from(sent.is_video)];
                *of_its_kind = (of_its_kind.0 - line.change, of_its_kind.1 + 1);
            }
        }
        days
    }
}
