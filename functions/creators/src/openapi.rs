//! How the OpenAPI document has these operations.

use recharge_core::{
    domain::UserId,
    http::{
        Code,
        openapi::{Access, Operation, Parameter, Value, json},
    },
};

use crate::{
    earnings::EarningsReply,
    received::ReceivedReply,
    wire::{BlockReply, BlockedReply, CreatorBody, CreatorReply, StatusBody},
};

const TAG: &str = "Creators";

/// The operations of this function.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let mut all = vec![become_creator(), show(), set_status()];
    all.extend([block(), unblock(), blocked(), earnings(), received()]);
    all
}

fn creator() -> Value {
    json!({
        "id": "bob", "display_name": "Bob", "country": "DE", "terms_version": "2026-11-01",
        "accepting": true, "created_at": "2026-11-24T10:00:00.123Z",
    })
}

fn become_creator() -> Operation {
    let more = "Makes the caller a creator, or changes what they said. The same again changes nothing, so there is no key.";
    let body = json!({"display_name": "Bob", "country": "DE", "terms_version": "2026-11-01"});
    Operation::new("PUT /v1/creator", "becomeCreator", Access::Caller)
        .does(TAG, "Become a creator", more)
        .with_client()
        .takes::<CreatorBody>(body)
        .refuses(&[Code::TermsOutdated])
        .answers::<CreatorReply<'_>>("The creator", creator())
}

/// Operations of one's own that only creators have.
fn of_creators(route: &'static str, id: &'static str) -> Operation {
    Operation::new(route, id, Access::Creator).refuses(&[Code::CreatorNotFound])
}

fn show() -> Operation {
    of_creators("GET /v1/creator", "readCreator")
        .does(
            TAG,
            "The caller as a creator",
            "As they said and the product knows them.",
        )
        .answers::<CreatorReply<'_>>("The creator", creator())
}

fn set_status() -> Operation {
    let more = "A pause takes effect within 30 seconds, resuming at once. Changing name or country keeps a pause.";
    of_creators("PUT /v1/creator/status", "setCreatorStatus")
        .does(TAG, "Pause or resume taking gifts", more)
        .with_client()
        .takes::<StatusBody>(json!({"accepting": false}))
        .answers::<CreatorReply<'_>>("The creator", creator())
}

fn user() -> Parameter {
    Parameter::path::<UserId>("user", "Who is meant.", "alice")
}

fn block() -> Operation {
    let more = "The user's gifts are refused with `creator_not_accepting`. It takes effect within 30 seconds, usually at once.";
    of_creators("PUT /v1/creator/blocked/{user}", "blockUser")
        .does(TAG, "Take no more gifts of a user", more)
        .at(user())
        .with_client()
        .refuses(&[Code::NotFound])
        .answers::<BlockReply<'_>>(
            "The user is blocked",
            json!({"user": "alice", "blocked": true}),
        )
        .leads_to("unblockUser", &[("user", "$response.body#/user")])
}

fn unblock() -> Operation {
    of_creators("DELETE /v1/creator/blocked/{user}", "unblockUser")
        .does(
            TAG,
            "Take gifts of a user again",
            "It takes effect at once.",
        )
        .at(user())
        .with_client()
        .refuses(&[Code::NotFound])
        .answers::<BlockReply<'_>>(
            "The user is not blocked",
            json!({"user": "alice", "blocked": false}),
        )
        .leads_to("blockUser", &[("user", "$response.body#/user")])
}

fn blocked() -> Operation {
    let example = json!({"data": [{"user": "alice", "since": "2026-11-24T10:00:00.123Z"}]});
    of_creators("GET /v1/creator/blocked", "listBlocked")
        .does(TAG, "Who is blocked", "By user.")
        .answers::<BlockedReply<'_>>("A page of users", example)
        .leads_to("unblockUser", &[("user", "$response.body#/data/0/user")])
        .in_pages()
}

fn earnings() -> Operation {
    let example = json!({
        "pending": 1250, "available": 0, "reserved": 0, "paid": 0,
        "money_equivalent": {"amount": 625, "currency": "usd", "exponent": 2},
        "money_per_1000_diamonds": {"amount": 500, "currency": "usd", "exponent": 2},
        "days": [{
            "date": "2026-11-24", "live": 1200, "live_gifts": 3, "video": 50, "video_gifts": 1,
            "reversed": 0, "money_equivalent": {"amount": 625, "currency": "usd", "exponent": 2},
        }],
    });
    let more = "Diamonds, which a gift accrues one of per coin. Lags by about a second, and is never too high. Days are in UTC, newest first, and only those on which something accrued; `limit` and `cursor` page them, the totals are of all days. Money is rounded down, so that days may add up to less than the total.";
    of_creators("GET /v1/creator/earnings", "readEarnings")
        .does(TAG, "What the caller earned", more)
        .with_currency()
        .answers::<EarningsReply>("The earnings, with a page of days", example)
        .in_pages()
}

fn received() -> Operation {
    let example = json!({"data": [{
        "id": "sent_63fca18b431ef12f818c22247c882a04", "sender": "alice", "gift_id": "rose",
        "quantity": 1, "coins": 1, "diamonds": 1, "target": {"kind": "live", "id": "stream-1"},
        "at": "2026-11-24T12:05:00.123Z", "message": "for you",
    }]});
    let more = "Newest first, across months; lags by about a second. A page may have fewer gifts than `limit`, even none, and still a `next_cursor`. A gift that is relayed late may belong above a cursor that has passed.";
    of_creators("GET /v1/creator/gifts", "listReceivedGifts")
        .does(TAG, "What the caller received", more)
        .answers::<ReceivedReply<'_>>("A page of gifts", example)
        .leads_to("blockUser", &[("user", "$response.body#/data/0/sender")])
        .in_pages()
}
