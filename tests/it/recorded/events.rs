//! Events.

use std::collections::{BTreeMap, BTreeSet};

use recharge_core::{
    adapters::stripe::{EventKind, StripeEvent, verify},
    app::Clock,
};
use recharge_testkit::{Answer, World, sign};
use serde_json::{Value, json};

use super::shapes::{VERSIONS, event, example, known_events, object_of, with};

const SECRET: &str = "whsec_local";
const AT: i64 = 1_793_021_111;

fn read(event: &Value) -> EventKind {
    let body = event.to_string();
    let now = jiff::Timestamp::from_second(AT).unwrap();
    let signature = sign(&body, SECRET, AT);
    let verified = verify(body.as_bytes(), &signature, &SECRET.parse().unwrap(), now);
    let event = StripeEvent::parse(verified.unwrap());
    event.unwrap_or_else(|error| panic!("{error}: {body}")).kind
}

/// The names of events in the source of our reader.
fn names_we_read() -> BTreeSet<String> {
    let source = include_str!("../../../core/src/adapters/stripe/event.rs");
    let source = source.split("#[cfg(test)]").next().unwrap();
    let families = ["checkout.session.", "charge.", "refund."];
    let texts = source.split('"').skip(1).step_by(2).map(str::to_owned);
    texts
        .filter(|text| families.iter().any(|family| text.starts_with(family)))
        .collect()
}

#[test]
fn every_event_about_what_we_read_is_read_in_each_version() {
    let ours = names_we_read();
    assert_eq!(ours.len(), 14, "{ours:?}");
    let mut covered = BTreeMap::new();
    for version in VERSIONS {
        for kind in known_events(version) {
            // A newer version may know more of them: then somebody must decide.
            assert!(ours.contains(&kind), "{version} has {kind}, and we do not");
            let object = object_of(version, &kind);
            let object = with(object, &[("payment_intent", json!("pi_1"))]);
            let session = object["id"].clone();
            match (kind.as_str(), read(&event(version, &kind, object, AT))) {
                ("checkout.session.completed", EventKind::CheckoutCompleted(told))
                | ("checkout.session.expired", EventKind::CheckoutExpired(told))
                | (
                    "checkout.session.async_payment_succeeded",
                    EventKind::CheckoutAsyncSucceeded(told),
                )
                | ("checkout.session.async_payment_failed", EventKind::CheckoutAsyncFailed(told)) =>
                {
                    assert_eq!(told.session.id.as_str(), session, "{version}");
                    assert_eq!(told.recharge, None, "Stripe's example is none of ours");
                    assert!(
                        told.session.is_payment && !told.session.livemode,
                        "{version}"
                    );
                    assert_eq!(told.session.payment_intent.unwrap().as_str(), "pi_1");
                }
                (_, EventKind::TakenBack(intent)) => assert_eq!(intent.as_str(), "pi_1"),
                (kind, other) => panic!("{version}: {kind} is read as {other:?}"),
            }
            *covered.entry(kind).or_insert(0) += 1;
        }
    }
    assert_eq!(covered.keys().cloned().collect::<BTreeSet<_>>(), ours);
    for (kind, versions) in covered {
        assert!(versions >= 3, "{kind} is in {versions} versions only");
    }
}

/// The examples themselves: their charges are of no payment intent, so they are none of ours.
#[test]
fn what_names_no_payment_intent_is_not_used() {
    for version in VERSIONS {
        for kind in known_events(version) {
            let object = object_of(version, &kind);
            if object["object"] != "checkout.session" {
                let told = read(&event(version, &kind, object, AT));
                assert_eq!(told, EventKind::Other(kind.clone()), "{version}");
            }
        }
    }
}

/// A payment intent may be told as a whole where an id is usual, and old charges have their refunds in them.
#[test]
fn an_expanded_payment_intent_and_older_charges_are_read_the_same() {
    for version in VERSIONS {
        let intent = with(example(version, "payment_intent"), &[("id", json!("pi_1"))]);
        let charge = with(
            example(version, "charge"),
            &[("payment_intent", intent.clone())],
        );
        let refunds = json!({"object": "list", "data": [example(version, "refund")], "has_more": false, "url": "/v1/x"});
        let older = with(charge.clone(), &[("refunds", refunds)]);
        for charge in [charge, older] {
            let told = read(&event(version, "charge.refunded", charge, AT));
            assert_eq!(told, EventKind::TakenBack("pi_1".try_into().unwrap()));
        }
        let changes = [
            ("payment_intent", intent),
            ("payment_status", json!("paid")),
        ];
        let session = with(example(version, "checkout.session"), &changes);
        let told = read(&event(version, "checkout.session.completed", session, AT));
        let EventKind::CheckoutCompleted(told) = told else {
            panic!("{told:?}");
        };
        assert_eq!(told.session.payment_intent.unwrap().as_str(), "pi_1");
    }
}

/// A recharge that is paid at the simulator, whose own webhooks are held: what is told is said by us.
struct Purchase<'a> {
    world: &'a World,
    version: &'static str,
    name: String,
    id: Value,
    session: Value,
}

impl<'a> Purchase<'a> {
    async fn start(world: &'a World, version: &'static str, about: &str) -> Self {
        let name = format!("{version}:{about}");
        let started = world.fan(&name).recharge("r", "coins_70").await;
        assert_eq!(started.status, 201, "{}", started.body);
        let session = started.checkout_session();
        Self {
            world,
            version,
            name,
            id: started.body["id"].clone(),
            session: json!({
                "id": session, "status": "open", "payment_status": "unpaid",
                "amount_total": started.body["price"]["amount"],
                "currency": started.body["price"]["currency"], "payment_intent": null,
            }),
        }
    }

    /// What Stripe's example is in that version, about this purchase.
    async fn tell(&self, kind: &str) -> Answer {
        let object = object_of(self.version, kind);
        let intent = self.session["payment_intent"].clone();
        let object = if object["object"] == "checkout.session" {
            let theirs = ["id", "status", "payment_status", "amount_total", "currency"];
            let mut changes: Vec<_> = theirs
                .into_iter()
                .map(|field| (field, self.session[field].clone()))
                .collect();
            changes.push(("payment_intent", intent));
            changes.push(("client_reference_id", self.id.clone()));
            changes.push(("metadata", json!({"recharge_id": self.id})));
            with(object, &changes)
        } else {
            with(object, &[("payment_intent", intent)])
        };
        let now = self.world.server.clock().now().as_second();
        let body = event(self.version, kind, object, now).to_string();
        let path = "/v1/stripe/webhook";
        let request = self.world.api.request(reqwest::Method::POST, path);
        let request = request
            .header("content-type", "application/json")
            .header("stripe-signature", sign(&body, SECRET, now));
        Answer::read(request.body(body).send().await.unwrap()).await
    }

    async fn tells(&self, kind: &str, outcome: &str) {
        let told = self.tell(kind).await;
        let name = &self.name;
        assert_eq!(
            (told.status, told.body["outcome"].as_str()),
            (200, Some(outcome)),
            "{name}: {}",
            told.body
        );
    }

    fn pay(&mut self, outcome: stripe_sim::Outcome) {
        let id = self.session["id"].as_str().unwrap();
        self.session = self.world.server.stripe().pay(id, outcome).unwrap();
    }

    fn resolve(&mut self, resolution: stripe_sim::Resolution) {
        let id = self.session["id"].as_str().unwrap();
        self.session = self.world.server.stripe().resolve(id, resolution).unwrap();
    }

    async fn ends(&self, status: &str, coins: i64) {
        let fan = self.world.fan(&self.name);
        let id = self.id.as_str().unwrap();
        let shown = fan.get(&format!("/v1/recharges/{id}")).await;
        let name = &self.name;
        assert_eq!(shown.body["status"], status, "{name}");
        assert_eq!(fan.coins().await, coins, "{name}");
    }
}

#[tokio::test]
async fn sessions_settle_wait_fail_and_expire_in_the_words_of_each_version() {
    use stripe_sim::{Outcome, Resolution};
    let world = World::start().await;
    world.server.stripe().set_hold(true);
    for version in VERSIONS {
        let mut paid = Purchase::start(&world, version, "paid").await;
        paid.pay(Outcome::Succeed);
        paid.tells("checkout.session.completed", "credited").await;
        paid.tells("checkout.session.completed", "already_credited")
            .await;
        paid.ends("settled", 70).await;

        for (resolution, kind, outcome, status, coins) in [
            (
                Resolution::Succeed,
                "async_payment_succeeded",
                "credited",
                "settled",
                70,
            ),
            (
                Resolution::Fail,
                "async_payment_failed",
                "failed",
                "failed",
                0,
            ),
        ] {
            let mut later = Purchase::start(&world, version, kind).await;
            later.pay(Outcome::Delayed);
            later
                .tells("checkout.session.completed", "processing")
                .await;
            later.ends("processing", 0).await;
            later.resolve(resolution);
            later
                .tells(&format!("checkout.session.{kind}"), outcome)
                .await;
            later.ends(status, coins).await;
        }

        let mut late = Purchase::start(&world, version, "late").await;
        late.session["status"] = json!("expired");
        late.tells("checkout.session.expired", "expired").await;
        late.ends("expired", 0).await;
    }
    world.stop().await;
}

#[tokio::test]
async fn what_is_taken_back_is_noted_in_the_words_of_each_version() {
    let world = World::start().await;
    world.server.stripe().set_hold(true);
    let mut told = 0;
    for version in VERSIONS {
        let all = known_events(version);
        for kind in all.iter().filter(|kind| !kind.starts_with("checkout.")) {
            let mut purchase = Purchase::start(&world, version, kind).await;
            purchase.pay(stripe_sim::Outcome::Succeed);
            purchase
                .tells("checkout.session.completed", "credited")
                .await;
            let intent = purchase.session["payment_intent"].as_str().unwrap();
            let stripe = world.server.stripe();
            let status = if kind.contains("dispute") {
                stripe.dispute(intent, None, None).unwrap();
                "disputed"
            } else {
                stripe.refund(intent, Some(33)).unwrap();
                "partially_refunded"
            };
            purchase.tells(kind, "noted").await;
            purchase.ends(status, 70).await;
            purchase.tells(kind, "nothing").await;
            told += 1;
        }
    }
    assert_eq!(told, 7 + 10 + 10 + 10);
    world.stop().await;
}
