//! An HTTP request as an event of API Gateway's HTTP API, payload format 2.0.
//!
//! Paths, queries and bodies are treated as in events that the real one has sent: the path is
//! decoded and the raw query is not, headers of one name are joined with commas, cookies are
//! apart, and a body that is not text by its content type is in base64.

use std::{borrow::Cow, collections::BTreeMap, net::IpAddr};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header, request::Parts};
use jiff::Timestamp;
use lambda_http::aws_lambda_events::query_map::QueryMap;
use serde::Serialize;

/// A request that has found its route.
#[derive(Debug)]
pub(super) struct Incoming<'a> {
    pub(super) route_key: &'a str,
    /// Decoded.
    pub(super) path: &'a str,
    pub(super) path_parameters: &'a BTreeMap<String, String>,
    pub(super) parts: &'a Parts,
    pub(super) body: &'a [u8],
    pub(super) domain: &'a str,
    pub(super) source_ip: IpAddr,
    pub(super) request_id: &'a str,
    pub(super) now: Timestamp,
}

/// What is empty is absent, as with the real one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<&'a str>,
    headers: BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: &'a BTreeMap<String, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'a str,
    domain_prefix: &'static str,
    http: HttpDescription<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpDescription<'a> {
    method: &'a str,
    path: &'a str,
    protocol: String,
    source_ip: IpAddr,
    user_agent: Cow<'a, str>,
}

/// Headers that end at API Gateway.
const HOP_BY_HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl<'a> Incoming<'a> {
    /// The event.
    pub(super) fn to_event(&self) -> Event<'a> {
        let raw_query_string = self.parts.uri.query().unwrap_or_default();
        let (body, is_base64_encoded) = self.body();
        Event {
            version: "2.0",
            route_key: self.route_key,
            raw_path: self.path,
            raw_query_string,
            cookies: cookies(&self.parts.headers),
            headers: self.headers(),
            query_string_parameters: query_parameters(raw_query_string),
            path_parameters: self.path_parameters,
            request_context: self.context(),
            body,
            is_base64_encoded,
        }
    }

    fn context(&self) -> RequestContext<'a> {
        let user_agent = self.parts.headers.get(header::USER_AGENT);
        let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()));
        RequestContext {
            account_id: "000000000000",
            api_id: "local",
            domain_name: self.domain,
            domain_prefix: "local",
            http: HttpDescription {
                method: self.parts.method.as_str(),
                path: self.path,
                protocol: format!("{:?}", self.parts.version),
                source_ip: self.source_ip,
                user_agent: user_agent.unwrap_or_default(),
            },
            request_id: self.request_id,
            route_key: self.route_key,
            stage: "$default",
            time: self.now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            time_epoch: self.now.as_millisecond(),
        }
    }

    /// By lower-case name, joined with commas, with what API Gateway adds.
    fn headers(&self) -> BTreeMap<&'a str, String> {
        let mut headers = BTreeMap::new();
        for name in self.parts.headers.keys() {
            if *name != header::COOKIE && !HOP_BY_HOP.contains(&name.as_str()) {
                let values = self.parts.headers.get_all(name).iter();
                let values: Vec<_> = values
                    .map(|value| String::from_utf8_lossy(value.as_bytes()))
                    .collect();
                headers.insert(name.as_str(), values.join(","));
            }
        }
        // The address of the API is API Gateway's own, whatever the client called it.
        headers.insert("host", self.domain.to_owned());
        let port = self.domain.rsplit_once(':').map_or("80", |(_, port)| port);
        headers.insert("x-forwarded-port", port.to_owned());
        headers.insert("x-forwarded-proto", "http".to_owned());
        let forwarded = headers.entry("x-forwarded-for").or_default();
        if !forwarded.is_empty() {
            forwarded.push_str(", ");
        }
        forwarded.push_str(&self.source_ip.to_string());
        headers
    }

    /// The body, and whether it is in base64.
    fn body(&self) -> (Option<Cow<'a, str>>, bool) {
        if self.body.is_empty() {
            return (None, false);
        }
        match std::str::from_utf8(self.body) {
            Ok(text) if self.is_text() => (Some(text.into()), false),
            _ => (Some(STANDARD.encode(self.body).into()), true),
        }
    }

    /// Whether the content type is one whose body API Gateway leaves as it is.
    fn is_text(&self) -> bool {
        let content_type = self.parts.headers.get(header::CONTENT_TYPE);
        let content_type = content_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let kind = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let others = [
            "application/json",
            "application/javascript",
            "application/xml",
        ];
        kind.starts_with("text/") || others.contains(&kind.as_str())
    }
}

fn cookies(headers: &HeaderMap) -> Vec<&str> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let cookies = lines.flat_map(|line| line.split(';')).map(str::trim);
    cookies.filter(|cookie| !cookie.is_empty()).collect()
}

/// Decoded, and joined with commas.
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let Ok(decoded) = query.parse::<QueryMap>();
    let values = |name: &str| decoded.all(name).map(|values| values.join(","));
    let names = decoded.iter().map(|(name, _)| name);
    names
        .filter_map(|name| Some((name.to_owned(), values(name)?)))
        .collect()
}
