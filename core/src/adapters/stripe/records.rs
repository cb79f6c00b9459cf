//! Asks Stripe what is true of sessions and payments.
//!
//! Unlike the generated types of async-stripe, ours read only what we use, and nearly all of it
//! may be absent: what Stripe adds or drops elsewhere must not cost a paid recharge.

mod wire;

use std::time::Duration;

use jiff::Timestamp;
use miniserde::Deserialize;
use stripe::{RequestStrategy, StripeError};
use stripe_client_core::{CustomizableStripeRequest, RequestBuilder, StripeMethod};

use super::{
    StripePayments,
    checkout::{WAIT_JITTER, WAIT_MIN, WHAT},
    failure::Failure,
};
use crate::{
    app::ports::{Outage, PaymentRecords, PaymentReport, SessionPage},
    domain::{CheckoutSessionId, PaymentIntentId, SessionReport, TakenBack},
};

/// Stripe's own maximum.
const PAGE_SIZE: &str = "100";

impl PaymentRecords for StripePayments {
    async fn session(&self, id: &CheckoutSessionId) -> Result<Option<SessionReport>, Outage> {
        let path = format!("/checkout/sessions/{id}");
        let expand = [("expand[]", "payment_intent.latest_charge")];
        let Some(found) = self.get::<wire::Session>(&path, &expand).await? else {
            return Ok(None);
        };
        Ok(Some(self.report(found).await?))
    }

    async fn sessions(
        &self,
        from: Timestamp,
        after: Option<&CheckoutSessionId>,
    ) -> Result<SessionPage, Outage> {
        let from = from.as_second().to_string();
        let mut query = vec![
            ("limit", PAGE_SIZE),
            ("created[gte]", from.as_str()),
            ("expand[]", "data.payment_intent.latest_charge"),
        ];
        query.extend(after.map(|after| ("starting_after", after.as_str())));
        let list: wire::List<wire::Session> = self
            .get("/checkout/sessions", &query)
            .await?
            .ok_or_else(|| Outage::new(WHAT, "no list of sessions"))?;
        let mut page = SessionPage::default();
        for found in list.data {
            page.reports.push(self.report(found).await?);
        }
        if list.has_more {
            let last = page.reports.last().map(|report| report.session.id.clone());
            page.next_after = last;
        }
        Ok(page)
    }

    async fn payment(&self, id: &PaymentIntentId) -> Result<Option<PaymentReport>, Outage> {
        let path = format!("/payment_intents/{id}");
        let expand = [("expand[]", "latest_charge")];
        let Some(found) = self.get::<wire::PaymentIntent>(&path, &expand).await? else {
            return Ok(None);
        };
        Ok(Some(PaymentReport {
            recharge: found.recharge(),
            taken_back: self.taken_back(Some(&found)).await?,
        }))
    }
}

impl StripePayments {
    async fn report(&self, found: wire::Session) -> Result<SessionReport, Outage> {
        let taken_back = self.taken_back(found.payment_intent.as_ref()).await?;
        let report = found.report(taken_back);
        report.map_err(|problem| Outage::new(WHAT, Failure::Unreadable(problem.to_owned())))
    }

    /// What the payment's charge says. A charge stays `disputed` for ever, so that only the
    /// disputes themselves tell whether one was won.
    async fn taken_back(&self, intent: Option<&wire::PaymentIntent>) -> Result<TakenBack, Outage> {
        let Some((intent, charge)) =
            intent.and_then(|intent| Some((intent, intent.latest_charge.as_ref()?)))
        else {
            return Ok(TakenBack::default());
        };
        let disputed = charge.disputed.unwrap_or_default() && self.has_open_dispute(intent).await?;
        Ok(TakenBack {
            refunded: charge.amount_refunded.unwrap_or_default(),
            disputed,
        })
    }

    async fn has_open_dispute(&self, intent: &wire::PaymentIntent) -> Result<bool, Outage> {
        let query = [("payment_intent", intent.id.as_str()), ("limit", PAGE_SIZE)];
        let disputes: Option<wire::List<wire::Dispute>> = self.get("/disputes", &query).await?;
        // Disputed, but none is listed: believe the charge.
        Ok(disputes.is_none_or(|list| {
            list.data.is_empty() || list.data.iter().any(wire::Dispute::is_open)
        }))
    }

    /// Asks twice at most; `None` if Stripe has nothing there.
    async fn get<T: Deserialize>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Option<T>, Outage> {
        match self.get_once(path, query).await {
            Err(error) if is_transient(&error) => {
                let wait: Duration = WAIT_MIN.saturating_add(self.clock.jitter(WAIT_JITTER));
                self.clock.sleep(wait).await;
                found(self.get_once(path, query).await)
            }
            answered => found(answered),
        }
    }

    async fn get_once<T: Deserialize>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, StripeError> {
        let mut builder = RequestBuilder::new(StripeMethod::Get, path);
        builder.query = Some(form(query));
        let request: CustomizableStripeRequest<T> = builder.customize();
        let request = request.request_strategy(RequestStrategy::Once);
        request.send(&self.client).await
    }
}

fn found<T>(answered: Result<T, StripeError>) -> Result<Option<T>, Outage> {
    match answered {
        Ok(found) => Ok(Some(found)),
        Err(StripeError::Stripe(_, 404)) => Ok(None),
        Err(error) => Err(Outage::new(WHAT, Failure::from(error))),
    }
}

fn is_transient(error: &StripeError) -> bool {
    match error {
        StripeError::Timeout | StripeError::ClientError(_) => true,
        StripeError::Stripe(_, status) => *status == 409 || *status == 429 || *status >= 500,
        StripeError::JSONDeserialize(_) | StripeError::ConfigError(_) => false,
    }
}

/// Our values are ids and digits: only the brackets of names need to be written as percents.
fn form(query: &[(&str, &str)]) -> String {
    let pairs = query.iter().map(|(name, value)| {
        let name = name.replace('[', "%5B").replace(']', "%5D");
        format!("{name}={value}")
    });
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
