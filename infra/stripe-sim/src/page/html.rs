//! A page without scripts: escaping, the frame around the content, and the headers.

use std::fmt::Write;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

/// Text for element content and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A page with this title (plain text) and content (HTML).
pub(crate) fn page(status: StatusCode, title: &str, content: &str) -> Response {
    let title = escape(title);
    let mut html = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <p class=\"mode\">Test mode. No real money moves.</p>\n<h1>{title}</h1>\n{content}</main>\n</body>\n</html>\n"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// No `form-action`: browsers apply it to the redirect as well, which leads to the shop.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    ),
];

/// Text has a contrast of at least 7 to 1 in both schemes, borders of at least 4 to 1.
const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #1a1f36; --paper: #ffffff; --soft: #4a5168; --line: #767c8f; --go: #4b3fd1; --on-go: #ffffff; --bad: #a3123a; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f2f3f8; --paper: #14161f; --soft: #b9bece; --line: #8b91a6; --go: #b3acff; --on-go: #14161f; --bad: #ff9db3; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 32rem; margin: 0 auto; padding: 1.5rem 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
.mode { margin: 0 0 1rem; padding: .5rem .75rem; border: 2px dashed var(--line); font-weight: 600; }
.error { margin: 0 0 1rem; padding: .5rem .75rem; border-left: .375rem solid var(--bad); color: var(--bad); font-weight: 600; }
table { width: 100%; border-collapse: collapse; margin: 0 0 1rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .25rem; }
th, td { padding: .5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
td { padding-left: 1rem; text-align: right; }
tfoot th, tfoot td { font-weight: 700; border-bottom: 0; }
small { display: block; color: var(--soft); font-size: .875rem; }
fieldset { border: 0; margin: 0; padding: 0; display: grid; gap: .75rem; }
legend { padding: 0; margin-bottom: .75rem; color: var(--soft); }
button { min-height: 2.75rem; padding: .5rem 1rem; font: inherit; font-weight: 600; color: var(--ink); background: var(--paper); border: 2px solid var(--line); border-radius: .375rem; cursor: pointer; }
button.go { color: var(--on-go); background: var(--go); border-color: var(--go); }
a { color: var(--go); }
button:focus-visible, a:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; }
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_text_can_become_markup() {
        assert_eq!(
            escape("<script>alert(\"1\" & '2')</script>"),
            "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;"
        );
        assert_eq!(escape("コイン €5"), "コイン €5");
    }
}
