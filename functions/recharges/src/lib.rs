//! `POST /v1/recharges` and `GET /v1/recharges/{id}`: buy coins, and see what became of it.

mod wire;

use std::sync::Arc;

use lambda_http::{Body, Request, Response};
use recharge_core::{
    adapters::{
        Setup,
        dynamodb::{DynamoCatalog, DynamoLedger},
        stripe::StripeAccess,
    },
    app::{Clock, FindRechargeError, find_recharge, start_recharge},
    config::{Reading, SettingsInvalid},
    domain::{Currency, RechargeId, RechargeRequest, RechargeTerms},
    http::{
        Callers, Code, Problem, answer, created, idempotency_key, ok, parse_json, path_parameter,
        route_key,
    },
};
use wire::{RechargeBody, RechargeReply, StartedReply};

/// The function that starts and tells recharges.
#[derive(Debug)]
pub struct Function {
    ledger: DynamoLedger,
    catalog: DynamoCatalog,
    stripe: StripeAccess,
    terms: RechargeTerms,
    callers: Callers,
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
            let stripe = StripeAccess::read(reading, setup);
            let terms = terms(reading);
            let (table, callers) = (table?, callers?);
            let ledger = DynamoLedger::new(setup.dynamodb.clone(), table.clone());
            let catalog = DynamoCatalog::new(setup.dynamodb.clone(), table, Arc::clone(&clock));
            Some(Self {
                ledger,
                catalog,
                stripe: stripe?,
                terms: terms?,
                callers,
                clock,
            })
        })
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        answer(&request, async {
            match route_key(&request) {
                "POST /v1/recharges" => self.start(&request).await,
                "GET /v1/recharges/{id}" => self.find(&request).await,
                _ => Err(Problem::new(Code::NotFound, "No such operation.")),
            }
        })
        .await
    }

    async fn start(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let key = idempotency_key(request)?;
        let body: RechargeBody = parse_json(request)?;
        let asked = RechargeRequest {
            user: caller.user,
            key,
            package: body.package_id,
            currency: body.currency.into(),
            terms_version: body.terms_version.into(),
            return_url: body.return_url.map(Into::into),
        };
        let (ledger, catalog) = (&self.ledger, &self.catalog);
        let payments = self.stripe.payments().await?;
        let started = start_recharge(
            ledger,
            catalog,
            &*payments,
            &*self.clock,
            &self.terms,
            &asked,
        )
        .await?;
        Ok(created(
            &StartedReply::of(&started),
            started.replayed.into(),
        ))
    }

    async fn find(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        // What is no id belongs to nobody.
        let id = path_parameter(request, "id").and_then(|id| RechargeId::try_from(id).ok());
        let id = id.ok_or(FindRechargeError::NotFound)?;
        let recharge = find_recharge(&self.ledger, &caller.user, &id).await?;
        Ok(ok(&RechargeReply::of(&recharge)))
    }
}

fn terms(reading: &mut Reading<'_>) -> Option<RechargeTerms> {
    let terms_version = reading.text("TERMS_VERSION");
    let currencies = reading.list("CURRENCIES", |code| Currency::try_from(code));
    let public_url = reading.required("PUBLIC_URL", public_url);
    let return_url_origins = reading.list_or_empty("RETURN_URL_ORIGINS", origin);
    Some(RechargeTerms {
        terms_version: terms_version?,
        currencies: currencies?,
        public_url: public_url?,
        return_url_origins: return_url_origins?,
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

/// A scheme and a host, without a path: `https://app.example.com`.
fn origin(text: &str) -> Result<String, &'static str> {
    let host = text.split_once("://").map_or("", |(_, host)| host);
    let is_origin = !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']);
    is_origin
        .then(|| text.to_owned())
        .ok_or("must be like https://app.example.com")
}
