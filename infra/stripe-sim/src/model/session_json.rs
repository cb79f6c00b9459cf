//! How a checkout session looks in Stripe's API.

use serde_json::{Value, json};

use crate::model::{Line, Session, SessionStatus, object_with_nulls};

impl Session {
    /// The object of Stripe's API. `line_items` is not in it: it has to be expanded.
    pub(crate) fn to_json(&self, base_url: &str) -> Value {
        object_with_nulls(
            ALWAYS_NULL,
            [self.payment_fields(), self.page_fields(base_url)],
        )
    }

    fn payment_fields(&self) -> Value {
        json!({
            "id": self.id,
            "object": "checkout.session",
            "amount_subtotal": self.amount_total,
            "amount_total": self.amount_total,
            "client_reference_id": self.client_reference_id,
            "created": self.created,
            "currency": self.currency,
            "discounts": [],
            "expires_at": self.expires_at,
            "livemode": false,
            "metadata": self.metadata,
            "mode": "payment",
            "payment_intent": self.payment_intent,
            "payment_method_collection": "if_required",
            "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
            "payment_method_types": self.payment_method_types,
            "payment_status": self.payment_status.as_str(),
            "status": self.status.as_str(),
            "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
        })
    }

    fn page_fields(&self, base_url: &str) -> Value {
        let url = self
            .is_open()
            .then(|| format!("{base_url}/stripe-sim/checkout/{}", self.id));
        json!({
            "adaptive_pricing": { "enabled": false },
            "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
            "cancel_url": self.cancel_url,
            "custom_fields": [],
            "custom_text": {
                "after_submit": null,
                "shipping_address": null,
                "submit": null,
                "terms_of_service_acceptance": null,
            },
            "customer_creation": "if_required",
            "customer_details": self.customer_details(),
            "customer_email": self.customer_email,
            "invoice_creation": {
                "enabled": false,
                "invoice_data": {
                    "account_tax_ids": null,
                    "custom_fields": null,
                    "description": null,
                    "footer": null,
                    "issuer": null,
                    "metadata": {},
                    "rendering_options": null,
                },
            },
            "locale": self.locale,
            "phone_number_collection": { "enabled": false },
            "shipping_options": [],
            "submit_type": self.submit_type,
            "success_url": self.success_url,
            "ui_mode": "hosted_page",
            "url": url,
        })
    }

    /// Stripe knows the buyer once they are done, or as far as the seller said.
    fn customer_details(&self) -> Value {
        if self.status == SessionStatus::Complete {
            return json!({
                "address": { "city": null, "country": "US", "line1": null, "line2": null, "postal_code": "12345", "state": null },
                "business_name": null,
                "email": self.buyer_email(),
                "individual_name": null,
                "name": "Test Buyer",
                "phone": null,
                "tax_exempt": "none",
                "tax_ids": [],
            });
        }
        match &self.customer_email {
            None => Value::Null,
            Some(email) => json!({
                "address": null,
                "business_name": null,
                "email": email,
                "individual_name": null,
                "name": null,
                "phone": null,
                "tax_exempt": "none",
                "tax_ids": null,
            }),
        }
    }

    /// The lines as Stripe's list, which is what `expand[]=line_items` puts in.
    pub(crate) fn lines_json(&self) -> Value {
        let data: Vec<Value> = self.lines.iter().map(|line| self.line_json(line)).collect();
        json!({
            "object": "list",
            "data": data,
            "has_more": false,
            "url": format!("/v1/checkout/sessions/{}/line_items", self.id),
        })
    }

    fn line_json(&self, line: &Line) -> Value {
        json!({
            "id": line.id,
            "object": "item",
            "adjustable_quantity": null,
            "amount_discount": 0,
            "amount_subtotal": line.total,
            "amount_tax": 0,
            "amount_total": line.total,
            "currency": self.currency,
            "description": line.name,
            "metadata": line.metadata,
            "price": {
                "id": line.price,
                "object": "price",
                "active": false,
                "billing_scheme": "per_unit",
                "created": self.created,
                "currency": self.currency,
                "custom_unit_amount": null,
                "livemode": false,
                "lookup_key": null,
                "metadata": {},
                "nickname": null,
                "product": line.product,
                "recurring": null,
                "tax_behavior": "unspecified",
                "tiers_mode": null,
                "transform_quantity": null,
                "type": "one_time",
                "unit_amount": line.unit_amount,
                "unit_amount_decimal": line.unit_amount.to_string(),
            },
            "quantity": line.quantity,
        })
    }
}

const ALWAYS_NULL: &[&str] = &[
    "after_expiration",
    "allow_promotion_codes",
    "billing_address_collection",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer",
    "customer_account",
    "integration_identifier",
    "invoice",
    "managed_payments",
    "optional_items",
    "origin_context",
    "payment_link",
    "payment_method_configuration_details",
    "permissions",
    "recovered_from",
    "saved_payment_method_options",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "subscription",
    "wallet_options",
];
