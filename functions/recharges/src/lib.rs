//! `POST /v1/recharges`, `GET /v1/recharges/{id}` and `POST /v1/recharges/{id}/sync`: buy coins,
//! and see what became of it; `GET /return/{id}` and `/cancel/{id}` for the browser that comes
//! back from Stripe.

#[cfg(feature = "openapi")]
mod openapi;
mod pages;
mod wire;

use std::{num::NonZeroU32, sync::Arc};

use lambda_http::{Body, Request, Response};
use pages::{Pages, Way};
use recharge_core::{
    adapters::{
        Setup, alarms,
        dynamodb::{DynamoCatalog, DynamoLedger},
        stripe::StripeAccess,
    },
    app::{
        Clock, FindRechargeError, SyncRechargeError, find_recharge,
        ports::{Metric, Metrics},
        start_recharge, sync_recharge,
    },
    config::{Reading, SettingsInvalid},
    domain::{
        Coins, Currency, Recharge, RechargeId, RechargeRejected, RechargeRequest, RechargeTerms,
        UserId,
    },
    http::{
        Callers, Code, Problem, answer, client_of, client_rules, created, idempotency_key, ok,
        parse_json, path_parameter, route_key,
    },
};

#[cfg(feature = "openapi")]
pub use openapi::operations;
use wire::{RechargeBody, RechargeReply, StartedReply};

/// The function that starts and tells recharges.
#[derive(Debug)]
pub struct Function {
    ledger: DynamoLedger,
    catalog: DynamoCatalog,
    payments: StripeAccess,
    livemode: bool,
    pages: Pages,
    terms: RechargeTerms,
    callers: Callers,
    metrics: Arc<dyn Metrics>,
    clock: Arc<dyn Clock>,
}

impl Function {
    /// Makes it from its settings.
    ///
    /// # Errors
    /// [`SettingsInvalid`] lists every setting that is missing or wrong.
    pub fn new(setup: &Setup) -> Result<Self, SettingsInvalid> {
        let clock = Arc::clone(&setup.clock);
        setup.settings.read(|reading| {
            let table = reading.text("LEDGER_TABLE");
            let callers = Callers::read(reading, Arc::clone(&clock));
            let payments = StripeAccess::read(reading, setup);
            let livemode = reading.required("STRIPE_LIVEMODE", str::parse);
            let pages = Pages::read(reading);
            let terms = terms(reading);
            let (table, callers) = (table?, callers?);
            let ledger =
                DynamoLedger::new(setup.dynamodb.clone(), table.clone()).counting(&setup.metrics);
            let catalog = DynamoCatalog::new(setup.dynamodb.clone(), table, Arc::clone(&clock));
            Some(Self {
                ledger,
                catalog,
                payments: payments?,
                livemode: livemode?,
                pages: pages?,
                terms: terms?,
                callers,
                metrics: Arc::clone(&setup.metrics),
                clock,
            })
        })
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        answer(&*self.metrics, &request, async {
            match route_key(&request) {
                "POST /v1/recharges" => self.start(&request).await,
                "GET /v1/recharges/{id}" => self.find(&request).await,
                "POST /v1/recharges/{id}/sync" => self.sync(&request).await,
                "GET /return/{id}" => Ok(self.page(&request, Way::Return).await),
                "GET /cancel/{id}" => Ok(self.page(&request, Way::Cancel).await),
                _ => Err(Problem::new(Code::NotFound, "No such operation.")),
            }
        })
        .await
    }

    async fn start(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let asked = read_recharge(request, caller.user)?;
        let (ledger, catalog) = (&self.ledger, &self.catalog);
        let started = start_recharge(
            ledger,
            catalog,
            &self.payments,
            &*self.clock,
            &self.terms,
            &asked,
        )
        .await?;
        if !started.replayed {
            self.metrics.count(Metric::RechargesStarted);
        }
        Ok(created(
            &StartedReply::of(&started),
            started.replayed.into(),
        ))
    }

    async fn find(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let id = recharge_id(request).ok_or(FindRechargeError::NotFound)?;
        let recharge = find_recharge(&self.ledger, &caller.user, &id).await?;
        Ok(ok(&RechargeReply::of(&recharge)))
    }

    async fn sync(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        if !self.terms.clients.admits(client_of(request)) {
            return Err(RechargeRejected::UpgradeRequired.into());
        }
        let id = recharge_id(request).ok_or(SyncRechargeError::NotFound)?;
        let recharge = self.ask(Some(&caller.user), &id).await?;
        Ok(ok(&RechargeReply::of(&recharge)))
    }

    /// A page for the browser that comes back from Stripe. It has no token: it shows what the
    /// recharge's id alone may tell.
    async fn page(&self, request: &Request, way: Way) -> Response<Body> {
        let asked = match recharge_id(request) {
            None => Err(SyncRechargeError::NotFound),
            Some(id) => self.ask(None, &id).await,
        };
        match asked {
            Ok(recharge) => self.pages.of(&recharge, way),
            Err(SyncRechargeError::TooSoon { recharge, .. }) => self.pages.of(&recharge, way),
            Err(SyncRechargeError::NotFound) => self.pages.not_found(),
            Err(SyncRechargeError::Unavailable(outage)) => {
                self.metrics.count(Metric::Outages);
                tracing::error!(cause = %outage.causes(), "a return page could not be told");
                self.pages.unavailable()
            }
        }
    }

    async fn ask(
        &self,
        owner: Option<&UserId>,
        id: &RechargeId,
    ) -> Result<Recharge, SyncRechargeError> {
        let (ledger, clock) = (&self.ledger, &*self.clock);
        let synced = sync_recharge(ledger, &self.payments, clock, self.livemode, owner, id).await?;
        alarms::settled(&*self.metrics, id, synced.settled);
        Ok(synced.recharge)
    }
}

/// Reads what `user` asks for; the catalogue and the terms decide about it.
///
/// # Errors
/// `idempotency_key_missing`, `idempotency_key_invalid`, `body_too_large`, `body_invalid`.
pub fn read_recharge(request: &Request, user: UserId) -> Result<RechargeRequest, Problem> {
    let key = idempotency_key(request)?;
    let body: RechargeBody = parse_json(request)?;
    Ok(RechargeRequest {
        user,
        key,
        choice: body.choice()?,
        currency: body.currency.into(),
        terms_version: body.terms_version.into(),
        return_url: body.return_url.map(Into::into),
        client: client_of(request),
    })
}

/// What is no id belongs to nobody.
fn recharge_id(request: &Request) -> Option<RechargeId> {
    path_parameter(request, "id").and_then(|id| RechargeId::try_from(id).ok())
}

fn terms(reading: &mut Reading<'_>) -> Option<RechargeTerms> {
    let terms_version = reading.text("TERMS_VERSION");
    let currencies = reading.list("CURRENCIES", |code| Currency::try_from(code));
    let public_url = reading.required("PUBLIC_URL", public_url);
    let return_url_origins = reading.list_or_empty("RETURN_URL_ORIGINS", origin);
    let clients = client_rules(reading);
    let per_minute = reading.required("RECHARGES_PER_MINUTE", str::parse::<NonZeroU32>);
    let first_bonus_coins = reading.required("FIRST_RECHARGE_BONUS_COINS", bonus_coins);
    Some(RechargeTerms {
        terms_version: terms_version?,
        currencies: currencies?,
        public_url: public_url?,
        return_url_origins: return_url_origins?,
        first_bonus_coins: first_bonus_coins?,
        clients: clients?,
        recharges_per_minute: per_minute?.get(),
    })
}

/// An address without a slash at its end, which may have a path: `https://example.com/coins`.
fn public_url(text: &str) -> Result<String, &'static str> {
    let host = text
        .split_once("://")
        .and_then(|(_, rest)| rest.split('/').next());
    let is_url = host.is_some_and(|host| !host.is_empty())
        && !text.ends_with('/')
        && !text.contains(['?', '#', '@', ' ']);
    is_url
        .then(|| text.to_owned())
        .ok_or("must be like https://example.com, without / at its end")
}

fn bonus_coins(text: &str) -> Result<Coins, &'static str> {
    let coins = text.parse().ok().and_then(|coins| Coins::new(coins).ok());
    coins.ok_or("must be a number of coins, 0 for no bonus")
}

/// A scheme and a host, without a path: `https://app.example.com`.
fn origin(text: &str) -> Result<String, &'static str> {
    let host = text.split_once("://").map_or("", |(_, host)| host);
    let is_origin = !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']);
    is_origin
        .then(|| text.to_owned())
        .ok_or("must be like https://app.example.com")
}
