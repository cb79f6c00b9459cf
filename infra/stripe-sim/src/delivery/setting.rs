//! How webhooks are delivered: what a test can make of the network between Stripe and its endpoint.

use std::fmt;

use serde::Serialize;

use crate::config::check_secrets;
use crate::error::ApiError;
use crate::hub::Inner;
use crate::model::{Delivery, DeliveryStatus};
use crate::state::Change;

/// More copies would say nothing new.
const MAX_DUPLICATES: u32 = 100;

/// How webhooks are delivered. It ends with the process.
#[derive(Clone, PartialEq, Serialize)]
pub struct DeliverySetting {
    /// How many extra copies of each event are sent with every try, each signed by itself; at most 100.
    /// A try is acknowledged when all of its copies are.
    pub duplicates: u32,
    /// Whether events that are due together are sent in random order.
    pub shuffle: bool,
    /// The share of the events that happen from now on that is never sent, from 0.0 to 1.0.
    pub lose: f64,
    /// Whether events wait for `deliver`.
    pub hold: bool,
    /// What events are signed with; several make several `v1`.
    pub secrets: Vec<String>,
}

impl DeliverySetting {
    /// Each event once, in order, at once.
    #[must_use]
    pub fn new(secrets: Vec<String>) -> Self {
        Self {
            duplicates: 0,
            shuffle: false,
            lose: 0.0,
            hold: false,
            secrets,
        }
    }

    /// What is wrong with it, if something is.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        if self.duplicates > MAX_DUPLICATES {
            let message = format!("There can be at most {MAX_DUPLICATES} duplicates.");
            return Err(ApiError::invalid(message).param("duplicates"));
        }
        if !(0.0..=1.0).contains(&self.lose) {
            return Err(ApiError::invalid("The share to lose is from 0.0 to 1.0.").param("lose"));
        }
        check_secrets(&self.secrets).map_err(|reason| ApiError::invalid(reason).param("secrets"))
    }
}

impl fmt::Debug for DeliverySetting {
    // By hand, so that secrets never reach a log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DeliverySetting")
            .field("duplicates", &self.duplicates)
            .field("shuffle", &self.shuffle)
            .field("lose", &self.lose)
            .field("hold", &self.hold)
            .field("secrets", &self.secrets.len())
            .finish()
    }
}

/// Turning the hold on also holds what waits for its next try; turning it off sends nothing.
pub(crate) fn set(inner: &mut Inner, setting: DeliverySetting) {
    let hold = setting.hold;
    inner.delivery = setting;
    if !hold {
        return;
    }
    let pending: Vec<(String, Delivery)> = inner
        .world
        .pending()
        .map(|event| (event.id.clone(), event.delivery.clone()))
        .collect();
    for (event, mut delivery) in pending {
        delivery.status = DeliveryStatus::Held;
        // Not in the file: after a restart held events are due, like all others.
        inner.world.apply(Change::Delivery { event, delivery });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_range_is_named() {
        type Spoil = fn(&mut DeliverySetting);
        let cases: [(Spoil, &str); 5] = [
            (|s| s.duplicates = 101, "duplicates"),
            (|s| s.lose = 1.001, "lose"),
            (|s| s.lose = -0.001, "lose"),
            (|s| s.lose = f64::NAN, "lose"),
            (|s| s.secrets.clear(), "secrets"),
        ];
        for (spoil, expected) in cases {
            let mut setting = DeliverySetting::new(vec!["whsec_marker".into()]);
            assert!(setting.check().is_ok());
            spoil(&mut setting);
            let error = setting.check().unwrap_err();
            assert_eq!(error.body()["error"]["param"], expected);
            assert!(!format!("{setting:?}").contains("marker"));
        }
    }
}
