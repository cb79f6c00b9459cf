//! How the OpenAPI document has this operation.

use recharge_core::http::{
    Code,
    openapi::{Access, Operation, json},
};

use crate::wire::{GiftBody, GiftReply};

/// The operations of this function.
#[must_use]
pub fn operations() -> Vec<Operation> {
    vec![send()]
}

fn send() -> Operation {
    let body = json!({
        "gift_id": "rose",
        "quantity": 1,
        "creator_id": "bob",
        "target": {"kind": "live", "id": "stream-1"},
        "expected_coins": 1,
    });
    let example = json!({
        "id": "sent_63fca18b431ef12f818c22247c882a04", "gift_id": "rose", "quantity": 1,
        "creator_id": "bob", "target": {"kind": "live", "id": "stream-1"}, "coins": 1,
        "balance_after": 69, "seq": 2, "at": "2026-11-22T12:05:00Z",
    });
    let more = "The coins leave the wallet and the diamonds accrue to the creator, or nothing happens. What the client expects can only make us refuse. A replay answers everything as it was.";
    Operation::new("POST /v1/gifts/send", "sendGift", Access::Caller)
        .does("Gifts", "Send a gift", more)
        .with_key()
        .with_client()
        .takes::<GiftBody>(body)
        .creates::<GiftReply<'_>>("The gift was sent", example)
        .refuses(&[
            Code::CreatorNotAccepting,
            Code::CreatorNotFound,
            Code::GiftUnavailable,
            Code::InsufficientCoins,
            Code::PriceChanged,
            Code::QuantityOutOfRange,
            Code::RateLimited,
            Code::SelfGift,
            Code::SpendingLimitReached,
            Code::TooLate,
            Code::WalletFrozen,
            Code::WalletInDebt,
        ])
}
