//! Events as API Gateway makes them, and answers as it gives them.

use std::collections::BTreeMap;

use http::{HeaderMap, Method};
use lambda_http::{RequestExt, aws_lambda_events::apigw::ApiGatewayV2httpRequest};
use recharge_core::adapters::SystemClock;
use serde_json::{Value, json};

use super::*;
use crate::functions::Handler;

/// The event of a request to `POST /v1/things/{id}`.
fn event(uri: &str, headers: &[(&str, &str)], body: &[u8]) -> Value {
    let mut request = Request::post(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let path = percent::path(parts.uri.path()).unwrap();
    let incoming = Incoming {
        route_key: "POST /v1/things/{id}",
        path: &path,
        path_parameters: &BTreeMap::from([("id".to_owned(), "a b".to_owned())]),
        parts: &parts,
        body,
        domain: "127.0.0.1:3000",
        source_ip: "127.0.0.1".parse().unwrap(),
        request_id: "request-1",
        now: "2020-03-12T19:03:58.390Z".parse().unwrap(),
    };
    serde_json::to_value(incoming.to_event()).unwrap()
}

#[test]
fn an_event_has_the_shape_of_payload_format_2() {
    let headers = [
        ("user-agent", "agent"),
        ("content-type", "application/json"),
    ];
    let event = event("/v1/things/a%20b?x=1&x=2%20c&y=", &headers, br#"{"a": 1}"#);
    let expected = json!({
        "version": "2.0",
        "routeKey": "POST /v1/things/{id}",
        "rawPath": "/v1/things/a b",
        "rawQueryString": "x=1&x=2%20c&y=",
        "headers": {
            "content-type": "application/json",
            "host": "127.0.0.1:3000",
            "user-agent": "agent",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "3000",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"x": "1,2 c", "y": ""},
        "pathParameters": {"id": "a b"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "127.0.0.1:3000",
            "domainPrefix": "local",
            "http": {
                "method": "POST",
                "path": "/v1/things/a b",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "agent",
            },
            "requestId": "request-1",
            "routeKey": "POST /v1/things/{id}",
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1_584_039_838_390_i64,
        },
        "body": r#"{"a": 1}"#,
        "isBase64Encoded": false,
    });
    assert_eq!(event, expected);
    serde_json::from_value::<ApiGatewayV2httpRequest>(event).unwrap();
}

#[test]
fn what_is_empty_is_absent() {
    let event = event("/v1/things/a", &[], b"");
    for absent in ["body", "cookies", "queryStringParameters"] {
        assert_eq!(event.get(absent), None, "{absent}");
    }
    assert_eq!(event["rawQueryString"], "");
    let context = event["requestContext"].as_object().unwrap();
    assert!(
        !context.contains_key("authorizer"),
        "tokens are verified by the core here"
    );
}

#[test]
fn headers_of_one_name_are_joined_and_cookies_are_apart() {
    let event = event(
        "/v1/things/a",
        &[
            ("X-Many", "1"),
            ("x-many", "2"),
            ("cookie", "a=1; b=2"),
            ("connection", "close"),
        ],
        b"",
    );
    assert_eq!(event["headers"]["x-many"], "1,2");
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    for gone in ["cookie", "connection"] {
        assert_eq!(event["headers"].get(gone), None, "{gone}");
    }
}

#[test]
fn a_body_is_text_only_if_its_type_says_so_and_it_is() {
    for (content_type, body, base64) in [
        ("application/json", "ä".as_bytes(), false),
        ("Application/JSON; charset=utf-8", b"{}", false),
        ("text/plain", b"a", false),
        ("application/xml", b"<a/>", false),
        ("application/javascript", b"1", false),
        ("application/json", b"\xff", true),
        ("application/x-www-form-urlencoded", b"a=1", true),
        ("application/octet-stream", b"a", true),
        ("application/jsonx", b"{}", true),
    ] {
        let event = event("/v1/things/a", &[("content-type", content_type)], body);
        assert_eq!(event["isBase64Encoded"], base64, "{content_type}");
        let event: ApiGatewayV2httpRequest = serde_json::from_value(event).unwrap();
        let read = lambda_http::Body::from_maybe_encoded(base64, &event.body.unwrap());
        assert_eq!(&*read, body, "{content_type}");
    }
    assert_eq!(event("/v1/things/a", &[], b"a")["isBase64Encoded"], true);
}

/// A gateway whose two functions say what they were asked, or panic.
fn gateway() -> Gateway {
    let function = |name: &str, events: &str| {
        format!(
            "{name}: {{Type: 'AWS::Serverless::Function', \
             Properties: {{CodeUri: functions/{name}/, Events: {events}}}}}"
        )
    };
    let route = |method: &str, path: &str| {
        format!("{{Type: HttpApi, Properties: {{Method: {method}, Path: '{path}'}}}}")
    };
    let echo = format!(
        "{{A: {}, B: {}, C: {}}}",
        route("GET", "/v1/things/{id}"),
        route("GET", "/v1/things/all"),
        route("POST", "/v1/things")
    );
    let broken = format!("{{A: {}}}", route("get", "/broken"));
    let template = format!(
        "Resources: {{{}, {}}}",
        function("echo", &echo),
        function("broken", &broken)
    );
    let mut functions = Functions::default();
    functions.register(
        "echo",
        Handler::new(|request| async move { echo_of(&request) }),
    );
    functions.register("broken", Handler::new(|_| async { panic!("on purpose") }));
    let template = Template::parse(&template).unwrap();
    let clock = Arc::new(SystemClock::default());
    Gateway::new(&template, &functions, "127.0.0.1:3000".to_owned(), clock).unwrap()
}

fn echo_of(request: &lambda_http::Request) -> lambda_http::Response<lambda_http::Body> {
    let context = request.lambda_context();
    let parameters = request.path_parameters();
    let body = json!({
        "id": parameters.first("id"),
        "query": request.query_string_parameters().all("q"),
        "body": String::from_utf8_lossy(request.body()),
        "request_id": context.request_id,
    });
    lambda_http::Response::builder()
        .status(201)
        .header("content-type", "application/json")
        .header("x-own", "1")
        .body(body.to_string().into())
        .unwrap()
}

async fn answer(gateway: &Gateway, request: Request<Body>) -> (StatusCode, HeaderMap, Value) {
    let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1)));
    let response = serve(State(gateway.clone()), peer, request).await;
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (
        parts.status,
        parts.headers,
        serde_json::from_slice(&body).unwrap(),
    )
}

fn request(method: Method, uri: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(uri)
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn a_request_reaches_the_handler_and_its_answer_comes_back() {
    let gateway = gateway();
    let get = |uri: &str| request(Method::GET, uri, Body::empty());
    let (status, headers, first) = answer(&gateway, get("/v1/things/a%2Eb?q=1&q=%C3%A4")).await;
    assert_eq!(
        (status, &headers["x-own"]),
        (StatusCode::CREATED, &"1".parse().unwrap())
    );
    assert_eq!(
        (&first["id"], &first["query"]),
        (&json!("a.b"), &json!(["1", "ä"]))
    );

    let (_, _, second) = answer(&gateway, get("/v1/things/all")).await;
    assert_eq!(second["id"], Value::Null, "a literal segment wins");
    assert_ne!(first["request_id"], second["request_id"]);

    let (_, _, third) = answer(&gateway, request(Method::POST, "/v1/things", "a=1")).await;
    assert_eq!(third["body"], "a=1", "base64 is undone on the way");
}

#[tokio::test]
async fn api_gateway_answers_what_no_route_takes() {
    let gateway = gateway();
    for (method, uri) in [
        (Method::GET, "/nothing"),
        (Method::DELETE, "/v1/things"),
        (Method::GET, "/v1/things/a%2Fb"),
        (Method::HEAD, "/v1/things/all"),
        (Method::POST, "/v1/things/"),
    ] {
        let (status, headers, body) =
            answer(&gateway, request(method.clone(), uri, Body::empty())).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{method} {uri}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/json");
        assert_eq!(body, json!({"message": "Not Found"}));
    }
}

#[tokio::test]
async fn a_body_of_more_than_10_mb_is_too_large() {
    let gateway = gateway();
    let most = vec![b'a'; BODY_BYTES_MAX];
    let (status, ..) = answer(&gateway, request(Method::POST, "/v1/things", most.clone())).await;
    assert_eq!(status, StatusCode::CREATED);
    let mut more = most;
    more.push(b'a');
    let (status, _, body) = answer(&gateway, request(Method::POST, "/v1/things", more)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(body, json!({"message": "Request Entity Too Large"}));
}

#[tokio::test]
async fn a_panic_ends_one_request_and_nothing_else() {
    let gateway = gateway();
    for _ in 0..2 {
        let (status, _, body) =
            answer(&gateway, request(Method::GET, "/broken", Body::empty())).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(body, json!({"message": "Internal Server Error"}));
    }
}

#[test]
fn template_and_functions_must_fit_each_other() {
    let clock = Arc::new(SystemClock::default());
    let made = |template: &Template, functions: &Functions| {
        Gateway::new(template, functions, String::new(), clock.clone())
            .unwrap_err()
            .to_string()
    };
    let template = Template::built_in().unwrap();
    let missing = made(&template, &Functions::default());
    assert!(missing.contains("does not register"), "{missing}");
    let mut functions = Functions::default();
    functions.register(
        "nobody",
        Handler::new(|request| async move { echo_of(&request) }),
    );
    let unknown = made(&template, &functions);
    assert!(unknown.contains("`nobody`"), "{unknown}");
}
