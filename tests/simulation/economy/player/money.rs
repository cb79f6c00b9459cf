//! Buying: what fans, banks and Stripe do.

use std::time::Duration;

use recharge_testkit::simulation::Ask;
use serde_json::{Value, json};
use stripe_sim::{Outcome, Resolution, Verdict};

use super::{Played, Player, fan, key, same};
use crate::economy::{
    checks,
    model::{GOODS, Goods, Money, Recharge},
    plants::Plant,
    step::Pay,
};

impl Player {
    pub(super) async fn buy(&mut self, who: usize, nth: usize, goods: usize) -> Played {
        let Goods {
            package,
            coins,
            price,
            currency,
        } = GOODS[goods];
        let mut body = json!({"currency": currency, "terms_version": "2026-11-01"});
        match package {
            Some(package) => body["package_id"] = json!(package),
            None => body["coins"] = json!(coins),
        }
        let (user, key) = (fan(who), key(nth));
        let answer = self
            .ask(|_| Ask::post(&user, "/v1/recharges", &key, &body))
            .await?;
        let mut recharges = self.model.recharges.iter();
        let existing = recharges.find(|recharge| (recharge.fan, recharge.key) == (who, nth));
        if let Some(existing) = existing {
            if existing.goods != goods {
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
        same(
            "its coins",
            answer.number("/coins") + answer.number("/bonus_coins"),
            coins,
        )?;
        same("its price", answer.number("/price/amount"), price)?;
        let told = answer.body["price"]["currency"].as_str();
        same("its currency", told, Some(currency))?;
        self.model.recharges.push(Recharge {
            fan: who,
            key: nth,
            goods,
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
    pub(super) fn recharge(&mut self, nth: usize) -> Option<(usize, &mut Recharge)> {
        let count = self.model.recharges.len();
        let nth = nth.checked_rem(count)?;
        Some((nth, &mut self.model.recharges[nth]))
    }

    /// What Stripe refuses, nobody did.
    pub(super) fn pay(&mut self, nth: usize, how: Pay) {
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

    pub(super) fn resolve(&mut self, nth: usize, arrives: bool) {
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

    pub(super) fn refund(&mut self, nth: usize, cents: i64) {
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

    pub(super) fn dispute(&mut self, nth: usize) {
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

    pub(super) fn close_dispute(&mut self, nth: usize, won: bool) {
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

    pub(super) async fn deliver_nth(&mut self, nth: usize, times: usize) -> Played {
        let events = self.simulation.stripe().events();
        let Some(nth) = nth.checked_rem(events.len()) else {
            return Ok(());
        };
        // The newest are the most interesting.
        self.deliver(&events[events.len() - 1 - nth], times).await
    }

    /// Delivers an event until it is acknowledged, `times` at once.
    pub(super) async fn deliver(&mut self, event: &Value, times: usize) -> Played {
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

    pub(super) async fn sync(&mut self, nth: usize) -> Played {
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
}
