//! What Stripe, or somebody who says so, may tell.

use std::time::Duration;

use recharge_core::{
    app::{
        Clock,
        ports::{Freshness, Recharges, Wallets},
    },
    domain::{RechargeStatus, WalletStatus},
};
use recharge_local::Options;
use recharge_testkit::{
    Answer, Fan, Fault, World, coins, completed_event, contract::store_wallet, recharge, sign,
    user, wallet,
};
use serde_json::{Value, json};

use crate::support::stored;

mod reviews;

const PATH: &str = "/v1/stripe/webhook";

/// Says `body` with a signature that is `seconds` from now.
async fn say_at(world: &World, body: &str, secret: &str, seconds: i64) -> Answer {
    let at = world.server.clock().now().as_second() + seconds;
    say_signed(world, body, &sign(body, secret, at)).await
}

async fn say_signed(world: &World, body: &str, signature: &str) -> Answer {
    let request = world.api.request(reqwest::Method::POST, PATH);
    let request = request
        .header("content-type", "application/json")
        .header("stripe-signature", signature);
    Answer::read(request.body(body.to_owned()).send().await.unwrap()).await
}

async fn say(world: &World, event: &Value) -> Answer {
    say_at(world, &event.to_string(), "whsec_local", 0).await
}

/// A recharge that waits for its money: its answer, and the event that settles it.
struct Waiting {
    fan: Fan,
    started: Answer,
    event: Value,
}

impl Waiting {
    async fn start(world: &World, name: &str) -> Self {
        world.server.stripe().set_hold(true);
        let fan = world.fan(name);
        let started = fan.recharge("r", "coins_70").await;
        assert_eq!(started.status, 201, "{}", started.body);
        let session = started.checkout_session();
        let id = started.body["id"].as_str().unwrap();
        let now = world.server.clock().now().as_second();
        let event = completed_event(id, session, started.number("/price/amount"), now);
        Self {
            fan,
            started,
            event,
        }
    }

    fn bought(&self) -> i64 {
        self.started.number("/coins") + self.started.number("/bonus_coins")
    }

    async fn status(&self) -> String {
        let id = self.started.body["id"].as_str().unwrap();
        let found = self.fan.get(&format!("/v1/recharges/{id}")).await;
        found.body["status"].as_str().unwrap().to_owned()
    }

    /// Nothing was credited, and the recharge shows `status`.
    async fn assert_unsettled(&self, status: &str, why: &str) {
        assert_eq!(self.status().await, status, "{why}");
        assert_eq!(self.fan.coins().await, 0, "{why}");
        assert!(self.fan.statement(20).await.is_empty(), "{why}");
    }

    /// It was credited once.
    async fn assert_settled(&self, why: &str) {
        assert_eq!(self.status().await, "settled", "{why}");
        assert_eq!(self.fan.coins().await, self.bought(), "{why}");
        assert_eq!(self.fan.statement(20).await.len(), 1, "{why}");
    }
}

#[tokio::test]
async fn only_what_stripe_signed_within_five_minutes_is_heard() {
    let world = World::standing().await;
    let waiting = Waiting::start(&world, "alice").await;
    let body = waiting.event.to_string();
    let now = world.server.clock().now().as_second();
    let right = sign(&body, "whsec_local", now);
    let hex = right.split_once("v1=").unwrap().1;
    for (signature, why) in [
        (String::new(), "none"),
        ("junk".to_owned(), "junk"),
        (format!("t={now}"), "no v1"),
        (format!("v1={hex}"), "no time"),
        (format!("t={now},v0={hex}"), "only v0"),
        (format!("t={},v1={hex}", now + 1), "another time"),
        (sign(&body, "whsec_other", now), "another secret"),
        (
            sign(&format!("{body} "), "whsec_local", now),
            "another body",
        ),
        (sign(&body, "whsec_local", now - 301), "too old"),
        (sign(&body, "whsec_local", now + 301), "from the future"),
    ] {
        let heard = say_signed(&world, &body, &signature).await;
        assert_eq!(heard.outcome(), (400, "signature_invalid"), "{why}");
        waiting.assert_unsettled("open", why).await;
    }
    let late = say_at(&world, &body, "whsec_local", -299).await;
    assert_eq!(late.body["outcome"], "credited", "{}", late.body);
    let early = say_at(&world, &body, "whsec_local", 299).await;
    assert_eq!(early.body["outcome"], "already_credited");
    waiting.assert_settled("within 300 s both ways").await;
    world.stop().await;
}

#[tokio::test]
async fn any_of_several_secrets_and_signatures_may_fit() {
    let secrets = (
        "STRIPE_WEBHOOK_SECRETS".to_owned(),
        "whsec_a,whsec_b".to_owned(),
    );
    let settings = [secrets].into();
    let world = World::with(Options {
        settings,
        ..Options::default()
    })
    .await;
    let waiting = Waiting::start(&world, "alice").await;
    let body = waiting.event.to_string();
    assert_eq!(say_at(&world, &body, "whsec_local", 0).await.status, 400);
    let now = world.server.clock().now().as_second();
    let old = sign(&body, "whsec_retired", now);
    let second = sign(&body, "whsec_b", now);
    let both = format!("{old},{}", second.split_once(',').unwrap().1);
    let heard = say_signed(&world, &body, &both).await;
    assert_eq!(heard.body["outcome"], "credited", "{}", heard.body);
    assert_eq!(say_at(&world, &body, "whsec_a", 0).await.status, 200);
    waiting.assert_settled("once").await;
    world.stop().await;
}

#[tokio::test]
async fn the_raw_bytes_are_verified_also_when_the_gateway_encodes_them() {
    let world = World::start().await;
    let waiting = Waiting::start(&world, "alice").await;
    // Not how we would write it: spaces, and a character outside of ASCII.
    let body = format!(
        " {}\n",
        serde_json::to_string_pretty(&waiting.event).unwrap()
    );
    let body = body.replacen(
        "checkout.session\"",
        "checkout.session\", \"note\": \"ü🌹\"",
        1,
    );
    let now = world.server.clock().now().as_second();
    let request = world
        .api
        .request(reqwest::Method::POST, PATH)
        .header("content-type", "application/octet-stream")
        .header("stripe-signature", sign(&body, "whsec_local", now));
    let heard = Answer::read(request.body(body).send().await.unwrap()).await;
    assert_eq!(heard.body["outcome"], "credited", "{}", heard.body);
    waiting.assert_settled("base64").await;
    world.stop().await;
}

#[tokio::test]
async fn what_is_signed_but_not_for_us_is_acknowledged_and_what_is_unreadable_is_not() {
    let world = World::start().await;
    let waiting = Waiting::start(&world, "alice").await;
    let mut other = waiting.event.clone();
    other["type"] = json!("customer.created");
    other["data"] = json!({"object": [1, 2]});
    let now = world.server.clock().now().as_second();
    let nobodys = completed_event("rch_00000000000000000000000000000000", "cs_other", 99, now);
    let foreign = completed_event("order-17", "cs_other", 99, now);
    for (event, outcome) in [
        (other, "unused"),
        (nobodys, "not_ours"),
        (foreign, "not_ours"),
    ] {
        let heard = say(&world, &event).await;
        assert_eq!(
            (heard.status, &heard.body["outcome"]),
            (200, &json!(outcome))
        );
    }
    for junk in ["", "junk", "{}", "[]", "{\"type\": 1}"] {
        let heard = say_at(&world, junk, "whsec_local", 0).await;
        assert_eq!(heard.outcome(), (400, "body_invalid"), "{junk:?}");
    }
    let most = format!("{}{}", waiting.event, " ".repeat(512 * 1024));
    let large = say_at(&world, &most, "whsec_local", 0).await;
    assert_eq!(large.outcome(), (413, "body_too_large"));
    waiting
        .assert_unsettled("open", "nothing of it was its payment")
        .await;
    world.stop().await;
}

#[tokio::test]
async fn an_unpaid_session_waits_and_settles_when_the_money_comes() {
    let world = World::start().await;
    let waiting = Waiting::start(&world, "alice").await;
    let mut unpaid = waiting.event.clone();
    unpaid["data"]["object"]["payment_status"] = json!("unpaid");
    for outcome in ["processing", "nothing"] {
        assert_eq!(say(&world, &unpaid).await.body["outcome"], outcome);
        waiting.assert_unsettled("processing", outcome).await;
    }
    let mut succeeded = waiting.event.clone();
    succeeded["type"] = json!("checkout.session.async_payment_succeeded");
    assert_eq!(say(&world, &succeeded).await.body["outcome"], "credited");
    // The first event once more, late: it takes nothing back.
    assert_eq!(
        say(&world, &unpaid).await.body["outcome"],
        "already_credited"
    );
    waiting.assert_settled("out of order, twice").await;
    world.stop().await;
}

#[tokio::test]
async fn a_frozen_wallet_in_debt_is_settled_and_pays_its_debt_first() {
    let world = World::start().await;
    let waiting = Waiting::start(&world, "alice").await;
    let mut owing = wallet("alice", 0);
    owing.last_seq = 0;
    owing.status = WalletStatus::Frozen;
    owing.debt = coins(30);
    owing.out_total = coins(30);
    store_wallet(&world.ledger(), &owing).await;
    assert_eq!(
        say(&world, &waiting.event).await.body["outcome"],
        "credited"
    );
    let held = world
        .ledger()
        .wallet(&user("alice"), Freshness::Consistent)
        .await
        .unwrap();
    assert_eq!(
        (held.coins.signed(), held.debt.get()),
        (waiting.bought() - 30, 0)
    );
    let line = &waiting.fan.statement(20).await[0];
    assert_eq!(line["coins"], waiting.bought());
    assert_eq!(line["balance_after"], waiting.bought() - 30);
    world.stop().await;
}

/// We crashed between Stripe's answer and storing it: the row has no session yet.
#[tokio::test]
async fn a_recharge_without_a_session_adopts_the_one_that_was_paid() {
    let world = World::start().await;
    let crashed = recharge("alice", "r");
    world.ledger().save_recharge(0, &crashed).await.unwrap();
    let now = world.server.clock().now().as_second();
    let event = completed_event(crashed.id.as_str(), "cs_lost", 99, now);
    assert_eq!(say(&world, &event).await.body["outcome"], "credited");
    let found = world.ledger().recharge(&crashed.id).await.unwrap().unwrap();
    assert_eq!(found.status, RechargeStatus::Settled);
    assert_eq!(found.session.unwrap().as_str(), "cs_lost");
    assert_eq!(world.fan("alice").coins().await, 75);
    world.stop().await;
}

/// I6: what is not stored is not acknowledged, and Stripe's next try settles.
#[tokio::test]
async fn an_outage_of_ours_is_told_to_stripe_who_tries_again() {
    let world = World::start().await;
    let waiting = Waiting::start(&world, "alice").await;
    world.faults.plan(0, Fault::ServerError, 1_000);
    let heard = say(&world, &waiting.event).await;
    assert_eq!(heard.outcome(), (503, "service_unavailable"));
    assert!(world.faults.struck() > 0);
    world.faults.reset();
    waiting.assert_unsettled("open", "it was not stored").await;
    assert_eq!(
        say(&world, &waiting.event).await.body["outcome"],
        "credited"
    );
    waiting.assert_settled("the second try").await;
    world.stop().await;
}

/// An API key of another account: to believe its "there is none" would be to lose a payment.
#[tokio::test]
async fn what_stripe_told_and_does_not_know_is_told_again() {
    let world = World::start().await;
    let waiting = Waiting::start(&world, "alice").await;
    let mut late = waiting.event.clone();
    late["created"] = json!(late["created"].as_i64().unwrap() - 301);
    late["data"]["object"]["id"] = json!("cs_test_elsewhere");
    late["data"]["object"]["payment_intent"] = json!("pi_elsewhere");
    let before = stored(&world).await;
    let told = say(&world, &late).await;
    assert_eq!(told.outcome(), (503, "service_unavailable"), "late");
    before
        .assert_kept(&world, "a session that Stripe does not know")
        .await;

    assert_eq!(
        say(&world, &waiting.event).await.body["outcome"],
        "credited"
    );
    let refund = json!({
        "id": "evt_r", "type": "charge.refunded", "livemode": false,
        "created": waiting.event["created"],
        "data": {"object": {
            "id": "ch_1", "object": "charge",
            "payment_intent": waiting.event["data"]["object"]["payment_intent"],
        }},
    });
    let before = stored(&world).await;
    let told = say(&world, &refund).await;
    assert_eq!(told.outcome(), (503, "service_unavailable"), "refund");
    before
        .assert_kept(&world, "a payment that Stripe does not know")
        .await;
    world.stop().await;
}

#[tokio::test]
async fn the_simulators_own_webhooks_settle_when_they_are_delivered() {
    let world = World::start().await;
    let waiting = Waiting::start(&world, "alice").await;
    let url = waiting.started.body["checkout_url"].as_str().unwrap();
    let pay = format!("{}/pay", url.trim_start_matches(world.server.base_url()));
    let paid = world.api.post(&pay, &json!({"outcome": "succeed"})).await;
    assert_eq!(paid.status, 200, "{}", paid.body);
    waiting
        .assert_unsettled("open", "its webhook is held")
        .await;
    for _ in 0..2 {
        let delivered = world.api.post("/stripe-sim/deliver", &Value::Null).await;
        assert_eq!(delivered.status, 200, "{}", delivered.body);
        waiting.assert_settled("delivered").await;
    }
    // An hour later nothing has changed, and the recharge's read is still the same.
    world.server.clock().advance(Duration::from_secs(3_600));
    assert_eq!(waiting.status().await, "settled");
    world.stop().await;
}
