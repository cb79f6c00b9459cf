//! Events, and how far their delivery has come.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::{API_VERSION, Resource};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EventKind {
    /// The buyer is done.
    #[serde(rename = "checkout.session.completed")]
    SessionCompleted,
    /// A session closed without payment.
    #[serde(rename = "checkout.session.expired")]
    SessionExpired,
    /// A delayed payment is in.
    #[serde(rename = "checkout.session.async_payment_succeeded")]
    SessionPaidLater,
    /// A delayed payment did not come.
    #[serde(rename = "checkout.session.async_payment_failed")]
    SessionUnpaid,
    /// A payment is in.
    #[serde(rename = "payment_intent.succeeded")]
    PaymentSucceeded,
    /// A payment failed.
    #[serde(rename = "payment_intent.payment_failed")]
    PaymentFailed,
    /// A delayed payment is on its way.
    #[serde(rename = "payment_intent.processing")]
    PaymentProcessing,
    /// A charge is in.
    #[serde(rename = "charge.succeeded")]
    ChargeSucceeded,
    /// A charge failed.
    #[serde(rename = "charge.failed")]
    ChargeFailed,
    /// A charge is on its way.
    #[serde(rename = "charge.pending")]
    ChargePending,
    /// Money of a charge went back.
    #[serde(rename = "charge.refunded")]
    ChargeRefunded,
    /// A refund was made.
    #[serde(rename = "refund.created")]
    RefundCreated,
    /// A refund changed.
    #[serde(rename = "refund.updated")]
    RefundUpdated,
    /// A refund came back.
    #[serde(rename = "refund.failed")]
    RefundFailed,
    /// A buyer disputes a charge.
    #[serde(rename = "charge.dispute.created")]
    DisputeCreated,
    /// The disputed money was taken from the seller.
    #[serde(rename = "charge.dispute.funds_withdrawn")]
    DisputeWithdrawn,
    /// A dispute was decided.
    #[serde(rename = "charge.dispute.closed")]
    DisputeClosed,
    /// The disputed money was given back to the seller.
    #[serde(rename = "charge.dispute.funds_reinstated")]
    DisputeReinstated,
    /// The buyer's bank suspects fraud.
    #[serde(rename = "radar.early_fraud_warning.created")]
    FraudWarning,
}

impl EventKind {
    /// Stripe's name for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::SessionCompleted => "checkout.session.completed",
            Self::SessionExpired => "checkout.session.expired",
            Self::SessionPaidLater => "checkout.session.async_payment_succeeded",
            Self::SessionUnpaid => "checkout.session.async_payment_failed",
            Self::PaymentSucceeded => "payment_intent.succeeded",
            Self::PaymentFailed => "payment_intent.payment_failed",
            Self::PaymentProcessing => "payment_intent.processing",
            Self::ChargeSucceeded => "charge.succeeded",
            Self::ChargeFailed => "charge.failed",
            Self::ChargePending => "charge.pending",
            Self::ChargeRefunded => "charge.refunded",
            Self::RefundCreated => "refund.created",
            Self::RefundUpdated => "refund.updated",
            Self::RefundFailed => "refund.failed",
            Self::DisputeCreated => "charge.dispute.created",
            Self::DisputeWithdrawn => "charge.dispute.funds_withdrawn",
            Self::DisputeClosed => "charge.dispute.closed",
            Self::DisputeReinstated => "charge.dispute.funds_reinstated",
            Self::FraudWarning => "radar.early_fraud_warning.created",
        }
    }
}

/// Where the delivery of an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryStatus {
    /// There was no webhook URL when it happened; it is never sent.
    NoEndpoint,
    /// It waits for `POST /stripe-sim/deliver`.
    Held,
    /// It is being sent, or will be again.
    Pending,
    /// It was acknowledged with a 2xx.
    Delivered,
    /// It was tried as often as the retry policy allows; `deliver` still sends it.
    GivenUp,
    /// It is never sent, not even again: `lose` of the delivery setting decided so when it happened.
    Lost,
}

impl DeliveryStatus {
    /// The word for it in `GET /stripe-sim/events`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NoEndpoint => "no_endpoint",
            Self::Held => "held",
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
            Self::Lost => "lost",
        }
    }

    /// Whether it is still to be sent.
    pub(crate) fn is_undelivered(self) -> bool {
        match self {
            Self::Held | Self::Pending | Self::GivenUp => true,
            Self::NoEndpoint | Self::Delivered | Self::Lost => false,
        }
    }

    /// Whether the endpoint has yet to acknowledge it, as Stripe sees it.
    pub(crate) fn is_unacknowledged(self) -> bool {
        self.is_undelivered() || self == Self::Lost
    }
}

/// How the delivery of an event went so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) status: DeliveryStatus,
    pub(crate) attempts: u32,
    pub(crate) last_error: Option<String>,
}

impl Delivery {
    /// A delivery that has not been tried.
    pub(crate) fn new(status: DeliveryStatus) -> Self {
        Self {
            status,
            attempts: 0,
            last_error: None,
        }
    }
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: EventKind,
    pub(crate) created: i64,
    pub(crate) object: Value,
    /// What the fields that changed were before, in events that tell of a change.
    #[serde(default)]
    pub(crate) previous: Option<Value>,
    pub(crate) request: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) delivery: Delivery,
}

impl Resource for Event {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Event {
    /// The object of Stripe's API as it stands now.
    pub(crate) fn to_json(&self) -> Value {
        self.json_with(u8::from(self.delivery.status.is_unacknowledged()))
    }

    /// The bytes that are delivered: the same on every try.
    pub(crate) fn payload(&self) -> String {
        format!("{:#}", self.json_with(1))
    }

    /// The event with its delivery, for `GET /stripe-sim/events`.
    pub(crate) fn to_json_with_delivery(&self) -> Value {
        let mut event = self.to_json();
        if let Value::Object(fields) = &mut event {
            fields.insert(
                "delivery".into(),
                json!({
                    "status": self.delivery.status.as_str(),
                    "attempts": self.delivery.attempts,
                    "last_error": self.delivery.last_error,
                }),
            );
        }
        event
    }

    fn json_with(&self, pending_webhooks: u8) -> Value {
        let data = match &self.previous {
            None => json!({ "object": self.object }),
            Some(previous) => json!({ "object": self.object, "previous_attributes": previous }),
        };
        json!({
            "id": self.id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.created,
            "data": data,
            "livemode": false,
            "pending_webhooks": pending_webhooks,
            "request": { "id": self.request, "idempotency_key": self.idempotency_key },
            "type": self.kind.as_str(),
        })
    }
}
