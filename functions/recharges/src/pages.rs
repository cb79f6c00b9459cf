//! The pages that Stripe leads back to. They need no script, carry no token, and show nothing of
//! the buyer: whoever has the link sees this recharge's status and coins.

use std::fmt::Write as _;

use lambda_http::{Body, Response, http::StatusCode};
use recharge_core::{
    config::Reading,
    domain::{Recharge, RechargeStatus},
};

/// Which way the browser came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From a payment.
    Return,
    /// Without one.
    Cancel,
}

/// What the pages are made with.
#[derive(Debug)]
pub(crate) struct Pages {
    /// The app's universal link; `{id}` in it becomes the recharge's id.
    app_link: Option<String>,
}

/// What a page says.
struct Said {
    title: &'static str,
    text: String,
    /// Whether it may say something else soon.
    may_change: bool,
}

/// Nothing but its own style: a page next to a payment runs nobody's code.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "\
:root{color-scheme:light dark;font:1.125rem/1.5 system-ui,sans-serif}\
body{margin:0;min-height:100vh;display:grid;place-items:center}\
main{max-width:32rem;padding:1.5rem;text-align:center}\
a{display:inline-block;margin:.5rem;padding:.75rem 1.5rem;border-radius:.5rem;\
border:2px solid currentColor;color:inherit;text-decoration:none}\
a:focus-visible{outline:3px solid Highlight;outline-offset:3px}\
a.main{background:#1a56db;border-color:#1a56db;color:#fff}";

impl Pages {
    /// From `APP_LINK`.
    pub(crate) fn read(reading: &mut Reading<'_>) -> Option<Self> {
        let before = reading.problem_count();
        let app_link = reading.optional("APP_LINK", app_link);
        (reading.problem_count() == before).then_some(Self { app_link })
    }

    /// The page of a recharge.
    pub(crate) fn of(&self, recharge: &Recharge, way: Way) -> Response<Body> {
        let said = said(recharge, way);
        let mut links = String::new();
        // Both were checked when they came in; here they are only text in an attribute.
        let onwards = recharge
            .return_url
            .clone()
            .or_else(|| self.app_link_to(recharge));
        if let Some(url) = onwards {
            link(&mut links, "main", &url, "Back to the app");
        }
        if said.may_change {
            let here = format!("../return/{}", recharge.id);
            link(&mut links, "", &here, "Check again");
        }
        let text = format!("<p>{}</p>\n<nav>{links}</nav>", escaped(&said.text));
        page(StatusCode::OK, said.title, &text)
    }

    /// For an id that leads nowhere.
    #[expect(
        clippy::unused_self,
        reason = "all pages are asked for in the same way"
    )]
    pub(crate) fn not_found(&self) -> Response<Body> {
        let text = "<p>This link leads to no recharge.</p>";
        page(StatusCode::NOT_FOUND, "Nothing here", text)
    }

    /// For an outage.
    #[expect(
        clippy::unused_self,
        reason = "all pages are asked for in the same way"
    )]
    pub(crate) fn unavailable(&self) -> Response<Body> {
        let text = "<p>We cannot tell right now. Nothing is lost: what you paid for will arrive. \
                    Reload this page in a moment.</p>";
        page(StatusCode::SERVICE_UNAVAILABLE, "One moment", text)
    }

    fn app_link_to(&self, recharge: &Recharge) -> Option<String> {
        let link = self.app_link.as_ref()?;
        Some(link.replace("{id}", recharge.id.as_str()))
    }
}

fn said(recharge: &Recharge, way: Way) -> Said {
    let coins = recharge.total_coins().get();
    let (title, text, may_change) = match recharge.status {
        RechargeStatus::Created | RechargeStatus::Open if way == Way::Cancel => (
            "Not paid",
            "You have not paid, and nothing was charged.".to_owned(),
            true,
        ),
        RechargeStatus::Created | RechargeStatus::Open => (
            "Waiting for your payment",
            format!("Your {coins} coins arrive as soon as your payment does."),
            true,
        ),
        RechargeStatus::Processing => (
            "Your payment is on its way",
            format!(
                "Your way of paying can take some days. Your {coins} coins arrive with the money; \
                 you need not wait here."
            ),
            true,
        ),
        RechargeStatus::Settled => (
            "Your coins are here",
            format!("{coins} coins were added."),
            false,
        ),
        RechargeStatus::PartiallyRefunded => (
            "Partly refunded",
            "A part of this payment was refunded.".to_owned(),
            false,
        ),
        RechargeStatus::Failed => (
            "The payment failed",
            "The payment did not come through. No coins were added.".to_owned(),
            false,
        ),
        RechargeStatus::Expired => (
            "Too late",
            "This checkout has expired, and nothing was charged. Start again in the app."
                .to_owned(),
            false,
        ),
        RechargeStatus::NeedsReview => (
            "We are looking at it",
            "We received your payment, and a person looks at it. Nothing is lost.".to_owned(),
            false,
        ),
        RechargeStatus::Refunded => ("Refunded", "This payment was refunded.".to_owned(), false),
        RechargeStatus::Disputed => (
            "Disputed",
            "This payment is disputed with your bank.".to_owned(),
            false,
        ),
    };
    Said {
        title,
        text,
        may_change,
    }
}

fn link(links: &mut String, class: &str, url: &str, text: &str) {
    let url = escaped(url);
    // Writing to a text cannot fail.
    let _written = write!(links, r#"<a class="{class}" href="{url}">{text}</a>"#);
}

fn page(status: StatusCode, title: &str, content: &str) -> Response<Body> {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{content}\n</main>\n\
         </body>\n</html>\n"
    );
    Response::builder()
        .status(status)
        .header("content-type", "text/html; charset=utf-8")
        .header("cache-control", "no-store")
        .header("content-security-policy", CONTENT_SECURITY_POLICY)
        .header("referrer-policy", "no-referrer")
        .header("x-content-type-options", "nosniff")
        .body(Body::Text(html))
        .unwrap_or_default()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            char => escaped.push(char),
        }
    }
    escaped
}

/// `https`, or `http` on this machine, or an app's own scheme; never one that runs code.
fn app_link(text: &str) -> Result<String, &'static str> {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    let is_scheme = !scheme.is_empty()
        && scheme.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte)
        });
    let runs_code = ["javascript", "data", "vbscript"].contains(&scheme);
    let is_graphic = text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_scheme && !runs_code && is_graphic)
        .then(|| text.to_owned())
        .ok_or("must be like https://app.example.com/recharges/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_elsewhere_cannot_leave_its_attribute() {
        assert_eq!(
            escaped(r#"https://a/?x="><script>'&"#),
            "https://a/?x=&quot;&gt;&lt;script&gt;&#39;&amp;"
        );
    }

    #[test]
    fn a_link_to_the_app_has_a_harmless_scheme() {
        for fine in ["https://app.example.com/r/{id}", "myapp://recharge/{id}"] {
            assert!(app_link(fine).is_ok(), "{fine}");
        }
        for bad in [
            "javascript://x",
            "data://x",
            "//x",
            "app.example.com",
            "https://a b",
            "",
        ] {
            assert!(app_link(bad).is_err(), "{bad}");
        }
    }
}
