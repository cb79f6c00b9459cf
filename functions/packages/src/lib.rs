//! `GET /v1/packages`, `/v1/gifts` and `/v1/config`: what is sold, what can be sent, and what a
//! client must know. None needs a token; all may be cached.

#[cfg(feature = "openapi")]
mod openapi;
mod settings;
mod wire;

use std::sync::Arc;

use lambda_http::{Body, Request, Response};
use recharge_core::{
    adapters::{Setup, dynamodb::DynamoCatalog},
    app::ports::{Freshness, Metrics},
    config::SettingsInvalid,
    http::{Cacheable, Code, Problem, answer, cacheable, currency_of, route_key},
};
use settings::ClientConfig;

#[cfg(feature = "openapi")]
pub use openapi::operations;
use wire::{GiftsReply, PackagesReply};

/// A minute: what is stale in a cache the server decides anew anyway (I7).
const CACHING: Cacheable = Cacheable { max_age_s: 60 };

/// The function that tells the catalogue and the configuration.
#[derive(Debug)]
pub struct Function {
    catalog: DynamoCatalog,
    config: ClientConfig,
    metrics: Arc<dyn Metrics>,
}

impl Function {
    /// Makes it from its settings.
    ///
    /// # Errors
    /// [`SettingsInvalid`] lists every setting that is missing or wrong.
    pub fn new(setup: &Setup) -> Result<Self, SettingsInvalid> {
        setup.settings.read(|reading| {
            let table = reading.text("LEDGER_TABLE");
            let config = ClientConfig::read(reading);
            let clock = Arc::clone(&setup.clock);
            let catalog = DynamoCatalog::new(setup.dynamodb.clone(), table?, clock);
            Some(Self {
                catalog,
                config: config?,
                metrics: Arc::clone(&setup.metrics),
            })
        })
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        answer(&*self.metrics, &request, async {
            match route_key(&request) {
                "GET /v1/config" => Ok(cacheable(&request, &self.config.reply(), CACHING)),
                "GET /v1/packages" => self.packages(&request).await,
                "GET /v1/gifts" => self.gifts(&request).await,
                _ => Err(Problem::new(Code::NotFound, "No such operation.")),
            }
        })
        .await
    }

    async fn packages(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let currency = currency_of(request, &self.config.currencies)?;
        let packages = self.catalog.package_catalog(Freshness::Recent).await?;
        Ok(cacheable(
            request,
            &PackagesReply::of(&packages, currency),
            CACHING,
        ))
    }

    async fn gifts(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let currency = currency_of(request, &self.config.currencies)?;
        let packages = self.catalog.package_catalog(Freshness::Recent).await?;
        let gifts = self.catalog.gift_catalog(Freshness::Recent).await?;
        Ok(cacheable(
            request,
            &GiftsReply::of(&gifts, packages.packages(), currency),
            CACHING,
        ))
    }
}
