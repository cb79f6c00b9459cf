//! Webhooks, as they come: twice, at once, late, encoded, and in the middle of a crash.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use recharge_core::app::Clock;
use recharge_testkit::{
    sign,
    simulation::{Ask, Simulation, simulate},
};
use serde_json::Value;

use super::naive::{Died, Mistake, Naive, Process};
use crate::world::start_and_pay;

pub(super) const SECRET: &str = "whsec_local";
/// What the buyer paid for.
const COINS: i64 = 70;

/// A webhook on its way.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) event: String,
    pub(super) payment: String,
    pub(super) coins: i64,
    pub(super) body: String,
    pub(super) signature: String,
    /// When it arrives, in seconds since 1970.
    pub(super) at: i64,
    /// At which of a shop's endpoints.
    pub(super) endpoint: usize,
    pub(super) is_base64: bool,
}

impl Delivery {
    pub(super) fn as_the_gateway_has_it(&self) -> String {
        match self.is_base64 {
            true => BASE64_STANDARD.encode(&self.body),
            false => self.body.clone(),
        }
    }

    /// Another event of the same payment.
    fn of_another_event(&self) -> Self {
        let mut body: Value = serde_json::from_str(&self.body).unwrap();
        body["id"] = "evt_other".into();
        body["type"] = "checkout.session.async_payment_succeeded".into();
        Self {
            event: "evt_other".to_owned(),
            ..self.clone()
        }
        .signed(body.to_string())
    }

    fn signed(mut self, body: String) -> Self {
        self.signature = sign(&body, SECRET, self.at);
        self.body = body;
        self
    }
}

/// Whoever hears webhooks and credits coins.
trait Shop {
    /// Hears a webhook; its process ends at a step of it, if it comes so far.
    async fn hear(&self, delivery: &Delivery, dies_at: Option<usize>) -> Result<u16, Died>;
    /// The buyer's coins.
    async fn coins(&self) -> i64;
}

impl Shop for Naive {
    async fn hear(&self, delivery: &Delivery, dies_at: Option<usize>) -> Result<u16, Died> {
        Naive::hear(self, delivery, &Process::dying_at(dies_at)).await
    }

    async fn coins(&self) -> i64 {
        Naive::coins(self)
    }
}

/// Recharge. It has one endpoint, whatever address Stripe has for it.
impl Shop for Simulation {
    async fn hear(&self, delivery: &Delivery, dies_at: Option<usize>) -> Result<u16, Died> {
        let mut ask = Ask::new("POST", "", "/v1/stripe/webhook", delivery.body.clone());
        ask.user = None;
        ask.is_base64 = delivery.is_base64;
        ask.headers
            .push(("stripe-signature", delivery.signature.clone()));
        match dies_at {
            None => Ok(self.ask(&ask).await.status),
            Some(step) => {
                let answer = self.killed_at(step, self.ask(&ask)).await;
                answer.map(|answer| answer.status).ok_or(Died)
            }
        }
    }

    async fn coins(&self) -> i64 {
        self.ask(&Ask::get("fan", "/v1/wallet"))
            .await
            .number("/coins")
    }
}

/// Plays a scenario on Recharge, where the buyer ends with what was paid for, and on a shop with a
/// mistake, where it ends with `wrong`.
fn compare(mistake: Mistake, wrong: i64, scenario: impl AsyncFn(&dyn Scene, Delivery)) {
    let scenario = &scenario;
    let on_recharge = simulate(1, |simulation| async move {
        let delivery = paid(&simulation).await;
        let scene = On {
            simulation: &simulation,
            shop: &simulation,
        };
        scenario(&scene, delivery).await;
        Shop::coins(&simulation).await
    });
    assert_eq!(on_recharge, COINS, "Recharge");
    let on_naive = simulate(1, |simulation| async move {
        let (naive, delivery) = (Naive::new(mistake), paid(&simulation).await);
        let scene = On {
            simulation: &simulation,
            shop: &naive,
        };
        scenario(&scene, delivery).await;
        naive.coins()
    });
    assert_eq!(on_naive, wrong, "{mistake:?}");
}

type Hearing<'a> = std::pin::Pin<Box<dyn Future<Output = Result<u16, Died>> + 'a>>;

/// A shop in its world.
trait Scene {
    fn hear<'a>(&'a self, delivery: &'a Delivery, dies_at: Option<usize>) -> Hearing<'a>;
    fn advance(&self, duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>>;
    fn now(&self) -> i64;
}

struct On<'a, S> {
    simulation: &'a Simulation,
    shop: &'a S,
}

impl<S: Shop> Scene for On<'_, S> {
    fn hear<'a>(&'a self, delivery: &'a Delivery, dies_at: Option<usize>) -> Hearing<'a> {
        Box::pin(self.shop.hear(delivery, dies_at))
    }

    fn advance(&self, duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(self.simulation.advance(duration))
    }

    fn now(&self) -> i64 {
        self.simulation.clock().now().as_second()
    }
}

/// A recharge that was started and paid, and the webhook of it.
async fn paid(simulation: &Simulation) -> Delivery {
    let payment = start_and_pay(simulation, "fan", "r").await;
    let mut events = simulation.stripe().events().into_iter();
    let event = events
        .find(|event| event["type"] == "checkout.session.completed")
        .unwrap();
    Delivery {
        event: event["id"].as_str().unwrap().to_owned(),
        payment,
        coins: COINS,
        body: String::new(),
        signature: String::new(),
        at: simulation.clock().now().as_second(),
        endpoint: 0,
        is_base64: false,
    }
    .signed(event.to_string())
}

#[test]
fn a_01_the_same_event_twice() {
    compare(
        Mistake::CreditsEveryEvent,
        2 * COINS,
        async |shop, delivery| {
            assert_eq!(shop.hear(&delivery, None).await, Ok(200));
            assert_eq!(shop.hear(&delivery, None).await, Ok(200));
        },
    );
}

#[test]
fn a_02_the_same_event_twice_at_once() {
    compare(
        Mistake::LooksOutsideOfTheLock,
        2 * COINS,
        async |shop, delivery| {
            let heard = tokio::join!(shop.hear(&delivery, None), shop.hear(&delivery, None));
            assert_eq!(heard, (Ok(200), Ok(200)));
        },
    );
}

/// A process that dies at any step; Stripe tells again.
async fn dies_and_is_told_again(shop: &dyn Scene, delivery: &Delivery) {
    for step in 0..8 {
        let _died_or_not = shop.hear(delivery, Some(step)).await;
    }
    assert_eq!(shop.hear(delivery, None).await, Ok(200));
}

#[test]
fn a_03_a_crash_between_the_mark_and_the_work() {
    compare(Mistake::MarksThenWorks, 0, async |shop, delivery| {
        dies_and_is_told_again(shop, &delivery).await;
    });
}

#[test]
fn a_04_a_crash_between_the_work_and_the_mark() {
    // It dies once after the work, and works again.
    compare(
        Mistake::WorksThenMarks,
        2 * COINS,
        async |shop, delivery| {
            dies_and_is_told_again(shop, &delivery).await;
        },
    );
}

#[test]
fn a_05_two_events_of_one_payment_at_nearly_the_same_time() {
    compare(
        Mistake::KnowsEventsOnly,
        2 * COINS,
        async |shop, delivery| {
            let other = delivery.of_another_event();
            let heard = tokio::join!(shop.hear(&delivery, None), shop.hear(&other, None));
            assert_eq!(heard, (Ok(200), Ok(200)));
        },
    );
}

#[test]
fn a_06_another_endpoint_hears_the_event_first() {
    compare(Mistake::SharesEventIds, 0, async |shop, delivery| {
        let elsewhere = Delivery {
            endpoint: 1,
            ..delivery.clone()
        };
        assert_eq!(shop.hear(&elsewhere, None).await, Ok(200));
        assert_eq!(shop.hear(&delivery, None).await, Ok(200));
    });
}

#[test]
fn a_08_an_old_signed_body_is_sent_again() {
    compare(
        Mistake::TakesOldBodies,
        2 * COINS,
        async |shop, delivery| {
            assert_eq!(shop.hear(&delivery, None).await, Ok(200));
            shop.advance(Duration::from_secs(2 * 86_400)).await;
            let again = Delivery {
                at: shop.now(),
                ..delivery
            };
            let _refused_or_not = shop.hear(&again, None).await;
        },
    );
}

#[test]
fn a_09_the_gateway_encodes_the_body() {
    compare(Mistake::ReadsEncodedBodies, 0, async |shop, delivery| {
        let encoded = Delivery {
            is_base64: true,
            ..delivery
        };
        let _refused_or_not = shop.hear(&encoded, None).await;
    });
}

#[test]
fn a_14_the_secret_is_being_changed_and_there_are_two_signatures() {
    compare(Mistake::ReadsTheLastSignature, 0, async |shop, delivery| {
        let other = sign(&delivery.body, "whsec_other", delivery.at);
        let other = other.split(',').next_back().unwrap();
        let signature = format!("{},{other}", delivery.signature);
        let _refused_or_not = shop
            .hear(
                &Delivery {
                    signature,
                    ..delivery
                },
                None,
            )
            .await;
    });
}
