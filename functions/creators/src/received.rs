//! `GET /v1/creator/gifts`: what was received, newest first.

use jiff::Timestamp;
use lambda_http::{Body, Request, Response};
use recharge_core::{
    app::{find_creator, read_received},
    domain::{
        Coins, ComboId, GiftId, Message, Month, ReceivedGift, ReceivedPosition, SentGiftId, UserId,
    },
    http::{Page, Problem, TargetReply, ok, page},
};
use serde::Serialize;

use super::Function;

impl Function {
    pub(super) async fn received(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let caller = self.callers.identify(request)?;
        let Page {
            limit,
            unverified_cursor,
        } = page(request)?;
        let cursors = &self.cursors.received;
        let position = match unverified_cursor {
            None => None,
            // A position that we signed is one.
            Some(cursor) => parse_position(&cursors.verify(&caller.user, cursor)?),
        };
        find_creator(&self.ledger, &caller.user).await?;
        let now = self.clock.now();
        let page = read_received(&self.views, &caller.user, position, limit, now).await?;
        let next = page.next.as_ref().map(position_text);
        let next_cursor = next.map(|text| cursors.sign(&caller.user, &text));
        Ok(ok(&ReceivedReply::of(&page.gifts, next_cursor)))
    }
}

/// `202611` or `202611#2026-11-22T12:00:00.123Z#sent_…`.
fn position_text(position: &ReceivedPosition) -> String {
    let month = position.month;
    match &position.after {
        None => month.to_string(),
        Some((at, id)) => format!("{month}#{at}#{id}"),
    }
}

fn parse_position(text: &str) -> Option<ReceivedPosition> {
    let mut parts = text.splitn(3, '#');
    let month = Month::named(parts.next()?)?;
    let after = match (parts.next(), parts.next()) {
        (Some(at), Some(id)) => Some((at.parse::<Timestamp>().ok()?, id.try_into().ok()?)),
        (_, _) => None,
    };
    Some(ReceivedPosition { month, after })
}

#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "ReceivedGiftsPage")
)]
pub(crate) struct ReceivedReply<'a> {
    data: Vec<GiftReply<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "String"))]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "ReceivedGift")
)]
struct GiftReply<'a> {
    id: &'a SentGiftId,
    sender: &'a UserId,
    gift_id: &'a GiftId,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::domain::Quantity")
    )]
    quantity: u16,
    coins: Coins,
    diamonds: u64,
    target: TargetReply<'a>,
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "recharge_core::http::openapi::Time")
    )]
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "ComboId"))]
    combo_id: Option<&'a ComboId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "Message"))]
    message: Option<&'a str>,
}

impl<'a> ReceivedReply<'a> {
    fn of(gifts: &'a [ReceivedGift], next_cursor: Option<String>) -> Self {
        Self {
            data: gifts.iter().map(GiftReply::of).collect(),
            next_cursor,
        }
    }
}

impl<'a> GiftReply<'a> {
    fn of(gift: &'a ReceivedGift) -> Self {
        let sent = &gift.sent;
        Self {
            id: &sent.id,
            sender: &gift.sender,
            gift_id: &sent.gift,
            quantity: sent.quantity.get(),
            coins: sent.coins,
            diamonds: sent.diamonds,
            target: (&sent.target).into(),
            at: gift.at.to_string(),
            combo_id: sent.combo.as_ref(),
            message: sent.message.as_ref().map(Message::as_str),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_from_its_text() {
        let at: Timestamp = "2026-11-22T12:00:00.1Z".parse().unwrap();
        let id = SentGiftId::try_from("sent_1").unwrap();
        for after in [None, Some((at, id))] {
            let month = Month::named("202611").unwrap();
            let position = ReceivedPosition { month, after };
            let text = position_text(&position);
            assert_eq!(parse_position(&text), Some(position), "{text}");
        }
    }
}
