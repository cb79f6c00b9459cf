//! `PUT /v1/admin/users/{id}/status`: operators freeze a wallet, and set it free again.

#[cfg(feature = "openapi")]
mod openapi;

use std::sync::Arc;

use lambda_http::{Body, Request, Response};
use recharge_core::{
    adapters::{Setup, dynamodb::DynamoLedger},
    app::{Clock, ports::Metrics, set_status},
    config::SettingsInvalid,
    domain::{UserId, Wallet, WalletStatus},
    http::{Bounded, Callers, Code, Problem, answer, ok, parse_json, path_parameter, route_key},
};
use serde::{Deserialize, Serialize};

#[cfg(feature = "openapi")]
pub use openapi::operations;

/// The function for operators.
#[derive(Debug)]
pub struct Function {
    ledger: DynamoLedger,
    callers: Callers,
    metrics: Arc<dyn Metrics>,
    clock: Arc<dyn Clock>,
}

/// What an operator sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "WalletStatusRequest")
)]
struct StatusBody {
    #[cfg_attr(feature = "openapi", schemars(with = "WalletStatus"))]
    status: StatusText,
    /// Why: kept with the wallet, for the next operator.
    reason: Bounded<200>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StatusText {
    Active,
    Frozen,
}

/// What an operator gets: also of a status that was set before.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "WalletStatusNote")
)]
struct StatusReply<'a> {
    user: &'a UserId,
    #[cfg_attr(feature = "openapi", schemars(with = "WalletStatus"))]
    status: &'static str,
    reason: Option<&'a str>,
    by: Option<&'a UserId>,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "Option<recharge_core::http::openapi::Time>")
    )]
    at: Option<String>,
}

impl<'a> StatusReply<'a> {
    fn of(wallet: &'a Wallet) -> Self {
        let note = wallet.status_note.as_ref();
        Self {
            user: &wallet.user,
            status: wallet.status.as_str(),
            reason: note.map(|note| note.reason.as_str()),
            by: note.map(|note| &note.by),
            at: note.map(|note| note.at.to_string()),
        }
    }
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
            Some(Self {
                ledger: DynamoLedger::new(setup.dynamodb.clone(), table?),
                callers: callers?,
                metrics: Arc::clone(&setup.metrics),
                clock,
            })
        })
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        answer(&*self.metrics, &request, async {
            match route_key(&request) {
                "PUT /v1/admin/users/{id}/status" => self.set_status(&request).await,
                _ => Err(Problem::new(Code::NotFound, "No such operation.")),
            }
        })
        .await
    }

    async fn set_status(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let operator = self.callers.identify(request)?;
        operator.must_be_operator()?;
        let id = path_parameter(request, "id").and_then(|id| UserId::try_from(id).ok());
        let user = id.ok_or_else(|| Problem::new(Code::NotFound, "The path names no user."))?;
        let body: StatusBody = parse_json(request)?;
        let status = match body.status {
            StatusText::Active => WalletStatus::Active,
            StatusText::Frozen => WalletStatus::Frozen,
        };
        let (reason, by) = (String::from(body.reason), operator.user);
        let (ledger, clock) = (&self.ledger, &*self.clock);
        let wallet = set_status(ledger, clock, &user, status, &reason, &by).await?;
        // The reason is a person's words about a person: it stays in the wallet.
        let (user, by, status) = (user.as_str(), by.as_str(), status.as_str());
        tracing::info!(
            user,
            operator = by,
            status,
            "an operator set a wallet's status"
        );
        Ok(ok(&StatusReply::of(&wallet)))
    }
}
