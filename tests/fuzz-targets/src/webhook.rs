//! What Stripe signed: it is read, or refused without repeating it, and nothing counts as paid that
//! Stripe does not call paid.

use recharge_core::{
    adapters::stripe::{EventKind, StripeEvent, verify},
    domain::PaymentStatus,
};
use serde_json::{Value, json};

use crate::signature::{now, secrets, signed};

/// The body of a webhook. It is signed here: whoever cannot sign does not come so far.
pub fn webhook(body: &[u8]) -> bool {
    let Ok(event) = read(body) else {
        return false;
    };
    assert_loggable(&event.id);
    if let EventKind::Other(kind) = &event.kind {
        assert_loggable(kind);
    }
    // Duplicate keys and numbers beyond a double are not the same to a tree.
    let Ok(tree) = serde_json::from_slice::<Value>(body) else {
        return true;
    };
    assert_paid_is_paid(&event, &tree);
    let more = with_more_fields(tree).to_string();
    let again = read(more.as_bytes());
    assert_eq!(again, Ok(event), "fields that nobody reads: {more}");
    true
}

fn read(body: &[u8]) -> Result<StripeEvent, String> {
    let header = signed(body);
    let verified = verify(body, &header, &secrets(), now()).unwrap();
    StripeEvent::parse(verified).map_err(|unreadable| {
        let text = unreadable.to_string();
        assert!(text.is_ascii() && text.len() < 200, "{text}");
        text
    })
}

fn assert_loggable(text: &str) {
    let is_loggable = text.len() <= 100 && text.bytes().all(|byte| byte.is_ascii_graphic());
    assert!(is_loggable, "{text:?}");
}

fn assert_paid_is_paid(event: &StripeEvent, tree: &Value) {
    let session = match &event.kind {
        EventKind::CheckoutCompleted(session)
        | EventKind::CheckoutAsyncSucceeded(session)
        | EventKind::CheckoutAsyncFailed(session)
        | EventKind::CheckoutExpired(session) => session,
        EventKind::TakenBack(_) | EventKind::Other(_) => return,
    };
    let object = &tree["data"]["object"];
    let is_paid = session.session.payment_status == PaymentStatus::Paid;
    assert_eq!(is_paid, object["payment_status"] == "paid", "{tree}");
    assert_eq!(session.session.livemode, object["livemode"] == true);
    assert_eq!(object["id"], session.session.id.as_str());
    let amount = session.session.amount_total;
    assert_eq!(object.get("amount_total").and_then(Value::as_i64), amount);
    if let Some(recharge) = &session.recharge {
        let names = [
            &object["metadata"]["recharge_id"],
            &object["client_reference_id"],
        ];
        assert!(names.contains(&&json!(recharge.as_str())), "{tree}");
    }
}

/// What Stripe may add tomorrow.
fn with_more_fields(mut tree: Value) -> Value {
    for place in ["", "/data", "/data/object", "/data/object/metadata"] {
        if let Some(object) = tree.pointer_mut(place).and_then(Value::as_object_mut) {
            object.insert("a_field_of_tomorrow".to_owned(), json!([{"id": 1}, null]));
        }
    }
    tree
}
