//! Paying: the buyer's side of a session.

use crate::checkout::Scene;
use crate::error::ApiError;
use crate::ids;
use crate::model::{
    Charge, ChargeStatus, EventKind, PaymentIntent, PaymentIntentStatus, PaymentStatus, Session,
    SessionStatus, method,
};
use crate::state::{Change, World};

/// What the buyer does on the pay page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Pays with a card that works.
    Succeed,
    /// Tries a card that is declined; the session stays open.
    Decline,
    /// Pays by the currency's delayed method; [`Resolution`](crate::Resolution) says how that ends.
    Delayed,
    /// Goes back; the session stays open.
    Cancel,
}

impl Outcome {
    /// Reads the word that the API and the pay page's form use.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "succeed" => Some(Self::Succeed),
            "decline" => Some(Self::Decline),
            "delayed" => Some(Self::Delayed),
            "cancel" => Some(Self::Cancel),
            _ => None,
        }
    }
}

/// Decides what a buyer's act changes.
pub(crate) fn pay(
    world: &World,
    session: &Session,
    outcome: Outcome,
    scene: &Scene<'_>,
) -> Result<(Session, Vec<Change>), ApiError> {
    if !session.is_open() {
        return Err(closed(session));
    }
    match outcome {
        Outcome::Cancel => Ok((session.clone(), Vec::new())),
        Outcome::Succeed => Ok(attempt(world, session, scene, method::CARD, &SUCCESS)),
        Outcome::Decline => Ok(attempt(world, session, scene, method::CARD, &DECLINE)),
        Outcome::Delayed => match session.delayed_method() {
            Some(method) => Ok(attempt(world, session, scene, method, &DELAY)),
            None => Err(ApiError::invalid(
                "This Checkout Session has no delayed payment method: see its `payment_method_types`.",
            )
            .param("outcome")),
        },
    }
}

fn closed(session: &Session) -> ApiError {
    ApiError::invalid(format!(
        "This Checkout Session can no longer be paid: it has a status of `{}`.",
        session.status.as_str()
    ))
    .code("checkout_session_not_open")
}

/// Where an attempt leads each of the three objects, and the events it makes, in Stripe's order.
struct Ending {
    session: SessionStatus,
    payment: PaymentStatus,
    intent: PaymentIntentStatus,
    charge: ChargeStatus,
    charge_event: EventKind,
    intent_event: EventKind,
    session_event: Option<EventKind>,
}

const SUCCESS: Ending = Ending {
    session: SessionStatus::Complete,
    payment: PaymentStatus::Paid,
    intent: PaymentIntentStatus::Succeeded,
    charge: ChargeStatus::Succeeded,
    charge_event: EventKind::ChargeSucceeded,
    intent_event: EventKind::PaymentSucceeded,
    session_event: Some(EventKind::SessionCompleted),
};

const DECLINE: Ending = Ending {
    session: SessionStatus::Open,
    payment: PaymentStatus::Unpaid,
    intent: PaymentIntentStatus::RequiresPaymentMethod,
    charge: ChargeStatus::Failed,
    charge_event: EventKind::ChargeFailed,
    intent_event: EventKind::PaymentFailed,
    session_event: None,
};

const DELAY: Ending = Ending {
    session: SessionStatus::Complete,
    payment: PaymentStatus::Unpaid,
    intent: PaymentIntentStatus::Processing,
    charge: ChargeStatus::Pending,
    charge_event: EventKind::ChargePending,
    intent_event: EventKind::PaymentProcessing,
    session_event: Some(EventKind::SessionCompleted),
};

fn attempt(
    world: &World,
    session: &Session,
    scene: &Scene<'_>,
    method: &str,
    ending: &Ending,
) -> (Session, Vec<Change>) {
    let intent = PaymentIntent {
        method: method.to_owned(),
        ..intent_after(world, session, scene, ending)
    };
    let charge = charge_of(&intent, session, scene, ending);
    let session = Session {
        status: ending.session,
        payment_status: ending.payment,
        payment_intent: Some(intent.id.clone()),
        ..session.clone()
    };
    let mut changes = vec![
        Change::Charge(charge.clone()),
        Change::PaymentIntent(intent.clone()),
        Change::Session(session.clone()),
        scene.event(ending.charge_event, charge.to_json(scene.base_url)),
        scene.event(ending.intent_event, intent.to_json()),
    ];
    if let Some(kind) = ending.session_event {
        changes.push(scene.event(kind, session.to_json(scene.base_url)));
    }
    (session, changes)
}

/// The session's payment intent, made with the first attempt, after this attempt.
fn intent_after(
    world: &World,
    session: &Session,
    scene: &Scene<'_>,
    ending: &Ending,
) -> PaymentIntent {
    let earlier = session
        .payment_intent
        .as_ref()
        .and_then(|id| world.payment_intents.get(id));
    let intent = earlier.cloned().unwrap_or_else(|| {
        let id = ids::payment_intent();
        PaymentIntent {
            client_secret: ids::client_secret(&id),
            id,
            created: scene.now,
            status: ending.intent,
            amount: session.amount_total,
            currency: session.currency.clone(),
            description: session.intent_description.clone(),
            metadata: session.intent_metadata.clone(),
            latest_charge: String::new(),
            payment_method: String::new(),
            method: method::card(),
            payment_method_types: session.payment_method_types.clone(),
        }
    });
    PaymentIntent {
        status: ending.intent,
        latest_charge: ids::charge(),
        payment_method: ids::payment_method(),
        ..intent
    }
}

fn charge_of(
    intent: &PaymentIntent,
    session: &Session,
    scene: &Scene<'_>,
    ending: &Ending,
) -> Charge {
    Charge {
        id: intent.latest_charge.clone(),
        created: scene.now,
        status: ending.charge,
        amount: intent.amount,
        currency: intent.currency.clone(),
        description: intent.description.clone(),
        email: session.buyer_email().to_owned(),
        metadata: intent.metadata.clone(),
        payment_intent: intent.id.clone(),
        payment_method: intent.payment_method.clone(),
        method: intent.method.clone(),
        amount_refunded: 0,
        dispute: None,
    }
}
