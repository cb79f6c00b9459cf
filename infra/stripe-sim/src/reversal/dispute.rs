//! Disputes, and the warnings that may come before them.

use serde_json::{Value, json};

use crate::checkout::Scene;
use crate::error::ApiError;
use crate::ids;
use crate::model::{Charge, Dispute, DisputeStatus, EventKind};
use crate::state::{Change, World};

/// How a dispute ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// For the seller, who gets the money back.
    Won,
    /// For the buyer, who keeps it.
    Lost,
}

impl Verdict {
    /// Reads the word that the control uses.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "won" => Some(Self::Won),
            "lost" => Some(Self::Lost),
            _ => None,
        }
    }
}

/// Decides what it changes when a buyer disputes a charge: without an `amount` what is not refunded, or
/// all of it if everything is, since banks take such complaints too.
pub(crate) fn open(
    charge: &Charge,
    reason: Option<&str>,
    amount: Option<i64>,
    scene: &Scene<'_>,
) -> Result<(Dispute, Vec<Change>), ApiError> {
    let reason = reason.unwrap_or("fraudulent");
    if !REASONS.contains(&reason) {
        let message = format!("Invalid reason: must be one of {}", REASONS.join(", "));
        return Err(ApiError::invalid(message).param("reason"));
    }
    if !charge.is_paid() {
        return Err(ApiError::invalid(format!(
            "The charge {} of this payment did not succeed: there is nothing to dispute.",
            charge.id
        ))
        .code("payment_intent_unexpected_state"));
    }
    if charge.dispute.is_some() {
        return Err(
            ApiError::invalid(format!("Charge {} has been disputed already.", charge.id))
                .code("charge_disputed"),
        );
    }
    let left = Some(charge.unrefunded()).filter(|left| *left > 0);
    let amount = amount.or(left).unwrap_or(charge.amount);
    if !(1..=charge.amount).contains(&amount) {
        return Err(ApiError::invalid(format!(
            "Invalid amount: must be between 1 and {}.",
            charge.amount
        ))
        .param("amount"));
    }
    let dispute = Dispute {
        id: ids::dispute(),
        created: scene.now,
        status: DisputeStatus::NeedsResponse,
        amount,
        currency: charge.currency.clone(),
        charge: charge.id.clone(),
        payment_intent: charge.payment_intent.clone(),
        method: charge.method.clone(),
        reason: reason.to_owned(),
    };
    let charge = Charge {
        dispute: Some(dispute.id.clone()),
        ..charge.clone()
    };
    let changes = vec![
        Change::Dispute(dispute.clone()),
        Change::Charge(charge),
        scene.event(EventKind::DisputeCreated, dispute.to_json()),
        scene.event(EventKind::DisputeWithdrawn, dispute.to_json()),
    ];
    Ok((dispute, changes))
}

/// Decides what the end of a charge's dispute changes. The charge stays disputed.
pub(crate) fn close(
    world: &World,
    charge: &Charge,
    verdict: Verdict,
    scene: &Scene<'_>,
) -> Result<(Dispute, Vec<Change>), ApiError> {
    let dispute = charge.dispute.as_ref();
    let dispute = dispute
        .and_then(|id| world.disputes.get(id))
        .ok_or_else(|| ApiError::invalid(format!("Charge {} has not been disputed.", charge.id)))?;
    if dispute.status != DisputeStatus::NeedsResponse {
        return Err(ApiError::invalid(format!(
            "The dispute {} is closed already: it has a status of `{}`.",
            dispute.id,
            dispute.status.as_str()
        )));
    }
    let closed = Dispute {
        status: match verdict {
            Verdict::Won => DisputeStatus::Won,
            Verdict::Lost => DisputeStatus::Lost,
        },
        ..dispute.clone()
    };
    let before = Some(json!({ "status": dispute.status.as_str() }));
    let mut changes = vec![
        Change::Dispute(closed.clone()),
        scene.event_of_change(EventKind::DisputeClosed, closed.to_json(), before),
    ];
    if verdict == Verdict::Won {
        changes.push(scene.event(EventKind::DisputeReinstated, closed.to_json()));
    }
    Ok((closed, changes))
}

/// The warning and its event. Warnings are kept in no table: Stripe's API for them is not simulated.
pub(crate) fn warn_of_fraud(
    charge: &Charge,
    scene: &Scene<'_>,
) -> Result<(Value, Vec<Change>), ApiError> {
    if !charge.is_paid() {
        return Err(ApiError::invalid(format!(
            "The charge {} of this payment did not succeed.",
            charge.id
        ))
        .code("payment_intent_unexpected_state"));
    }
    let warning = json!({
        "id": ids::fraud_warning(),
        "object": "radar.early_fraud_warning",
        "actionable": charge.unrefunded() > 0 && charge.dispute.is_none(),
        "charge": charge.id,
        "created": scene.now,
        "fraud_type": "misc",
        "livemode": false,
        "payment_intent": charge.payment_intent,
    });
    let event = scene.event(EventKind::FraudWarning, warning.clone());
    Ok((warning, vec![event]))
}

/// Stripe's list.
const REASONS: &[&str] = &[
    "bank_cannot_process",
    "check_returned",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "noncompliant",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
];
