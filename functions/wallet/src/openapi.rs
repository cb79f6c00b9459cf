//! How the OpenAPI document has these operations.

use recharge_core::http::openapi::{Access, Operation, Value, json};

use crate::wire::{LimitsBody, StatementReply, WalletReply};

const TAG: &str = "Wallet";

/// The operations of this function.
#[must_use]
pub fn operations() -> Vec<Operation> {
    vec![wallet(), limits(), entries()]
}

fn example() -> Value {
    json!({
        "coins": 69, "debt": 0, "status": "active", "seq": 2,
        "limits": {"daily_coins": 100, "monthly_coins": null},
        "pending_limits": {"daily_coins": {"to": 500, "from": "2026-11-24T12:00:00Z"}},
        "spent": {"day": 1, "month": 1},
    })
}

fn wallet() -> Operation {
    let more = "Read consistently: who has just paid or sent sees it. `seq` is that of the last entry; 0 before the first.";
    Operation::new("GET /v1/wallet", "readWallet", Access::Caller)
        .does(TAG, "The caller's coins", more)
        .answers::<WalletReply>("The wallet", example())
}

fn limits() -> Operation {
    let more = "Lowering works at once, and takes a waiting raise back. Raising or removing waits 24 hours; asking for the same again does not start them anew.";
    Operation::new("PUT /v1/wallet/limits", "setSpendingLimits", Access::Caller)
        .does(TAG, "Limit what the caller may spend", more)
        .with_client()
        .takes::<LimitsBody>(json!({"daily_coins": 100, "monthly_coins": null}))
        .answers::<WalletReply>("The wallet", example())
}

fn entries() -> Operation {
    let more = "Newest first. The list lags the wallet by milliseconds. A page never skips an entry: it ends at the first hole instead, so it may have fewer entries than `limit`, even none, and still a `next_cursor`.";
    let example = json!({
        "data": [
            {
                "seq": 2, "kind": "gift", "coins": -1, "balance_after": 69, "debt_after": 0,
                "at": "2026-11-22T12:05:00Z", "sent_gift": "sent_63fca18b431ef12f818c22247c882a04",
            },
            {
                "seq": 1, "kind": "recharge", "coins": 70, "balance_after": 70, "debt_after": 0,
                "at": "2026-11-22T12:03:04.567Z", "recharge": "rch_9483af7d1b29f67dfd47f1eb59e2b058",
            },
        ],
    });
    Operation::new("GET /v1/wallet/entries", "listEntries", Access::Caller)
        .does(TAG, "How the caller's coins came to be", more)
        .answers::<StatementReply<'_>>("A page of the statement", example)
        .in_pages()
}
