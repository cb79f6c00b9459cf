//! What a simulator is started with.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Uri;

use crate::clock::{Clock, SystemClock};
use crate::error::StartError;

/// The signing secret until another is set.
pub const DEFAULT_SECRET: &str = "whsec_local";

/// What a simulator is started with. Bind the port first: links need to know it.
#[derive(Clone)]
pub struct SimulatorConfig {
    /// What links begin with: `http://127.0.0.1:3000`, without a slash at the end.
    pub base_url: String,
    /// Where events go. Without one they are kept but never sent.
    pub webhook_url: Option<String>,
    /// What events are signed with; several make several `v1`.
    pub secrets: Vec<String>,
    /// Where the state is kept. Without a file it ends with the process.
    pub state_file: Option<PathBuf>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// How often events are tried.
    pub retry: RetryPolicy,
    /// How many webhooks are on their way at the same time, at least one. With one they arrive in the
    /// order in which they are sent.
    pub deliveries_at_once: usize,
    /// What the randomness of deliveries begins with, to repeat a run. Random if there is none.
    pub seed: Option<u64>,
}

impl SimulatorConfig {
    /// In memory, with the machine's clock, [`DEFAULT_SECRET`] and no webhook.
    pub fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            webhook_url: None,
            secrets: vec![DEFAULT_SECRET.to_owned()],
            state_file: None,
            clock: Arc::new(SystemClock),
            retry: RetryPolicy::default(),
            deliveries_at_once: 8,
            seed: None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), StartError> {
        let refused = |setting, reason: &str| {
            Err(StartError::Setting {
                setting,
                reason: reason.to_owned(),
            })
        };
        if !is_http(&self.base_url) || self.base_url.ends_with('/') {
            return refused(
                "base_url",
                "it must be an http address without a slash at the end",
            );
        }
        if self.webhook_url.as_deref().is_some_and(|url| !is_http(url)) {
            // Events go over loopback: the client is built without TLS.
            return refused("webhook_url", "it must be an http address");
        }
        if let Err(reason) = check_secrets(&self.secrets) {
            return refused("secrets", reason);
        }
        if self.deliveries_at_once == 0 {
            return refused("deliveries_at_once", "it must be at least one");
        }
        Ok(())
    }
}

impl fmt::Debug for SimulatorConfig {
    // By hand, so that secrets never reach a log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SimulatorConfig")
            .field("base_url", &self.base_url)
            .field("webhook_url", &self.webhook_url)
            .field("secrets", &self.secrets.len())
            .field("state_file", &self.state_file)
            .field("retry", &self.retry)
            .field("deliveries_at_once", &self.deliveries_at_once)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// How often an event is tried, and how far apart.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// The pause after the first failure; it doubles with each further one.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// After so many failures only `deliver` sends the event.
    pub attempts_max: u32,
}

impl Default for RetryPolicy {
    /// Half a second, then up to half a minute apart, for about two hours.
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            attempts_max: 250,
        }
    }
}

impl RetryPolicy {
    /// The pause after this many failures.
    pub(crate) fn pause_after(self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.first_pause
            .saturating_mul(factor)
            .min(self.longest_pause)
    }
}

/// One to ten secrets of reasonable length.
pub(crate) fn check_secrets(secrets: &[String]) -> Result<(), &'static str> {
    if secrets.is_empty() || secrets.len() > 10 {
        return Err("there must be one to ten secrets");
    }
    if secrets
        .iter()
        .any(|secret| secret.is_empty() || secret.len() > 256)
    {
        return Err("a secret must have 1 to 256 characters");
    }
    Ok(())
}

fn is_http(url: &str) -> bool {
    url.parse::<Uri>()
        .is_ok_and(|uri| uri.scheme_str() == Some("http") && uri.host().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = RetryPolicy::default();
        for (failures, milliseconds) in
            [(1, 500), (2, 1_000), (3, 2_000), (7, 30_000), (250, 30_000)]
        {
            assert_eq!(
                policy.pause_after(failures),
                Duration::from_millis(milliseconds)
            );
        }
    }

    #[test]
    fn unusable_settings_are_named() {
        type Spoil = fn(&mut SimulatorConfig);
        let cases: [(Spoil, &str); 6] = [
            (|c| c.base_url = "127.0.0.1:3000".into(), "base_url"),
            (|c| c.base_url.push('/'), "base_url"),
            (
                |c| c.webhook_url = Some("https://example.com".into()),
                "webhook_url",
            ),
            (|c| c.secrets.clear(), "secrets"),
            (|c| c.secrets.push(String::new()), "secrets"),
            (|c| c.deliveries_at_once = 0, "deliveries_at_once"),
        ];
        for (spoil, expected) in cases {
            let mut config = SimulatorConfig::new("http://127.0.0.1:3000");
            assert!(config.check().is_ok());
            spoil(&mut config);
            assert!(
                matches!(config.check(), Err(StartError::Setting { setting, .. }) if setting == expected)
            );
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", SimulatorConfig::new("http://127.0.0.1:3000"));
        assert!(!shown.contains(DEFAULT_SECRET));
    }
}
