//! The JSON of an event: every field that we read, and no other.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::error::Category;

use super::{EventUnreadable, VerifiedBody};
use crate::domain::{CheckoutSessionId, PaymentIntentId};

/// What every event has.
#[derive(Deserialize)]
pub(super) struct Envelope {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) created: i64,
}

/// Around a checkout session.
#[derive(Deserialize)]
pub(super) struct SessionEnvelope {
    pub(super) data: Data,
}

#[derive(Deserialize)]
pub(super) struct Data {
    pub(super) object: Session,
}

/// Around whatever names a payment intent.
#[derive(Deserialize)]
pub(super) struct PaymentEnvelope {
    pub(super) data: PaymentData,
}

#[derive(Deserialize)]
pub(super) struct PaymentData {
    pub(super) object: Payment,
}

/// A refund, a dispute or a charge.
#[derive(Deserialize)]
pub(super) struct Payment {
    pub(super) payment_intent: Option<Expandable>,
}

/// A checkout session. What Stripe may leave out or null is optional.
#[derive(Deserialize)]
pub(super) struct Session {
    pub(super) id: CheckoutSessionId,
    pub(super) object: String,
    pub(super) mode: String,
    pub(super) payment_status: String,
    pub(super) amount_total: Option<i64>,
    pub(super) currency: Option<String>,
    pub(super) livemode: bool,
    pub(super) payment_intent: Option<Expandable>,
    pub(super) metadata: Option<Metadata>,
    pub(super) client_reference_id: Option<String>,
}

/// Of all metadata, which any product on the account may fill, the one that is ours.
pub(super) struct Metadata {
    pub(super) recharge_id: Option<String>,
}

/// A payment intent: its id, or the whole object with the id in it.
pub(super) struct Expandable(pub(super) PaymentIntentId);

/// Every field that is read, for messages.
const FIELDS: [&str; 17] = [
    "id",
    "type",
    "created",
    "data",
    "data.object",
    "data.object.id",
    "data.object.object",
    "data.object.mode",
    "data.object.payment_status",
    "data.object.amount_total",
    "data.object.currency",
    "data.object.livemode",
    "data.object.payment_intent",
    "data.object.payment_intent.id",
    "data.object.metadata",
    "data.object.metadata.recharge_id",
    "data.object.client_reference_id",
];

/// Reads `T`. Errors name a field out of [`FIELDS`] and a kind of problem: serde's own messages
/// repeat values and keys.
pub(super) fn read<T: DeserializeOwned>(body: VerifiedBody<'_>) -> Result<T, EventUnreadable> {
    let mut json = serde_json::Deserializer::from_slice(body.bytes());
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let at = FIELDS
            .into_iter()
            .find(|field| *field == path)
            .unwrap_or("event");
        EventUnreadable {
            at,
            problem: problem(error.inner()),
        }
    })?;
    json.end().map_err(|error| EventUnreadable {
        at: "event",
        problem: problem(&error),
    })?;
    Ok(read)
}

fn problem(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        Category::Data => "a field is missing, twice there, or of another type",
        Category::Eof => "it ends too early",
        Category::Io | Category::Syntax => "not JSON, or nested too deeply",
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let recharge_id = deserializer.deserialize_map(Field("recharge_id"))?;
        Ok(Self { recharge_id })
    }
}

impl<'de> Deserialize<'de> for Expandable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = deserializer.deserialize_any(Field("id"))?;
        let id = id.ok_or_else(|| D::Error::missing_field("id"))?;
        id.try_into().map(Self).map_err(D::Error::custom)
    }
}

/// Reads one text field of an object; a text itself where the format may offer one.
struct Field(&'static str);

impl<'de> Visitor<'de> for Field {
    type Value = Option<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or its id")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            if key != self.0 {
                map.next_value::<IgnoredAny>()?;
            } else if found.is_some() {
                return Err(A::Error::duplicate_field(self.0));
            } else {
                found = Some(map.next_value()?);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
