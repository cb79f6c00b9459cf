//! `/v1/creator…`: become a creator, pause and resume, block; what was earned and received.

mod earnings;
#[cfg(feature = "openapi")]
mod openapi;
mod received;
mod wire;

use std::sync::Arc;

use lambda_http::{Body, Request, Response};
use recharge_core::{
    adapters::{
        Setup,
        dynamodb::{DynamoLedger, DynamoViews},
    },
    app::{
        Clock, CreatorTerms, become_creator, find_creator,
        ports::{Blocks, Metrics},
        set_accepting, set_blocked,
    },
    config::SettingsInvalid,
    domain::{ClientRules, CreatorRequest, Currency, DiamondRates, UserId},
    http::{
        Callers, Code, CursorKeys, Cursors, Page, Problem, answer, client_of, client_rules, ok,
        page, parse_json, path_parameter, route_key,
    },
};
use wire::{BlockReply, BlockedReply, CreatorBody, CreatorReply, StatusBody};

#[cfg(feature = "openapi")]
pub use openapi::operations;

/// The function for creators.
#[derive(Debug)]
pub struct Function {
    ledger: DynamoLedger,
    views: DynamoViews,
    callers: Callers,
    cursors: CursorsOf,
    rules: ClientRules,
    terms_version: String,
    currencies: Vec<Currency>,
    rates: DiamondRates,
    metrics: Arc<dyn Metrics>,
    clock: Arc<dyn Clock>,
}

/// Each list has cursors of its own.
#[derive(Debug)]
struct CursorsOf {
    blocked: Cursors,
    days: Cursors,
    received: Cursors,
}

impl CursorsOf {
    fn new(keys: &CursorKeys) -> Self {
        Self {
            blocked: Cursors::new(keys.clone(), "blocked"),
            days: Cursors::new(keys.clone(), "earnings"),
            received: Cursors::new(keys.clone(), "received"),
        }
    }
}

fn has_twice(rates: &[(Currency, u64)]) -> bool {
    let mut currencies: Vec<_> = rates.iter().map(|(currency, _)| *currency).collect();
    currencies.sort_unstable();
    currencies
        .windows(2)
        .any(|pair| pair.first() == pair.last())
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
            let views = reading.text("VIEWS_TABLE");
            let callers = Callers::read(reading, Arc::clone(&clock));
            let secrets = reading.list("CURSOR_SECRETS", CursorKeys::parse_one);
            let rules = client_rules(reading);
            let terms_version = reading.text("TERMS_VERSION");
            let currencies = reading.list("CURRENCIES", |code| Currency::try_from(code));
            let rates = reading.list("DIAMOND_RATES", DiamondRates::parse_one);
            if rates.as_ref().is_some_and(|rates| has_twice(rates)) {
                reading.mistake("DIAMOND_RATES", "a currency twice");
            }
            let rates = rates.map(DiamondRates::new);
            if let (Some(currencies), Some(rates)) = (&currencies, &rates) {
                let lacking = |it: &&Currency| rates.per_1000(**it).is_none();
                if let Some(currency) = currencies.iter().find(lacking) {
                    let problem = format!("no rate in {}", currency.code());
                    reading.mistake("DIAMOND_RATES", problem);
                }
            }
            Some(Self {
                ledger: DynamoLedger::new(setup.dynamodb.clone(), table?),
                views: DynamoViews::new(setup.dynamodb.clone(), views?),
                callers: callers?,
                cursors: CursorsOf::new(&CursorKeys::new(secrets?)),
                rules: rules?,
                terms_version: terms_version?,
                currencies: currencies?,
                rates: rates?,
                metrics: Arc::clone(&setup.metrics),
                clock,
            })
        })
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        answer(&*self.metrics, &request, async {
            match route_key(&request) {
                "GET /v1/creator" => self.show(&request).await,
                "PUT /v1/creator" => self.become_creator(&request).await,
                "PUT /v1/creator/status" => self.set_status(&request).await,
                "GET /v1/creator/blocked" => self.blocked(&request).await,
                "PUT /v1/creator/blocked/{user}" => self.set_blocked(&request, true).await,
                "DELETE /v1/creator/blocked/{user}" => self.set_blocked(&request, false).await,
                "GET /v1/creator/earnings" => self.earnings(&request).await,
                "GET /v1/creator/gifts" => self.received(&request).await,
                _ => Err(Problem::new(Code::NotFound, "No such operation.")),
            }
        })
        .await
    }

    async fn show(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let creator = find_creator(&self.ledger, &caller.user).await?;
        Ok(ok(&CreatorReply::of(&creator)))
    }

    async fn become_creator(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let asked = read_creator(request)?;
        let terms = CreatorTerms {
            is_client_admitted: self.rules.admits(client_of(request)),
            terms_version: &self.terms_version,
        };
        let (ledger, clock) = (&self.ledger, &*self.clock);
        let creator = become_creator(ledger, clock, terms, &caller.user, &asked).await?;
        Ok(ok(&CreatorReply::of(&creator)))
    }

    async fn set_status(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let is_accepting = read_status(request)?;
        let is_admitted = self.rules.admits(client_of(request));
        let (ledger, clock, id) = (&self.ledger, &*self.clock, &caller.user);
        let creator = set_accepting(ledger, clock, is_admitted, id, is_accepting).await?;
        Ok(ok(&CreatorReply::of(&creator)))
    }

    async fn set_blocked(
        &self,
        request: &Request,
        is_blocked: bool,
    ) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let user = path_parameter(request, "user").and_then(|user| UserId::try_from(user).ok());
        let user = user.ok_or_else(|| Problem::new(Code::NotFound, "The path names no user."))?;
        let is_admitted = self.rules.admits(client_of(request));
        let (ledger, clock, id) = (&self.ledger, &*self.clock, &caller.user);
        set_blocked(ledger, clock, is_admitted, id, &user, is_blocked).await?;
        Ok(ok(&BlockReply::of(&user, is_blocked)))
    }

    async fn blocked(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let Page {
            limit,
            unverified_cursor,
        } = page(request)?;
        let cursors = &self.cursors.blocked;
        let after = match unverified_cursor {
            None => None,
            // A position that we signed is a user.
            Some(cursor) => UserId::try_from(cursors.verify(&caller.user, cursor)?).ok(),
        };
        find_creator(&self.ledger, &caller.user).await?;
        let page = self
            .ledger
            .blocked(&caller.user, after.as_ref(), limit)
            .await?;
        let next = page.next_after.as_ref();
        let next_cursor = next.map(|after| cursors.sign(&caller.user, after.as_str()));
        Ok(ok(&BlockedReply::of(&page.users, next_cursor)))
    }
}

/// Reads what a user says to become a creator.
///
/// # Errors
/// `body_too_large`, `body_invalid`.
pub fn read_creator(request: &Request) -> Result<CreatorRequest, Problem> {
    parse_json::<CreatorBody>(request).map(CreatorRequest::from)
}

/// Reads whether a creator wants to take gifts.
///
/// # Errors
/// `body_too_large`, `body_invalid`.
pub fn read_status(request: &Request) -> Result<bool, Problem> {
    parse_json::<StatusBody>(request).map(|body| body.accepting)
}
