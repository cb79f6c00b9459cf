//! `POST /v1/gifts/send`: send a gift.

#[cfg(feature = "openapi")]
mod openapi;
mod wire;

use std::{num::NonZeroU32, sync::Arc};

use lambda_http::{Body, Request, Response};
use recharge_core::{
    adapters::{
        Setup,
        dynamodb::{DynamoCatalog, DynamoGiftParties, DynamoLedger},
    },
    app::{
        Clock,
        ports::{Metric, Metrics},
        send_gift,
    },
    config::SettingsInvalid,
    domain::{ClientRules, GiftRequest, GiftTerms, Quantity, UserId},
    http::{
        Callers, Code, Problem, answer, client_of, client_rules, created, idempotency_key,
        parse_json, route_key,
    },
};
use wire::{GiftBody, GiftReply};

#[cfg(feature = "openapi")]
pub use openapi::operations;

/// The function that sends gifts.
#[derive(Debug)]
pub struct Function {
    ledger: DynamoLedger,
    parties: DynamoGiftParties,
    catalog: DynamoCatalog,
    callers: Callers,
    rules: ClientRules,
    max_quantity: Quantity,
    gifts_per_minute: NonZeroU32,
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
            let rules = client_rules(reading);
            let max_quantity = reading.required("MAX_QUANTITY", str::parse);
            let gifts_per_minute = reading.required("GIFTS_PER_MINUTE", str::parse);
            let (table, callers) = (table?, callers?);
            let ledger =
                DynamoLedger::new(setup.dynamodb.clone(), table.clone()).counting(&setup.metrics);
            let parties = DynamoGiftParties::new(ledger.clone(), Arc::clone(&clock));
            let catalog = DynamoCatalog::new(setup.dynamodb.clone(), table, Arc::clone(&clock));
            Some(Self {
                ledger,
                parties,
                catalog,
                callers,
                rules: rules?,
                max_quantity: max_quantity?,
                gifts_per_minute: gifts_per_minute?,
                metrics: Arc::clone(&setup.metrics),
                clock,
            })
        })
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        answer(&*self.metrics, &request, async {
            match route_key(&request) {
                "POST /v1/gifts/send" => self.send(&request).await,
                _ => Err(Problem::new(Code::NotFound, "No such operation.")),
            }
        })
        .await
    }

    async fn send(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let gift = read_gift(request, caller.user)?;
        let terms = GiftTerms {
            is_client_admitted: self.rules.admits(client_of(request)),
            max_quantity: self.max_quantity,
            gifts_per_minute: self.gifts_per_minute.get(),
        };
        let (ledger, parties, clock) = (&self.ledger, &self.parties, &*self.clock);
        let sent = send_gift(ledger, parties, &self.catalog, clock, terms, &gift).await?;
        let reply = GiftReply::of(&sent.entry).ok_or_else(GiftReply::missing)?;
        if !sent.replayed {
            self.metrics.count(Metric::GiftsSent);
            self.metrics.add(Metric::CoinsGifted, reply.coins.get());
        }
        Ok(created(&reply, sent.replayed.into()))
    }
}

/// Reads what `sender` asks for; the wallet and the catalogue decide about it.
///
/// # Errors
/// `idempotency_key_missing`, `idempotency_key_invalid`, `body_too_large`, `body_invalid`,
/// `quantity_out_of_range`.
pub fn read_gift(request: &Request, sender: UserId) -> Result<GiftRequest, Problem> {
    let key = idempotency_key(request)?;
    let body: GiftBody = parse_json(request)?;
    let quantity = Quantity::try_from(body.quantity).map_err(|invalid| {
        Problem::new(Code::QuantityOutOfRange, format!("{invalid}.")).at("/quantity")
    })?;
    Ok(GiftRequest {
        sender,
        key,
        gift: body.gift_id,
        quantity,
        creator: body.creator_id,
        target: body.target.0.into(),
        expected_coins: body.expected_coins,
        combo: body.combo_id,
        message: body.message,
        not_after: body.not_after,
    })
}
