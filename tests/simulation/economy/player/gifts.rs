//! Gifts, and what stands in their way.

use std::time::Duration;

use recharge_testkit::{Answer, simulation::Ask};
use serde_json::json;

use super::{Played, Player, creator, fan, key, same};
use crate::economy::{
    model::{GIFTS, Sending},
    plants::Plant,
};

impl Player {
    pub(super) fn gift(&self, who: usize, key: &str, sending: &Sending) -> Ask {
        let kind = if sending.is_video { "video" } else { "live" };
        let mut body = json!({
            "gift_id": GIFTS[sending.gift].0,
            "quantity": sending.quantity,
            "creator_id": creator(sending.creator),
            "target": {"kind": kind, "id": "target"},
        });
        if let Some(claim) = sending.claim {
            body["expected_coins"] = json!(sending.cost() + claim);
        }
        Ask::post(&fan(who), "/v1/gifts/send", key, &body)
    }

    pub(super) async fn send(&mut self, who: usize, nth: usize, sending: Sending) -> Played {
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

    pub(super) fn expect_sent(
        &mut self,
        who: usize,
        key: &str,
        sending: Sending,
        answer: &Answer,
    ) -> Played {
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
    pub(super) async fn send_twice(
        &mut self,
        who: usize,
        keys: (usize, usize),
        sending: Sending,
    ) -> Played {
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

    pub(super) async fn freeze(&mut self, who: usize, on: bool) -> Played {
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

    pub(super) async fn limit(
        &mut self,
        who: usize,
        daily: Option<i64>,
        monthly: Option<i64>,
    ) -> Played {
        let body = json!({"daily_coins": daily, "monthly_coins": monthly});
        let user = fan(who);
        let answer = self
            .ask(|_| Ask::put(&user, "/v1/wallet/limits", &body))
            .await?;
        same("a limit", answer.status, 200)?;
        let now = self.now();
        let wallet = self.model.wallet(who);
        wallet.daily.ask(daily, now);
        wallet.monthly.ask(monthly, now);
        Ok(())
    }

    pub(super) async fn become_creator(&mut self, who: usize) -> Played {
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

    pub(super) async fn pause(&mut self, who: usize, on: bool) -> Played {
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

    pub(super) async fn block(&mut self, who: usize, blocked: usize, on: bool) -> Played {
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
