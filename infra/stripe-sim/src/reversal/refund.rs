//! Refunds: made at once, and failed later if a test wants so.

use serde_json::{Map, Value, json};

use crate::checkout::Scene;
use crate::error::ApiError;
use crate::form::Metadata;
use crate::ids;
use crate::model::{Charge, DisputeStatus, EventKind, Refund, RefundStatus};
use crate::money::format_amount;
use crate::state::{Change, World};

/// What somebody asks to refund.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// How much; the rest if not said.
    pub(crate) amount: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: Metadata,
}

/// Decides what a refund changes: the refund, its charge after it, and all changes.
pub(crate) fn refund(
    world: &World,
    charge: &Charge,
    asked: Asked,
    scene: &Scene<'_>,
) -> Result<(Refund, Charge, Vec<Change>), ApiError> {
    let amount = check(world, charge, asked.amount)?;
    let refund = Refund {
        id: ids::refund(),
        created: scene.now,
        status: RefundStatus::Succeeded,
        amount,
        currency: charge.currency.clone(),
        charge: charge.id.clone(),
        payment_intent: charge.payment_intent.clone(),
        method: charge.method.clone(),
        reason: asked.reason,
        metadata: asked.metadata,
    };
    let after = Charge {
        amount_refunded: charge.amount_refunded.saturating_add(amount),
        ..charge.clone()
    };
    let before = previous(charge, &after);
    let json = after.to_json(scene.base_url);
    let changes = vec![
        Change::Refund(refund.clone()),
        Change::Charge(after.clone()),
        scene.event(EventKind::RefundCreated, refund.to_json()),
        scene.event_of_change(EventKind::ChargeRefunded, json, Some(before)),
    ];
    Ok((refund, after, changes))
}

/// Decides what it changes when the buyer's bank sends a refund back.
pub(crate) fn fail(
    world: &World,
    refund: &Refund,
    scene: &Scene<'_>,
) -> Result<(Refund, Vec<Change>), ApiError> {
    if refund.status == RefundStatus::Failed {
        return Err(ApiError::invalid(format!(
            "The refund {} has failed already.",
            refund.id
        )));
    }
    let charge = world
        .charges
        .get(&refund.charge)
        .ok_or_else(|| ApiError::missing("charge", &refund.charge, "charge"))?;
    let charge = Charge {
        amount_refunded: charge.amount_refunded.saturating_sub(refund.amount),
        ..charge.clone()
    };
    let failed = Refund {
        status: RefundStatus::Failed,
        ..refund.clone()
    };
    let before = Some(json!({ "status": refund.status.as_str() }));
    let changes = vec![
        Change::Refund(failed.clone()),
        Change::Charge(charge),
        scene.event_of_change(EventKind::RefundUpdated, failed.to_json(), before),
        scene.event(EventKind::RefundFailed, failed.to_json()),
    ];
    Ok((failed, changes))
}

/// The amount to refund, if it can be.
fn check(world: &World, charge: &Charge, amount: Option<i64>) -> Result<i64, ApiError> {
    if amount.is_some_and(|amount| amount < 1) {
        return Err(ApiError::invalid("Invalid positive integer")
            .code("parameter_invalid_integer")
            .param("amount"));
    }
    if !charge.is_paid() {
        return Err(ApiError::invalid(format!(
            "The charge {} of this payment did not succeed: there is nothing to refund.",
            charge.id
        ))
        .code("charge_not_refundable")
        .into_result());
    }
    let dispute = charge
        .dispute
        .as_ref()
        .and_then(|id| world.disputes.get(id));
    if dispute.is_some_and(|dispute| dispute.status != DisputeStatus::Won) {
        return Err(ApiError::invalid(format!(
            "Charge {} has been charged back; cannot issue a refund.",
            charge.id
        ))
        .code("charge_disputed")
        .into_result());
    }
    let left = charge.unrefunded();
    if left < 1 {
        return Err(
            ApiError::invalid(format!("Charge {} has already been refunded.", charge.id))
                .code("charge_already_refunded")
                .into_result(),
        );
    }
    let amount = amount.unwrap_or(left);
    if amount > left {
        return Err(ApiError::invalid(format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            format_amount(&charge.currency, amount),
            format_amount(&charge.currency, left)
        ))
        .param("amount")
        .into_result());
    }
    Ok(amount)
}

/// The fields of a charge that a refund changed, as they were.
fn previous(before: &Charge, after: &Charge) -> Value {
    let mut fields = Map::new();
    fields.insert("amount_refunded".into(), before.amount_refunded.into());
    if after.unrefunded() == 0 {
        fields.insert("refunded".into(), false.into());
    }
    Value::Object(fields)
}
