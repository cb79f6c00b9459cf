//! Payment intents.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::form::Metadata;
use crate::model::{DECLINE_MESSAGE, FAILURE_MESSAGE, Resource, method, object_with_nulls};

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentIntentStatus {
    /// The last try failed: a card was declined, or a delayed payment did not come.
    RequiresPaymentMethod,
    /// A delayed payment is on its way.
    Processing,
    /// The money is there.
    Succeeded,
}

impl PaymentIntentStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
        }
    }
}

/// A payment intent. The simulator makes them only for checkout sessions, when a payment is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PaymentIntent {
    pub(crate) id: String,
    pub(crate) client_secret: String,
    pub(crate) created: i64,
    pub(crate) status: PaymentIntentStatus,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) latest_charge: String,
    pub(crate) payment_method: String,
    /// The type of the last method that was tried.
    #[serde(default = "method::card")]
    pub(crate) method: String,
    #[serde(default = "method::card_only")]
    pub(crate) payment_method_types: Vec<String>,
}

impl Resource for PaymentIntent {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl PaymentIntent {
    fn is_paid(&self) -> bool {
        self.status == PaymentIntentStatus::Succeeded
    }

    /// The object of Stripe's API.
    pub(crate) fn to_json(&self) -> Value {
        let failed = self.has_failed();
        let payment_method = (!failed).then_some(&self.payment_method);
        let fields = json!({
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_details": { "tip": {} },
            "amount_received": if self.is_paid() { self.amount } else { 0 },
            "capture_method": "automatic_async",
            "client_secret": self.client_secret,
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "last_payment_error": self.last_payment_error(),
            "latest_charge": self.latest_charge,
            "livemode": false,
            "metadata": self.metadata,
            "payment_method": payment_method,
            "payment_method_options": {
                "card": {
                    "installments": null,
                    "mandate_options": null,
                    "network": null,
                    "request_three_d_secure": "automatic",
                },
            },
            "payment_method_types": self.payment_method_types,
            "status": self.status.as_str(),
        });
        object_with_nulls(ALWAYS_NULL, [fields])
    }

    fn has_failed(&self) -> bool {
        self.status == PaymentIntentStatus::RequiresPaymentMethod
    }

    /// Stripe keeps the last failure until another try.
    fn last_payment_error(&self) -> Value {
        if !self.has_failed() {
            return Value::Null;
        }
        if self.method != method::CARD {
            return json!({
                "type": "invalid_request_error",
                "code": "payment_intent_payment_attempt_failed",
                "doc_url": "https://stripe.com/docs/error-codes/payment-intent-payment-attempt-failed",
                "message": FAILURE_MESSAGE,
                "charge": self.latest_charge,
            });
        }
        json!({
            "type": "card_error",
            "code": "card_declined",
            "decline_code": "generic_decline",
            "doc_url": "https://stripe.com/docs/error-codes/card-declined",
            "message": DECLINE_MESSAGE,
            "charge": self.latest_charge,
        })
    }
}

const ALWAYS_NULL: &[&str] = &[
    "allowed_payment_method_types",
    "application",
    "application_fee_amount",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "customer",
    "customer_account",
    "excluded_payment_method_types",
    "managed_payments",
    "next_action",
    "on_behalf_of",
    "payment_method_configuration_details",
    "processing",
    "receipt_email",
    "review",
    "setup_future_usage",
    "shipping",
    "source",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];
