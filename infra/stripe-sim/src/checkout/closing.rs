//! Sessions that close without payment.

use crate::checkout::Scene;
use crate::error::ApiError;
use crate::model::{EventKind, Session, SessionStatus};
use crate::state::{Change, World};

/// The seller closes a session: `POST /v1/checkout/sessions/{id}/expire`.
pub(crate) fn expire(
    session: &Session,
    scene: &Scene<'_>,
) -> Result<(Session, Vec<Change>), ApiError> {
    if !session.is_open() {
        return Err(ApiError::invalid(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout \
             Session has a status of `{}`.",
            session.status.as_str()
        ))
        .into_result());
    }
    let closed = Session {
        status: SessionStatus::Expired,
        ..session.clone()
    };
    let changes = closing_changes(&closed, scene);
    Ok((closed, changes))
}

/// Closes every open session whose time is over.
pub(crate) fn close_overdue(world: &World, scene: &Scene<'_>) -> Vec<Change> {
    let overdue = world.overdue_sessions(scene.now);
    overdue
        .into_iter()
        .flat_map(|session| {
            let closed = Session {
                status: SessionStatus::Expired,
                ..session.clone()
            };
            closing_changes(&closed, scene)
        })
        .collect()
}

fn closing_changes(closed: &Session, scene: &Scene<'_>) -> Vec<Change> {
    let event = scene.event(EventKind::SessionExpired, closed.to_json(scene.base_url));
    vec![Change::Session(closed.clone()), event]
}
