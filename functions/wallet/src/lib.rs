//! `GET /v1/wallet` and `GET /v1/wallet/entries`: the balance, and how it came to be;
//! `PUT /v1/wallet/limits`: what its user allows themself to spend.

#[cfg(feature = "openapi")]
mod openapi;
mod wire;

use std::sync::Arc;

use lambda_http::{Body, Request, Response};
use recharge_core::{
    adapters::{Setup, dynamodb::DynamoLedger},
    app::{
        Clock,
        ports::{Freshness, Metrics, Wallets},
        read_statement, set_limits,
    },
    config::SettingsInvalid,
    domain::{ClientRules, LimitsRequest},
    http::{
        Callers, Code, CursorKeys, Cursors, Page, Problem, answer, client_of, client_rules, ok,
        page, parse_json, route_key,
    },
};
use wire::{LimitsBody, StatementReply, WalletReply};

#[cfg(feature = "openapi")]
pub use openapi::operations;

/// The function that tells wallets.
#[derive(Debug)]
pub struct Function {
    ledger: DynamoLedger,
    callers: Callers,
    cursors: Cursors,
    rules: ClientRules,
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
            let secrets = reading.list("CURSOR_SECRETS", CursorKeys::parse_one);
            let rules = client_rules(reading);
            let ledger = DynamoLedger::new(setup.dynamodb.clone(), table?);
            let cursors = Cursors::new(CursorKeys::new(secrets?), "entries");
            Some(Self {
                ledger,
                callers: callers?,
                cursors,
                rules: rules?,
                metrics: Arc::clone(&setup.metrics),
                clock,
            })
        })
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        answer(&*self.metrics, &request, async {
            match route_key(&request) {
                "GET /v1/wallet" => self.wallet(&request).await,
                "GET /v1/wallet/entries" => self.entries(&request).await,
                "PUT /v1/wallet/limits" => self.limit(&request).await,
                _ => Err(Problem::new(Code::NotFound, "No such operation.")),
            }
        })
        .await
    }

    async fn wallet(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        // Consistent: who has just paid or sent looks here.
        let wallet = self
            .ledger
            .wallet(&caller.user, Freshness::Consistent)
            .await?;
        Ok(ok(&WalletReply::of(&wallet, self.clock.now())))
    }

    async fn limit(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let asked = read_limits(request)?;
        let is_admitted = self.rules.admits(client_of(request));
        let (ledger, clock) = (&self.ledger, &*self.clock);
        let wallet = set_limits(ledger, clock, is_admitted, &caller.user, &asked).await?;
        Ok(ok(&WalletReply::of(&wallet, clock.now())))
    }

    async fn entries(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let Page {
            limit,
            unverified_cursor,
        } = page(request)?;
        let before = match unverified_cursor {
            None => None,
            // A position that we signed is a number.
            Some(cursor) => self.cursors.verify(&caller.user, cursor)?.parse().ok(),
        };
        let page = read_statement(&self.ledger, &caller.user, before, limit).await?;
        let next_cursor = page
            .next_before
            .map(|before| self.cursors.sign(&caller.user, &before.to_string()));
        Ok(ok(&StatementReply::of(&page.entries, next_cursor)))
    }
}

/// Reads which limits a user wants.
///
/// # Errors
/// `body_too_large`, `body_invalid`.
pub fn read_limits(request: &Request) -> Result<LimitsRequest, Problem> {
    parse_json::<LimitsBody>(request).map(LimitsRequest::from)
}
