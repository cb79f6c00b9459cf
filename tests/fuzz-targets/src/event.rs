//! Events of API Gateway: whatever one says, the function answers. Nobody without claims gets what
//! is somebody's, and it does not matter how a body was wrapped on its way.

use std::{
    cell::Cell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use lambda_http::{Body, Request, RequestExt, Response, request::LambdaRequest};
use recharge_core::http::route_key;
use serde_json::{Value, json};

use crate::world::{World, assert_told};

/// Every status that is ours to give; 500 is not.
const REFUSALS: [u16; 9] = [400, 401, 403, 404, 409, 413, 422, 429, 503];
/// Who is asked without a token: the catalogue, Stripe, and browsers that come back from Stripe.
const PUBLIC: [&str; 6] = [
    "GET /v1/packages",
    "GET /v1/gifts",
    "GET /v1/config",
    "POST /v1/stripe/webhook",
    "GET /return/{id}",
    "GET /cancel/{id}",
];

/// An event, as JSON.
pub fn event(data: &[u8]) -> bool {
    let Ok(event) = serde_json::from_slice::<LambdaRequest>(data) else {
        return false;
    };
    let Some(request) = converted(event) else {
        return false;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.unwrap().block_on(async {
        let route = route_key(&request).to_owned();
        let has_claims = has_claims(&request);
        let world = World::start().await;
        let answer = world.ask(&route, request).await;
        assert_answer(&answer, &route, has_claims);
        if let Some(wrapped) = wrapped(data) {
            let world = World::start().await;
            let again = world.ask(&route, wrapped).await;
            assert_eq!(again.status(), answer.status(), "in base64");
            assert_eq!(again.body(), answer.body(), "in base64");
        }
        answer.status().is_success()
    })
}

fn has_claims(request: &Request) -> bool {
    let context = request.request_context_ref();
    let authorizer = context.and_then(|context| context.authorizer());
    authorizer.is_some_and(|authorizer| authorizer.jwt.is_some())
}

fn assert_answer(answer: &Response<Body>, route: &str, has_claims: bool) {
    let status = answer.status().as_u16();
    let is_page = route.starts_with("GET /return/") || route.starts_with("GET /cancel/");
    if status >= 400 && !is_page {
        assert_told(answer, &REFUSALS);
    } else {
        let known = [200, 201, 304].contains(&status) || REFUSALS.contains(&status);
        assert!(known, "{status}");
    }
    if !has_claims && !PUBLIC.contains(&route) {
        assert!(
            [401, 404].contains(&status),
            "{route} without claims: {status}"
        );
    }
}

/// The same event with its body in base64, if it has one that is not.
fn wrapped(data: &[u8]) -> Option<Request> {
    let mut event: Value = serde_json::from_slice(data).ok()?;
    let body = event["body"].as_str()?.to_owned();
    if event["isBase64Encoded"] == true {
        return None;
    }
    event["body"] = json!(STANDARD.encode(body));
    event["isBase64Encoded"] = json!(true);
    converted(serde_json::from_value(event).ok()?)
}

/// What `lambda_http` panics with: base64 that is none, which only API Gateway could write, and an
/// address that is none. Lambda's runtime catches it: no function of ours is called, nothing
/// changes, and API Gateway answers 500.
const KNOWN: [&str; 3] = [
    "failed to decode aws base64 encoded body",
    "failed to build request",
    "called `Result::unwrap()` on an `Err` value",
];

thread_local! {
    static IS_CONVERTING: Cell<bool> = const { Cell::new(false) };
}

/// The request of an event, unless it is one that `lambda_http` panics at.
fn converted(event: LambdaRequest) -> Option<Request> {
    static QUIET: Once = Once::new();
    // A fuzzer's own hook ends the process; the hook before ours still hears of all other panics.
    QUIET.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_CONVERTING.get() {
                before(info);
            }
        }));
    });
    IS_CONVERTING.set(true);
    let converted = panic::catch_unwind(AssertUnwindSafe(|| Request::from(event)));
    IS_CONVERTING.set(false);
    let panicked = match converted {
        Ok(request) => return Some(request),
        Err(panicked) => panicked,
    };
    let text = panicked.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panicked.downcast_ref::<&str>().map(ToString::to_string));
    let text = text.unwrap_or_default();
    assert!(KNOWN.iter().any(|known| text.starts_with(known)), "{text}");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(change: impl Fn(&mut Value)) -> Option<Request> {
        let mut event = json!({
            "version": "2.0",
            "routeKey": "GET /v1/wallet",
            "rawPath": "/v1/wallet",
            "rawQueryString": "limit=1",
            "headers": {"host": "api.example.com"},
            "requestContext": {
                "routeKey": "GET /v1/wallet",
                "stage": "$default",
                "timeEpoch": 0,
                "http": {"method": "GET", "path": "/v1/wallet"},
            },
            "body": "e30=",
            "isBase64Encoded": true,
        });
        change(&mut event);
        converted(serde_json::from_value(event).unwrap())
    }

    /// What is known of the library. If it panics less one day, there is less to know.
    #[test]
    fn lambda_http_panics_at_what_is_no_base64_and_no_address_and_at_nothing_else() {
        let request = convert(|_| {}).unwrap();
        assert_eq!(request.body(), &Body::Binary(b"{}".to_vec()));
        assert!(convert(|event| event["body"] = json!("no base64")).is_none());
        for (letter, is_address) in [("<", false), (">", false), ("\"", false), (" ", false)]
            .into_iter()
            .chain(["%", "{", "}", "|", "^", "`", "[", "]", "#", "ä"].map(|fine| (fine, true)))
        {
            let query = convert(|event| event["rawQueryString"] = json!(format!("a={letter}")));
            assert_eq!(query.is_some(), is_address, "a query with {letter}");
            let path = convert(|event| event["rawPath"] = json!(format!("/v1/{letter}")));
            assert!(path.is_some(), "a path with {letter}");
        }
        let host = convert(|event| event["headers"]["host"] = json!("a b"));
        assert!(host.is_none(), "a host with a space");
    }
}
