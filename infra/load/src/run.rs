//! Sends gifts until there were enough of them, or enough time.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use fastrand::Rng;

use crate::{
    LoadArguments, Players, Report, Shape,
    client::{Answer, Api, Ask},
};

/// What all workers share.
#[derive(Debug)]
struct Run {
    api: Api,
    players: Players,
    arguments: LoadArguments,
    seed: u64,
    next: AtomicU32,
    began: Instant,
    /// So that no run meets another's keys.
    name: String,
}

/// Sends gifts as `arguments` say, and asks every wallet before and after.
///
/// # Errors
/// If the wallets cannot be read. What becomes of a gift is no error but in the report.
pub async fn drive(arguments: &LoadArguments, players: Players) -> anyhow::Result<Report> {
    let api = Api::new(&arguments.base_url)?;
    let before = coins(&api, &players).await?;
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    let run = Arc::new(Run {
        api: api.clone(),
        players: players.clone(),
        arguments: arguments.clone(),
        seed,
        next: AtomicU32::new(0),
        began: Instant::now(),
        name: format!("load-{:016x}", fastrand::u64(..)),
    });
    let workers = (0..arguments.concurrency).map(|_| {
        let run = Arc::clone(&run);
        tokio::spawn(async move { run.work().await })
    });
    let workers: Vec<_> = workers.collect();
    let mut report = Report {
        shape: arguments.shape.name().to_owned(),
        seed,
        ..Report::default()
    };
    for worker in workers {
        report.add(worker.await?);
    }
    let took = run.began.elapsed();
    let after = coins(&api, &players).await?;
    let paid = before.into_iter().map(|(fan, held)| {
        let left = after.get(&fan).copied().unwrap_or(0);
        (fan, held.saturating_sub(left))
    });
    report.close(took, &paid.collect());
    Ok(report)
}

/// What each fan holds.
async fn coins(api: &Api, players: &Players) -> anyhow::Result<BTreeMap<String, i64>> {
    let mut held = BTreeMap::new();
    for fan in &players.fans {
        held.insert(fan.user.clone(), api.coins(fan).await?);
    }
    Ok(held)
}

impl Run {
    /// One gift after the other.
    async fn work(&self) -> Report {
        let mut report = Report::default();
        let time = Duration::from_secs(self.arguments.seconds);
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.arguments.requests || self.began.elapsed() >= time {
                return report;
            }
            // Every gift has chances of its own, whoever sends it.
            let mut chance = Rng::with_seed(self.seed.wrapping_add(number.into()));
            let key = format!("{}-{number}", self.name);
            let Some((fan, creator)) = self.choose(&mut chance) else {
                return report;
            };
            let ask = Ask {
                fan,
                creator,
                key: &key,
            };
            self.gift(ask, &mut chance, &mut report).await;
        }
    }

    fn choose(&self, chance: &mut Rng) -> Option<(&crate::Fan, &str)> {
        let Players { fans, creators } = &self.players;
        let (fan, creator) = match self.arguments.shape {
            Shape::Uniform => (chance.choice(fans)?, chance.choice(creators)?),
            Shape::HotCreator => (chance.choice(fans)?, creators.first()?),
            Shape::HotFan => (fans.first()?, chance.choice(creators)?),
        };
        Some((fan, creator))
    }

    /// Sends a gift, in one of three ways.
    async fn gift(&self, ask: Ask<'_>, chance: &mut Rng, report: &mut Report) {
        let way = chance.u32(0..100);
        let (lost, replays) = (self.arguments.lost, self.arguments.replays);
        if way < lost {
            self.hang_up(ask, chance).await;
            report.lost = report.lost.saturating_add(1);
            // Nobody knows what became of it. Asked once more it must be there once.
            if let Some(answer) = self.settled(ask, report).await
                && answer.is_replay
            {
                report.lost_but_stored = report.lost_but_stored.saturating_add(1);
            }
            return;
        }
        let asked = Instant::now();
        let Some(first) = self.settled(ask, report).await else {
            return;
        };
        let took = asked.elapsed().as_micros();
        report.latencies.push(took.try_into().unwrap_or(u64::MAX));
        if way < lost.saturating_add(replays) {
            report.replays = report.replays.saturating_add(1);
            match self.api.send(ask).await {
                Ok(again)
                    if again.is_replay && (again.status, &again.body) == (201, &first.body) =>
                {
                    report.replays_equal = report.replays_equal.saturating_add(1);
                }
                Ok(other) => report.refuse(format!("replay: {}", other.code())),
                Err(_) => report.refuse("replay: no answer".to_owned()),
            }
        }
    }

    /// Sends it and counts what came of it; its answer, if it was acknowledged.
    async fn settled(&self, ask: Ask<'_>, report: &mut Report) -> Option<Answer> {
        match self.api.send(ask).await {
            Ok(answer) if answer.status == 201 => {
                report.acknowledge(&ask.fan.user);
                return Some(answer);
            }
            Ok(answer) => report.refuse(answer.code()),
            Err(_) => report.refuse("no answer".to_owned()),
        }
        None
    }

    /// Begins to send it, and leaves within the time that an answer takes.
    async fn hang_up(&self, ask: Ask<'_>, chance: &mut Rng) {
        let patience = Duration::from_micros(chance.u64(200..20_000));
        let _answer = tokio::time::timeout(patience, self.api.send(ask)).await;
    }
}
