//! `RELAY#<function>#<stream shard>` / `MARK` and `QUARANTINE#<date>` / `<sequence number>#<shard>`,
//! in the views.

use serde::{Deserialize, Serialize};

use super::{super::keys::Key, Attributes, Unreadable, read, write};
#[cfg(feature = "stream")]
use crate::domain::ShardId;
use crate::domain::{Quarantined, SequenceNumber};

/// How far the relay has come in a shard.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct MarkItem {
    pub(in super::super) last: String,
}

impl MarkItem {
    pub(in super::super) fn read(attributes: Attributes) -> Result<SequenceNumber, Unreadable> {
        let item: Self = read("relay mark", attributes)?;
        let last = item.last.as_str();
        last.try_into()
            .map_err(|error| Unreadable::new("relay mark", error))
    }
}

/// A record that the relay could not apply.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct QuarantineItem {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    reason: String,
    raw: String,
}

impl QuarantineItem {
    pub(in super::super) fn write(quarantined: &Quarantined) -> Result<Attributes, Unreadable> {
        let record = &quarantined.record;
        let Key { pk, sk } =
            Key::quarantined(record.date, &quarantined.shard, &quarantined.sequence);
        let item = Self {
            pk,
            sk,
            reason: record.reason.clone(),
            raw: record.raw.clone(),
        };
        write("quarantined record", &item)
    }

    /// Its place in the stream, and the whole record.
    #[cfg(feature = "stream")]
    pub(in super::super) fn read(
        attributes: Attributes,
    ) -> Result<(ShardId, SequenceNumber, String), Unreadable> {
        let item: Self = read("quarantined record", attributes)?;
        let unreadable = || Unreadable::new("quarantined record", "its place in the stream");
        let (sequence, shard) = item.sk.split_once('#').ok_or_else(unreadable)?;
        let shard = ShardId::try_from(shard).map_err(|_| unreadable())?;
        let sequence = SequenceNumber::try_from(sequence).map_err(|_| unreadable())?;
        Ok((shard, sequence, item.raw))
    }
}
