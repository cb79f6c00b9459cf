//! Plays a program on the system and on the model, and compares after every step.

use std::time::Duration;

use dynamodb_sim::Trouble;
use recharge_core::app::Clock;
use recharge_testkit::{
    Answer,
    simulation::{Ask, Simulation},
};
use serde_json::{Value, json};
use stripe_sim::{Outcome, Resolution, Verdict};

use super::{
    checks,
    model::{DAY, GIFTS, Model, Money, Ms, PACKAGES, Recharge, Sending},
    plants::Plant,
    step::{Pay, Step},
};

/// What is different, or the play goes on.
pub(crate) type Played = Result<(), String>;

/// No request takes as long, retries included: what happens at a moment is kept so far away from it.
const MARGIN: Ms = 600_000;
/// A client that tries so often gives up.
const TRIES: usize = 60;

pub(crate) struct Player {
    pub(crate) simulation: Simulation,
    pub(crate) model: Model,
    pub(crate) plant: Option<Plant>,
    pub(crate) is_stormy: bool,
    /// The next request is killed at this step of it.
    crash: Option<usize>,
}

pub(crate) fn fan(fan: usize) -> String {
    format!("fan-{fan}")
}

pub(crate) fn creator(creator: usize) -> String {
    format!("creator-{creator}")
}

fn key(key: usize) -> String {
    format!("key-{key}")
}

pub(crate) fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Played {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: {found:?} instead of {expected:?}"))
}

impl Player {
    pub(crate) fn new(simulation: Simulation, is_stormy: bool, plant: Option<Plant>) -> Self {
        simulation.set_stormy(is_stormy);
        Self {
            is_stormy,
            simulation,
            model: Model::default(),
            plant,
            crash: None,
        }
    }

    pub(crate) fn now(&self) -> Ms {
        self.simulation.clock().now().as_millisecond()
    }

    /// Plays a step, and looks at what it may have touched.
    pub(crate) async fn play(&mut self, step: &Step) -> Played {
        self.keep_away_from_moments().await;
        match *step {
            Step::Buy { fan, key, package } => self.buy(fan, key, package).await?,
            Step::Pay { nth, how } => self.pay(nth, how),
            Step::Resolve { nth, arrives } => self.resolve(nth, arrives),
            Step::Refund { nth, cents } => self.refund(nth, cents),
            Step::Dispute { nth } => self.dispute(nth),
            Step::CloseDispute { nth, won } => self.close_dispute(nth, won),
            Step::Deliver { nth } => self.deliver_nth(nth, 1).await?,
            Step::DeliverTwice { nth } => self.deliver_nth(nth, 2).await?,
            Step::DeliverAll => {
                for event in self.simulation.stripe().events().into_iter().rev() {
                    self.deliver(&event, 1).await?;
                }
            }
            Step::Sync { nth } => self.sync(nth).await?,
            Step::Reconcile => self.reconcile().await?,
            Step::Send { fan, key, sending } => self.send(fan, key, sending).await?,
            Step::SendTwice { fan, keys, sending } => self.send_twice(fan, keys, sending).await?,
            Step::Freeze { fan, on } => self.freeze(fan, on).await?,
            Step::Limit { fan, daily } => self.limit(fan, daily).await?,
            Step::Become { creator } => self.become_creator(creator).await?,
            Step::Pause { creator, on } => self.pause(creator, on).await?,
            Step::Block { creator, fan, on } => self.block(creator, fan, on).await?,
            Step::Relay => {
                self.simulation.relay_once().await;
            }
            Step::Advance { hours } => self.advance(hours * 3_600_000).await,
            Step::Restart => self.simulation.restart(),
            Step::Crash { at } => {
                self.crash = Some(at);
                return Ok(());
            }
        }
        self.crash = None;
        checks::wallets(self).await
    }

    /// Waits until no midnight, and no raise of a limit, comes while a request is made.
    async fn keep_away_from_moments(&mut self) {
        let until_midnight = DAY - self.now() % DAY;
        if until_midnight < MARGIN {
            self.advance(until_midnight + 1_000).await;
        }
        let raises = self.model.wallets.values();
        let raises: Vec<_> = raises.filter_map(|wallet| wallet.daily.raise).collect();
        for (from, _) in raises {
            let ahead = from - self.now();
            if (-MARGIN..MARGIN).contains(&ahead) {
                self.advance(ahead + MARGIN + 1_000).await;
            }
        }
    }

    async fn advance(&mut self, ms: Ms) {
        // The stream forgets after a day.
        self.relay_all().await;
        let ms = u64::try_from(ms).unwrap();
        self.simulation.advance(Duration::from_millis(ms)).await;
    }

    pub(crate) async fn relay_all(&self) {
        self.simulation.set_trouble(Trouble::NONE);
        while self.simulation.relay_once().await {}
        if self.is_stormy {
            self.simulation.set_trouble(Trouble::MUCH);
        }
    }

    /// Asks until it is answered for certain, as clients do: with the same key.
    pub(crate) async fn ask(
        &mut self,
        mut ask: impl FnMut(&Simulation) -> Ask,
    ) -> Result<Answer, String> {
        let simulation = self.simulation.clone();
        if let Some(at) = self.crash.take() {
            let asked = ask(&simulation);
            // Whoever was answered asks again all the same: that is what keys are for.
            drop(simulation.killed_at(at, simulation.ask(&asked)).await);
        }
        for _ in 0..TRIES {
            let asked = ask(&simulation);
            let answer = simulation.ask(&asked).await;
            match answer.status {
                503 => simulation.advance(Duration::from_secs(1)).await,
                429 => simulation.advance(Duration::from_secs(3)).await,
                status if status >= 500 => return Err(format!("{asked:?} is answered {answer:?}")),
                _ => return Ok(answer),
            }
        }
        Err("a client gave up".to_owned())
    }

    async fn buy(&mut self, who: usize, nth: usize, package: usize) -> Played {
        let body = json!({"package_id": PACKAGES[package].0, "currency": "usd", "terms_version": "2026-11-01"});
        let (user, key) = (fan(who), key(nth));
        let answer = self
            .ask(|_| Ask::post(&user, "/v1/recharges", &key, &body))
            .await?;
        let mut recharges = self.model.recharges.iter();
        let existing = recharges.find(|recharge| (recharge.fan, recharge.key) == (who, nth));
        if let Some(existing) = existing {
            if existing.package != package {
                return same(
                    "another recharge of a key",
                    answer.outcome(),
                    (422, "idempotency_key_reused"),
                );
            }
            return same(
                "a recharge's replay",
                answer.body["id"].as_str(),
                Some(existing.id.as_str()),
            );
        }
        same("a recharge", answer.status, 201)?;
        let (_, coins, cents) = PACKAGES[package];
        same(
            "its coins",
            answer.number("/coins") + answer.number("/bonus_coins"),
            coins,
        )?;
        same("its price", answer.number("/price/amount"), cents)?;
        self.model.recharges.push(Recharge {
            fan: who,
            key: nth,
            package,
            id: answer.body["id"].as_str().unwrap_or_default().to_owned(),
            session: answer.checkout_session().to_owned(),
            intent: String::new(),
            money: Money::Nowhere,
            taken_back: (0, false),
            known: (0, false),
            is_settled: false,
        });
        Ok(())
    }

    /// The `nth` recharge, around.
    fn recharge(&mut self, nth: usize) -> Option<(usize, &mut Recharge)> {
        let count = self.model.recharges.len();
        let nth = nth.checked_rem(count)?;
        Some((nth, &mut self.model.recharges[nth]))
    }

    /// What Stripe refuses, nobody did.
    fn pay(&mut self, nth: usize, how: Pay) {
        let stripe = self.simulation.stripe().clone();
        let Some((_, recharge)) = self.recharge(nth) else {
            return;
        };
        let (outcome, money) = match how {
            Pay::Succeed => (Outcome::Succeed, Money::Here),
            Pay::Delayed => (Outcome::Delayed, Money::OnItsWay),
            Pay::Decline => (Outcome::Decline, Money::Nowhere),
            Pay::Cancel => (Outcome::Cancel, Money::Nowhere),
        };
        if let Ok(session) = stripe.simulator().pay(&recharge.session, outcome) {
            recharge.money = money;
            recharge.intent = session["payment_intent"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
        }
    }

    fn resolve(&mut self, nth: usize, arrives: bool) {
        let stripe = self.simulation.stripe().clone();
        let Some((_, recharge)) = self.recharge(nth) else {
            return;
        };
        let (resolution, money) = match arrives {
            true => (Resolution::Succeed, Money::Here),
            false => (Resolution::Fail, Money::Nowhere),
        };
        if stripe
            .simulator()
            .resolve(&recharge.session, resolution)
            .is_ok()
        {
            recharge.money = money;
        }
    }

    fn refund(&mut self, nth: usize, cents: i64) {
        let stripe = self.simulation.stripe().clone();
        let Some((_, recharge)) = self.recharge(nth) else {
            return;
        };
        if stripe
            .simulator()
            .refund(&recharge.intent, Some(cents))
            .is_ok()
        {
            recharge.taken_back.0 += cents;
        }
    }

    fn dispute(&mut self, nth: usize) {
        let stripe = self.simulation.stripe().clone();
        let Some((_, recharge)) = self.recharge(nth) else {
            return;
        };
        if stripe
            .simulator()
            .dispute(&recharge.intent, None, None)
            .is_ok()
        {
            recharge.taken_back.1 = true;
        }
    }

    fn close_dispute(&mut self, nth: usize, won: bool) {
        let stripe = self.simulation.stripe().clone();
        let Some((_, recharge)) = self.recharge(nth) else {
            return;
        };
        let verdict = if won { Verdict::Won } else { Verdict::Lost };
        if stripe
            .simulator()
            .close_dispute(&recharge.intent, verdict)
            .is_ok()
        {
            recharge.taken_back.1 = !won;
        }
    }

    async fn deliver_nth(&mut self, nth: usize, times: usize) -> Played {
        let events = self.simulation.stripe().events();
        let Some(nth) = nth.checked_rem(events.len()) else {
            return Ok(());
        };
        // The newest are the most interesting.
        self.deliver(&events[events.len() - 1 - nth], times).await
    }

    /// Delivers an event until it is acknowledged, `times` at once.
    async fn deliver(&mut self, event: &Value, times: usize) -> Played {
        let age_ms = self.now() - event["created"].as_i64().unwrap() * 1_000;
        // On the way it would cross from fresh to late.
        if age_ms < 400_000 && age_ms > 150_000 {
            self.advance(400_000 - age_ms).await;
        }
        let is_late = self.now() - event["created"].as_i64().unwrap() * 1_000 > 300_000;
        if self.plant == Some(Plant::NobodyHears) {
            return Ok(());
        }
        if times > 1 {
            let simulation = self.simulation.clone();
            let webhooks = (0..times).map(|_| simulation.webhook(event));
            let webhooks: Vec<_> = webhooks.collect();
            futures_util::future::join_all(webhooks.iter().map(|webhook| simulation.ask(webhook)))
                .await;
        }
        let answer = self.ask(|simulation| simulation.webhook(event)).await?;
        same("a webhook's answer", answer.status, 200)?;
        let object = &event["data"]["object"];
        let kind = event["type"].as_str().unwrap_or_default();
        let now = self.now();
        let is_session = kind.starts_with("checkout.session.");
        let mut recharges = self.model.recharges.iter();
        let nth = recharges.position(|recharge| match is_session {
            true => object["id"] == recharge.session.as_str(),
            false => object["payment_intent"] == recharge.intent.as_str(),
        });
        let Some(nth) = nth else { return Ok(()) };
        if is_session && object["payment_status"] == "paid" {
            self.model.hear(nth, is_late, now);
        }
        let about_taken_back = ["charge.dispute.", "charge.refund", "refund."];
        if about_taken_back
            .iter()
            .any(|prefix| kind.starts_with(prefix))
        {
            self.model.hear(nth, true, now);
        }
        Ok(())
    }

    async fn sync(&mut self, nth: usize) -> Played {
        let Some((nth, recharge)) = self.recharge(nth) else {
            return Ok(());
        };
        let (user, path) = (
            fan(recharge.fan),
            format!("/v1/recharges/{}/sync", recharge.id),
        );
        self.simulation.advance(Duration::from_secs(3)).await;
        let answer = self
            .ask(|_| Ask::new("POST", &user, &path, String::new()))
            .await?;
        same("a sync", answer.status, 200)?;
        let now = self.now();
        self.model.hear(nth, true, now);
        Ok(())
    }

    /// The reconciler decides by itself how far it looks, so what it settled is asked; what it may.
    pub(crate) async fn reconcile(&mut self) -> Played {
        if self.plant == Some(Plant::NobodyHears) {
            return Ok(());
        }
        let simulation = self.simulation.clone();
        match self.crash.take() {
            Some(at) => drop(simulation.killed_at(at, simulation.reconcile()).await),
            None => drop(simulation.reconcile().await),
        }
        let now = self.now();
        // What was settled, in the order in which it was.
        let mut settled = Vec::new();
        for nth in 0..self.model.recharges.len() {
            let stored = checks::recharge(self, nth).await;
            let known = stored.taken_back;
            let known = (i64::try_from(known.refunded).unwrap(), known.disputed);
            let recharge = &mut self.model.recharges[nth];
            if stored.is_settled() && !recharge.is_settled {
                settled.push((checks::seq_of(self, nth).await, nth));
            } else if known == recharge.taken_back {
                recharge.known = known;
            }
        }
        settled.sort_unstable();
        for (_, nth) in settled {
            if !self.model.hear(nth, true, now) {
                return Err(format!("recharge {nth} was reconciled, and was not due"));
            }
        }
        Ok(())
    }

    fn gift(&self, who: usize, key: &str, sending: &Sending) -> Ask {
        let mut body = json!({
            "gift_id": GIFTS[sending.gift].0,
            "quantity": sending.quantity,
            "creator_id": creator(sending.creator),
            "target": {"kind": "live", "id": "stream"},
        });
        if let Some(claim) = sending.claim {
            body["expected_coins"] = json!(sending.cost() + claim);
        }
        Ask::post(&fan(who), "/v1/gifts/send", key, &body)
    }

    async fn send(&mut self, who: usize, nth: usize, sending: Sending) -> Played {
        let key = key(nth);
        let before = self.now();
        let asked = self.gift(who, &key, &sending);
        let mut tries = 0;
        let forgets = self.plant == Some(Plant::KeysAreForgotten);
        let answer = self
            .ask(|_| {
                let mut asked = asked.clone();
                if forgets {
                    // Without keys each try would be another gift.
                    tries += 1;
                    asked.headers[0].1.push_str(&format!("-{before}-{tries}"));
                }
                asked
            })
            .await?;
        self.expect_sent(who, &key, sending, &answer)
    }

    fn expect_sent(&mut self, who: usize, key: &str, sending: Sending, answer: &Answer) -> Played {
        if let Some(line) = self.model.wallet(who).gift(key) {
            if line.sent != Some(sending) {
                return same(
                    "another gift of a key",
                    answer.outcome(),
                    (422, "idempotency_key_reused"),
                );
            }
            return same("a gift's replay", answer.status, 201);
        }
        let now = self.now();
        if let Some(code) = self.model.refusal(who, &sending, now) {
            return same("a refused gift", answer.outcome().1, code);
        }
        same(&format!("a gift: {}", answer.body), answer.status, 201)?;
        same("what it cost", answer.number("/coins"), sending.cost())?;
        self.model.send(who, key, sending, now);
        same(
            "what is left",
            answer.number("/balance_after"),
            self.model.wallet(who).coins(),
        )
    }

    /// Two taps at once: they come to the same as one after the other, in one order or the other.
    async fn send_twice(&mut self, who: usize, keys: (usize, usize), sending: Sending) -> Played {
        if keys.0 == keys.1 {
            return self.send(who, keys.0, sending).await;
        }
        let keys = [key(keys.0), key(keys.1)];
        let asks = keys.each_ref().map(|key| self.gift(who, key, &sending));
        let simulation = self.simulation.clone();
        futures_util::future::join_all(asks.iter().map(|ask| simulation.ask(ask))).await;
        // Which of them was first is in the entries; both ask again until they are answered.
        let mut answers = Vec::new();
        for ask in &asks {
            answers.push(self.ask(|_| ask.clone()).await?);
        }
        let mut order = [0, 1];
        order.sort_by_key(|nth| answers[*nth].body["seq"].as_i64().unwrap_or(i64::MAX));
        for nth in order {
            let (key, answer) = (&keys[nth], &answers[nth]);
            self.expect_sent(who, key, sending, answer)?;
        }
        Ok(())
    }

    async fn freeze(&mut self, who: usize, on: bool) -> Played {
        let status = if on { "frozen" } else { "active" };
        let path = format!("/v1/admin/users/{}/status", fan(who));
        let body = json!({"status": status, "reason": "a test"});
        if self.plant != Some(Plant::FreezesAreIgnored) {
            let answer = self
                .ask(|_| Ask::put("operator", &path, &body).of_operator())
                .await?;
            same("a freeze", answer.status, 200)?;
        }
        self.model.wallet(who).is_frozen = on;
        Ok(())
    }

    async fn limit(&mut self, who: usize, daily: Option<i64>) -> Played {
        let (user, body) = (fan(who), json!({"daily_coins": daily}));
        let answer = self
            .ask(|_| Ask::put(&user, "/v1/wallet/limits", &body))
            .await?;
        same("a limit", answer.status, 200)?;
        let now = self.now();
        self.model.wallet(who).daily.ask(daily, now);
        Ok(())
    }

    async fn become_creator(&mut self, who: usize) -> Played {
        let body =
            json!({"terms_version": "2026-11-01", "display_name": "Creator", "country": "US"});
        let user = creator(who);
        let answer = self.ask(|_| Ask::put(&user, "/v1/creator", &body)).await?;
        same("a new creator", answer.status, 200)?;
        self.model.creators.entry(who).or_default().exists = true;
        // Whoever looked just before may believe for a moment that there is none.
        self.simulation.advance(Duration::from_secs(31)).await;
        Ok(())
    }

    async fn pause(&mut self, who: usize, on: bool) -> Played {
        let Some(paused) = self.model.creators.get_mut(&who).filter(|it| it.exists) else {
            return Ok(());
        };
        paused.pauses = on;
        let (user, body) = (creator(who), json!({"accepting": !on}));
        let answer = self
            .ask(|_| Ask::put(&user, "/v1/creator/status", &body))
            .await?;
        same("a pause", answer.status, 200)?;
        self.simulation.advance(Duration::from_secs(31)).await;
        Ok(())
    }

    async fn block(&mut self, who: usize, blocked: usize, on: bool) -> Played {
        let Some(blocking) = self.model.creators.get_mut(&who).filter(|it| it.exists) else {
            return Ok(());
        };
        blocking.blocked.retain(|fan| *fan != blocked);
        if on {
            blocking.blocked.push(blocked);
        }
        let path = format!("/v1/creator/blocked/{}", fan(blocked));
        let (user, method) = (creator(who), if on { "PUT" } else { "DELETE" });
        let answer = self
            .ask(|_| Ask::new(method, &user, &path, String::new()))
            .await?;
        same("a block", answer.status, 200)?;
        self.simulation.advance(Duration::from_secs(31)).await;
        Ok(())
    }
}
