//! What came of a run.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use serde::Serialize;

/// What came of a run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Who sent to whom.
    pub shape: String,
    /// What every chance was drawn from.
    pub seed: u64,
    /// How long gifts were sent, in milliseconds.
    pub took_ms: u64,
    /// Gifts that were acknowledged, each counted once.
    pub sent: u64,
    /// The same, by fan.
    #[serde(skip)]
    pub sent_by: BTreeMap<String, i64>,
    /// Gifts that were refused or failed, by their code.
    pub refused: BTreeMap<String, u64>,
    /// Gifts that were sent once more after their answer.
    pub replays: u64,
    /// Of those, the ones that got the same answer again, marked as a replay.
    pub replays_equal: u64,
    /// Gifts on which the client hung up before the answer, and which it sent again.
    pub lost: u64,
    /// Of those, the ones that had been stored by then.
    pub lost_but_stored: u64,
    /// What all wallets paid.
    pub coins_spent: i64,
    /// Whether each of them paid for what its fan was told was sent, at a coin each.
    pub is_exact: bool,
    /// Microseconds from asking to an answer, of those that were sent once.
    #[serde(skip)]
    pub latencies: Vec<u64>,
    /// Half of all, 95 and 99 of a hundred, and all took so many microseconds at most.
    pub percentiles_us: [u64; 4],
}

impl Report {
    /// Adds what another worker saw.
    pub(crate) fn add(&mut self, other: Self) {
        self.sent = self.sent.saturating_add(other.sent);
        self.replays = self.replays.saturating_add(other.replays);
        self.replays_equal = self.replays_equal.saturating_add(other.replays_equal);
        self.lost = self.lost.saturating_add(other.lost);
        self.lost_but_stored = self.lost_but_stored.saturating_add(other.lost_but_stored);
        for (code, count) in other.refused {
            let refused = self.refused.entry(code).or_default();
            *refused = refused.saturating_add(count);
        }
        for (fan, count) in other.sent_by {
            let sent = self.sent_by.entry(fan).or_default();
            *sent = sent.saturating_add(count);
        }
        self.latencies.extend(other.latencies);
    }

    /// Counts a gift that was acknowledged.
    pub(crate) fn acknowledge(&mut self, fan: &str) {
        self.sent = self.sent.saturating_add(1);
        let sent = self.sent_by.entry(fan.to_owned()).or_default();
        *sent = sent.saturating_add(1);
    }

    /// Counts a refusal.
    pub(crate) fn refuse(&mut self, code: String) {
        let refused = self.refused.entry(code).or_default();
        *refused = refused.saturating_add(1);
    }

    /// Once all is known: what each fan's wallet paid.
    pub(crate) fn close(&mut self, took: Duration, spent: &BTreeMap<String, i64>) {
        self.took_ms = took.as_millis().try_into().unwrap_or(u64::MAX);
        self.coins_spent = spent.values().copied().fold(0, i64::saturating_add);
        let told = |fan: &String| self.sent_by.get(fan).copied().unwrap_or(0);
        self.is_exact = spent.iter().all(|(fan, paid)| *paid == told(fan));
        self.latencies.sort_unstable();
        self.percentiles_us = [50, 95, 99, 100].map(|share| percentile(&self.latencies, share));
    }

    /// Acknowledged gifts in a second.
    #[must_use]
    pub fn per_second(&self) -> u64 {
        let sent = self.sent.saturating_mul(1_000);
        sent.checked_div(self.took_ms).unwrap_or(0)
    }

    /// For a person.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        let mut row = |what: &str, value: String| {
            let _written = writeln!(text, "{what:<34}{value:>16}");
        };
        row("shape", self.shape.clone());
        row("seed", self.seed.to_string());
        row("milliseconds", self.took_ms.to_string());
        row("gifts acknowledged", self.sent.to_string());
        row("  in a second", self.per_second().to_string());
        let [half, most, nearly_all, all] = self.percentiles_us;
        row("  p50 in microseconds", half.to_string());
        row("  p95", most.to_string());
        row("  p99", nearly_all.to_string());
        row("  the slowest", all.to_string());
        for (code, count) in &self.refused {
            row(&format!("refused: {code}"), count.to_string());
        }
        row("sent once more", self.replays.to_string());
        row("  with the same answer", self.replays_equal.to_string());
        row("hung up, and sent again", self.lost.to_string());
        row(
            "  of which were stored by then",
            self.lost_but_stored.to_string(),
        );
        row("coins that wallets paid", self.coins_spent.to_string());
        let verdict = if self.is_exact { "yes" } else { "NO" };
        row("exactly what was acknowledged", verdict.to_owned());
        text
    }
}

/// So many of a hundred are at most that long; of sorted ones.
fn percentile(sorted: &[u64], share: usize) -> u64 {
    let rank = sorted.len().saturating_mul(share).div_ceil(100);
    let at = rank.saturating_sub(1);
    sorted.get(at).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_nearest_that_was_measured() {
        let hundred: Vec<u64> = (1..=100).collect();
        let of = |sorted: &[u64]| [50, 95, 99, 100].map(|share| percentile(sorted, share));
        assert_eq!(of(&hundred), [50, 95, 99, 100]);
        assert_eq!(of(&[7]), [7; 4]);
        assert_eq!(of(&[]), [0; 4]);
    }

    #[test]
    fn a_run_is_exact_if_wallets_paid_for_what_was_acknowledged() {
        // Two gifts of one fan and one of another; the last two come to three, too.
        for (spent, is_exact) in [
            ([2, 1], true),
            ([3, 1], false),
            ([2, 0], false),
            ([1, 2], false),
            ([4, -1], false),
        ] {
            let mut report = Report::default();
            for fan in ["a", "a", "b"] {
                report.acknowledge(fan);
            }
            let paid = ["a", "b"].map(str::to_owned).into_iter().zip(spent);
            report.close(Duration::from_millis(1_500), &paid.collect());
            assert_eq!(report.is_exact, is_exact, "{spent:?}");
            assert_eq!(report.per_second(), 2);
        }
    }
}
