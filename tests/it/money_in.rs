//! Every way a payment can go, and what it ends in: the table of docs/money-in.md, row by row.
//! The simulator stands for Stripe; each outcome is reached on every road that leads to it.

use std::time::Duration;

use recharge_local::Options;
use recharge_testkit::{Answer, Fan, FaultyHttp, World};
use serde_json::{Value, json};

mod delayed;
mod many;
mod mismatched;
mod roads;
mod taken_back;
mod unpaid;

/// A recharge at the simulator.
struct Purchase {
    fan: Fan,
    id: String,
    session: String,
    coins: i64,
}

/// The roads to a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Road {
    Webhook,
    Sync,
    Reconcile,
}

const ROADS: [Road; 3] = [Road::Webhook, Road::Sync, Road::Reconcile];

/// A world whose webhooks wait until they are delivered.
async fn world() -> World {
    world_with(&[]).await
}

async fn world_with(settings: &[(&str, &str)]) -> World {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let world = World::with(Options {
        settings: settings.iter().map(owned).collect(),
        ..Options::default()
    })
    .await;
    world.server.stripe().set_hold(true);
    world
}

/// Tells the simulator something; it must agree.
async fn stripe(world: &World, path: &str, body: Value) -> Value {
    let answer = world.api.post(&format!("/stripe-sim{path}"), &body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

/// Reads the simulator's API as Stripe's clients do.
async fn stripe_get(world: &World, path: &str) -> Value {
    let request = world
        .api
        .request(reqwest::Method::GET, &format!("/stripe-sim/v1{path}"))
        .bearer_auth("sk_test_reader");
    let answer = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

impl Purchase {
    async fn start(world: &World, name: &str) -> Self {
        Self::of(world, name, "r").await
    }

    async fn of(world: &World, name: &str, key: &str) -> Self {
        let fan = world.fan(name);
        let started = fan.recharge(key, "coins_70").await;
        assert_eq!(started.status, 201, "{}", started.body);
        let session = started.checkout_session().to_owned();
        let id = started.body["id"].as_str().unwrap().to_owned();
        let coins = started.number("/coins") + started.number("/bonus_coins");
        Self {
            fan,
            id,
            session,
            coins,
        }
    }

    async fn paid(world: &World, name: &str) -> Self {
        let purchase = Self::start(world, name).await;
        purchase.pay(world, "succeed").await;
        purchase
    }

    async fn pay(&self, world: &World, outcome: &str) {
        let path = format!("/checkout/{}/pay", self.session);
        stripe(world, &path, json!({ "outcome": outcome })).await;
    }

    async fn resolve(&self, world: &World, outcome: &str) {
        let path = format!("/checkout/{}/resolve", self.session);
        stripe(world, &path, json!({ "outcome": outcome })).await;
    }

    async fn payment_intent(&self, world: &World) -> String {
        let session = stripe_get(world, &format!("/checkout/sessions/{}", self.session)).await;
        session["payment_intent"].as_str().unwrap().to_owned()
    }

    /// Lets Stripe's news arrive on one road.
    async fn tell(&self, world: &World, road: Road) {
        match road {
            Road::Webhook => {
                stripe(world, "/deliver", Value::Null).await;
            }
            Road::Sync => {
                // Past the interval of an earlier sync.
                world.server.clock().advance(Duration::from_secs(2));
                let synced = self.sync().await;
                assert_eq!(synced.status, 200, "{}", synced.body);
                let read = self.read().await;
                assert_eq!(synced.body, read.body, "a sync answers as a read");
            }
            Road::Reconcile => {
                // Past the webhook's turn.
                world.server.clock().advance(Duration::from_secs(61));
                let report = world.server.reconcile().await.unwrap();
                assert!(report.complete && report.failed == 0, "{report:?}");
            }
        }
    }

    async fn sync(&self) -> Answer {
        let path = format!("/v1/recharges/{}/sync", self.id);
        let request = self.fan.request(reqwest::Method::POST, &path);
        Answer::read(request.send().await.unwrap()).await
    }

    async fn read(&self) -> Answer {
        self.fan.get(&format!("/v1/recharges/{}", self.id)).await
    }

    async fn status(&self) -> String {
        self.read().await.body["status"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// The recharge shows `status`; so many coins came in, with one entry for them if any.
    async fn assert_ends(&self, status: &str, coins: i64, why: &str) {
        assert_eq!(self.status().await, status, "{why}");
        assert_eq!(self.fan.coins().await, coins, "{why}");
        let entries = self.fan.statement(20).await;
        let sum: i64 = entries
            .iter()
            .map(|entry| entry["coins"].as_i64().unwrap())
            .sum();
        assert_eq!(sum, coins, "{why}");
        let credited = self.read().await.body["credited_at"].is_string();
        assert_eq!(credited, !entries.is_empty(), "{why}");
    }

    /// The same end, whatever else is told, on every road, twice.
    async fn assert_stays(&self, world: &World, status: &str, coins: i64, why: &str) {
        self.assert_ends(status, coins, why).await;
        for road in [ROADS, ROADS].concat() {
            self.tell(world, road).await;
        }
        self.assert_ends(status, coins, &format!("{why}, told again"))
            .await;
    }
}
