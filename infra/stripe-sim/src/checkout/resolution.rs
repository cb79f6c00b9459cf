//! How a delayed payment ends.

use crate::checkout::Scene;
use crate::error::ApiError;
use crate::model::{
    Charge, ChargeStatus, EventKind, PaymentIntent, PaymentIntentStatus, PaymentStatus, Session,
};
use crate::state::{Change, World};

/// What becomes of a payment that takes days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The money comes.
    Succeed,
    /// It does not; the session stays complete and unpaid.
    Fail,
}

impl Resolution {
    /// Reads the word that the control uses.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "succeed" => Some(Self::Succeed),
            "fail" => Some(Self::Fail),
            _ => None,
        }
    }
}

/// Decides what the end of a session's delayed payment changes.
pub(crate) fn resolve(
    world: &World,
    session: &Session,
    resolution: Resolution,
    scene: &Scene<'_>,
) -> Result<(Session, Vec<Change>), ApiError> {
    let (intent, charge) = processing(world, session).ok_or_else(|| not_processing(session))?;
    let (payment, intent_status, charge_status, kinds) = match resolution {
        Resolution::Succeed => (
            PaymentStatus::Paid,
            PaymentIntentStatus::Succeeded,
            ChargeStatus::Succeeded,
            [
                EventKind::ChargeSucceeded,
                EventKind::PaymentSucceeded,
                EventKind::SessionPaidLater,
            ],
        ),
        Resolution::Fail => (
            PaymentStatus::Unpaid,
            PaymentIntentStatus::RequiresPaymentMethod,
            ChargeStatus::Failed,
            [
                EventKind::ChargeFailed,
                EventKind::PaymentFailed,
                EventKind::SessionUnpaid,
            ],
        ),
    };
    let charge = Charge {
        status: charge_status,
        ..charge.clone()
    };
    let intent = PaymentIntent {
        status: intent_status,
        ..intent.clone()
    };
    let session = Session {
        payment_status: payment,
        ..session.clone()
    };
    let [charge_event, intent_event, session_event] = kinds;
    let changes = vec![
        scene.event(charge_event, charge.to_json(scene.base_url)),
        scene.event(intent_event, intent.to_json()),
        scene.event(session_event, session.to_json(scene.base_url)),
        Change::Charge(charge),
        Change::PaymentIntent(intent),
        Change::Session(session.clone()),
    ];
    Ok((session, changes))
}

/// The session's payment and its charge while they are on their way.
fn processing<'a>(world: &'a World, session: &Session) -> Option<(&'a PaymentIntent, &'a Charge)> {
    let intent = world
        .payment_intents
        .get(session.payment_intent.as_deref()?)?;
    let charge = world.charges.get(&intent.latest_charge)?;
    (intent.status == PaymentIntentStatus::Processing).then_some((intent, charge))
}

fn not_processing(session: &Session) -> ApiError {
    ApiError::invalid(format!(
        "This Checkout Session has no payment that is processing: it has a status of `{}` and a \
         payment status of `{}`.",
        session.status.as_str(),
        session.payment_status.as_str()
    ))
    .code("payment_intent_unexpected_state")
}
