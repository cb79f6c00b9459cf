//! What must never be in a log is in none. Secrets, tokens, signatures and what people wrote are
//! marked, a whole run logs at the most talkative level that template.yaml offers, and no line
//! has a mark. A binary of its own, because a process has one log.

use std::{
    io::{self, Write as _},
    sync::{Arc, Mutex},
    time::Duration,
};

use recharge_core::adapters::{SystemClock, metrics::EmbeddedMetrics};
use recharge_local::Options;
use recharge_testkit::{
    Answer, Fan, Fault, FaultyHttp, HeldSecrets, World, gift_records, invoke, sign, stream_event,
};
use reqwest::Method;
use serde_json::json;
use stripe_sim::{Fault as StripeFault, Outage};

/// In everything that is secret, so that any part of it that is logged is found.
const MARK: &str = "canary";

const API_KEY: &str = "sk_test_canaryApiKeyCanary";
const WEBHOOK_SECRETS: [&str; 2] = ["whsec_canaryOldCanary", "whsec_canaryNewCanary"];
const CURSOR_SECRETS: &str = "canary-cursor-secret-of-32-letters-canary";
const PACKAGE: &str = "coins_70";

/// All that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// As the functions log in Lambda: JSON, all targets, from DEBUG on.
    fn install() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
            .with_writer(move || writer.clone())
            .init();
        log
    }

    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// The lines with any of these in them, in whatever case.
    fn lines_with(&self, marks: &[String]) -> Vec<String> {
        let marks: Vec<_> = marks.iter().map(|mark| mark.to_lowercase()).collect();
        let mut lines = self.lines();
        lines.retain(|line| {
            let line = line.to_lowercase();
            marks.iter().any(|mark| line.contains(mark))
        });
        lines
    }
}

#[tokio::test]
async fn no_line_of_a_whole_run_has_a_secret_or_a_token() {
    let log = Log::install();
    let settings = [
        ("STRIPE_API_KEY", API_KEY.to_owned()),
        ("STRIPE_WEBHOOK_SECRETS", WEBHOOK_SECRETS.join(",")),
        ("CURSOR_SECRETS", CURSOR_SECRETS.to_owned()),
    ];
    // Metrics are lines of the same log.
    let (clock, told) = (SystemClock::default(), log.clone());
    let metrics = EmbeddedMetrics::new("stack", Arc::new(clock.clone()), move |line| {
        writeln!(told.clone(), "{line}").unwrap();
    });
    let world = World::with(Options {
        settings: settings
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        clock,
        metrics: Some(Arc::new(metrics)),
        ..Options::default()
    })
    .await;
    let signing = json!({ "secrets": WEBHOOK_SECRETS });
    let changed = world
        .api
        .request(Method::PUT, "/stripe-sim/delivery")
        .json(&signing);
    assert_eq!(
        Answer::read(changed.send().await.unwrap()).await.status,
        200
    );

    let fan = world.fan("fan");
    let mut marks = vec![MARK.to_owned(), signature_of(&fan.token)];
    marks.push(buys_and_spends(&world, &fan).await);
    is_refused(&world, &fan).await;
    marks.extend(is_told_by_others(&world).await);
    meets_outages(&world, &fan).await;
    meets_stores_of_secrets(&world).await;
    is_put_aside(&world).await;
    world.server.clock().advance(Duration::from_mins(2));
    world.server.reconcile().await.unwrap();
    world.stop().await;

    // All of it was logged, or this test would be worth nothing.
    for said in [
        "heard a Stripe event",
        "a request was refused",
        "a request failed",
        "Stripe is asked once more",
        "a secret was not read again; the old one is used",
        "a return page could not be told",
        "reconciled",
        "a stream record is put into quarantine",
        "a batch was not relayed",
        "\"EventsUnreadable\":1",
    ] {
        assert!(!log.lines_with(&[said.to_owned()]).is_empty(), "{said}");
    }
    assert!(log.lines_with(&["\"level\":\"debug\"".to_owned()]).len() > 100);
    let told = log.lines_with(&marks);
    assert!(
        told.is_empty(),
        "{} lines: {:#?}",
        told.len(),
        &told[..told.len().min(5)]
    );
    tracing::debug!(key = API_KEY, "what this test would find");
    assert_eq!(log.lines_with(&marks).len(), 1);
}

/// The part of a token without which it is worth nothing.
fn signature_of(token: &str) -> String {
    token.rsplit('.').next().unwrap().to_owned()
}

/// The way of somebody who does all that is right. Returns the address of the checkout.
async fn buys_and_spends(world: &World, fan: &Fan) -> String {
    let started = fan.recharge("canary-key-1", PACKAGE).await;
    assert_eq!(started.status, 201, "{}", started.body);
    let checkout_url = started.body["checkout_url"].as_str().unwrap().to_owned();
    let id = started.body["id"].as_str().unwrap();
    assert_eq!(world.pay(&started).await.status, 200);
    let settled = fan.get(&format!("/v1/recharges/{id}")).await;
    assert_eq!(
        settled.body["status"], "settled",
        "heard with the marked secrets"
    );
    let gift = json!({
        "gift_id": "rose", "quantity": 1, "creator_id": "creator",
        "target": {"kind": "live", "id": "stream"}, "message": "canary message",
    });
    for key in ["canary-key-2", "canary-key-3", "canary-key-3"] {
        let sent = fan.post("/v1/gifts/send", key, &gift).await;
        assert_eq!(sent.status, 201, "{}", sent.body);
    }
    assert_eq!(fan.statement(1).await.len(), 3);
    world.server.relay().await.unwrap();
    let page = world.api.get(&format!("/return/{id}")).await;
    assert_eq!(page.status, 200);
    checkout_url
}

/// Records of the stream that the relay cannot read, with marks where people write; and one that it
/// must refuse.
async fn is_put_aside(world: &World) {
    let relay = world.lambda(&FaultyHttp::default()).relay();
    let table = world.table();
    let records = gift_records(world.server.dynamodb(), &table, &["fan"], 1).await;
    for (name, spoiled) in [
        ("message", json!({"S": "canary\nmessage"})),
        ("message", json!({"N": "canary"})),
        ("creator", json!({"S": "canary creator#"})),
        ("gift", json!("canary")),
    ] {
        let mut record = records[0].clone();
        record["dynamodb"]["NewImage"][name] = spoiled;
        relay
            .handle(stream_event("shard", &[record]))
            .await
            .unwrap();
    }
    let mut record = records[0].clone();
    record["dynamodb"]["SequenceNumber"] = json!("canary");
    let refused = relay.handle(stream_event("shard", &[record])).await;
    assert!(refused.is_err());
}

/// Marks everywhere where a client can put something.
async fn is_refused(world: &World, fan: &Fan) {
    let wrong_token = format!("{}canary", fan.token);
    for (path, token, key, body) in [
        ("/v1/gifts/send", &fan.token, "k", "{\"canary\": \"canary\""),
        (
            "/v1/gifts/send",
            &fan.token,
            "k",
            "{\"gift_id\": \"canary\"}",
        ),
        ("/v1/gifts/send", &fan.token, "canary key \u{7f}", "{}"),
        ("/v1/gifts/send", &wrong_token, "canary", "{}"),
        (
            "/v1/recharges",
            &fan.token,
            "k",
            "{\"return_url\": \"https://canary.example\"}",
        ),
        ("/v1/recharges/rch_canary/sync", &fan.token, "k", "canary"),
    ] {
        let request = world.api.request(Method::POST, path).bearer_auth(token);
        let key = reqwest::header::HeaderValue::from_bytes(key.as_bytes());
        let request = match key {
            Ok(key) => request.header("idempotency-key", key),
            Err(_) => request,
        };
        let request = request
            .header("content-type", "application/json")
            .body(body);
        let refused = Answer::read(request.send().await.unwrap()).await;
        assert!(
            (400..500).contains(&refused.status),
            "{path} {body}: {}",
            refused.body
        );
    }
    for path in [
        "/v1/wallet/entries?cursor=canary",
        "/v1/recharges/canary",
        "/v1/canary?canary=canary",
    ] {
        let refused = fan.get(path).await;
        assert!(
            (400..500).contains(&refused.status),
            "{path}: {}",
            refused.body
        );
    }
}

/// Somebody says to be Stripe; and Stripe, with something in it that we cannot read. Returns the
/// signatures.
async fn is_told_by_others(world: &World) -> Vec<String> {
    let now = world.lambda(&FaultyHttp::default()).now();
    let unreadable = json!({
        "id": "evt_1", "type": "checkout.session.completed", "created": now, "livemode": false,
        "data": {"object": {"id": "canary", "payment_status": ["canary"]}},
    });
    let mut signatures = Vec::new();
    for (secret, body) in [
        ("whsec_wrong", "{\"canary\": 1}".to_owned()),
        (WEBHOOK_SECRETS[1], "{\"canary\": 1".to_owned()),
        (WEBHOOK_SECRETS[1], unreadable.to_string()),
    ] {
        let header = sign(&body, secret, now);
        let request = world.api.request(Method::POST, "/v1/stripe/webhook");
        let request = request.header("stripe-signature", &header).body(body);
        let refused = Answer::read(request.send().await.unwrap()).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        signatures.push(header.rsplit('=').next().unwrap().to_owned());
    }
    signatures
}

async fn meets_outages(world: &World, fan: &Fan) {
    world.faults.plan(0, Fault::AnswerLost, 20);
    let failed = fan.gift("canary-key-4", "rose").await;
    assert_eq!(failed.status, 503, "{}", failed.body);
    world.faults.reset();

    let stripe = world.server.stripe();
    let open = fan.recharge("canary-key-5", PACKAGE).await;
    stripe.set_faults([StripeFault::Error500, StripeFault::Error500]);
    let failed = fan.recharge("canary-key-6", PACKAGE).await;
    assert_eq!(failed.status, 503, "{}", failed.body);
    stripe.set_outage(Some(Outage::ClosedBefore));
    let failed = fan.recharge("canary-key-7", PACKAGE).await;
    assert_eq!(failed.status, 503, "{}", failed.body);
    let path = format!("/return/{}", open.body["id"].as_str().unwrap());
    assert_eq!(world.api.get(&path).await.status, 503);
    stripe.set_outage(None);
}

/// Secrets that cannot be had, or used.
async fn meets_stores_of_secrets(world: &World) {
    let secrets = HeldSecrets::default();
    let lambda = world
        .lambda(&FaultyHttp::default())
        .with_secrets_in(&secrets);
    let webhook = lambda.webhook();
    let hear = async || {
        let headers = [("stripe-signature", "t=1,v1=canary")];
        let request = invoke("POST /v1/stripe/webhook", "", &headers, "{}");
        webhook.handle(request).await.status().as_u16()
    };
    assert_eq!(hear().await, 503, "nothing known");
    for (text, expected) in [
        ("{\"secret\": \"canary\"}", 503),
        ("canary,,canary", 503),
        (WEBHOOK_SECRETS[0], 400),
        ("{\"secret\": \"canary\"}", 400),
    ] {
        secrets.put("STRIPE_WEBHOOK_SECRETS", text);
        lambda.advance(Duration::from_mins(2));
        assert_eq!(hear().await, expected, "{text}");
    }
    secrets.lose("STRIPE_WEBHOOK_SECRETS");
    lambda.advance(Duration::from_mins(2));
    assert_eq!(hear().await, 400, "the old one is used");
}
