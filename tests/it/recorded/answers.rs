//! Answers to what we ask. We ask in the version that our client was made for; whichever it is one day, the
//! answer is read.

use std::sync::{Arc, Mutex};

use recharge_core::{
    adapters::{
        SystemClock,
        stripe::{StripeAnswer, StripeHttp, StripePayments, StripeRequest},
    },
    app::ports::PaymentRecords,
    domain::PaymentStatus,
};
use serde_json::{Value, json};

use super::shapes::{VERSIONS, example, with};

/// Answers with examples of one version.
#[derive(Debug)]
struct Examples {
    session: Value,
    dispute: Mutex<Value>,
}

impl StripeHttp for Examples {
    fn send(&self, request: StripeRequest) -> StripeAnswer<'_> {
        let list = |item: &Value| json!({"object": "list", "data": [item], "has_more": false});
        let path = request.target.split('?').next().unwrap_or_default();
        let answer = match path {
            "/v1/checkout/sessions" => list(&self.session),
            "/v1/disputes" => list(&self.dispute.lock().unwrap()),
            path if path.starts_with("/v1/payment_intents/") => {
                self.session["payment_intent"].clone()
            }
            _ => self.session.clone(),
        };
        Box::pin(async move { Ok((200, answer.to_string().into_bytes())) })
    }
}

fn examples(version: &str) -> Examples {
    let charge = [("disputed", json!(true)), ("amount_refunded", json!(33))];
    let charge = with(example(version, "charge"), &charge);
    let recharge = json!({"recharge_id": "rch_1"});
    let intent = [
        ("latest_charge", charge),
        ("metadata", recharge.clone()),
        ("status", json!("succeeded")),
    ];
    let intent = with(example(version, "payment_intent"), &intent);
    let session = [
        ("payment_intent", intent),
        ("payment_status", json!("paid")),
        ("status", json!("complete")),
        ("amount_total", json!(99)),
        ("currency", json!("usd")),
        ("metadata", recharge),
    ];
    Examples {
        session: with(example(version, "checkout.session"), &session),
        dispute: Mutex::new(example(version, "dispute")),
    }
}

#[tokio::test]
async fn answers_of_each_version_tell_what_was_paid_and_taken_back() {
    for version in VERSIONS {
        let http = Arc::new(examples(version));
        let shared = Arc::clone(&http);
        let stripe = StripePayments::over(shared, Arc::new(SystemClock::standing()));
        for (status, is_open) in [
            ("needs_response", true),
            ("under_review", true),
            ("warning_needs_response", true),
            ("lost", true),
            ("won", false),
            ("warning_closed", false),
        ] {
            let dispute = example(version, "dispute");
            *http.dispute.lock().unwrap() = with(dispute, &[("status", json!(status))]);
            let id = http.session["id"].as_str().unwrap().try_into().unwrap();
            let told = stripe.session(&id).await.unwrap().unwrap();
            assert_eq!(
                told.session.payment_status,
                PaymentStatus::Paid,
                "{version}"
            );
            assert_eq!(told.session.amount_total, Some(99), "{version}");
            assert_eq!(told.recharge.as_ref().unwrap().as_str(), "rch_1");
            assert_eq!(told.taken_back.refunded, 33, "{version}");
            assert_eq!(told.taken_back.disputed, is_open, "{version} {status}");
            let page = stripe.sessions(jiff::Timestamp::UNIX_EPOCH, None).await;
            let page = page.unwrap();
            assert_eq!(
                page.reports.as_slice(),
                std::slice::from_ref(&told),
                "{version}"
            );
            let intent = told.session.payment_intent.unwrap();
            let payment = stripe.payment(&intent).await.unwrap().unwrap();
            assert_eq!(payment.recharge, told.recharge, "{version}");
            assert_eq!(payment.taken_back, told.taken_back, "{version}");
        }
    }
}
