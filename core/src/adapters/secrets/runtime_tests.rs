use std::{
    collections::VecDeque,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use aws_sdk_dynamodb::config::BehaviorVersion;
use tokio::sync::Semaphore;

use super::{super::Fetching, *};
use crate::{
    adapters::SystemClock,
    app::ports::NoMetrics,
    config::{Settings, SettingsInvalid},
};

/// Answers what it is told, in order, one for each permit.
#[derive(Debug)]
struct FakeStore {
    answers: Mutex<VecDeque<Result<&'static str, &'static str>>>,
    asked: AtomicUsize,
    permits: Semaphore,
}

impl FakeStore {
    fn new(answers: &[Result<&'static str, &'static str>]) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.iter().copied().collect()),
            asked: AtomicUsize::new(0),
            permits: Semaphore::new(answers.len()),
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl SecretStore for FakeStore {
    fn fetch<'a>(&'a self, id: &'a str) -> Fetching<'a> {
        Box::pin(async move {
            assert_eq!(id, "some/id");
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.permits.acquire().await.unwrap().forget();
            let answer = self.answers.lock().unwrap().pop_front().unwrap();
            answer
                .map(SecretString::from)
                .map_err(|error| Outage::new("the store", error))
        })
    }
}

fn setup(
    settings: &'static [(&'static str, &'static str)],
    store: Option<Arc<FakeStore>>,
    clock: &SystemClock,
) -> Setup {
    let config = aws_sdk_dynamodb::Config::builder().behavior_version(BehaviorVersion::latest());
    let value = |name: &str| settings.iter().find(|(known, _)| *known == name);
    Setup {
        settings: Settings::from_lookup(move |name| value(name).map(|it| it.1.to_owned())),
        dynamodb: aws_sdk_dynamodb::Client::from_conf(config.build()),
        secrets: store.map(|store| -> Arc<dyn SecretStore> { store }),
        stripe_http: None,
        metrics: Arc::new(NoMetrics),
        clock: Arc::new(clock.clone()),
    }
}

fn parse(text: &str) -> Result<String, &'static str> {
    if text == "refused" {
        return Err("not that one");
    }
    Ok(format!("<{text}>"))
}

fn read(setup: &Setup) -> Result<RuntimeSecret<String>, SettingsInvalid> {
    let settings = &setup.settings;
    settings.read(|reading| RuntimeSecret::read(reading, setup, "KEY", parse))
}

fn stored(store: &Arc<FakeStore>, clock: &SystemClock) -> RuntimeSecret<String> {
    let settings = &[("KEY_SECRET_ID", "some/id")];
    read(&setup(settings, Some(Arc::clone(store)), clock)).unwrap()
}

async fn get(secret: &RuntimeSecret<String>) -> String {
    secret.get().await.unwrap().to_string()
}

fn after(clock: &SystemClock, ms: u64) {
    clock.advance(Duration::from_millis(ms));
}

#[tokio::test]
async fn exactly_one_of_the_secret_and_its_id_is_given() {
    let clock = SystemClock::standing();
    let store = FakeStore::new(&[]);
    let given = read(&setup(&[("KEY", " a ")], None, &clock)).unwrap();
    assert_eq!(get(&given).await, "<a>");
    assert_eq!(format!("{given:?}"), "RuntimeSecret(given)");
    let both: &[_] = &[("KEY", "a"), ("KEY_SECRET_ID", "some/id")];
    for (settings, store, expected) in [
        (
            both,
            Some(&store),
            "give either this or KEY_SECRET_ID, not both",
        ),
        (
            &[],
            Some(&store),
            "missing, and so is KEY_SECRET_ID: one of them is needed",
        ),
        (
            &both[1..],
            None,
            "nothing keeps secrets here, so KEY_SECRET_ID is of no use",
        ),
        (&[("KEY", "refused")], None, "not that one"),
        (
            &[("KEY", "schlüssel")],
            None,
            "it is not one line of printable ASCII",
        ),
        (
            &[("KEY", "{\"key\": 1}")],
            None,
            "it is JSON; a plain text is expected",
        ),
    ] {
        let error = read(&setup(settings, store.cloned(), &clock)).unwrap_err();
        assert_eq!(error.to_string(), format!("settings: KEY: {expected}"));
    }
    assert_eq!(store.asked(), 0);
}

#[tokio::test]
async fn a_secret_is_fetched_when_it_is_first_needed_and_again_after_two_minutes() {
    let clock = SystemClock::standing();
    let store = FakeStore::new(&[Ok("a"), Ok("b\n"), Ok("c")]);
    let secret = stored(&store, &clock);
    assert_eq!(store.asked(), 0, "not before somebody needs it");
    assert_eq!(get(&secret).await, "<a>");
    after(&clock, 119_999);
    assert_eq!((get(&secret).await.as_str(), store.asked()), ("<a>", 1));
    after(&clock, 1);
    assert_eq!((get(&secret).await.as_str(), store.asked()), ("<b>", 2));
    after(&clock, 120_000);
    assert_eq!((get(&secret).await.as_str(), store.asked()), ("<c>", 3));
}

#[tokio::test]
async fn a_value_is_made_anew_only_when_the_secret_has_changed() {
    let clock = SystemClock::standing();
    let store = FakeStore::new(&[Ok("a"), Ok("a"), Ok("b")]);
    let secret = stored(&store, &clock);
    let first = secret.get().await.unwrap();
    after(&clock, 120_000);
    let same = secret.get().await.unwrap();
    assert_eq!((Arc::ptr_eq(&first, &same), store.asked()), (true, 2));
    after(&clock, 120_000);
    let other = secret.get().await.unwrap();
    assert_eq!((first.as_str(), other.as_str()), ("<a>", "<b>"));
}

#[tokio::test]
async fn the_old_value_is_used_until_a_refresh_succeeds_tried_every_ten_seconds() {
    let clock = SystemClock::standing();
    let store = FakeStore::new(&[
        Ok("a"),
        Err("down"),
        Ok(" "),
        Ok("schlüssel"),
        Ok("refused"),
        Ok("b"),
    ]);
    let secret = stored(&store, &clock);
    assert_eq!(get(&secret).await, "<a>");
    after(&clock, 120_000);
    for asked in 2..=5 {
        assert_eq!((get(&secret).await.as_str(), store.asked()), ("<a>", asked));
        after(&clock, 9_999);
        assert_eq!((get(&secret).await.as_str(), store.asked()), ("<a>", asked));
        after(&clock, 1);
    }
    assert_eq!((get(&secret).await.as_str(), store.asked()), ("<b>", 6));
    after(&clock, 119_999);
    assert_eq!((get(&secret).await.as_str(), store.asked()), ("<b>", 6));
}

#[tokio::test]
async fn without_any_value_there_is_an_outage_until_there_is_one() {
    let clock = SystemClock::standing();
    let store = FakeStore::new(&[Err("down"), Ok("refused"), Ok("a")]);
    let secret = stored(&store, &clock);
    let causes = async || secret.get().await.unwrap_err().causes().to_string();
    assert_eq!(
        causes().await,
        "KEY is unavailable: the store is unavailable: down"
    );
    let lately = "KEY is unavailable: it could not be read a moment ago";
    assert_eq!(causes().await, lately);
    after(&clock, 1_000);
    assert_eq!(causes().await, "KEY is unavailable: not that one");
    assert_eq!((causes().await.as_str(), store.asked()), (lately, 2));
    after(&clock, 1_000);
    assert_eq!(get(&secret).await, "<a>");
}

#[tokio::test]
async fn one_fetches_while_the_others_use_the_old_value() {
    let clock = SystemClock::standing();
    let store = FakeStore::new(&[Ok("a"), Ok("b")]);
    let secret = stored(&store, &clock);
    assert_eq!(get(&secret).await, "<a>");
    after(&clock, 120_000);
    let held = store.permits.acquire().await.unwrap();
    let (first, ()) = tokio::join!(get(&secret), async {
        for _ in 0..3 {
            assert_eq!((get(&secret).await.as_str(), store.asked()), ("<a>", 2));
        }
        drop(held);
    });
    assert_eq!((first.as_str(), store.asked()), ("<b>", 2));
}

#[tokio::test]
async fn who_comes_first_fetches_for_all_who_wait() {
    let clock = SystemClock::standing();
    let store = FakeStore::new(&[Ok("a")]);
    let secret = stored(&store, &clock);
    let all = tokio::join!(get(&secret), get(&secret), get(&secret));
    assert_eq!(all, ("<a>".into(), "<a>".into(), "<a>".into()));
    assert_eq!(store.asked(), 1);

    let store = FakeStore::new(&[Err("down")]);
    let secret = stored(&store, &clock);
    let all = tokio::join!(secret.get(), secret.get(), secret.get());
    assert!(all.0.is_err() && all.1.is_err() && all.2.is_err());
    assert_eq!(store.asked(), 1, "a failure is shared, too");
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let clock = SystemClock::standing();
    let store = FakeStore::new(&[Ok("hidden")]);
    let secret = stored(&store, &clock);
    assert_eq!(get(&secret).await, "<hidden>");
    assert_eq!(format!("{secret:?}"), "RuntimeSecret(stored)");
}
