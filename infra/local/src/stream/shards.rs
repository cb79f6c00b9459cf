//! How far each shard of a stream was read.

use std::collections::BTreeMap;

use anyhow::Context;
use aws_sdk_dynamodbstreams::{
    Client as Streams,
    error::SdkError,
    operation::{
        get_records::{GetRecordsError, GetRecordsOutput},
        get_shard_iterator::GetShardIteratorError,
    },
    types::{Record, ShardIteratorType},
};

/// Every shard that was ever seen.
#[derive(Debug, Default)]
pub(super) struct Shards(BTreeMap<String, Shard>);

/// One shard.
#[derive(Debug)]
pub(super) struct Shard {
    id: String,
    parent: Option<String>,
    /// The last record that was handed over.
    after: Option<String>,
    /// Where the next read begins, if it is known.
    iterator: Option<String>,
    state: State,
}

/// What is left of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There may be more.
    Open,
    /// Nothing more for now: it is looked at again in the next round.
    Drained,
    /// It has ended, and all of it was handed over.
    Ended,
}

/// What was read, and where the next read begins; nowhere if the shard has ended.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) records: Vec<Record>,
    next: Option<String>,
}

impl Shards {
    /// Looks for new shards, and begins a round.
    pub(super) async fn discover(&mut self, streams: &Streams, arn: &str) -> anyhow::Result<()> {
        let mut after = None;
        loop {
            let described = streams
                .describe_stream()
                .stream_arn(arn)
                .set_exclusive_start_shard_id(after.clone())
                .send()
                .await
                .context("the ledger's stream")?
                .stream_description
                .context("the ledger's stream has no description")?;
            let last = described.last_evaluated_shard_id;
            for found in described.shards.unwrap_or_default() {
                let Some(id) = found.shard_id else { continue };
                let shard = self.0.entry(id.clone()).or_insert_with(|| Shard::new(id));
                shard.parent = found.parent_shard_id;
            }
            // An emulator that knows no pages would answer the same one for ever.
            if last.is_none() || last == after {
                break;
            }
            after = last;
        }
        for shard in self.0.values_mut() {
            if shard.state == State::Drained {
                shard.state = State::Open;
            }
        }
        Ok(())
    }

    /// A shard that may have more, and whose parent has ended.
    pub(super) fn next(&mut self) -> Option<&mut Shard> {
        let is_ready = |shard: &&Shard| {
            let parent = shard.parent.as_ref().and_then(|parent| self.0.get(parent));
            shard.state == State::Open && parent.is_none_or(|parent| parent.state == State::Ended)
        };
        let id = self.0.values().find(is_ready)?.id.clone();
        self.0.get_mut(&id)
    }
}

impl Shard {
    const fn new(id: String) -> Self {
        Self {
            id,
            parent: None,
            after: None,
            iterator: None,
            state: State::Open,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// What follows; `None` if there is nothing more for now.
    pub(super) async fn read(
        &mut self,
        streams: &Streams,
        arn: &str,
    ) -> anyhow::Result<Option<Read>> {
        if self.state != State::Open {
            return Ok(None);
        }
        // Used once: if this read fails, the place tells a new one.
        let found = match self.iterator.take() {
            None => self.read_anew(streams, arn).await?,
            Some(iterator) => match records(streams, iterator).await {
                Ok(found) => found,
                // It has expired; and DynamoDB Local loses one that it made for an empty shard.
                Err(error) if is_lost(&error) => self.read_anew(streams, arn).await?,
                Err(error) => return Err(error).with_context(|| format!("shard {}", self.id)),
            },
        };
        let (records, next) = (found.records.unwrap_or_default(), found.next_shard_iterator);
        if records.is_empty() {
            self.state = match next {
                Some(_) => State::Drained,
                None => State::Ended,
            };
            self.iterator = next;
            return Ok(None);
        }
        Ok(Some(Read { records, next }))
    }

    async fn read_anew(
        &mut self,
        streams: &Streams,
        arn: &str,
    ) -> anyhow::Result<GetRecordsOutput> {
        let iterator = self.iterator(streams, arn).await;
        let iterator = match iterator {
            // Its place is older than the stream remembers: on from where that begins.
            Err(error) if self.after.is_some() && is_trimmed(&error) => {
                self.after = None;
                self.iterator(streams, arn).await
            }
            iterator => iterator,
        };
        let iterator = iterator.with_context(|| format!("the place in shard {}", self.id))?;
        let found = records(streams, iterator).await;
        found.with_context(|| format!("shard {}", self.id))
    }

    async fn iterator(
        &self,
        streams: &Streams,
        arn: &str,
    ) -> Result<String, SdkError<GetShardIteratorError>> {
        let request = streams
            .get_shard_iterator()
            .stream_arn(arn)
            .shard_id(&self.id);
        let request = match &self.after {
            None => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
            Some(after) => request
                .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
                .sequence_number(after),
        };
        // An answer without an iterator would be refused as one that is none.
        Ok(request.send().await?.shard_iterator.unwrap_or_default())
    }

    /// What was read is handed over.
    pub(super) fn passed(&mut self, read: Read) {
        let last = read.records.last().and_then(Record::dynamodb);
        if let Some(sequence) = last.and_then(|change| change.sequence_number()) {
            self.after = Some(sequence.to_owned());
        }
        if read.next.is_none() {
            self.state = State::Ended;
        }
        self.iterator = read.next;
    }
}

async fn records(
    streams: &Streams,
    iterator: String,
) -> Result<GetRecordsOutput, SdkError<GetRecordsError>> {
    streams.get_records().shard_iterator(iterator).send().await
}

fn is_trimmed(error: &SdkError<GetShardIteratorError>) -> bool {
    let error = error.as_service_error();
    error.is_some_and(GetShardIteratorError::is_trimmed_data_access_exception)
}

fn is_lost(error: &SdkError<GetRecordsError>) -> bool {
    error.as_service_error().is_some_and(|error| {
        error.is_expired_iterator_exception() || error.is_trimmed_data_access_exception()
    })
}
