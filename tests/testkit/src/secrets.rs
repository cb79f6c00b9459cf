//! A store of secrets that a test changes while functions run.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use recharge_core::{
    adapters::secrets::{Fetching, SecretStore},
    app::ports::Outage,
};

/// Secrets by their ids; what is not there cannot be fetched. A clone is the same store.
#[derive(Debug, Clone, Default)]
pub struct HeldSecrets(Arc<Mutex<BTreeMap<String, String>>>);

impl HeldSecrets {
    /// Changes a secret, or adds it.
    pub fn put(&self, id: &str, text: &str) {
        self.lock().insert(id.to_owned(), text.to_owned());
    }

    /// Takes a secret away: from now on its fetches fail.
    pub fn lose(&self, id: &str) {
        self.lock().remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap()
    }
}

impl SecretStore for HeldSecrets {
    fn fetch<'a>(&'a self, id: &'a str) -> Fetching<'a> {
        let found = self.lock().get(id).map(|text| text.as_str().into());
        let fetched = found.ok_or_else(|| Outage::new("the store of secrets", "it is down"));
        Box::pin(std::future::ready(fetched))
    }
}
