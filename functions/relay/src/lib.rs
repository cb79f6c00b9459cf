//! Hears the ledger's stream, and tells creators what they received and earned.
//!
//! A failed call is made again by Lambda, with the same records, as often as it takes: nothing
//! behind them in their shard is heard before.

use std::sync::Arc;

use jiff::Timestamp;
use recharge_core::{
    adapters::{
        Setup, alarms,
        dynamodb::{DynamoViews, StreamEventRefused, read_stream_event},
    },
    app::{
        Clock, RelayError, Relayed,
        ports::{Metric, Metrics},
        relay,
    },
    config::SettingsInvalid,
    domain::{RelayContent, utc_date},
};
use serde_json::{Value, json};
use thiserror::Error;

/// The function that relays.
#[derive(Debug)]
pub struct Function {
    views: DynamoViews,
    metrics: Arc<dyn Metrics>,
    clock: Arc<dyn Clock>,
}

/// Why a batch must come again.
#[derive(Debug, Error)]
pub enum RelayFailed {
    /// It cannot be relayed exactly once, however often it comes: the mapping is wrong.
    #[error("the event is refused")]
    Refused(#[from] StreamEventRefused),
    /// The views do not work now.
    #[error("the batch was not relayed to its end")]
    Unfinished(#[from] RelayError),
}

impl Function {
    /// Makes it from its settings.
    ///
    /// # Errors
    /// [`SettingsInvalid`] lists every setting that is missing or wrong.
    pub fn new(setup: &Setup) -> Result<Self, SettingsInvalid> {
        setup.settings.read(|reading| {
            let table = reading.text("VIEWS_TABLE");
            Some(Self {
                views: DynamoViews::new(setup.dynamodb.clone(), table?),
                metrics: Arc::clone(&setup.metrics),
                clock: Arc::clone(&setup.clock),
            })
        })
    }

    /// Relays a batch, and answers with the state that the event came with: our own is in the
    /// views, where it moves together with what it stands for.
    ///
    /// # Errors
    /// [`RelayFailed`]: the same batch must come again.
    pub async fn handle(&self, unverified_event: Value) -> Result<Value, RelayFailed> {
        // Boxed: all its futures within each other are more than the compiler likes to lay out.
        let answered = Box::pin(self.relay(&unverified_event)).await;
        if let Err(error) = &answered {
            alarms::relay_failed(error);
        }
        self.metrics.tell();
        answered
    }

    async fn relay(&self, unverified_event: &Value) -> Result<Value, RelayFailed> {
        let today = utc_date(self.clock.now());
        let batch = read_stream_event(unverified_event, today)?;
        let metrics = &*self.metrics;
        let mut first = None;
        for record in &batch.records {
            // Told before it is stored: perhaps twice, but never not at all.
            match &record.content {
                RelayContent::Unreadable(unreadable) => {
                    alarms::quarantined(metrics, &batch.shard, &record.sequence, unreadable.date);
                }
                RelayContent::Gift(gift) => first = earlier(first, gift.at),
            }
        }
        let mut relayed = Relayed::default();
        let (views, clock, shard) = (&self.views, &*self.clock, &batch.shard);
        let ended = relay(views, clock, shard, batch.records, &mut relayed).await;
        let gifts = relayed.applied.saturating_sub(relayed.quarantined);
        if let (Some(first), 1..) = (first, gifts) {
            let lag = self.clock.now().duration_since(first).as_millis();
            metrics.add(Metric::RelayLag, u64::try_from(lag).unwrap_or_default());
            metrics.add(
                Metric::GiftsRelayed,
                u64::try_from(gifts).unwrap_or_default(),
            );
        }
        ended?;
        let (applied, transactions) = (relayed.applied, relayed.transactions);
        tracing::debug!(applied, transactions, "relayed a batch");
        Ok(json!({ "state": batch.state }))
    }
}

fn earlier(known: Option<Timestamp>, other: Timestamp) -> Option<Timestamp> {
    Some(known.map_or(other, |known| known.min(other)))
}
