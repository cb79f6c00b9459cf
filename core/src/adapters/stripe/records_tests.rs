use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::{
    adapters::stub::{Answer, Asked, NoWait, Stub},
    domain::{PaymentStatus, RechargeId},
};

const EVENT: &str = include_str!("fixtures/checkout.session.completed.2026-09-30.endive.json");
const API_KEY: &str = "sk_test_4eC39HqLyjWDarjtT1zdp7dc";
const RECHARGE: &str = "rch_9483af7d1b29f67dfd47f1eb59e2b058";
const SESSION: &str = "cs_test_c1";
const INTENT: &str = "pi_3TzXc2Jx8BrLbqVm1Hn7yKpQ";

fn payments(stub: &Stub, timeout: Duration) -> (StripePayments, Arc<NoWait>) {
    let clock = Arc::new(NoWait::default());
    let time: Arc<NoWait> = Arc::clone(&clock);
    let payments = StripePayments::with_timeout(&API_KEY.into(), Some(&stub.url), time, timeout);
    (payments.unwrap(), clock)
}

/// Asks for the session with scripted answers: what is told, the requests, the waits.
async fn ask(answers: Vec<Answer>) -> (Result<Option<SessionReport>, Outage>, Vec<Asked>, usize) {
    let is_silent = matches!(answers[0], Answer::Silence);
    // Only what never answers may run into it; and the stub must have heard the question by then, on
    // however busy a machine.
    let timeout = Duration::from_millis(if is_silent { 500 } else { 60_000 });
    let stub = Stub::start(answers).await;
    let (payments, clock) = payments(&stub, timeout);
    let id = CheckoutSessionId::try_from(SESSION).unwrap();
    let told = payments.session(&id).await;
    let waits = clock.0.lock().unwrap().len();
    (told, stub.asked(), waits)
}

async fn report(session: &Value) -> SessionReport {
    let (told, _, _) = ask(vec![Answer::Json(200, session.to_string())]).await;
    told.unwrap().unwrap()
}

/// The session of the fixture with its payment intent and charge in it.
fn session(id: &str) -> Value {
    let mut event: Value = serde_json::from_str(EVENT).unwrap();
    let mut session = event["data"]["object"].take();
    session["id"] = json!(id);
    session["payment_intent"] = intent();
    session
}

fn intent() -> Value {
    json!({
        "id": INTENT, "object": "payment_intent", "status": "succeeded",
        "metadata": {"recharge_id": RECHARGE, "campaign": "spring"},
        "latest_charge": {
            "id": "ch_1", "object": "charge", "created": 1_793_021_060, "amount": 499,
            "amount_refunded": 0, "refunded": false, "disputed": false,
        },
    })
}

#[tokio::test]
async fn a_session_is_asked_for_once_and_told_with_what_was_taken_back() {
    let mut paid = session(SESSION);
    paid["payment_intent"]["latest_charge"]["amount_refunded"] = json!(99);
    let (told, asked, waits) = ask(vec![Answer::Json(200, paid.to_string())]).await;
    let told = told.unwrap().unwrap();
    assert_eq!(told.recharge, RechargeId::try_from(RECHARGE).ok());
    assert_eq!(told.session.id.as_str(), SESSION);
    assert_eq!(told.session.payment_status, PaymentStatus::Paid);
    assert_eq!(told.session.amount_total, Some(499));
    assert_eq!(told.session.currency.as_deref(), Some("usd"));
    assert!(told.session.is_payment && !told.session.livemode);
    let intent = told.session.payment_intent.unwrap();
    assert_eq!(intent.as_str(), INTENT);
    assert_eq!(told.created.as_second(), 1_793_021_000);
    assert_eq!(told.tried_at.unwrap().as_second(), 1_793_021_060);
    assert_eq!(
        (told.taken_back.refunded, told.taken_back.disputed),
        (99, false)
    );

    assert_eq!((asked.len(), waits), (1, 0));
    let path = "/stripe-sim/v1/checkout/sessions/cs_test_c1";
    let line = format!("GET {path}?expand%5B%5D=payment_intent.latest_charge HTTP/1.1");
    assert_eq!(asked[0].line, line);
    assert_eq!(
        asked[0].headers["authorization"],
        format!("Bearer {API_KEY}")
    );
    assert!(asked[0].headers.contains_key("stripe-version"));
    assert!(!asked[0].headers.contains_key("idempotency-key"));
}

#[tokio::test]
async fn only_the_payment_intent_tells_how_a_complete_session_ends() {
    for (payment_status, status, intent, expected) in [
        ("unpaid", "open", None, PaymentStatus::Open),
        (
            "unpaid",
            "open",
            Some("requires_payment_method"),
            PaymentStatus::Open,
        ),
        (
            "unpaid",
            "complete",
            Some("processing"),
            PaymentStatus::Processing,
        ),
        (
            "unpaid",
            "complete",
            Some("requires_action"),
            PaymentStatus::Processing,
        ),
        ("unpaid", "complete", None, PaymentStatus::Processing),
        (
            "unpaid",
            "complete",
            Some("requires_payment_method"),
            PaymentStatus::Failed,
        ),
        (
            "unpaid",
            "complete",
            Some("canceled"),
            PaymentStatus::Failed,
        ),
        ("unpaid", "expired", None, PaymentStatus::Expired),
        ("paid", "complete", Some("succeeded"), PaymentStatus::Paid),
        ("paid", "complete", None, PaymentStatus::Paid),
        ("no_payment_required", "open", None, PaymentStatus::Open),
    ] {
        let mut session = session(SESSION);
        session["payment_status"] = json!(payment_status);
        session["status"] = json!(status);
        session["payment_intent"] = intent.map_or(
            Value::Null,
            |status| json!({"id": INTENT, "status": status, "latest_charge": null}),
        );
        let told = report(&session).await;
        let case = format!("{payment_status} {status} {intent:?}");
        assert_eq!(told.session.payment_status, expected, "{case}");
        assert_eq!(
            told.session.payment_intent.is_some(),
            intent.is_some(),
            "{case}"
        );
        assert_eq!(told.tried_at, None, "{case}");
    }
}

#[tokio::test]
async fn a_session_names_its_recharge_twice_or_is_not_ours() {
    let ours = Some(RECHARGE);
    for (metadata, reference, expected) in [
        (json!({"recharge_id": RECHARGE}), json!(null), ours),
        (json!({}), json!(RECHARGE), ours),
        (json!(null), json!(RECHARGE), ours),
        (json!({"recharge_id": "order 7"}), json!(RECHARGE), ours),
        (json!({"recharge_id": "order 7"}), json!("cart-9"), None),
        (json!({}), json!(null), None),
    ] {
        let mut session = session(SESSION);
        session["metadata"] = metadata;
        session["client_reference_id"] = reference;
        let told = report(&session).await.recharge;
        assert_eq!(told.as_ref().map(RechargeId::as_str), expected, "{session}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_no_outage() {
    let missing = json!({"error": {"type": "invalid_request_error", "code": "resource_missing"}});
    let (told, asked, waits) = ask(vec![Answer::Json(404, missing.to_string())]).await;
    assert!(told.unwrap().is_none());
    assert_eq!((asked.len(), waits), (1, 0));
}

#[tokio::test]
async fn what_may_pass_is_tried_once_more_and_the_rest_is_not() {
    let error = |status| Answer::Json(status, json!({"error": {"type": "api_error"}}).to_string());
    let fine = || Answer::Json(200, session(SESSION).to_string());
    for first in [
        error(409),
        error(429),
        error(500),
        error(503),
        Answer::Raw("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{\"id\""),
        Answer::Raw(""),
        Answer::Silence,
    ] {
        let case = format!("{first:?}");
        let (told, asked, waits) = ask(vec![first.clone(), fine()]).await;
        assert_eq!((asked.len(), waits), (2, 1), "{case}");
        if !matches!(first, Answer::Silence) {
            assert!(told.unwrap().is_some(), "{case}");
        }
        let (told, asked, waits) = ask(vec![first.clone(), first]).await;
        assert_eq!((asked.len(), waits), (2, 1), "{case}");
        assert!(told.is_err(), "{case}");
    }
    for first in [
        error(400),
        error(401),
        error(403),
        Answer::Json(200, "no JSON".to_owned()),
        Answer::Json(200, json!({"id": SESSION}).to_string()),
        Answer::Json(404, "no JSON".to_owned()),
    ] {
        let case = format!("{first:?}");
        let (told, asked, waits) = ask(vec![first, fine()]).await;
        assert_eq!((asked.len(), waits), (1, 0), "{case}");
        let told = told.unwrap_err().causes().to_string();
        assert!(
            told.starts_with("Stripe is unavailable: "),
            "{case}: {told}"
        );
    }
}

#[tokio::test]
async fn a_failure_tells_nothing_of_the_key() {
    let message = format!("Invalid API Key provided: {API_KEY}");
    let error = json!({"error": {"type": "invalid_request_error", "message": message}});
    for status in [400, 401, 403, 500] {
        let answer = Answer::Json(status, error.to_string());
        let (told, _, _) = ask(vec![answer.clone(), answer]).await;
        let outage = told.unwrap_err();
        let told = format!("{} {outage:?}", outage.causes());
        assert!(
            told.contains("withheld") && !told.contains(API_KEY),
            "{told}"
        );
    }
}

/// Stripe sets a charge's `disputed` and never takes it back.
#[tokio::test]
async fn the_disputes_themselves_tell_whether_one_is_open() {
    let one = |status| json!({"data": [{"status": status}], "has_more": false});
    let two = json!({"data": [{"status": "won"}, {"status": "under_review"}], "has_more": false});
    for (list, expected) in [
        (one("needs_response"), true),
        (one("under_review"), true),
        (one("warning_needs_response"), true),
        (one("lost"), true),
        (one("something_new"), true),
        (one("won"), false),
        (one("warning_closed"), false),
        (one("prevented"), false),
        (two, true),
        (json!({"data": [], "has_more": false}), true),
    ] {
        let mut paid = session(SESSION);
        paid["payment_intent"]["latest_charge"]["disputed"] = json!(true);
        let answers = [paid, list.clone()].map(|body| Answer::Json(200, body.to_string()));
        let (told, asked, _) = ask(answers.to_vec()).await;
        assert_eq!(
            told.unwrap().unwrap().taken_back.disputed,
            expected,
            "{list}"
        );
        let line =
            format!("GET /stripe-sim/v1/disputes?payment_intent={INTENT}&limit=100 HTTP/1.1");
        assert_eq!(asked[1].line, line);
    }
}

#[tokio::test]
async fn a_payment_of_which_the_disputes_cannot_be_told_is_an_outage() {
    let mut paid = session(SESSION);
    paid["payment_intent"]["latest_charge"]["disputed"] = json!(true);
    let refused = Answer::Json(400, json!({"error": {"type": "api_error"}}).to_string());
    let (told, asked, _) = ask(vec![Answer::Json(200, paid.to_string()), refused]).await;
    assert!(told.is_err());
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn a_page_of_sessions_leads_to_the_next() {
    let from = Timestamp::from_second(1_793_000_000).unwrap();
    let after = CheckoutSessionId::try_from("cs_test_before").unwrap();
    let base = "GET /stripe-sim/v1/checkout/sessions?limit=100&created%5Bgte%5D=1793000000\
                &expand%5B%5D=data.payment_intent.latest_charge";
    for (ids, has_more, after, next) in [
        (
            vec!["cs_test_2", "cs_test_1"],
            true,
            Some(&after),
            Some("cs_test_1"),
        ),
        (vec!["cs_test_2", "cs_test_1"], false, None, None),
        (vec![], false, Some(&after), None),
    ] {
        let data: Vec<_> = ids.iter().map(|id| session(id)).collect();
        let list = json!({"object": "list", "data": data, "has_more": has_more});
        let stub = Stub::start(vec![Answer::Json(200, list.to_string())]).await;
        let (payments, _) = payments(&stub, Duration::from_mins(1));
        let page = payments.sessions(from, after).await.unwrap();
        let told: Vec<_> = page
            .reports
            .iter()
            .map(|report| report.session.id.as_str())
            .collect();
        assert_eq!(told, ids);
        assert_eq!(
            page.next_after.as_ref().map(CheckoutSessionId::as_str),
            next
        );
        let behind = after.map_or(String::new(), |id| format!("&starting_after={id}"));
        assert_eq!(stub.asked()[0].line, format!("{base}{behind} HTTP/1.1"));
    }
}

#[tokio::test]
async fn a_payment_names_its_recharge() {
    let id = PaymentIntentId::try_from(INTENT).unwrap();
    let mut refunded = intent();
    refunded["latest_charge"]["amount_refunded"] = json!(499);
    let mut foreign = intent();
    foreign["metadata"] = json!({"order": "7"});
    for (body, recharge, refunded) in [(refunded, Some(RECHARGE), 499), (foreign, None, 0)] {
        let stub = Stub::start(vec![Answer::Json(200, body.to_string())]).await;
        let (payments, _) = payments(&stub, Duration::from_mins(1));
        let told = payments.payment(&id).await.unwrap().unwrap();
        assert_eq!(told.recharge.as_ref().map(RechargeId::as_str), recharge);
        assert_eq!(
            (told.taken_back.refunded, told.taken_back.disputed),
            (refunded, false)
        );
        let line = format!(
            "GET /stripe-sim/v1/payment_intents/{INTENT}?expand%5B%5D=latest_charge HTTP/1.1"
        );
        assert_eq!(stub.asked()[0].line, line);
    }
}
