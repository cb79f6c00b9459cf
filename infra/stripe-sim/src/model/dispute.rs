//! Disputes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::model::{Resource, method};

/// How a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DisputeStatus {
    /// It was opened, and the money was withdrawn.
    NeedsResponse,
    /// The seller has the money again.
    Won,
    /// The buyer keeps it.
    Lost,
}

impl DisputeStatus {
    /// Stripe's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NeedsResponse => "needs_response",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

/// A buyer's complaint to their bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) status: DisputeStatus,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) payment_intent: String,
    pub(crate) method: String,
    pub(crate) reason: String,
}

impl Resource for Dispute {
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

/// How long a seller has to answer.
const SECONDS_TO_RESPOND: i64 = 7 * 24 * 60 * 60;

impl Dispute {
    /// The object of Stripe's API.
    pub(crate) fn to_json(&self) -> Value {
        let mut dispute = json!({
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": [],
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "enhanced_eligibility_types": [],
            "evidence": evidence(),
            "evidence_details": {
                "due_by": self.created.saturating_add(SECONDS_TO_RESPOND),
                "enhanced_eligibility": {},
                "has_evidence": false,
                "past_due": false,
                "submission_count": 0,
            },
            "is_charge_refundable": false,
            "livemode": false,
            "metadata": {},
            "payment_intent": self.payment_intent,
            "reason": self.reason,
            "status": self.status.as_str(),
        });
        // Stripe describes the method only for a few of them.
        if let (method::CARD, Some(fields)) = (self.method.as_str(), dispute.as_object_mut()) {
            let card = json!({
                "brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "83",
            });
            fields.insert(
                "payment_method_details".into(),
                json!({ "card": card, "type": "card" }),
            );
        }
        dispute
    }
}

/// Nobody submits evidence here.
fn evidence() -> Value {
    let mut evidence: Map<String, Value> = EVIDENCE
        .iter()
        .map(|name| ((*name).to_owned(), Value::Null))
        .collect();
    evidence.insert("enhanced_evidence".into(), json!({}));
    Value::Object(evidence)
}

const EVIDENCE: &[&str] = &[
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];
