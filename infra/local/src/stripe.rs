//! Which Stripe the functions speak to. The simulator, mounted under `/stripe-sim`, stands for it:
//! what it does, it does over HTTP, with our API as anybody's. Or Stripe itself, in test mode.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use anyhow::{Context, bail};
use recharge_core::{adapters::SystemClock, app::Clock};
use stripe_sim::{Simulator, SimulatorConfig};

/// Where Stripe's events go.
pub(crate) const WEBHOOK_PATH: &str = "/v1/stripe/webhook";

/// Starts the simulator of a server at `base_url`, for the API at `api_url`.
pub(crate) async fn start(
    base_url: &str,
    api_url: &str,
    state_file: Option<PathBuf>,
    clock: SystemClock,
) -> anyhow::Result<Simulator> {
    let mut config = SimulatorConfig::new(base_url);
    config.webhook_url = Some(format!("{api_url}{WEBHOOK_PATH}"));
    config.state_file = state_file;
    config.clock = Arc::new(SharedClock(clock));
    Simulator::start(config)
        .await
        .context("the Stripe simulator does not start")
}

/// The server's own clock, so that both go forward together.
#[derive(Debug)]
struct SharedClock(SystemClock);

impl stripe_sim::Clock for SharedClock {
    fn unix_seconds(&self) -> i64 {
        self.0.now().as_second()
    }
}

/// Secrets that are needed to speak to a Stripe that runs elsewhere, and where they are found.
const NEEDED: [(&str, &str); 2] = [
    (
        "STRIPE_API_KEY",
        "a test key of your account, sk_test_… or rk_test_…",
    ),
    (
        "STRIPE_WEBHOOK_SECRETS",
        "what `stripe listen --print-secret` tells",
    ),
];

/// Checks the secrets among the settings; none of them is repeated.
///
/// # Errors
/// If one is for real money, of no use here, or missing for the Stripe at `stripe_url`.
pub(crate) fn check_secrets(
    stripe_url: Option<&str>,
    settings: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    for (name, _) in NEEDED {
        let id_name = format!("{name}_SECRET_ID");
        if settings.contains_key(&id_name) {
            bail!("setting {id_name}: no secret is fetched here; give it itself, as {name}");
        }
    }
    if let Some(key) = settings.get("STRIPE_API_KEY") {
        let kind = key.split_once('_').map_or("", |(_, kind)| kind);
        if kind.starts_with("live_") {
            bail!(
                "setting STRIPE_API_KEY: this is a live key, which moves real money; here only a \
                 test key is taken, sk_test_… or rk_test_…"
            );
        }
        if !key.starts_with("sk_test_") && !key.starts_with("rk_test_") {
            bail!("setting STRIPE_API_KEY: a test key begins with sk_test_ or rk_test_");
        }
    }
    let Some(url) = stripe_url else { return Ok(()) };
    let missing: Vec<_> = NEEDED
        .iter()
        .filter(|(name, _)| !settings.contains_key(*name))
        .map(|(name, what)| format!("{name} ({what})"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!("to speak to {url}, set {}", missing.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRIPE: Option<&str> = Some("https://api.stripe.com/");

    fn check(url: Option<&str>, settings: &[(&str, &str)]) -> String {
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        match check_secrets(url, &settings.collect()) {
            Ok(()) => "fine".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn stripe_itself_needs_both_secrets_and_the_simulator_none() {
        let webhook = ("STRIPE_WEBHOOK_SECRETS", "whsec_x");
        for key in ["sk_test_x", "rk_test_x"] {
            let key = ("STRIPE_API_KEY", key);
            assert_eq!(check(STRIPE, &[key, webhook]), "fine");
            assert!(check(STRIPE, &[key]).contains("set STRIPE_WEBHOOK_SECRETS ("));
        }
        assert!(check(STRIPE, &[webhook]).contains("set STRIPE_API_KEY ("));
        let both = check(STRIPE, &[]);
        assert!(both.contains("STRIPE_API_KEY (") && both.contains("and STRIPE_WEBHOOK_SECRETS ("));
        assert_eq!(check(None, &[]), "fine");
    }

    #[test]
    fn a_live_key_is_refused_wherever_it_would_go_and_never_repeated() {
        let webhook = ("STRIPE_WEBHOOK_SECRETS", "whsec_x");
        for url in [None, STRIPE] {
            for key in ["sk_live_hidden", "rk_live_hidden"] {
                let told = check(url, &[("STRIPE_API_KEY", key), webhook]);
                assert!(told.contains("this is a live key"), "{told}");
                assert!(!told.contains("hidden"), "{told}");
            }
            for key in ["", "hidden", "pk_test_hidden", "whsec_hidden"] {
                let told = check(url, &[("STRIPE_API_KEY", key), webhook]);
                assert!(told.contains("begins with sk_test_"), "{told}");
                assert!(!told.contains("hidden"), "{told}");
            }
        }
    }

    #[test]
    fn an_id_of_a_secret_is_of_no_use_here() {
        let told = check(None, &[("STRIPE_API_KEY_SECRET_ID", "some/id")]);
        assert!(told.contains("give it itself, as STRIPE_API_KEY"), "{told}");
    }
}
