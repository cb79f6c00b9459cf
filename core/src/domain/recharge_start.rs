//! Whether a recharge may start, and with what.

use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use super::{
    Change, Channel, CheckoutParams, Client, ClientRules, Coins, Currency, CustomAmountRefused,
    CustomAmounts, IdempotencyKey, InputHash, InputHasher, Money, Pace, Package, PackageId,
    QuotaChange, Recharge, RechargeChange, RechargeId, RechargeStatus, TakenBack, UserId,
};

/// What a user asks for. The price is not among it: the server decides (I7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RechargeRequest {
    /// Who buys: the caller.
    pub user: UserId,
    /// The client's idempotency key.
    pub key: IdempotencyKey,
    /// What to buy.
    pub choice: RechargeChoice,
    /// In which currency; a code that we may not know.
    pub currency: String,
    /// The terms that the user accepted.
    pub terms_version: String,
    /// Where the browser goes at the end.
    pub return_url: Option<String>,
    /// The app that asks: no part of what was asked.
    pub client: Client,
}

/// What a user chooses to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RechargeChoice {
    /// A package.
    Package(PackageId),
    /// So many coins; a number that may be out of range.
    Coins(i64),
}

/// What the catalogue has of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// The package of the asked id.
    Package(Option<Package>),
    /// The amounts that may be chosen.
    Custom(Option<CustomAmounts>),
}

/// How many recharges a user has asked for in the running minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RechargeQuota {
    /// Which user.
    pub user: UserId,
    /// How many.
    pub pace: Pace,
    /// The number of writes.
    pub version: u64,
}

/// What starting a recharge changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RechargeDecision {
    /// The recharge, to be stored if none of its id is.
    pub recharge: Recharge,
    /// The quota that counts it, and the version it had.
    pub quota: RechargeQuota,
}

/// What the operator configured for recharges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RechargeTerms {
    /// The version of the terms that must be accepted.
    pub terms_version: String,
    /// The currencies that are sold in; the first is the default.
    pub currencies: Vec<Currency>,
    /// Where our own pages are, without a slash at the end.
    pub public_url: String,
    /// The origins (`https://app.example.com`) that a return URL may lead to.
    pub return_url_origins: Vec<String>,
    /// The coins on top of a user's first recharge; 0 for none.
    pub first_bonus_coins: Coins,
    /// Which apps may buy, and where.
    pub clients: ClientRules,
    /// How many recharges a user may ask for in a UTC minute.
    pub recharges_per_minute: u32,
}

/// Why a recharge is not started, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RechargeRejected {
    /// The app is too old.
    #[error("the app is too old")]
    UpgradeRequired,
    /// The store that the app came from wants its own billing.
    #[error("coins are not sold here")]
    ChannelNotAllowed,
    /// The accepted terms are not the current ones.
    #[error("the accepted terms are outdated")]
    TermsOutdated,
    /// The catalogue does not have it (any more).
    #[error("the package does not exist")]
    PackageNotFound,
    /// Nothing, or not this package, is sold in that currency.
    #[error("it is not sold in this currency")]
    CurrencyUnsupported,
    /// Too few or too many coins.
    #[error("the amount must be from {} to {} coins", .min.get(), .max.get())]
    AmountOutOfRange {
        /// The fewest.
        min: Coins,
        /// The most.
        max: Coins,
    },
    /// The return URL leads elsewhere than the operator allows.
    #[error("the return URL is not allowed")]
    ReturnUrlNotAllowed,
    /// So many recharges were asked for in this minute already.
    #[error("too many recharges in a minute")]
    RateLimited {
        /// When the next minute begins.
        retry_after: Duration,
    },
}

impl RechargeDecision {
    /// The complete list to commit.
    #[must_use]
    pub fn changes(&self, before: &RechargeQuota) -> [Change; 2] {
        [
            Change::Recharge(RechargeChange {
                expected_version: 0,
                after: self.recharge.clone(),
            }),
            Change::Quota(QuotaChange {
                expected_version: before.version,
                after: self.quota.clone(),
            }),
        ]
    }
}

impl RechargeRequest {
    /// What was asked, without who and with which key: those are where it is stored.
    #[must_use]
    pub fn input_hash(&self) -> InputHash {
        let hasher = InputHasher::new("recharge");
        let hasher = match &self.choice {
            RechargeChoice::Package(package) => hasher.field("package", package),
            RechargeChoice::Coins(coins) => hasher.field("coins", coins),
        };
        hasher
            .field("currency", &self.currency)
            .field("terms_version", &self.terms_version)
            .optional("return_url", self.return_url.as_ref())
            .finish()
    }
}

/// Decides whether the recharge may start, and what is stored before Stripe is called.
///
/// # Errors
/// The first of [`RechargeRejected`], in its order.
pub fn decide_recharge(
    request: &RechargeRequest,
    offer: &Offer,
    terms: &RechargeTerms,
    quota: &RechargeQuota,
    at: Timestamp,
) -> Result<RechargeDecision, RechargeRejected> {
    if !terms.clients.admits(request.client) {
        return Err(RechargeRejected::UpgradeRequired);
    }
    if terms.clients.channel(request.client) == Channel::StoreOnly {
        return Err(RechargeRejected::ChannelNotAllowed);
    }
    if request.terms_version != terms.terms_version {
        return Err(RechargeRejected::TermsOutdated);
    }
    let bought = priced(request, offer, terms)?;
    if request
        .return_url
        .as_ref()
        .is_some_and(|url| !leads_to_one_of(url, terms))
    {
        return Err(RechargeRejected::ReturnUrlNotAllowed);
    }
    let pace = quota.pace.one_more(at, terms.recharges_per_minute);
    let pace = pace.map_err(|retry_after| RechargeRejected::RateLimited { retry_after })?;

    // From here on nothing can fail.
    let id = RechargeId::of(&request.user, &request.key);
    let total = bought.coins.plus(bought.bonus_coins).unwrap_or(Coins::MAX);
    let checkout = CheckoutParams::new(&id, total, &terms.public_url, at);
    let recharge = Recharge {
        id,
        user: request.user.clone(),
        input_hash: request.input_hash(),
        status: RechargeStatus::Created,
        package: bought.package,
        coins: bought.coins,
        bonus_coins: bought.bonus_coins,
        price: bought.price,
        terms_version: request.terms_version.clone(),
        return_url: request.return_url.clone(),
        checkout,
        attempt: 0,
        session: None,
        payment_intent: None,
        first_bonus_coins: terms.first_bonus_coins,
        taken_back: TakenBack::default(),
        credited_at: None,
        created_at: at,
        version: 1,
    };
    let quota = RechargeQuota {
        user: request.user.clone(),
        pace,
        version: quota.version.saturating_add(1),
    };
    Ok(RechargeDecision { recharge, quota })
}

/// What a choice comes to.
struct Bought {
    package: Option<PackageId>,
    coins: Coins,
    bonus_coins: Coins,
    price: Money,
}

fn priced(
    request: &RechargeRequest,
    offer: &Offer,
    terms: &RechargeTerms,
) -> Result<Bought, RechargeRejected> {
    let currency = Currency::try_from(request.currency.as_str())
        .ok()
        .filter(|currency| terms.currencies.contains(currency));
    match (&request.choice, offer) {
        (RechargeChoice::Package(_), Offer::Package(Some(package))) => {
            let price = currency.and_then(|currency| package.price(currency));
            Ok(Bought {
                package: Some(package.id.clone()),
                coins: package.coins,
                bonus_coins: package.bonus_coins,
                price: price.ok_or(RechargeRejected::CurrencyUnsupported)?,
            })
        }
        (RechargeChoice::Coins(asked), Offer::Custom(Some(custom))) => {
            let currency = currency.ok_or(RechargeRejected::CurrencyUnsupported)?;
            // What is no amount of coins is below or above them all.
            let asked = u64::try_from(*asked).unwrap_or(0);
            let coins = Coins::new(asked).unwrap_or(Coins::MAX);
            let price = custom
                .price(coins, currency)
                .map_err(|refused| match refused {
                    CustomAmountRefused::CurrencyUnsupported => {
                        RechargeRejected::CurrencyUnsupported
                    }
                    CustomAmountRefused::OutOfRange { min, max } => {
                        RechargeRejected::AmountOutOfRange { min, max }
                    }
                })?;
            Ok(Bought {
                package: None,
                coins,
                bonus_coins: Coins::ZERO,
                price,
            })
        }
        (RechargeChoice::Coins(_), _) => {
            let (min, max) = (Coins::ZERO, Coins::ZERO); // No amount is sold at all.
            Err(RechargeRejected::AmountOutOfRange { min, max })
        }
        (RechargeChoice::Package(_), _) => Err(RechargeRejected::PackageNotFound),
    }
}

/// Whether `url` is one of the allowed origins, followed by nothing, a path, a query or a
/// fragment. What follows an origin otherwise (`@`, `.`, `:`, `\`) would change the host.
fn leads_to_one_of(url: &str, terms: &RechargeTerms) -> bool {
    let harmless = url.bytes().all(|byte| byte.is_ascii_graphic());
    let leads_to = |origin: &String| {
        url.strip_prefix(origin.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    };
    harmless && terms.return_url_origins.iter().any(leads_to)
}

#[cfg(test)]
#[path = "recharge_start_tests.rs"]
mod tests;
