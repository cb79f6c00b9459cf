//! Ids in the shape Stripe gives them, so that code which checks prefixes or lengths meets real ones.

/// A checkout session: 66 characters, longer than any other id.
pub(crate) fn checkout_session() -> String {
    random("cs_test_a1", 56)
}

/// A payment intent.
pub(crate) fn payment_intent() -> String {
    random("pi_3", 23)
}

/// The secret a browser would use with a payment intent.
pub(crate) fn client_secret(payment_intent: &str) -> String {
    random(&format!("{payment_intent}_secret_"), 25)
}

/// A charge.
pub(crate) fn charge() -> String {
    random("ch_3", 23)
}

/// A refund.
pub(crate) fn refund() -> String {
    random("re_3", 23)
}

/// A dispute.
pub(crate) fn dispute() -> String {
    random("du_1", 23)
}

/// An early fraud warning.
pub(crate) fn fraud_warning() -> String {
    random("issfr_1", 23)
}

/// A payment method.
pub(crate) fn payment_method() -> String {
    random("pm_1", 23)
}

/// A line of a checkout session.
pub(crate) fn line_item() -> String {
    random("li_1", 23)
}

/// The price that `price_data` makes on the fly.
pub(crate) fn price() -> String {
    random("price_1", 23)
}

/// The product that `product_data` makes on the fly.
pub(crate) fn product() -> String {
    random("prod_", 14)
}

/// An event.
pub(crate) fn event() -> String {
    random("evt_1", 23)
}

/// A request, for the `Request-Id` header.
pub(crate) fn request() -> String {
    random("req_", 14)
}

fn random(prefix: &str, length: usize) -> String {
    let mut id = String::from(prefix);
    id.extend(std::iter::repeat_with(fastrand::alphanumeric).take(length));
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_prefix_length_and_no_other_characters() {
        for (id, prefix, length) in [
            (checkout_session(), "cs_test_", 66),
            (payment_intent(), "pi_", 27),
            (charge(), "ch_", 27),
            (refund(), "re_", 27),
            (dispute(), "du_", 27),
            (event(), "evt_", 28),
            (request(), "req_", 18),
        ] {
            assert!(id.starts_with(prefix) && id.len() == length, "{id}");
            assert!(
                id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
                "{id}"
            );
        }
        assert_ne!(checkout_session(), checkout_session());
    }
}
