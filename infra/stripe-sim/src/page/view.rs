//! What the pay page shows.

use std::fmt::Write;

use axum::http::StatusCode;
use axum::response::Response;

use crate::model::{PaymentStatus, Session, SessionStatus, method};
use crate::money::format_amount;
use crate::page::html::{escape, page};

/// An open session: what is bought, and the buttons. `error` says why the last try failed.
pub(crate) fn open(session: &Session, error: Option<&str>) -> Response {
    let amount = format_amount(&session.currency, session.amount_total);
    let mut content = String::new();
    if let Some(error) = error {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            content,
            "<p class=\"error\" role=\"alert\">{}</p>",
            escape(error)
        );
    }
    content.push_str(&lines(session, &amount));
    content.push_str(&form(session, &amount));
    page(StatusCode::OK, &format!("Pay {amount}"), &content)
}

/// A session that was paid or expired: says so and leads back to the shop.
pub(crate) fn closed(session: &Session) -> Response {
    let (title, text, link) = match session.status {
        SessionStatus::Complete if session.payment_status == PaymentStatus::Unpaid => (
            "This checkout is complete",
            "It has been completed, and its payment takes time. You cannot pay it again.",
            Some(session.filled_success_url()),
        ),
        SessionStatus::Complete => (
            "This checkout is paid",
            "It has been completed. You cannot pay it again.",
            Some(session.filled_success_url()),
        ),
        SessionStatus::Expired | SessionStatus::Open => (
            "This checkout has expired",
            "It can no longer be paid. You have not been charged.",
            session.filled_cancel_url(),
        ),
    };
    let mut content = format!("<p>{text}</p>\n");
    if let Some(link) = link {
        let _ = writeln!(
            content,
            "<p><a href=\"{}\">Back to the shop</a></p>",
            escape(&link)
        );
    }
    page(StatusCode::GONE, title, &content)
}

/// There is no such session.
pub(crate) fn unknown() -> Response {
    page(
        StatusCode::NOT_FOUND,
        "Checkout not found",
        "<p>There is no checkout at this address.</p>\n",
    )
}

/// The form's fields make no sense.
pub(crate) fn bad_form() -> Response {
    let content = "<p>This page takes <code>outcome=succeed</code>, <code>decline</code>, <code>cancel</code> or, if \
                   it offers that, <code>delayed</code>. \
                   To send JSON, set the header <code>Content-Type: application/json</code>.</p>\n";
    page(StatusCode::BAD_REQUEST, "This form cannot be read", content)
}

/// The payment could not be taken although the session was open a moment ago.
pub(crate) fn unavailable() -> Response {
    let content = "<p>The payment was not taken. Go back and try again.</p>\n";
    page(StatusCode::SERVICE_UNAVAILABLE, "Please try again", content)
}

fn lines(session: &Session, amount: &str) -> String {
    let mut table = String::from("<table>\n<caption>What you are buying</caption>\n<tbody>\n");
    for line in &session.lines {
        let each = format_amount(&session.currency, line.unit_amount);
        let total = format_amount(&session.currency, line.total);
        let name = escape(&line.name);
        let mut details = String::new();
        if let Some(description) = &line.description {
            let _ = write!(details, "<small>{}</small>", escape(description));
        }
        let _ = write!(details, "<small>{} × {each}</small>", line.quantity);
        let _ = writeln!(
            table,
            "<tr><th scope=\"row\">{name}{details}</th><td>{total}</td></tr>"
        );
    }
    let _ = writeln!(
        table,
        "</tbody>\n<tfoot>\n<tr><th scope=\"row\">Total</th><td>{amount}</td></tr>\n</tfoot>\n</table>"
    );
    table
}

fn form(session: &Session, amount: &str) -> String {
    let id = escape(&session.id);
    let mut form = format!(
        "<form method=\"post\" action=\"/stripe-sim/checkout/{id}/pay\">\n<fieldset>\n\
         <legend>Choose how this test payment ends</legend>\n\
         <button class=\"go\" name=\"outcome\" value=\"succeed\">Pay {amount} by card: succeed</button>\n\
         <button name=\"outcome\" value=\"decline\">Decline the card</button>\n"
    );
    if let Some(delayed) = session.delayed_method() {
        let label = escape(method::label(delayed));
        let _ = writeln!(
            form,
            "<button name=\"outcome\" value=\"delayed\">Pay later by {label} (delayed)</button>"
        );
    }
    if session.cancel_url.is_some() {
        form.push_str("<button name=\"outcome\" value=\"cancel\">Cancel and go back</button>\n");
    }
    form.push_str("</fieldset>\n</form>\n");
    form
}
