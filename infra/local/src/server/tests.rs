//! The whole server over HTTP.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::*;
use crate::Issuer;

fn options() -> Options {
    Options {
        issuer: Some(Issuer::shared()),
        ..Options::default()
    }
}

async fn get(server: &LocalServer, path: &str) -> reqwest::Response {
    reqwest::get(format!("{}{path}", server.base_url()))
        .await
        .unwrap()
}

async fn post(server: &LocalServer, path: &str, body: &str) -> (StatusCode, Value) {
    let request = reqwest::Client::new().post(format!("{}{path}", server.base_url()));
    let response = request.body(body.to_owned()).send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

async fn wallet(server: &LocalServer, token: &str) -> StatusCode {
    let request = reqwest::Client::new().get(format!("{}/v1/wallet", server.base_url()));
    request.bearer_auth(token).send().await.unwrap().status()
}

#[tokio::test]
async fn everything_answers_once_it_has_started() {
    let server = LocalServer::start(options()).await.unwrap();
    let health = get(&server, "/healthz").await;
    assert_eq!(health.status(), StatusCode::OK);
    assert_eq!(
        health.json::<Value>().await.unwrap(),
        json!({"status": "ok"})
    );
    assert_eq!(get(&server, "/v1/packages").await.status(), StatusCode::OK);
    assert_eq!(
        get(&server, "/v1/nothing").await.status(),
        StatusCode::NOT_FOUND
    );
    let (status, _) = post(&server, "/stripe-sim/v1/checkout/sessions", "").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "the simulator is mounted");

    let page = get(&server, "/").await;
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self';"), "{policy}");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    server.shutdown().await;
}

#[tokio::test]
async fn tokens_of_the_issuer_are_accepted_until_they_expire() {
    let server = LocalServer::start(options()).await.unwrap();
    let keys: Value = get(&server, "/.well-known/jwks.json")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(keys, Issuer::shared().jwks());

    let (status, body) = post(&server, "/dev/token", r#"{"user": "alice"}"#).await;
    assert_eq!(status, StatusCode::OK);
    let token = body["token"].as_str().unwrap();
    assert_eq!(wallet(&server, token).await, StatusCode::OK);
    assert_eq!(
        wallet(&server, &server.issue_token("bob", &["a"], 60)).await,
        StatusCode::OK
    );

    let expired = r#"{"user": "alice", "scopes": ["a"], "expires_in": -3600}"#;
    let (_, body) = post(&server, "/dev/token", expired).await;
    let token = body["token"].as_str().unwrap();
    assert_eq!(wallet(&server, token).await, StatusCode::UNAUTHORIZED);
    server.shutdown().await;
}

#[tokio::test]
async fn a_wrong_body_for_a_token_is_explained() {
    let server = LocalServer::start(options()).await.unwrap();
    for (body, expected) in [
        (r#"{"user"#, StatusCode::BAD_REQUEST),
        ("", StatusCode::BAD_REQUEST),
        ("{}", StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"user": 1}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (
            r#"{"user": "a", "scope": "b"}"#,
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            r#"{"user": "a", "expires_in": 1e99}"#,
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            r#"{"user": "a", "expires_in": 9000000000}"#,
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        let (status, problem) = post(&server, "/dev/token", body).await;
        assert_eq!(
            (status, &problem["code"]),
            (expected, &json!("body_invalid")),
            "{body}"
        );
    }
    server.shutdown().await;
}

#[tokio::test]
async fn data_is_kept_with_its_tables_key_and_secret() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options {
        data: Some(folder.path().to_owned()),
        ..Options::default()
    };

    let first = LocalServer::start(options()).await.unwrap();
    let keys: Value = get(&first, "/.well-known/jwks.json")
        .await
        .json()
        .await
        .unwrap();
    let (secret, item) = (
        first.setting("CURSOR_SECRETS").to_owned(),
        json!({"kept": true}),
    );
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let put = first.dynamodb().put_item().table_name(first.ledger_table());
    let put = put
        .item("PK", text("a"))
        .item("SK", text("b"))
        .item("it", text(&item.to_string()));
    put.send().await.unwrap();
    first.shutdown().await;

    let second = LocalServer::start(options()).await.unwrap();
    let kept: Value = get(&second, "/.well-known/jwks.json")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(keys, kept);
    assert_eq!(second.setting("CURSOR_SECRETS"), secret);
    let got = second
        .dynamodb()
        .get_item()
        .table_name(second.ledger_table());
    let got = got
        .key("PK", text("a"))
        .key("SK", text("b"))
        .send()
        .await
        .unwrap();
    assert_eq!(got.item().unwrap()["it"], text(&item.to_string()));

    let third = LocalServer::start(options()).await.unwrap_err().to_string();
    assert!(third.contains("another server uses"), "{third}");
    second.shutdown().await;
}

#[tokio::test]
async fn a_taken_port_is_one_clear_line() {
    let server = LocalServer::start(options()).await.unwrap();
    let port: u16 = server
        .base_url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let error = LocalServer::start(Options { port, ..options() })
        .await
        .unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        format!("port {port} is taken; use --port N")
    );
    server.shutdown().await;
    // Free again at once, whatever its connections left behind.
    LocalServer::start(Options { port, ..options() })
        .await
        .unwrap()
        .shutdown()
        .await;
}

#[tokio::test]
async fn servers_share_a_dynamodb_with_tables_of_their_own() {
    let one = LocalServer::start(options()).await.unwrap();
    let other = LocalServer::start(Options {
        dynamodb_endpoint: Some(one.dynamodb_endpoint().to_owned()),
        table_prefix: "other-".to_owned(),
        ..options()
    });
    let other = other.await.unwrap();
    assert_eq!(other.ledger_table(), "other-recharge-ledger");
    let tables = one.dynamodb().list_tables().send().await.unwrap();
    assert_eq!(tables.table_names().len(), 4, "{:?}", tables.table_names());
    other.shutdown().await;
    one.shutdown().await;
}

#[tokio::test]
async fn a_setting_reaches_the_functions_or_is_refused() {
    let with = |name: &str, value: &str| Options {
        settings: BTreeMap::from([(name.to_owned(), value.to_owned())]),
        ..options()
    };
    let server = LocalServer::start(with("TERMS_VERSION", "2030-01-01"))
        .await
        .unwrap();
    let config: Value = get(&server, "/v1/config").await.json().await.unwrap();
    assert_eq!(config["terms_version"], "2030-01-01");
    server.shutdown().await;

    let server = LocalServer::start(with("LEDGER_TABLE", "another"))
        .await
        .unwrap();
    assert_eq!(server.ledger_table(), "another");
    assert_eq!(get(&server, "/v1/gifts").await.status(), StatusCode::OK);
    server.shutdown().await;

    let error = LocalServer::start(with("CURRENCIES", "xyz"))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("CURRENCIES"), "{error}");
}

#[tokio::test]
async fn with_another_stripe_there_is_no_simulator_and_the_banner_says_so() {
    let settings = [
        ("STRIPE_API_KEY", "sk_test_x"),
        ("STRIPE_WEBHOOK_SECRETS", "whsec_x"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let options = |settings: &[(&str, &str)]| Options {
        stripe_url: Some("https://api.stripe.com/".to_owned()),
        settings: settings
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
        data: Some(folder.path().to_owned()),
        ..options()
    };
    let server = LocalServer::start(options(&settings)).await.unwrap();
    let (status, _) = post(&server, "/stripe-sim/v1/checkout/sessions", "").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(server.setting("STRIPE_API_BASE"), "https://api.stripe.com/");
    assert_eq!(server.setting("STRIPE_API_KEY"), "sk_test_x");
    let banner = crate::banner::banner(&server);
    let forward = format!(
        "stripe listen --forward-to {}/v1/stripe/webhook",
        server.base_url()
    );
    for part in [
        "Stripe            https://api.stripe.com/ in test mode",
        "there is no simulator",
        &forward,
    ] {
        assert!(banner.contains(part), "{part} in {banner}");
    }
    for hidden in ["/stripe-sim", "sk_test_x", "whsec_x"] {
        assert!(!banner.contains(hidden), "{hidden} in {banner}");
    }
    server.shutdown().await;

    let missing = LocalServer::start(options(&settings[..1])).await;
    let told = missing.unwrap_err().to_string();
    assert!(told.contains("set STRIPE_WEBHOOK_SECRETS"), "{told}");
}

#[tokio::test]
async fn the_banner_names_every_address_and_three_lines() {
    let server = LocalServer::start(options()).await.unwrap();
    let banner = crate::banner::banner(&server);
    for part in [
        server.base_url(),
        server.dynamodb_endpoint(),
        "/stripe-sim",
        "in memory",
    ] {
        assert!(banner.contains(part), "{part} in {banner}");
    }
    assert_eq!(banner.matches("curl -s ").count(), 3, "{banner}");
    server.shutdown().await;
}
