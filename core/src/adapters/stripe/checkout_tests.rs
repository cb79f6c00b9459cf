use serde_json::{Value, json};

use super::*;
use crate::{
    adapters::stub::{Answer, Asked, NoWait, Stub},
    domain::{CheckoutParams, Currency, Money, RechargeId},
};

const EVENT: &str = include_str!("fixtures/checkout.session.completed.2026-09-30.endive.json");
const API_KEY: &str = "sk_test_4eC39HqLyjWDarjtT1zdp7dc";
const KEY: &str = "recharge:rch_9483af7d1b29f67dfd47f1eb59e2b058:0";

/// What Stripe answers: the session of the fixture, before it was paid.
fn session() -> Value {
    let mut event: Value = serde_json::from_str(EVENT).unwrap();
    let mut session = event["data"]["object"].take();
    let url = "https://checkout.stripe.com/c/pay/cs_test_c1#fid";
    for (field, value) in [
        ("id", json!("cs_test_c1")),
        ("url", json!(url)),
        ("status", json!("open")),
        ("payment_status", json!("unpaid")),
        ("payment_intent", json!(null)),
        ("customer_details", json!(null)),
    ] {
        session[field] = value;
    }
    session
}

fn success() -> Answer {
    Answer::Json(200, session().to_string())
}

fn error(status: u16, fields: &Value) -> Answer {
    Answer::Json(status, json!({ "error": fields }).to_string())
}

fn rate_limited() -> Answer {
    error(
        429,
        &json!({"type": "invalid_request_error", "code": "rate_limit"}),
    )
}

fn payments(url: &str, clock: &Arc<NoWait>, timeout: Duration) -> StripePayments {
    let clock = Arc::clone(clock);
    StripePayments::with_timeout(&API_KEY.into(), Some(url), clock, timeout).unwrap()
}

async fn open(payments: &StripePayments, key: &str) -> Result<OpenedCheckout, PaymentsError> {
    let recharge = RechargeId::try_from("rch_9483af7d1b29f67dfd47f1eb59e2b058").unwrap();
    let page = |result| format!("https://coins.example.com/?recharge={recharge}&result={result}");
    let params = CheckoutParams {
        product_name: "75 coins & more".to_owned(),
        success_url: page("success"),
        cancel_url: page("cancel"),
        expires_at: "2026-11-23T11:00:00Z".parse().unwrap(),
    };
    let price = Money::new(99, Currency::Usd);
    let checkout = Checkout {
        recharge: &recharge,
        price,
        params: &params,
    };
    payments.open_checkout(&checkout, key).await
}

/// Opens a checkout against scripted answers: the result, the requests and the waits.
async fn run(answers: Vec<Answer>) -> (Result<OpenedCheckout, PaymentsError>, Vec<Asked>, usize) {
    let silent = answers
        .iter()
        .any(|answer| matches!(answer, Answer::Silence));
    // Only what never answers may run into it.
    let timeout = if silent {
        Duration::from_millis(500)
    } else {
        TRY_TIMEOUT
    };
    let stub = Stub::start(answers).await;
    let clock = Arc::new(NoWait::default());
    let result = open(&payments(&stub.url, &clock, timeout), KEY).await;
    let waits = clock.0.lock().unwrap();
    assert!(
        waits.iter().all(|wait| *wait == Duration::from_millis(750)),
        "{waits:?}"
    );
    (result, stub.asked(), waits.len())
}

fn shown(error: &dyn std::error::Error) -> String {
    let mut shown = format!("{error} {error:?}");
    if let Some(source) = error.source() {
        shown.push_str(&format!(": {}", self::shown(source)));
    }
    shown
}

#[tokio::test]
async fn a_session_is_asked_for_with_everything_and_nothing_else() {
    let (result, asked, waits) = run(vec![success()]).await;
    let opened = result.unwrap();
    assert_eq!(opened.session.as_str(), "cs_test_c1");
    assert_eq!(
        opened.url,
        "https://checkout.stripe.com/c/pay/cs_test_c1#fid"
    );
    assert_eq!((asked.len(), waits), (1, 0));

    assert_eq!(
        asked[0].line,
        "POST /stripe-sim/v1/checkout/sessions HTTP/1.1"
    );
    for (name, value) in [
        ("authorization", "Bearer sk_test_4eC39HqLyjWDarjtT1zdp7dc"),
        ("idempotency-key", KEY),
        ("stripe-version", "2026-09-30.endive"),
        ("content-type", "application/x-www-form-urlencoded"),
    ] {
        assert_eq!(asked[0].headers[name], value);
    }
    let page = "https://coins.example.com/?recharge%3Drch_9483af7d1b29f67dfd47f1eb59e2b058";
    let mut fields: Vec<_> = asked[0].body.split('&').collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            &format!("cancel_url={page}%26result%3Dcancel"),
            "client_reference_id=rch_9483af7d1b29f67dfd47f1eb59e2b058",
            "expires_at=1795431600",
            "line_items[0][price_data][currency]=usd",
            "line_items[0][price_data][product_data][name]=75+coins+%26+more",
            "line_items[0][price_data][unit_amount]=99",
            "line_items[0][quantity]=1",
            "metadata[recharge_id]=rch_9483af7d1b29f67dfd47f1eb59e2b058",
            "mode=payment",
            "payment_intent_data[metadata][recharge_id]=rch_9483af7d1b29f67dfd47f1eb59e2b058",
            &format!("success_url={page}%26result%3Dsuccess"),
        ]
    );
}

#[tokio::test]
async fn the_same_request_is_the_same_to_the_byte() {
    let stub = Stub::start(vec![rate_limited(), success(), success()]).await;
    let clock = Arc::default();
    let once = open(&payments(&stub.url, &clock, TRY_TIMEOUT), KEY)
        .await
        .unwrap();
    // A new process would do the same.
    let again = open(&payments(&stub.url, &clock, TRY_TIMEOUT), KEY)
        .await
        .unwrap();
    assert_eq!(once, again);
    let asked = stub.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|asked| *asked == stub.asked()[0]));
}

#[tokio::test]
async fn what_stripe_does_not_keep_is_tried_once_more_with_the_same_key() {
    let passing = [
        rate_limited(),
        error(429, &json!({"type": "rate_limit_error", "new_field": [1]})),
        error(
            429,
            &json!({"type": "invalid_request_error", "code": "lock_timeout"}),
        ),
        Answer::Silence,
        Answer::Raw(""),
        Answer::Raw("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{\"id\":"),
        Answer::Raw("junk"),
    ];
    for first in passing.clone() {
        // A silent stub has a short time limit, which a slow machine could exceed: see below.
        if !matches!(first, Answer::Silence) {
            let (result, asked, waits) = run(vec![first.clone(), success()]).await;
            assert!(result.is_ok(), "{first:?}: {result:?}");
            assert_eq!((asked.len(), waits), (2, 1), "{first:?}");
        }
        let (result, _, waits) = run(vec![first.clone(), first.clone(), success()]).await;
        assert!(
            matches!(result, Err(PaymentsError::Unavailable(_))),
            "{first:?}: {result:?}"
        );
        assert_eq!(waits, 1, "{first:?}");
    }
}

#[tokio::test]
async fn a_key_that_another_call_holds_is_told_at_once() {
    let fields = json!({"type": "idempotency_error", "code": "idempotency_key_in_use"});
    let (result, asked, waits) = run(vec![error(409, &fields), success()]).await;
    let in_progress = matches!(result, Err(PaymentsError::InProgress(_)));
    assert!(in_progress && (asked.len(), waits) == (1, 0), "{result:?}");
}

#[tokio::test]
async fn nobody_listening_is_an_outage() {
    let url = "http://127.0.0.1:1"; // A port that is reserved, and for nothing in use.
    let clock = Arc::default();
    let result = open(&payments(url, &clock, TRY_TIMEOUT), KEY).await;
    assert!(
        matches!(result, Err(PaymentsError::Unavailable(_))),
        "{result:?}"
    );
    assert_eq!(clock.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_stripe_keeps_needs_another_key() {
    for (status, fields) in [
        (500, json!({"type": "api_error"})),
        (
            500,
            json!({"type": "api_error", "message": "Sorry! There was an error.", "code": null}),
        ),
        (503, json!({"type": "api_error"})),
        (
            400,
            json!({"type": "idempotency_error", "message": "Keys for idempotent requests …"}),
        ),
        (
            400,
            json!({"type": "invalid_request_error", "code": "amount_too_small"}),
        ),
        (402, json!({"type": "card_error"})),
    ] {
        let (result, asked, waits) = run(vec![error(status, &fields), success()]).await;
        assert!(
            matches!(result, Err(PaymentsError::StoredFailure(_))),
            "{fields}: {result:?}"
        );
        assert_eq!((asked.len(), waits), (1, 0), "{fields}");
    }
}

#[tokio::test]
async fn what_is_not_stripes_word_leaves_the_key_as_it_is() {
    let unreadable = |field: &str, value: Value| {
        let mut session = session();
        session[field] = value;
        Answer::Json(200, session.to_string())
    };
    for answer in [
        error(401, &json!({"type": "invalid_request_error"})),
        error(403, &json!({"type": "invalid_request_error"})),
        error(404, &json!({"type": "invalid_request_error"})),
        Answer::Json(502, "<html>Bad Gateway</html>".to_owned()),
        Answer::Json(500, "{}".to_owned()),
        Answer::Json(301, String::new()),
        Answer::Json(200, String::new()),
        Answer::Json(200, "{}".to_owned()),
        Answer::Json(200, "[".repeat(10_000)),
        unreadable("id", json!("")),
        unreadable("id", json!("a#b")),
        unreadable("url", json!(null)),
    ] {
        let (result, asked, waits) = run(vec![answer.clone(), success()]).await;
        assert!(
            matches!(result, Err(PaymentsError::Unavailable(_))),
            "{answer:?}: {result:?}"
        );
        assert_eq!((asked.len(), waits), (1, 0), "{answer:?}");
    }
}

#[tokio::test]
async fn the_log_says_what_stripe_said_but_no_key() {
    let masked = "Invalid API Key provided: sk_test_*****p7dc";
    for (status, message, said) in [
        (400, "Invalid currency: usd", "Invalid currency: usd"),
        (400, "two\nlines", "twolines"),
        (401, masked, "(message withheld)"),
        (
            403,
            "The key '*******dp7dc' has no access",
            "(message withheld)",
        ),
        (400, "You did not provide rk_live_x", "(message withheld)"),
    ] {
        let fields = json!({
            "type": "invalid_request_error", "code": "c", "param": "p", "message": message,
        });
        let (result, ..) = run(vec![error(status, &fields)]).await;
        let shown = shown(&result.unwrap_err());
        let expected = format!(
            "refused: status {status}, type invalid_request_error, code c, param p: {said}"
        );
        assert!(shown.contains(&expected), "{shown}");
        assert!(!shown.contains("p7dc"), "{shown}");
    }
    let (result, ..) = run(vec![error(400, &json!({"type": "idempotency_error"}))]).await;
    assert!(shown(&result.unwrap_err()).contains("used with other parameters: status 400"));
}

#[tokio::test]
async fn a_key_that_stripe_would_refuse_is_never_sent() {
    let stub = Stub::start(vec![success()]).await;
    let clock = Arc::default();
    let payments = payments(&stub.url, &clock, TRY_TIMEOUT);
    for key in ["", &"k".repeat(256)] {
        assert!(matches!(
            open(&payments, key).await,
            Err(PaymentsError::Unavailable(_))
        ));
    }
    assert_eq!(stub.asked(), []);
}

/// What an API like Stripe's has to send at least, for async-stripe to read it.
#[tokio::test]
async fn a_session_of_the_fewest_fields_is_read() {
    let needed = [
        "id",
        "automatic_tax",
        "created",
        "custom_fields",
        "custom_text",
        "expires_at",
        "livemode",
        "mode",
        "payment_method_types",
        "payment_status",
        "shipping_options",
    ];
    let mut fewest = session();
    let fields = fewest.as_object_mut().unwrap();
    fields.retain(|field, _| field == "url" || needed.contains(&field.as_str()));
    fields.insert("custom_text".to_owned(), json!({}));
    fields.insert("automatic_tax".to_owned(), json!({"enabled": false}));
    assert!(
        run(vec![Answer::Json(200, fewest.to_string())])
            .await
            .0
            .is_ok()
    );
    for field in needed {
        let mut less = fewest.clone();
        less.as_object_mut().unwrap().remove(field);
        let (result, ..) = run(vec![Answer::Json(200, less.to_string())]).await;
        assert!(
            matches!(result, Err(PaymentsError::Unavailable(_))),
            "{field}"
        );
    }
}

#[test]
fn wrong_settings_are_told_without_the_key() {
    let new = |key: &str, url| StripePayments::new(&key.into(), url, Arc::new(NoWait::default()));
    for (key, url) in [
        ("", None),
        ("sk_test_ü", None),
        ("sk_test_1 ", None),
        ("sk_test_1\n", None),
        ("sk_test_1", Some("http://api.stripe.com")),
        ("sk_test_1", Some("")),
    ] {
        let problem = new(key, url).unwrap_err();
        assert!(!problem.contains("sk_test"), "{problem}");
    }
    // The real client, root certificates and all.
    let payments = new(API_KEY, None).unwrap();
    assert_eq!(format!("{payments:?}"), "StripePayments { .. }");
    assert!(!format!("{:?}", payments.client).contains("p7dc"));
}

#[test]
fn the_client_can_be_shared() {
    fn shared<T: Send + Sync + Clone + fmt::Debug + 'static>() {}
    shared::<StripePayments>();
}
