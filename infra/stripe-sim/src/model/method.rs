//! Payment methods: cards everywhere, and one delayed method in each of a few currencies.

use serde_json::{Value, json};

/// The method that pays or fails at once.
pub(crate) const CARD: &str = "card";

/// Currency, Stripe's name of its delayed method, and the name for people.
const DELAYED: [(&str, &str, &str); 5] = [
    ("usd", "us_bank_account", "US bank account"),
    ("eur", "sepa_debit", "SEPA Direct Debit"),
    ("gbp", "bacs_debit", "Bacs Direct Debit"),
    ("brl", "boleto", "Boleto"),
    ("jpy", "konbini", "Konbini"),
];

/// What objects stored before there were delayed methods had.
pub(crate) fn card_only() -> Vec<String> {
    vec![CARD.to_owned()]
}

/// The same for objects with one method.
pub(crate) fn card() -> String {
    CARD.to_owned()
}

/// What Stripe offers in a currency if the seller does not say.
pub(crate) fn methods_of(currency: &str) -> Vec<String> {
    let delayed = DELAYED.iter().filter(|(code, ..)| *code == currency);
    let delayed = delayed.map(|(_, method, _)| (*method).to_owned());
    std::iter::once(card()).chain(delayed).collect()
}

/// What a method is called on the pay page.
pub(crate) fn label(method: &str) -> &str {
    let known = DELAYED.iter().find(|(_, known, _)| *known == method);
    known.map_or(method, |(_, _, label)| label)
}

/// What `payment_method_details` says about a delayed method: Stripe's test accounts.
pub(crate) fn details(method: &str) -> Value {
    match method {
        "us_bank_account" => json!({
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "fingerprint": "simFingerprint02",
            "last4": "6789",
            "payment_reference": null,
            "routing_number": "110000000",
        }),
        "sepa_debit" => json!({
            "bank_code": "37040044",
            "branch_code": null,
            "country": "DE",
            "fingerprint": "simFingerprint03",
            "last4": "3000",
            "mandate": null,
        }),
        "bacs_debit" => json!({
            "fingerprint": "simFingerprint04",
            "last4": "2345",
            "mandate": null,
            "sort_code": "108800",
        }),
        "boleto" => json!({ "tax_id": "000.000.000-00" }),
        "konbini" => json!({ "store": { "chain": "lawson" } }),
        _ => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_currency_has_cards_and_at_most_one_delayed_method() {
        for (currency, expected) in [
            ("usd", "card us_bank_account"),
            ("eur", "card sepa_debit"),
            ("gbp", "card bacs_debit"),
            ("brl", "card boleto"),
            ("jpy", "card konbini"),
            ("chf", "card"),
        ] {
            assert_eq!(methods_of(currency).join(" "), expected);
        }
        assert_eq!(label("boleto"), "Boleto");
    }
}
