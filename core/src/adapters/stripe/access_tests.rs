use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use super::*;
use crate::{
    adapters::{
        SystemClock, dynamodb,
        secrets::{Fetching, SecretStore},
        stub::{Answer, Stub},
    },
    app::ports::NoMetrics,
    config::{Settings, SettingsInvalid},
};

/// A store with one secret.
#[derive(Debug)]
struct OneSecret(Mutex<&'static str>);

impl SecretStore for OneSecret {
    fn fetch<'a>(&'a self, _: &'a str) -> Fetching<'a> {
        let text = SecretString::from(*self.0.lock().unwrap());
        Box::pin(std::future::ready(Ok(text)))
    }
}

fn setup(settings: &[(&str, &str)], store: &Arc<OneSecret>, clock: &SystemClock) -> Setup {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let settings: BTreeMap<_, _> = settings.iter().map(owned).collect();
    let config = aws_sdk_dynamodb::Config::builder().behavior_version(dynamodb::behavior());
    let store = Arc::clone(store);
    Setup {
        settings: Settings::from_lookup(move |name| settings.get(name).cloned()),
        dynamodb: aws_sdk_dynamodb::Client::from_conf(config.build()),
        secrets: Some(store),
        stripe_http: None,
        metrics: Arc::new(NoMetrics),
        clock: Arc::new(clock.clone()),
    }
}

fn read(setup: &Setup) -> Result<StripeAccess, SettingsInvalid> {
    setup
        .settings
        .read(|reading| StripeAccess::read(reading, setup))
}

#[tokio::test]
async fn each_call_has_the_key_as_it_is_now() {
    let missing = || {
        Answer::Json(
            404,
            "{\"error\": {\"type\": \"invalid_request_error\"}}".into(),
        )
    };
    let stub = Stub::start(vec![missing(), missing(), missing()]).await;
    let (clock, store) = (
        SystemClock::standing(),
        Arc::new(OneSecret(Mutex::new("sk_test_old"))),
    );
    let settings = [
        ("STRIPE_API_KEY_SECRET_ID", "some/id"),
        ("STRIPE_API_BASE", stub.url.as_str()),
    ];
    let stripe = read(&setup(&settings, &store, &clock)).unwrap();
    assert_eq!(stub.asked().len(), 0);
    let id = CheckoutSessionId::try_from("cs_test_c1").unwrap();
    assert!(stripe.session(&id).await.unwrap().is_none());
    *store.0.lock().unwrap() = "rk_test_new\n";
    assert!(stripe.session(&id).await.unwrap().is_none());
    clock.advance(Duration::from_mins(2));
    assert!(stripe.session(&id).await.unwrap().is_none());
    let asked = stub.asked();
    let keys = asked
        .iter()
        .map(|asked| asked.headers["authorization"].as_str());
    let expected = [
        "Bearer sk_test_old",
        "Bearer sk_test_old",
        "Bearer rk_test_new",
    ];
    assert_eq!(keys.collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_wrong_is_told_without_the_key() {
    let (clock, store) = (
        SystemClock::standing(),
        Arc::new(OneSecret(Mutex::new("x"))),
    );
    for (settings, expected) in [
        (
            vec![("STRIPE_API_KEY", "hidden hidden")],
            "STRIPE_API_KEY: a Stripe API key is printable ASCII without spaces",
        ),
        (
            vec![
                ("STRIPE_API_KEY", "hidden"),
                ("STRIPE_API_BASE", "http://example.com"),
            ],
            "STRIPE_API_BASE: ",
        ),
        (
            vec![],
            "STRIPE_API_KEY: missing, and so is STRIPE_API_KEY_SECRET_ID",
        ),
    ] {
        let told = read(&setup(&settings, &store, &clock))
            .unwrap_err()
            .to_string();
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains("hidden"), "{told}");
    }
}
