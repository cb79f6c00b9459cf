//! How the OpenAPI document has this operation.

use recharge_core::{
    domain::UserId,
    http::{
        Code,
        openapi::{Access, Operation, Parameter, json},
    },
};

use super::{StatusBody, StatusReply};

/// The operations of this function.
#[must_use]
pub fn operations() -> Vec<Operation> {
    vec![set_status()]
}

fn set_status() -> Operation {
    let more = "A frozen wallet sends no gifts and takes every settlement. The reason stays with the wallet. The same status again changes nothing, and answers the first reason.";
    let example = json!({
        "user": "alice", "status": "frozen", "reason": "chargebacks", "by": "op",
        "at": "2026-11-23T12:00:00Z",
    });
    Operation::new(
        "PUT /v1/admin/users/{id}/status",
        "setWalletStatus",
        Access::Operator,
    )
    .does("Operators", "Freeze a wallet, or set it free", more)
    .at(Parameter::path::<UserId>("id", "Whose wallet.", "alice"))
    .takes::<StatusBody>(json!({"status": "frozen", "reason": "chargebacks"}))
    .refuses(&[Code::NotFound])
    .answers::<StatusReply<'_>>("The status, and who set it why", example)
}
