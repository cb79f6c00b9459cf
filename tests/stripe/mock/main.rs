//! What we ask Stripe for, asked of stripe-mock: Stripe's own server of its OpenAPI description, which
//! refuses every parameter that the description does not have. It keeps nothing and sends no webhooks, so
//! what Stripe *does* is the simulator's business; that we *ask* for what exists is shown here.
//!
//! `tests/stripe/run` starts stripe-mock and says where it is.

mod ask;
mod mock;
#[path = "../../simulation/crash_matrix/sites.rs"]
mod sites;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    ask::{CHECKOUT_PATH, access, ask_everything},
    mock::{Mock, Spoil},
};

/// Every call is accepted, and every line of the adapters that calls Stripe, or waits for one that does,
/// was on the way of some call: a new one that is not asked here fails.
#[tokio::test]
async fn stripe_mock_accepts_every_call_of_the_adapters() {
    let mock = Mock::new(Spoil::Nothing);
    let access = access(&mock, Some(mock.stand_in()));
    ask_everything(&access).await.assert_answered();
    // Only what is disputed has its disputes asked for, and only what failed is asked again.
    mock.spoil(Spoil::Disputed);
    ask_everything(&access).await.assert_answered();
    mock.spoil(Spoil::EveryOther);
    ask_everything(&access).await.assert_answered();

    let seen = mock.seen();
    let reached: BTreeSet<_> = seen.iter().flat_map(|call| call.callers.clone()).collect();
    let mut unreached = sites::unreached(&reached);
    unreached.retain(|site| site.starts_with("core/src/adapters/stripe/"));
    assert!(
        unreached.is_empty(),
        "stripe-mock was not asked by:\n{}",
        unreached.join("\n")
    );

    let kinds: BTreeSet<_> = seen.iter().map(|call| call.kind()).collect();
    for kind in &kinds {
        println!("accepted: {kind}");
    }
    assert_eq!(kinds.len(), 5, "{kinds:#?}");
}

/// The same over our own client and a socket: headers, encoding, and answers in Stripe's own shape.
#[tokio::test]
async fn stripe_mock_is_asked_at_the_address_of_the_setting() {
    let mock = Mock::new(Spoil::Nothing);
    ask_everything(&access(&mock, None)).await.assert_answered();
}

/// What is accepted says something only if nonsense is not.
#[tokio::test]
async fn stripe_mock_refuses_each_call_with_any_of_its_parameters_renamed_or_one_more() {
    let mock = Mock::new(Spoil::Disputed);
    ask_everything(&access(&mock, Some(mock.stand_in())))
        .await
        .assert_answered();
    let mut tried = 0;
    for call in mock.seen_once_each() {
        let parameters = call.parameters();
        assert!(!parameters.is_empty(), "{}", call.kind());
        let mut with_more = parameters.clone();
        with_more.push(("colour".to_owned(), "blue".to_owned()));
        let mut wrong = vec![with_more];
        for at in 0..parameters.len() {
            let (name, value) = &parameters[at];
            for misspelt in misspelt(name) {
                let mut renamed = parameters.clone();
                renamed[at].0 = misspelt;
                wrong.push(renamed);
            }
            if value.bytes().all(|byte| byte.is_ascii_digit()) {
                let mut retyped = parameters.clone();
                retyped[at].1 = "soon".to_owned();
                wrong.push(retyped);
            }
        }
        tried += wrong.len();
        for parameters in wrong {
            let (status, body) = mock.send_again(&call, &parameters).await;
            assert_eq!(status, 400, "{} {parameters:?}: {body}", call.kind());
            assert_eq!(body["error"]["type"], "invalid_request_error", "{body}");
        }
    }
    println!("{tried} calls with a mistake, all refused");
    assert!(tried > 20, "{tried}");
}

/// `a[0][b]` as `ax[0][b]` and as `a[0][bx]`; below `metadata` any name will do.
fn misspelt(name: &str) -> Vec<String> {
    let parts: Vec<_> = name.split('[').collect();
    let named = |part: &str| part.starts_with(|first: char| first.is_ascii_alphabetic());
    let of_stripe = parts
        .iter()
        .position(|part| ["metadata", "metadata]"].contains(part));
    let last = of_stripe.map_or(parts.len(), |at| at + 1);
    let places = (0..last).filter(|at| named(parts[*at]));
    let rename = |at: usize| {
        let mut parts: Vec<_> = parts.iter().map(|part| (*part).to_owned()).collect();
        let end = parts[at].find(']').unwrap_or(parts[at].len());
        parts[at].insert(end, 'x');
        parts.join("[")
    };
    places.map(rename).collect()
}

/// stripe-mock ignores an `expand[]` that leads nowhere, so what comes back must tell.
#[tokio::test]
async fn stripe_mock_expands_what_we_ask_it_to() {
    let mock = Mock::new(Spoil::Nothing);
    ask_everything(&access(&mock, Some(mock.stand_in())))
        .await
        .assert_answered();
    let mut expanded = 0;
    for call in mock.seen_once_each() {
        let Some(at) = call.expands() else { continue };
        let pointer = format!("/{}", at.replace('.', "/").replace("data/", "data/0/"));
        let object = |body: &Value| body.pointer(&pointer).is_some_and(Value::is_object);
        assert!(object(&call.answer), "{} {at}", call.kind());
        let (status, bare) = mock.send_again(&call, &[]).await;
        assert!(status == 200 && !object(&bare), "{} {at}", call.kind());
        expanded += 1;
    }
    assert_eq!(expanded, 3, "two of sessions, one of a payment intent");
}

/// The session is opened under a key of ours, with a form and nothing in the query.
#[tokio::test]
async fn a_session_is_opened_by_a_form_under_a_key() {
    let mock = Mock::new(Spoil::Nothing);
    ask_everything(&access(&mock, Some(mock.stand_in())))
        .await
        .assert_answered();
    let seen = mock.seen_once_each();
    let posts: Vec<_> = seen
        .iter()
        .filter(|call| call.request.method != "GET")
        .collect();
    let [open] = posts.as_slice() else {
        panic!("{posts:?}");
    };
    assert_eq!(open.request.target, CHECKOUT_PATH);
    assert!(open.request.idempotency_key.is_some());
}
