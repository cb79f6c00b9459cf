//! A secret that is kept for a while, and fetched again.

use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use super::SecretStore;
use crate::{
    adapters::Setup,
    app::{Clock, ports::Outage},
    config::Reading,
};

/// How long a fetched value is used: after so long at most, a changed secret is in use.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(120);
/// How long the old value is used before a refresh that failed is tried again.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(10);
/// The same where there is no old value: all that can be done meanwhile is to refuse. Those who
/// waited for the fetch that failed do not each try another.
const FIRST_RETRY_AFTER: SignedDuration = SignedDuration::from_secs(1);

/// A secret, parsed into what it is used as: given by a setting, or named by one and fetched
/// when it is first needed, then every two minutes. The value never changes under somebody who
/// holds it; a new one is seen by the next [`RuntimeSecret::get`].
pub struct RuntimeSecret<T>(Source<T>);

enum Source<T> {
    Given(Arc<T>),
    Stored(Stored<T>),
}

/// Makes a secret into what it is used as.
type Parse<T> = Box<dyn Fn(&str) -> Result<T, String> + Send + Sync>;

struct Stored<T> {
    name: &'static str,
    id: String,
    store: Arc<dyn SecretStore>,
    clock: Arc<dyn Clock>,
    parse: Parse<T>,
    state: Mutex<State<T>>,
    /// Held by whoever fetches.
    fetching: tokio::sync::Mutex<()>,
}

struct State<T> {
    known: Option<Known<T>>,
    /// When the store was asked last, and for how long that will do.
    asked: Option<(Timestamp, SignedDuration)>,
}

/// The text is kept so that a value is made anew only when it has changed.
struct Known<T> {
    text: SecretString,
    value: Arc<T>,
}

impl<T> RuntimeSecret<T> {
    /// Reads the setting `name`, which is the secret itself, or `<name>_SECRET_ID`, under which
    /// the store has it: exactly one of them.
    ///
    /// What `parse` says of a secret that it refuses must not repeat it.
    pub fn read<E: fmt::Display>(
        reading: &mut Reading<'_>,
        setup: &Setup,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, E> + Send + Sync + 'static,
    ) -> Option<Self> {
        let parse = move |text: &str| {
            checked(text)?;
            parse(text).map_err(|problem| problem.to_string())
        };
        let id_name = format!("{name}_SECRET_ID");
        let given = reading.optional(name, |text| Ok::<_, Infallible>(SecretString::from(text)));
        let id = reading.optional(&id_name, |text| Ok::<_, Infallible>(text.to_owned()));
        let problem = match (given, id, &setup.secrets) {
            (Some(given), None, _) => match parse(given.expose_secret()) {
                Ok(value) => return Some(Self(Source::Given(Arc::new(value)))),
                Err(problem) => problem,
            },
            (None, Some(id), Some(store)) => {
                let (store, clock) = (Arc::clone(store), Arc::clone(&setup.clock));
                let stored = Stored::new(name, id, store, clock, Box::new(parse));
                return Some(Self(Source::Stored(stored)));
            }
            (None, Some(_), None) => {
                format!("nothing keeps secrets here, so {id_name} is of no use")
            }
            (Some(_), Some(_), _) => format!("give either this or {id_name}, not both"),
            (None, None, _) => format!("missing, and so is {id_name}: one of them is needed"),
        };
        reading.mistake(name, problem);
        None
    }

    /// What the secret is now, or was two minutes ago at most; older only while it cannot be
    /// fetched.
    ///
    /// # Errors
    /// [`Outage`] if it could not be fetched and never was.
    pub async fn get(&self) -> Result<Arc<T>, Outage> {
        match &self.0 {
            Source::Given(value) => Ok(Arc::clone(value)),
            Source::Stored(stored) => stored.get().await,
        }
    }
}

impl<T> fmt::Debug for RuntimeSecret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.0 {
            Source::Given(_) => "RuntimeSecret(given)",
            Source::Stored(_) => "RuntimeSecret(stored)",
        })
    }
}

impl<T> Stored<T> {
    fn new(
        name: &'static str,
        id: String,
        store: Arc<dyn SecretStore>,
        clock: Arc<dyn Clock>,
        parse: Parse<T>,
    ) -> Self {
        let state = State {
            known: None,
            asked: None,
        };
        Self {
            name,
            id,
            store,
            clock,
            parse,
            state: Mutex::new(state),
            fetching: tokio::sync::Mutex::new(()),
        }
    }

    async fn get(&self) -> Result<Arc<T>, Outage> {
        if let Some(settled) = self.settled() {
            return settled;
        }
        let known = self.known();
        let _fetching = match (self.fetching.try_lock(), known) {
            (Ok(fetching), _) => fetching,
            (Err(_), Some((_, old))) => return Ok(old),
            (Err(_), None) => self.fetching.lock().await,
        };
        // Somebody else may have fetched it before the lock was ours.
        match self.settled() {
            Some(settled) => settled,
            None => self.fetch().await,
        }
    }

    /// What is to be answered without asking, if the store was asked lately.
    fn settled(&self) -> Option<Result<Arc<T>, Outage>> {
        let state = self.lock();
        let (asked_at, will_do_for) = state.asked?;
        let age = self.clock.now().duration_since(asked_at);
        // A clock that was set back makes the age negative: then nothing is known of it.
        if !(SignedDuration::ZERO..will_do_for).contains(&age) {
            return None;
        }
        let known = state.known.as_ref().map(|known| Arc::clone(&known.value));
        Some(known.ok_or_else(|| Outage::new(self.name, "it could not be read a moment ago")))
    }

    async fn fetch(&self) -> Result<Arc<T>, Outage> {
        let fetched = match self.store.fetch(&self.id).await {
            Ok(text) => self.accept(&text),
            Err(outage) => Err(Outage::new(self.name, outage)),
        };
        let now = self.clock.now();
        let mut state = self.lock();
        match (fetched, &state.known) {
            (Ok(known), _) => {
                let value = Arc::clone(&known.value);
                state.known = Some(known);
                state.asked = Some((now, FRESH_FOR));
                Ok(value)
            }
            (Err(outage), Some(old)) => {
                let old = Arc::clone(&old.value);
                state.asked = Some((now, RETRY_AFTER));
                let cause = outage.causes();
                tracing::warn!(secret = self.name, %cause, "a secret was not read again; the old one is used");
                Ok(old)
            }
            (Err(outage), None) => {
                state.asked = Some((now, FIRST_RETRY_AFTER));
                Err(outage)
            }
        }
    }

    /// What a fetched text is; the same value as before if it is the same text.
    fn accept(&self, text: &SecretString) -> Result<Known<T>, Outage> {
        let text = SecretString::from(text.expose_secret().trim());
        let value = match self.known() {
            Some((known, value)) if known.expose_secret() == text.expose_secret() => value,
            _ => {
                let made = (self.parse)(text.expose_secret());
                Arc::new(made.map_err(|problem| Outage::new(self.name, problem))?)
            }
        };
        Ok(Known { text, value })
    }

    fn known(&self) -> Option<(SecretString, Arc<T>)> {
        let state = self.lock();
        let known = state.known.as_ref()?;
        Some((known.text.clone(), Arc::clone(&known.value)))
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What no secret of ours is. An object is what Secrets Manager's console makes by itself.
fn checked(text: &str) -> Result<(), String> {
    let problem = if text.is_empty() {
        "it is empty"
    } else if !text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ')
    {
        "it is not one line of printable ASCII"
    } else if text.starts_with(['{', '[', '"']) {
        "it is JSON; a plain text is expected"
    } else {
        return Ok(());
    };
    Err(problem.to_owned())
}

#[cfg(test)]
#[path = "runtime_tests.rs"]
mod tests;
