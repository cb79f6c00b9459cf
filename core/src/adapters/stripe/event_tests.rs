use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    super::{WebhookSecrets, verify},
    *,
};

/// One and the same purchase as three versions of Stripe's API tell it.
pub(super) const BASIL: &str =
    include_str!("fixtures/checkout.session.completed.2025-03-31.basil.json");
pub(super) const CLOVER: &str =
    include_str!("fixtures/checkout.session.completed.2025-09-30.clover.json");
pub(super) const ENDIVE: &str =
    include_str!("fixtures/checkout.session.completed.2026-09-30.endive.json");

pub(super) const RECHARGE: &str = "rch_9483af7d1b29f67dfd47f1eb59e2b058";

pub(super) fn parse(body: impl AsRef<[u8]>) -> Result<StripeEvent, EventUnreadable> {
    let body = body.as_ref();
    let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_x").unwrap();
    mac.update(&[b"1.", body].concat());
    let mac: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let secrets: WebhookSecrets = "whsec_x".parse().unwrap();
    let now = Timestamp::from_second(1).unwrap();
    StripeEvent::parse(verify(body, &format!("t=1,v1={mac}"), &secrets, now).unwrap())
}

pub(super) fn value(fixture: &str) -> Value {
    serde_json::from_str(fixture).unwrap()
}

/// The endive fixture with `pointer` set to something else.
pub(super) fn with(pointer: &str, other: Value) -> Result<StripeEvent, EventUnreadable> {
    let mut event = value(ENDIVE);
    *event.pointer_mut(pointer).unwrap() = other;
    parse(event.to_string())
}

fn session_of(event: Result<StripeEvent, EventUnreadable>) -> SessionEvent {
    match event.unwrap().kind {
        EventKind::CheckoutCompleted(session)
        | EventKind::CheckoutAsyncSucceeded(session)
        | EventKind::CheckoutAsyncFailed(session)
        | EventKind::CheckoutExpired(session) => session,
        EventKind::TakenBack(intent) => panic!("{intent} has no session"),
        EventKind::Other(name) => panic!("{name} has no session"),
    }
}

#[test]
fn each_version_of_the_api_tells_the_same() {
    for (fixture, id, created, session, payment_intent) in [
        (
            BASIL,
            "evt_1R9kF2Jx8BrLbqVmYb7dXQzL",
            1_743_600_123,
            "cs_test_a1Vt0bWkqYc4mPjX9ZrN2sLh7FgD3eUoTi6KxQy5RwMnB8vJlGzHpSdCfA",
            "pi_3R9kF0Jx8BrLbqVm1Tq8wZcR",
        ),
        (
            CLOVER,
            "evt_1SD4hKJx8BrLbqVmPz3Tn6uW",
            1_759_412_345,
            "cs_test_b1Qm7nXzWc0vPkLr5YtHs9JdEfG2uToAi4ZxNy8RbMwVq3CjKlUhSgDpFe",
            "pi_3SD4hIJx8BrLbqVm0Lk2sVbN",
        ),
        (
            ENDIVE,
            "evt_1TzXc4Jx8BrLbqVmD0sGk9eM",
            1_793_021_111,
            "cs_test_c1Hj6bTqWn3vRkXy0PzLs8MdCfA5uGoEi2ZxNt7YbQwVr4JpKlUhSgDmFe",
            "pi_3TzXc2Jx8BrLbqVm1Hn7yKpQ",
        ),
    ] {
        let session = CheckoutSession {
            id: session.try_into().unwrap(),
            is_payment: true,
            payment_status: PaymentStatus::Paid,
            amount_total: Some(499),
            currency: Some("usd".to_owned()),
            livemode: false,
            payment_intent: Some(payment_intent.try_into().unwrap()),
        };
        let recharge = Some(RECHARGE.try_into().unwrap());
        let kind = EventKind::CheckoutCompleted(SessionEvent { recharge, session });
        let expected = StripeEvent {
            id: id.to_owned(),
            kind,
            created,
        };
        assert_eq!(parse(fixture).as_ref(), Ok(&expected));
        // Stripe indents; a proxy might not.
        assert_eq!(parse(value(fixture).to_string()), Ok(expected));
    }
}

#[test]
fn a_payment_intent_is_an_id_an_object_or_nothing() {
    let id = |text: &str| Some(text.try_into().unwrap());
    for (intent, expected) in [
        (json!("pi_1"), id("pi_1")),
        (
            json!({"id": "pi_2", "object": "payment_intent", "amount": 499}),
            id("pi_2"),
        ),
        (
            json!({"charges": {"data": [{"id": "ch_1"}]}, "id": "pi_3"}),
            id("pi_3"),
        ),
        (json!(null), None),
    ] {
        let session = session_of(with("/data/object/payment_intent", intent)).session;
        assert_eq!(session.payment_intent, expected);
    }
}

#[test]
fn a_session_names_a_recharge_or_is_not_ours() {
    let other = "rch_other";
    for (metadata, reference, expected) in [
        (
            json!({"recharge_id": RECHARGE}),
            json!(null),
            Some(RECHARGE),
        ),
        (
            json!({"recharge_id": RECHARGE, "x": ""}),
            json!(other),
            Some(RECHARGE),
        ),
        (json!({}), json!(RECHARGE), Some(RECHARGE)),
        (json!(null), json!(RECHARGE), Some(RECHARGE)),
        (
            json!({"recharge_id": "order-7"}),
            json!(RECHARGE),
            Some(RECHARGE),
        ),
        (json!({"recharge_id": "rch_a#b"}), json!("cart 7"), None),
        (json!({"recharge_id": ""}), json!(""), None),
        (
            json!({"recharge_id": format!("rch_{}", "0".repeat(61))}),
            json!("RCH_1"),
            None,
        ),
        (json!({"Recharge_id": RECHARGE}), json!(null), None),
        (
            json!({"recharge_id": format!(" {RECHARGE}")}),
            json!(null),
            None,
        ),
        (json!(null), json!(null), None),
    ] {
        let mut event = value(CLOVER);
        event["data"]["object"]["metadata"] = metadata.clone();
        event["data"]["object"]["client_reference_id"] = reference.clone();
        let recharge = session_of(parse(event.to_string())).recharge;
        let named = recharge.as_ref().map(RechargeId::as_str);
        assert_eq!(named, expected, "{metadata} {reference}");
    }
}

#[test]
fn only_paid_is_paid_and_only_a_payment_is_one() {
    for (status, expected) in [
        ("paid", PaymentStatus::Paid),
        ("unpaid", PaymentStatus::Processing),
        ("no_payment_required", PaymentStatus::Processing),
        ("Paid", PaymentStatus::Processing),
        ("partially_paid", PaymentStatus::Processing),
        ("", PaymentStatus::Processing),
    ] {
        let session = session_of(with("/data/object/payment_status", json!(status))).session;
        assert_eq!(session.payment_status, expected, "{status}");
    }
    for (mode, expected) in [("payment", true), ("subscription", false), ("setup", false)] {
        let session = session_of(with("/data/object/mode", json!(mode))).session;
        assert_eq!(session.is_payment, expected, "{mode}");
    }
}

#[test]
fn what_a_session_without_money_means_its_event_tells() {
    for (kind, expected) in [
        ("checkout.session.completed", PaymentStatus::Processing),
        (
            "checkout.session.async_payment_failed",
            PaymentStatus::Failed,
        ),
        ("checkout.session.expired", PaymentStatus::Expired),
    ] {
        let mut event = value(CLOVER);
        event["type"] = json!(kind);
        event["data"]["object"]["payment_status"] = json!("unpaid");
        let session = session_of(parse(event.to_string())).session;
        assert_eq!(session.payment_status, expected, "{kind}");
        event["data"]["object"]["payment_status"] = json!("paid");
        let session = session_of(parse(event.to_string())).session;
        assert_eq!(session.payment_status, PaymentStatus::Paid, "{kind}");
    }
}

#[test]
fn refunds_and_disputes_name_their_payment_however_it_is_expanded() {
    let object = |intent: Value| json!({"id": "x", "payment_intent": intent, "amount": 1});
    for kind in ["refund.created", "charge.refunded", "charge.dispute.closed"] {
        for intent in [json!("pi_1"), json!({"id": "pi_1", "amount": 5})] {
            let event = json!({"id": "evt_1", "type": kind, "created": 1, "data": {"object": object(intent)}});
            let expected = EventKind::TakenBack("pi_1".try_into().unwrap());
            assert_eq!(parse(event.to_string()).unwrap().kind, expected);
        }
        let without = json!({"id": "evt_1", "type": kind, "created": 1, "data": {"object": object(json!(null))}});
        let kind_of = parse(without.to_string()).unwrap().kind;
        assert_eq!(kind_of, EventKind::Other(kind.to_owned()));
    }
}

#[test]
fn an_event_that_we_do_not_use_is_read_whatever_is_in_it() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for data in [
        r#"{"object": {"id": 1, "object": "charge", "livemode": "maybe"}}"#,
        r#"{"object": [1, "a", {}]}"#,
        r#"{"object": null}"#,
        r#"{"object": 1e999}"#,
        r#"{"object": {"amount_total": 99999999999999999999999999999999999999999}}"#,
        "{}",
        "null",
        r#""x""#,
        deep.as_str(),
    ] {
        let body = format!(
            r#"{{"id": "evt_1", "created": 7, "data": {data}, "type": "charge.succeeded"}}"#
        );
        let kind = EventKind::Other("charge.succeeded".to_owned());
        let expected = StripeEvent {
            id: "evt_1".to_owned(),
            kind,
            created: 7,
        };
        assert_eq!(parse(&body), Ok(expected), "{body:.200}");
    }
    assert!(parse(r#"{"id": "evt_1", "created": 7, "type": "charge.succeeded"}"#).is_ok());
}

#[test]
fn names_are_bounded_for_the_log() {
    let name = format!("a\u{1b}[31m\r\nü{}", "b".repeat(1000));
    let body = json!({"id": name, "created": 7, "type": name}).to_string();
    let event = parse(body).unwrap();
    let bounded = format!("a[31m{}", "b".repeat(95));
    assert_eq!(event.id, bounded);
    assert_eq!(event.kind, EventKind::Other(bounded));
}

#[test]
fn both_kinds_of_success_are_told_apart() {
    let event = with("/type", json!("checkout.session.async_payment_succeeded")).unwrap();
    assert!(matches!(event.kind, EventKind::CheckoutAsyncSucceeded(_)));
    for other in [
        "checkout.session.expired.v2",
        "checkout.session.completed ",
        "",
    ] {
        let event = with("/type", json!(other)).unwrap();
        assert_eq!(event.kind, EventKind::Other(other.trim().to_owned()));
    }
}
