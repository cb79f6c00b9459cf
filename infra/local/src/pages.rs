//! The page at `/`: plain files, served as they are.

use axum::{Router, response::IntoResponse, routing::get};
use http::{HeaderName, header};

/// Path, content type, content. A test holds that every file of the folder is here.
const PAGES: [(&str, &str, &str); 12] = [
    (
        "/",
        "text/html; charset=utf-8",
        include_str!("../pages/index.html"),
    ),
    (
        "/api.js",
        "text/javascript; charset=utf-8",
        include_str!("../pages/api.js"),
    ),
    (
        "/app.js",
        "text/javascript; charset=utf-8",
        include_str!("../pages/app.js"),
    ),
    (
        "/creator.js",
        "text/javascript; charset=utf-8",
        include_str!("../pages/creator.js"),
    ),
    (
        "/dom.js",
        "text/javascript; charset=utf-8",
        include_str!("../pages/dom.js"),
    ),
    (
        "/earnings.js",
        "text/javascript; charset=utf-8",
        include_str!("../pages/earnings.js"),
    ),
    (
        "/prices.js",
        "text/javascript; charset=utf-8",
        include_str!("../pages/prices.js"),
    ),
    (
        "/recharge.js",
        "text/javascript; charset=utf-8",
        include_str!("../pages/recharge.js"),
    ),
    (
        "/shop.js",
        "text/javascript; charset=utf-8",
        include_str!("../pages/shop.js"),
    ),
    (
        "/wallet.js",
        "text/javascript; charset=utf-8",
        include_str!("../pages/wallet.js"),
    ),
    (
        "/icon.svg",
        "image/svg+xml",
        include_str!("../pages/icon.svg"),
    ),
    (
        "/style.css",
        "text/css; charset=utf-8",
        include_str!("../pages/style.css"),
    ),
];

/// Nothing from elsewhere, nothing inline, in nobody's frame.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache"),
];

/// The pages' routes.
pub(crate) fn router() -> Router {
    PAGES
        .into_iter()
        .fold(Router::new(), |router, (path, content_type, content)| {
            let headers = (HEADERS, [(header::CONTENT_TYPE, content_type)]);
            router.route(
                path,
                get(move || async move { (headers, content).into_response() }),
            )
        })
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pages");
        let files: BTreeSet<_> = fs::read_dir(folder)
            .unwrap()
            .map(|file| format!("/{}", file.unwrap().file_name().into_string().unwrap()))
            .map(|path| {
                if path == "/index.html" {
                    "/".to_owned()
                } else {
                    path
                }
            })
            .collect();
        let served: BTreeSet<_> = PAGES.iter().map(|(path, ..)| (*path).to_owned()).collect();
        assert_eq!(files, served);
    }
}
