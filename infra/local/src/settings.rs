//! The settings that the functions get here, under the names that they have in Lambda.

use std::collections::BTreeMap;

use anyhow::bail;
use recharge_core::config::Settings;

use crate::{stripe, template::Template};

/// Where apps may sell coins, for trying things: the rules of the stores are for lawyers.
const RECHARGE_CHANNELS: &str = r#"[
    {"platform": "web", "storefronts": [], "channel": "stripe_web"},
    {"platform": "ios", "storefronts": ["US"], "channel": "stripe_web"},
    {"platform": "ios", "storefronts": [], "channel": "store_only"},
    {"platform": "android", "storefronts": ["US"], "channel": "stripe_web"},
    {"platform": "android", "storefronts": [], "channel": "store_only"}
]"#;

/// Settings that are the same on every start.
const FIXED: [(&str, &str); 15] = [
    ("JWT_AUDIENCE", "recharge"),
    ("STRIPE_API_KEY", "sk_test_local"),
    ("STRIPE_WEBHOOK_SECRETS", "whsec_local"),
    ("STRIPE_LIVEMODE", "false"),
    ("FIRST_RECHARGE_BONUS_COINS", "0"),
    ("TERMS_VERSION", "2026-11-01"),
    ("CURRENCIES", "usd,eur,gbp,brl,jpy"),
    ("DIAMOND_RATES", "usd:500,eur:460,gbp:400,brl:2700,jpy:750"),
    ("RECHARGE_CHANNELS", RECHARGE_CHANNELS),
    ("MIN_APP_VERSION_IOS", "1.0.0"),
    ("MIN_APP_VERSION_ANDROID", "1.0.0"),
    ("MIN_APP_VERSION_WEB", "1.0.0"),
    ("MAX_QUANTITY", "9999"),
    ("GIFTS_PER_MINUTE", "1000"),
    ("RECHARGES_PER_MINUTE", "60"),
];

/// What is known only once the server starts.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) port: u16,
    pub(crate) ledger_table: &'a str,
    pub(crate) views_table: &'a str,
    pub(crate) dynamodb_endpoint: &'a str,
    pub(crate) stripe_url: Option<&'a str>,
    pub(crate) api_url: Option<&'a str>,
    pub(crate) jwks: String,
    pub(crate) cursor_secret: String,
}

/// Every setting by name.
#[derive(Clone)]
pub(crate) struct LocalSettings(BTreeMap<String, String>);

impl LocalSettings {
    /// Our own, under the overrides.
    ///
    /// # Errors
    /// If an override is one that template.yaml gives to no function, because it would do nothing;
    /// if one is a secret that is not for this server, or a needed one is missing.
    pub(crate) fn new(
        facts: Facts<'_>,
        template: &Template,
        overrides: &BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        let declared = template.variables();
        if let Some(name) = overrides
            .keys()
            .find(|name| !declared.contains(name.as_str()))
        {
            bail!("setting {name}: template.yaml gives no function such a variable");
        }
        stripe::check_secrets(facts.stripe_url, overrides)?;
        let port = facts.port;
        let base_url = base_url(port);
        // What follows from a setting follows from its override, too.
        let public_url = overrides.get("PUBLIC_URL").cloned();
        let public_url =
            public_url.unwrap_or_else(|| facts.api_url.unwrap_or(&base_url).to_owned());
        let mut settings = BTreeMap::from(FIXED.map(|(name, value)| (name, value.to_owned())));
        settings.extend([
            ("JWT_ISSUER", public_url.clone()),
            ("PUBLIC_URL", public_url.clone()),
            (
                "RETURN_URL_ORIGINS",
                format!("{},http://localhost:{port}", origin(&public_url)),
            ),
            ("APP_LINK", format!("{public_url}/?recharge={{id}}")),
            (
                "STRIPE_API_BASE",
                facts
                    .stripe_url
                    .map_or_else(|| format!("{base_url}/stripe-sim"), str::to_owned),
            ),
            ("LEDGER_TABLE", facts.ledger_table.to_owned()),
            ("VIEWS_TABLE", facts.views_table.to_owned()),
            ("DYNAMODB_ENDPOINT", facts.dynamodb_endpoint.to_owned()),
            ("JWT_JWKS", facts.jwks),
            ("CURSOR_SECRETS", facts.cursor_secret),
        ]);
        let mut settings: BTreeMap<String, String> = settings
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        settings.extend(overrides.clone());
        Ok(Self(settings))
    }

    /// One of them.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// What one function of the template is given.
    pub(crate) fn of_function(&self, template: &Template, name: &str) -> Settings {
        let function = template
            .functions()
            .iter()
            .find(|function| function.name == name);
        self.only(|name| function.is_some_and(|function| function.variables.contains(name)))
    }

    /// All of them.
    pub(crate) fn all(&self) -> Settings {
        self.only(|_| true)
    }

    fn only(&self, wanted: impl Fn(&str) -> bool) -> Settings {
        let mut settings = self.0.clone();
        settings.retain(|name, _| wanted(name));
        Settings::from_lookup(move |name| settings.get(name).cloned())
    }
}

/// Where the server is.
pub(crate) fn base_url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at.saturating_add(3));
    let end = url.get(host..).and_then(|rest| rest.find('/'));
    end.and_then(|end| url.get(..host.saturating_add(end)))
        .unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(overrides: &[(&str, &str)]) -> anyhow::Result<LocalSettings> {
        settings_at(None, overrides)
    }

    fn settings_at(
        api_url: Option<&str>,
        overrides: &[(&str, &str)],
    ) -> anyhow::Result<LocalSettings> {
        let facts = Facts {
            port: 3000,
            ledger_table: "recharge-ledger",
            views_table: "recharge-views",
            dynamodb_endpoint: "http://127.0.0.1:8000",
            stripe_url: None,
            api_url,
            jwks: "{}".to_owned(),
            cursor_secret: "secret".to_owned(),
        };
        let overrides = overrides
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        LocalSettings::new(facts, &Template::built_in().unwrap(), &overrides.collect())
    }

    #[test]
    fn every_variable_of_the_template_has_a_value_here() {
        let settings = settings(&[]).unwrap();
        for name in Template::built_in().unwrap().variables() {
            // Secrets are given themselves here, and not by their id; and nothing is counted.
            let is_empty = name.ends_with("_SECRET_ID") || name == "METRICS_NAMESPACE";
            assert_eq!(settings.get(name).is_empty(), is_empty, "{name}");
        }
    }

    #[test]
    fn a_function_is_given_only_what_the_template_gives_it() {
        let (settings, template) = (settings(&[]).unwrap(), Template::built_in().unwrap());
        let read = |function: &str, name: &str| {
            settings
                .of_function(&template, function)
                .read(|reading| reading.text(name))
        };
        assert_eq!(read("gifts", "LEDGER_TABLE").unwrap(), "recharge-ledger");
        assert!(read("gifts", "STRIPE_API_KEY").is_err());
    }

    #[test]
    fn an_override_wins_and_takes_with_it_what_follows() {
        let settings = settings(&[("PUBLIC_URL", "https://x.example/a"), ("CURRENCIES", "usd")]);
        let settings = settings.unwrap();
        assert_eq!(settings.get("CURRENCIES"), "usd");
        assert_eq!(settings.get("JWT_ISSUER"), "https://x.example/a");
        let origins = "https://x.example,http://localhost:3000";
        assert_eq!(settings.get("RETURN_URL_ORIGINS"), origins);
        assert_eq!(
            settings.get("STRIPE_API_BASE"),
            "http://127.0.0.1:3000/stripe-sim"
        );
    }

    #[test]
    fn another_front_door_is_where_buyers_come_back_to_and_whose_tokens_count() {
        let api = Some("http://127.0.0.1:3001");
        let plain = settings_at(api, &[]).unwrap();
        assert_eq!(plain.get("PUBLIC_URL"), "http://127.0.0.1:3001");
        assert_eq!(plain.get("JWT_ISSUER"), "http://127.0.0.1:3001");
        // The simulator stays where it is.
        assert_eq!(
            plain.get("STRIPE_API_BASE"),
            "http://127.0.0.1:3000/stripe-sim"
        );
        let overridden = settings_at(api, &[("PUBLIC_URL", "https://x.example")]).unwrap();
        assert_eq!(overridden.get("PUBLIC_URL"), "https://x.example");
    }

    #[test]
    fn an_override_that_would_do_nothing_is_refused() {
        let error = settings(&[("CURENCIES", "usd")])
            .map(drop)
            .unwrap_err()
            .to_string();
        assert!(error.contains("CURENCIES"), "{error}");
    }
}
