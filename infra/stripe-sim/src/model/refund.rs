//! Refunds.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::form::Metadata;
use crate::model::{Resource, method, object_with_nulls};

/// How a refund stands. Here it succeeds at once, and may fail later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStatus {
    /// The money went back.
    Succeeded,
    /// The buyer's bank would not take it: the seller has it again.
    Failed,
}

impl RefundStatus {
    /// Stripe's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// Money on its way back to the buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) status: RefundStatus,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) payment_intent: String,
    pub(crate) method: String,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: Metadata,
}

impl Resource for Refund {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn payment_intent(&self) -> Option<&str> {
        Some(&self.payment_intent)
    }
}

impl Refund {
    /// The object of Stripe's API.
    pub(crate) fn to_json(&self) -> Value {
        let mut fields = json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "destination_details": self.destination(),
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "reason": self.reason,
            "status": self.status.as_str(),
        });
        if let (RefundStatus::Failed, Some(fields)) = (self.status, fields.as_object_mut()) {
            // Stripe leaves the field out until there is a reason.
            fields.insert("failure_reason".into(), "expired_or_canceled_card".into());
        }
        object_with_nulls(ALWAYS_NULL, [fields])
    }

    fn destination(&self) -> Value {
        if self.method != method::CARD {
            return json!({ "type": self.method });
        }
        json!({
            "card": { "reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund" },
            "type": "card",
        })
    }
}

const ALWAYS_NULL: &[&str] = &[
    "balance_transaction",
    "customer",
    "customer_account",
    "payment_method",
    "receipt_number",
    "source_transfer_reversal",
    "transfer_reversal",
];
