use super::*;
use crate::form::parse;
use crate::model::DeliveryStatus;

const NOW: i64 = 1_800_000_000;
const LINE: &str = "line_items[0][quantity]=1&line_items[0][price_data][currency]=usd\
    &line_items[0][price_data][unit_amount]=499&line_items[0][price_data][product_data][name]=Coins";

fn try_create(body: &str) -> Result<Session, ApiError> {
    let scene = Scene {
        now: NOW,
        base_url: "http://127.0.0.1:1",
        delivery: DeliveryStatus::Pending,
        request: None,
        idempotency_key: None,
    };
    create(Params::new(parse("", body.as_bytes())?), &scene)
}

fn with(more: &str) -> String {
    format!("mode=payment&success_url=https://shop.example/done&{LINE}&{more}")
}

/// `code param` of the refusal, `ok` if there is none.
fn verdict(body: &str) -> String {
    match try_create(body) {
        Ok(_) => "ok".into(),
        Err(error) => {
            let body = error.body();
            let field = |name: &str| body["error"][name].as_str().unwrap_or("-").to_owned();
            format!("{} {}", field("code"), field("param"))
        }
    }
}

fn one_line(currency: &str, unit_amount: &str, quantity: &str) -> String {
    format!(
        "mode=payment&success_url=https://shop.example/done&line_items[0][quantity]={quantity}\
         &line_items[0][price_data][currency]={currency}&line_items[0][price_data][unit_amount]={unit_amount}\
         &line_items[0][price_data][product_data][name]=Coins"
    )
}

#[test]
fn a_session_has_what_was_asked_for() {
    let session = try_create(&with(
        "client_reference_id=rch_1&metadata[recharge]=rch_1&payment_intent_data[metadata][recharge]=rch_1\
         &cancel_url=http://shop.example/back?s={CHECKOUT_SESSION_ID}&locale=ja&customer_email=a@b.example\
         &line_items[1][quantity]=2&line_items[1][price_data][currency]=USD\
         &line_items[1][price_data][unit_amount]=100&line_items[1][price_data][product_data][name]=More",
    ))
    .unwrap();
    assert_eq!(
        (session.amount_total, session.currency.as_str()),
        (699, "usd")
    );
    assert_eq!((session.created, session.expires_at), (NOW, NOW + 86_400));
    assert_eq!(session.client_reference_id.as_deref(), Some("rch_1"));
    assert_eq!(
        session.metadata.get("recharge").map(String::as_str),
        Some("rch_1")
    );
    assert_eq!(session.intent_metadata, session.metadata);
    assert_eq!(session.lines.len(), 2);
    assert_eq!(
        session.filled_cancel_url(),
        Some(format!("http://shop.example/back?s={}", session.id))
    );
}

#[test]
fn missing_parameters_are_named() {
    let only_lines = LINE.to_owned();
    let no_url = format!("mode=payment&{LINE}");
    let no_lines = "mode=payment&success_url=https://a.example".to_owned();
    assert_eq!(verdict(&only_lines), "parameter_missing mode");
    assert_eq!(verdict(&no_url), "parameter_missing success_url");
    assert_eq!(verdict(&no_lines), "parameter_missing line_items");
}

#[test]
fn unknown_and_malformed_parameters_are_named() {
    for (more, expected) in [
        ("", "ok"),
        ("mode=subscription", "- mode"),
        ("mode=other", "- mode"),
        ("colour=red", "parameter_unknown colour"),
        (
            "payment_intent_data[capture]=1",
            "parameter_unknown payment_intent_data[capture]",
        ),
        ("locale=xx", "- locale"),
        (
            "client_reference_id=",
            "parameter_invalid_empty client_reference_id",
        ),
        ("customer_email=nobody", "email_invalid customer_email"),
        ("success_url=javascript:alert(1)", "url_invalid success_url"),
        ("success_url=/relative", "url_invalid success_url"),
        (
            "cancel_url=https://a.example/%0d%0aSet-Cookie:x",
            "url_invalid cancel_url",
        ),
        ("payment_method_types[]=ideal", "- payment_method_types"),
    ] {
        assert_eq!(verdict(&with(more)), expected, "{more}");
    }
}

#[test]
fn unusable_lines_are_named() {
    for (more, expected) in [
        ("[price]=price_1", "parameter_unknown [price]"),
        ("[quantity]=0", "parameter_invalid_integer [quantity]"),
        ("[quantity]=1.5", "parameter_invalid_integer [quantity]"),
        ("[quantity]=1000000", "parameter_invalid_integer [quantity]"),
        (
            "[price_data][size]=1",
            "parameter_unknown [price_data][size]",
        ),
        (
            "[price_data][unit_amount]=-1",
            "parameter_invalid_integer [price_data][unit_amount]",
        ),
        ("[price_data][currency]=zzz", "- [price_data][currency]"),
        (
            "[price_data][product_data][name]=",
            "parameter_invalid_empty [price_data][product_data][name]",
        ),
    ] {
        let found = verdict(&with(&format!("line_items[0]{more}")));
        assert_eq!(found.replace("line_items[0]", ""), expected, "{more}");
    }
}

#[test]
fn amounts_stay_between_stripes_minimum_and_maximum() {
    for (currency, amount, quantity, expected) in [
        ("usd", "50", "1", "ok"),
        ("usd", "49", "1", "amount_too_small -"),
        ("usd", "25", "2", "ok"),
        ("usd", "0", "1", "amount_too_small -"),
        ("jpy", "50", "1", "ok"),
        ("jpy", "49", "1", "amount_too_small -"),
        ("eur", "49", "1", "amount_too_small -"),
        ("gbp", "30", "1", "ok"),
        ("gbp", "29", "1", "amount_too_small -"),
        ("brl", "49", "1", "amount_too_small -"),
        ("usd", "99999999", "1", "ok"),
        ("usd", "99999999", "2", "amount_too_large -"),
        ("usd", "9223372036854775807", "999999", "amount_too_large -"),
        ("kwd", "5124", "1", "- line_items"),
    ] {
        assert_eq!(
            verdict(&one_line(currency, amount, quantity)),
            expected,
            "{currency} {amount}×{quantity}"
        );
    }
}

#[test]
fn a_session_lives_between_half_an_hour_and_a_day() {
    for (seconds, expected) in [
        (1_799, "- expires_at"),
        (1_800, "ok"),
        (86_400, "ok"),
        (86_401, "- expires_at"),
        (-1, "- expires_at"),
    ] {
        assert_eq!(
            verdict(&with(&format!("expires_at={}", NOW + seconds))),
            expected,
            "{seconds}"
        );
    }
}

#[test]
fn lines_are_in_one_currency() {
    let other = "line_items[1][quantity]=1&line_items[1][price_data][currency]=jpy\
        &line_items[1][price_data][unit_amount]=500&line_items[1][price_data][product_data][name]=More";
    assert_eq!(verdict(&with(other)), "- line_items");
}
