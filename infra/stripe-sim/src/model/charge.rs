//! Charges.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::form::Metadata;
use crate::model::{DECLINE_MESSAGE, Resource, object_with_nulls};

/// How a charge ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChargeStatus {
    /// Paid.
    Succeeded,
    /// Declined.
    Failed,
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
}

impl Resource for Charge {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Charge {
    fn is_paid(&self) -> bool {
        self.status == ChargeStatus::Succeeded
    }

    /// The object of Stripe's API. Refunds and disputes are not simulated yet.
    pub(crate) fn to_json(&self, base_url: &str) -> Value {
        let paid = self.is_paid();
        let fields = json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": if paid { self.amount } else { 0 },
            "amount_refunded": 0,
            "billing_details": {
                "address": { "city": null, "country": "US", "line1": null, "line2": null, "postal_code": "12345", "state": null },
                "email": self.email,
                "name": "Test Buyer",
                "phone": null,
                "tax_id": null,
            },
            "calculated_statement_descriptor": "STRIPE-SIM",
            "captured": paid,
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "disputed": false,
            "failure_code": (!paid).then_some("card_declined"),
            "failure_message": (!paid).then_some(DECLINE_MESSAGE),
            "fraud_details": {},
            "livemode": false,
            "metadata": self.metadata,
            "outcome": self.outcome(),
            "paid": paid,
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "payment_method_details": { "type": "card", "card": self.card() },
            "radar_options": {},
            "receipt_url": paid.then(|| format!("{base_url}/stripe-sim/v1/charges/{}", self.id)),
            "refunded": false,
            "status": if paid { "succeeded" } else { "failed" },
        });
        object_with_nulls(ALWAYS_NULL, [fields])
    }

    fn outcome(&self) -> Value {
        let paid = self.is_paid();
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
    "dispute",
    "failure_balance_transaction",
    "on_behalf_of",
    "order",
    "presentment_details",
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
