//! Charges.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::form::Metadata;
use crate::model::{DECLINE_MESSAGE, FAILURE_MESSAGE, Resource, method, object_with_nulls};

/// How a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChargeStatus {
    /// Paid.
    Succeeded,
    /// Declined, or a delayed payment that did not come.
    Failed,
    /// A delayed payment on its way.
    Pending,
}

impl ChargeStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Pending => "pending",
        }
    }
}

/// One attempt to take the money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) status: ChargeStatus,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) description: Option<String>,
    pub(crate) email: String,
    pub(crate) metadata: Metadata,
    pub(crate) payment_intent: String,
    pub(crate) payment_method: String,
    /// The type of the method: `card`, or the delayed one.
    #[serde(default = "method::card")]
    pub(crate) method: String,
    /// What all refunds took back so far.
    #[serde(default)]
    pub(crate) amount_refunded: i64,
    /// Its dispute, also after that was closed.
    #[serde(default)]
    pub(crate) dispute: Option<String>,
}

impl Resource for Charge {
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

impl Charge {
    /// Whether the money is there, or was before it went back.
    pub(crate) fn is_paid(&self) -> bool {
        self.status == ChargeStatus::Succeeded
    }

    /// What can still be refunded.
    pub(crate) fn unrefunded(&self) -> i64 {
        self.amount.saturating_sub(self.amount_refunded)
    }

    fn has_failed(&self) -> bool {
        self.status == ChargeStatus::Failed
    }

    /// The object of Stripe's API.
    pub(crate) fn to_json(&self, base_url: &str) -> Value {
        let (paid, failed) = (self.is_paid(), self.has_failed());
        let fields = json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": if failed { 0 } else { self.amount },
            "amount_refunded": self.amount_refunded,
            "billing_details": {
                "address": { "city": null, "country": "US", "line1": null, "line2": null, "postal_code": "12345", "state": null },
                "email": self.email,
                "name": "Test Buyer",
                "phone": null,
                "tax_id": null,
            },
            "calculated_statement_descriptor": "STRIPE-SIM",
            "captured": !failed,
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "dispute": self.dispute,
            "disputed": self.dispute.is_some(),
            "failure_code": failed.then(|| self.failure_code()),
            "failure_message": failed.then(|| self.failure_message()),
            "fraud_details": {},
            "livemode": false,
            "metadata": self.metadata,
            "outcome": self.outcome(),
            "paid": paid,
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "payment_method_details": { "type": self.method, (self.method.clone()): self.method_details() },
            "radar_options": {},
            "receipt_url": paid.then(|| format!("{base_url}/stripe-sim/v1/charges/{}", self.id)),
            "refunded": paid && self.unrefunded() == 0,
            "status": self.status.as_str(),
        });
        object_with_nulls(ALWAYS_NULL, [fields])
    }

    fn is_by_card(&self) -> bool {
        self.method == method::CARD
    }

    fn failure_code(&self) -> &'static str {
        if self.is_by_card() {
            "card_declined"
        } else {
            "generic_could_not_process"
        }
    }

    fn failure_message(&self) -> &'static str {
        if self.is_by_card() {
            DECLINE_MESSAGE
        } else {
            FAILURE_MESSAGE
        }
    }

    fn method_details(&self) -> Value {
        if self.is_by_card() {
            self.card()
        } else {
            method::details(&self.method)
        }
    }

    /// What the card's network said. A delayed payment was accepted, even if it fails later.
    fn outcome(&self) -> Value {
        let paid = !self.has_failed() || !self.is_by_card();
        json!({
            "advice_code": (!paid).then_some("try_again_later"),
            "network_advice_code": null,
            "network_decline_code": (!paid).then_some("01"),
            "network_status": if paid { "approved_by_network" } else { "declined_by_network" },
            "reason": (!paid).then_some("generic_decline"),
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": if paid { "Payment complete." } else { "The bank did not return any further details with this decline." },
            "type": if paid { "authorized" } else { "issuer_declined" },
        })
    }

    /// Stripe's test cards: 4242 pays, 0002 is declined.
    fn card(&self) -> Value {
        json!({
            "amount_authorized": self.is_paid().then_some(self.amount),
            "authorization_code": null,
            "brand": "visa",
            "checks": {
                "address_line1_check": null,
                "address_postal_code_check": "pass",
                "cvc_check": "pass",
            },
            "country": "US",
            "exp_month": 12,
            "exp_year": 2034,
            "extended_authorization": { "status": "disabled" },
            "fingerprint": "simFingerprint01",
            "funding": "credit",
            "incremental_authorization": { "status": "unavailable" },
            "installments": null,
            "last4": if self.is_paid() { "4242" } else { "0002" },
            "mandate": null,
            "multicapture": { "status": "unavailable" },
            "network": "visa",
            "network_token": { "used": false },
            "network_transaction_id": null,
            "overcapture": { "maximum_amount_capturable": self.amount, "status": "unavailable" },
            "regulated_status": "unregulated",
            "three_d_secure": null,
            "wallet": null,
        })
    }
}

const ALWAYS_NULL: &[&str] = &[
    "application",
    "application_fee",
    "application_fee_amount",
    "balance_transaction",
    "customer",
    "destination",
    "failure_balance_transaction",
    "on_behalf_of",
    "order",
    "receipt_email",
    "receipt_number",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];
