//! Making a session out of Stripe's parameters.

use axum::http::Uri;

use crate::checkout::Scene;
use crate::error::ApiError;
use crate::form::Params;
use crate::ids;
use crate::model::{Line, PaymentStatus, Session, SessionStatus, method};
use crate::money::{Currency, MAXIMUM_AMOUNT, known_codes};

/// A session is open for at least half an hour and at most a day; a day unless told otherwise.
const SHORTEST_SECONDS: i64 = 30 * 60;
const LONGEST_SECONDS: i64 = 24 * 60 * 60;

const MAX_LINES: usize = 100;
const MAX_QUANTITY: i64 = 999_999;
const MAX_URL_LENGTH: usize = 5_000;

/// The session that these parameters ask for, or Stripe's refusal.
pub(crate) fn create(mut params: Params, scene: &Scene<'_>) -> Result<Session, ApiError> {
    check_mode(&mut params)?;
    let (currency, lines) = lines(&mut params)?;
    let mut intent = params.hash("payment_intent_data")?;
    let (intent_metadata, intent_description) = match &mut intent {
        None => Default::default(),
        Some(intent) => (
            intent.metadata("metadata")?,
            intent.short_text("description", 5_000)?,
        ),
    };
    let session = Session {
        id: ids::checkout_session(),
        created: scene.now,
        expires_at: expires_at(&mut params, scene.now)?,
        status: SessionStatus::Open,
        payment_status: PaymentStatus::Unpaid,
        currency: currency.code.to_owned(),
        amount_total: total(&lines, currency)?,
        lines,
        success_url: url(&mut params, "success_url")?
            .ok_or_else(|| params.missing("success_url"))?,
        cancel_url: url(&mut params, "cancel_url")?,
        client_reference_id: params.short_text("client_reference_id", 200)?,
        customer_email: email(&mut params)?,
        locale: params.choice("locale", LOCALES)?,
        submit_type: params.choice("submit_type", &["auto", "book", "donate", "pay"])?,
        metadata: params.metadata("metadata")?,
        intent_metadata,
        intent_description,
        payment_intent: None,
        payment_method_types: methods(&mut params, currency)?,
    };
    intent.map_or(Ok(()), Params::finish)?;
    params.finish()?;
    Ok(session)
}

fn check_mode(params: &mut Params) -> Result<(), ApiError> {
    let mode = params.choice("mode", &["payment", "setup", "subscription"])?;
    match mode.as_deref() {
        Some("payment") => {}
        Some(_) => return Err(params.invalid("mode", "stripe-sim simulates only `mode=payment`.")),
        None => return Err(params.missing("mode")),
    }
    params.choice("ui_mode", &["hosted", "hosted_page"])?;
    Ok(())
}

/// What the seller asks for, `card` and the currency's delayed method at most; both if they do not say.
fn methods(params: &mut Params, currency: Currency) -> Result<Vec<String>, ApiError> {
    let offered = method::methods_of(currency.code);
    let asked = params.texts("payment_method_types")?;
    if asked.is_empty() {
        return Ok(offered);
    }
    let known = asked.iter().all(|method| offered.contains(method));
    if !known || !asked.iter().any(|method| method == method::CARD) {
        let message = format!(
            "stripe-sim simulates `card` and, next to it, one delayed method for some currencies. In \
             {} it takes: {}.",
            currency.code,
            offered.join(", ")
        );
        return Err(params.invalid("payment_method_types", message));
    }
    Ok(offered
        .into_iter()
        .filter(|method| asked.contains(method))
        .collect())
}

fn expires_at(params: &mut Params, now: i64) -> Result<i64, ApiError> {
    let latest = now.saturating_add(LONGEST_SECONDS);
    let Some(expires_at) = params.integer("expires_at")? else {
        return Ok(latest);
    };
    if expires_at < now.saturating_add(SHORTEST_SECONDS) {
        return Err(params.invalid("expires_at", "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."));
    }
    if expires_at > latest {
        return Err(params.invalid(
            "expires_at",
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
        ));
    }
    Ok(expires_at)
}

fn lines(params: &mut Params) -> Result<(Currency, Vec<Line>), ApiError> {
    let hashes = params.hashes("line_items")?;
    if hashes.len() > MAX_LINES {
        return Err(params.invalid(
            "line_items",
            format!("A Checkout Session can have at most {MAX_LINES} line items."),
        ));
    }
    let mut common: Option<Currency> = None;
    let mut lines = Vec::with_capacity(hashes.len());
    for hash in hashes {
        let (currency, line) = line(hash)?;
        if *common.get_or_insert(currency) != currency {
            return Err(params.invalid(
                "line_items",
                "All line items of a Checkout Session must be in the same currency.",
            ));
        }
        lines.push(line);
    }
    let currency = common.ok_or_else(|| params.missing("line_items"))?;
    Ok((currency, lines))
}

fn line(mut item: Params) -> Result<(Currency, Line), ApiError> {
    let mut price = item
        .hash("price_data")?
        .ok_or_else(|| item.missing("price_data"))?;
    let mut product = price
        .hash("product_data")?
        .ok_or_else(|| price.missing("product_data"))?;
    let name = product
        .short_text("name", 5_000)?
        .ok_or_else(|| product.missing("name"))?;
    let description = product.short_text("description", 5_000)?;
    product.texts("images")?;
    product.metadata("metadata")?;
    let code = price.required_text("currency")?;
    let currency = Currency::find(&code).ok_or_else(|| {
        price.invalid(
            "currency",
            format!(
                "Invalid currency: {code}. Stripe currently supports these currencies: {}",
                known_codes()
            ),
        )
    })?;
    let unit_amount = at_least(&mut price, "unit_amount", 0)?;
    let quantity = at_least(&mut item, "quantity", 1)?;
    if quantity > MAX_QUANTITY {
        return Err(item
            .invalid(
                "quantity",
                format!("This value must be less than or equal to {MAX_QUANTITY}."),
            )
            .code("parameter_invalid_integer"));
    }
    // An overflow is far above the maximum, which the total is checked against.
    let total = unit_amount.saturating_mul(quantity);
    let metadata = item.metadata("metadata")?;
    product.finish()?;
    price.finish()?;
    item.finish()?;
    let (id, price, product) = (ids::line_item(), ids::price(), ids::product());
    Ok((
        currency,
        Line {
            id,
            price,
            product,
            name,
            description,
            unit_amount,
            quantity,
            total,
            metadata,
        },
    ))
}

fn at_least(params: &mut Params, key: &str, least: i64) -> Result<i64, ApiError> {
    let number = params.integer(key)?.ok_or_else(|| params.missing(key))?;
    if number < least {
        let message = format!("This value must be greater than or equal to {least}.");
        return Err(params
            .invalid(key, message)
            .code("parameter_invalid_integer"));
    }
    Ok(number)
}

fn total(lines: &[Line], currency: Currency) -> Result<i64, ApiError> {
    let total = lines
        .iter()
        .fold(0_i64, |sum, line| sum.saturating_add(line.total));
    if total > MAXIMUM_AMOUNT {
        let most = currency.format(MAXIMUM_AMOUNT);
        return Err(ApiError::invalid(format!(
            "The Checkout Session's total amount must be no more than {most}."
        ))
        .code("amount_too_large"));
    }
    if total < currency.minimum {
        let least = currency.format(currency.minimum);
        return Err(ApiError::invalid(format!(
            "The Checkout Session's total amount due must add up to at least {least}."
        ))
        .code("amount_too_small"));
    }
    if !currency.is_chargeable_step(total) {
        return Err(
            ApiError::invalid("Amounts in three-decimal currencies must end in 0.")
                .param("line_items"),
        );
    }
    Ok(total)
}

/// An absolute http or https address. The template for the session's id may be in it.
fn url(params: &mut Params, key: &str) -> Result<Option<String>, ApiError> {
    let Some(url) = params.text(key)? else {
        return Ok(None);
    };
    if url.len() > MAX_URL_LENGTH || !is_web_address(&url) {
        return Err(params.invalid(key, "Not a valid URL").code("url_invalid"));
    }
    Ok(Some(url))
}

fn is_web_address(url: &str) -> bool {
    let filled = url.replace("{CHECKOUT_SESSION_ID}", "id");
    let Ok(uri) = filled.parse::<Uri>() else {
        return false;
    };
    let scheme_is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    // A header cannot carry anything else, and the address goes into one.
    let printable = url.bytes().all(|byte| byte.is_ascii_graphic());
    scheme_is_web && printable && uri.host().is_some_and(|host| !host.is_empty())
}

fn email(params: &mut Params) -> Result<Option<String>, ApiError> {
    let Some(email) = params.short_text("customer_email", 800)? else {
        return Ok(None);
    };
    let well_formed = email.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
    }) && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if !well_formed {
        return Err(params
            .invalid("customer_email", format!("Invalid email address: {email}"))
            .code("email_invalid"));
    }
    Ok(Some(email))
}

const LOCALES: &[&str] = &[
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr",
    "fr-CA", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt",
    "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
];

#[cfg(test)]
#[path = "create_tests.rs"]
mod tests;
