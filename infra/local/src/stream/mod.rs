//! Lambda's event source mapping: reads the ledger's stream, shard by shard, and hands what the
//! template's filter lets pass to the relay, in batches that come again until they succeed. It makes no
//! empty call at the end of a window.

mod event;
mod shards;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, anyhow, bail};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodbstreams::{Client as Streams, types::Record};
use recharge_core::{adapters::Setup, app::Clock};
use relay::Function;
use tokio::{
    sync::{Mutex, OnceCell},
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use self::shards::Shards;
use crate::{
    dynamodb::{self, TableNames},
    settings::LocalSettings,
    template::{StreamMapping, Template},
};

/// The function's name in the template.
const NAME: &str = "relay";
/// How often an idle stream is looked at: a quarter of the second that earnings may lag.
const EVERY: Duration = Duration::from_millis(250);
/// How long a failure is left alone.
const EVERY_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Stands between the stream and the relay.
#[derive(Debug, Clone)]
pub(crate) struct Pump {
    function: Arc<Function>,
    mapping: StreamMapping,
    dynamodb: Client,
    streams: Streams,
    table: String,
    clock: Arc<dyn Clock>,
    stream: Arc<OnceCell<String>>,
    shards: Arc<Mutex<Shards>>,
}

/// What was pumped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pumped {
    /// Records of the stream.
    pub read: usize,
    /// Those that the filter let pass.
    pub handed_over: usize,
    /// In how many calls of the relay.
    pub calls: usize,
}

impl Pump {
    /// With the mapping and the variables that the template gives the relay.
    ///
    /// # Errors
    /// If the template maps no stream to it, or a setting is missing.
    pub(crate) fn new(
        template: &Template,
        settings: &LocalSettings,
        setup: &Setup,
        dynamodb: &Client,
        tables: &TableNames,
    ) -> anyhow::Result<Self> {
        let declared = template.functions().iter().find(|one| one.name == NAME);
        let mapping = match declared.map(|declared| declared.streams.as_slice()) {
            Some([mapping]) => mapping.clone(),
            other => bail!("template.yaml: the streams of {NAME} are {other:?}"),
        };
        let setup = Setup {
            settings: settings.of_function(template, NAME),
            ..setup.clone()
        };
        let function = Function::new(&setup).with_context(|| format!("function `{NAME}`"))?;
        Ok(Self {
            function: Arc::new(function),
            table: tables.get(&mapping.table)?.to_owned(),
            mapping,
            streams: dynamodb::streams(settings.get("DYNAMODB_ENDPOINT")),
            dynamodb: dynamodb.clone(),
            clock: setup.clock,
            stream: Arc::default(),
            shards: Arc::default(),
        })
    }

    /// Reads the stream to its present end.
    ///
    /// # Errors
    /// If the stream cannot be read or the relay fails; the next time begins at the same place.
    pub(crate) async fn drain(&self) -> anyhow::Result<Pumped> {
        let mut shards = self.shards.lock().await;
        let mut pumped = Pumped::default();
        let stream = self.stream.get_or_try_init(|| self.stream_arn()).await?;
        shards.discover(&self.streams, stream).await?;
        // A shard's children are heard after it has ended.
        while let Some(shard) = shards.next() {
            while let Some(read) = shard.read(&self.streams, stream).await? {
                self.hand_over(stream, shard.id(), &read.records, &mut pumped)
                    .await?;
                shard.passed(read);
            }
        }
        Ok(pumped)
    }

    /// The same, which knows nothing of what was read before.
    #[cfg(test)]
    fn restarted(&self) -> Self {
        Self {
            shards: Arc::default(),
            ..self.clone()
        }
    }

    async fn stream_arn(&self) -> anyhow::Result<String> {
        let table = self.dynamodb.describe_table().table_name(&self.table);
        let table = table.send().await.context("the ledger's table")?.table;
        let arn = table.and_then(|table| table.latest_stream_arn);
        arn.ok_or_else(|| anyhow!("the ledger's table has no stream"))
    }

    async fn hand_over(
        &self,
        stream: &str,
        shard: &str,
        records: &[Record],
        pumped: &mut Pumped,
    ) -> anyhow::Result<()> {
        let mut passing = Vec::with_capacity(records.len());
        for record in records {
            let record = event::record(record, stream)?;
            if self.mapping.lets_pass(&record) {
                passing.push(record);
            }
        }
        pumped.read = pumped.read.saturating_add(records.len());
        for batch in passing.chunks(self.mapping.batch_size.max(1)) {
            let window = self.mapping.window_s;
            let event = event::batch(batch, stream, shard, window, self.clock.now());
            self.function.handle(event).await?;
            pumped.handed_over = pumped.handed_over.saturating_add(batch.len());
            pumped.calls = pumped.calls.saturating_add(1);
        }
        Ok(())
    }

    /// Goes on until the task is aborted.
    pub(crate) fn keep_running(self) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut ticks = interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                if let Err(error) = self.drain().await {
                    tracing::warn!("the stream is heard again from the same place: {error:#}");
                    // As Lambda does, it waits longer before it tries again.
                    ticks.reset_after(EVERY_AFTER_FAILURE);
                }
            }
        })
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
