//! Who may call: a token that is anything but right is 401, before anything else is said.

use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use recharge_core::{adapters::SystemClock, app::Clock};
use recharge_local::{Issuer, Options};
use recharge_testkit::{Answer, FaultyHttp, World, invoke};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

/// Every operation that needs a token; the bodies and keys are bad, too, on purpose.
fn protected() -> [(Method, &'static str); 5] {
    [
        (Method::GET, "/v1/wallet"),
        (Method::GET, "/v1/wallet/entries?limit=0&cursor=junk"),
        (Method::POST, "/v1/recharges"),
        (Method::GET, "/v1/recharges/rch_1"),
        (Method::POST, "/v1/gifts/send"),
    ]
}

async fn call(world: &World, method: Method, path: &str, authorization: Option<&str>) -> Answer {
    let mut request = world.api.request(method, path).body("junk");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    Answer::read(request.send().await.unwrap()).await
}

async fn assert_refused(world: &World, authorization: Option<&str>, why: &str) {
    for (method, path) in protected() {
        let answer = call(world, method, path, authorization).await;
        assert_eq!(answer.outcome(), (401, "unauthenticated"), "{why}: {path}");
        assert_eq!(
            answer.headers["www-authenticate"], "Bearer",
            "{why}: {path}"
        );
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token of `issuer` with any header and claims.
fn signed(issuer: &Issuer, header: &Value, claims: &Value) -> String {
    let content = format!("{}.{}", encoded(header), encoded(claims));
    let key = KeyPair::from_pkcs8(&issuer.to_pkcs8().unwrap()).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        content.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn hs256(claims: &Value, secret: &[u8]) -> String {
    let content = format!(
        "{}.{}",
        encoded(&json!({"alg": "HS256", "typ": "JWT"})),
        encoded(claims)
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(content.as_bytes());
    format!(
        "{content}.{}",
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    )
}

/// What a right token says.
fn claims(world: &World) -> Value {
    let now = world.server.clock().now().as_second();
    json!({
        "iss": world.server.setting("JWT_ISSUER"),
        "aud": world.server.setting("JWT_AUDIENCE"),
        "sub": "alice",
        "iat": now,
        "exp": now + 600,
    })
}

/// The right claims with one changed, or left out.
fn changed(world: &World, name: &str, value: Value) -> Value {
    let mut claims = claims(world);
    match value {
        Value::Null => claims.as_object_mut().unwrap().remove(name),
        value => claims
            .as_object_mut()
            .unwrap()
            .insert(name.to_owned(), value),
    };
    claims
}

/// The header of a right token.
fn header() -> Value {
    let kid = World::issuer().jwks()["keys"][0]["kid"].clone();
    json!({"alg": "RS256", "typ": "JWT", "kid": kid})
}

/// A world whose clock stands still, so that "just expired" is exact.
async fn standing_world() -> World {
    let clock = SystemClock::standing();
    World::with(Options {
        clock,
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn a_token_counts_only_if_its_claims_are_right() {
    let world = standing_world().await;
    let issuer = World::issuer();
    let now = world.server.clock().now().as_second();
    let wrong = [
        ("iss", json!("https://evil.example")),
        ("iss", Value::Null),
        ("aud", json!("another")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("sub", json!("a#b")),
        ("sub", json!("ä")),
        ("sub", json!("x".repeat(65))),
        ("sub", json!(17)),
        ("exp", json!(now - 30)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("nbf", json!(now + 31)),
    ];
    for (name, value) in wrong {
        let token = signed(&issuer, &header(), &changed(&world, name, value.clone()));
        assert_refused(
            &world,
            Some(&format!("Bearer {token}")),
            &format!("{name}: {value}"),
        )
        .await;
    }
    // Clocks differ by seconds; an audience may be one of several.
    let right = [
        ("exp", json!(now - 29)),
        ("nbf", json!(now + 30)),
        (
            "aud",
            json!(["another", world.server.setting("JWT_AUDIENCE")]),
        ),
        ("unknown", json!({"a": 1})),
    ];
    for (name, value) in right {
        let token = signed(&issuer, &header(), &changed(&world, name, value.clone()));
        let answer = world.api.fan(&token).get("/v1/wallet").await;
        assert_eq!(answer.status, 200, "{name}: {value}: {}", answer.body);
    }
    world.stop().await;
}

#[tokio::test]
async fn a_token_counts_only_if_its_issuer_signed_it() {
    let world = standing_world().await;
    let issuer = World::issuer();
    let right = signed(&issuer, &header(), &claims(&world));
    let parts: Vec<&str> = right.split('.').collect();
    let (head, body, signature) = (parts[0], parts[1], parts[2]);
    let others = encoded(&changed(&world, "sub", json!("bob")));
    let mut flipped = URL_SAFE_NO_PAD.decode(signature).unwrap();
    flipped[17] ^= 1;
    let flipped = URL_SAFE_NO_PAD.encode(flipped);
    let none = |alg: &str| encoded(&json!({"alg": alg, "typ": "JWT"}));
    let jwk = issuer.jwks()["keys"][0].clone();
    let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
    let mut long = claims(&world);
    long["padding"] = json!("x".repeat(9_000));
    let mut unknown_key = header();
    unknown_key["kid"] = json!("another");
    let tokens = [
        (String::new(), "empty"),
        ("junk".to_owned(), "junk"),
        ("..".to_owned(), "dots"),
        (format!("{head}.{others}.{signature}"), "another payload"),
        (format!("{head}.{body}.{flipped}"), "a flipped bit"),
        (format!("{head}.{body}."), "no signature"),
        (format!("{head}.{body}"), "two parts"),
        (format!("{right}.{signature}"), "four parts"),
        (format!("{}.{body}.", none("none")), "alg none"),
        (format!("{}.{body}.{signature}", none("None")), "alg None"),
        (format!("{}.{body}.{signature}", none("PS256")), "alg PS256"),
        (hs256(&claims(&world), &modulus), "HS256 with the modulus"),
        (
            hs256(&claims(&world), jwk["n"].as_str().unwrap().as_bytes()),
            "HS256 with its text",
        ),
        (
            hs256(&claims(&world), jwk.to_string().as_bytes()),
            "HS256 with the key as JSON",
        ),
        (hs256(&claims(&world), b""), "HS256 with nothing"),
        (
            signed(&Issuer::generate().unwrap(), &header(), &claims(&world)),
            "another's key",
        ),
        (
            signed(&issuer, &unknown_key, &claims(&world)),
            "an unknown key id",
        ),
        (signed(&issuer, &header(), &long), "9 KB"),
        (format!("{right} {right}"), "two tokens"),
        (world.server.issue_token("alice", &[], -60), "expired"),
    ];
    for (token, why) in tokens {
        assert_refused(&world, Some(&format!("Bearer {token}")), why).await;
    }
    for (authorization, why) in [
        (None, "no header"),
        (Some(right.as_str()), "no scheme"),
        (Some("Bearer"), "nothing but the scheme"),
        (Some("Basic YWxpY2U6"), "another scheme"),
    ] {
        assert_refused(&world, authorization, why).await;
    }
    let lower = call(
        &world,
        Method::GET,
        "/v1/wallet",
        Some(&format!("bearer {right}")),
    )
    .await;
    assert_eq!(lower.status, 200, "a scheme has no case");
    world.stop().await;
}

#[tokio::test]
async fn what_is_public_does_not_look_at_a_token() {
    let world = World::start().await;
    for path in ["/v1/config", "/v1/packages", "/v1/gifts"] {
        for authorization in [None, Some("Bearer junk")] {
            let answer = call(&world, Method::GET, path, authorization).await;
            assert_eq!(answer.status, 200, "{path} {authorization:?}");
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn behind_an_authorizer_its_claims_count_and_no_header_does() {
    let world = World::start().await;
    let function = world.lambda(&FaultyHttp::default()).wallet();
    world.fan_with("alice", 7).await;
    let bobs = format!("Bearer {}", world.server.issue_token("bob", &[], 600));
    let headers = [("authorization", bobs.as_str())];
    let request = invoke("GET /v1/wallet", "alice", &headers, "");
    let answer: Answer = function.handle(request).await.into();
    assert_eq!((answer.status, answer.number("/coins")), (200, 7));
    for subject in ["", "a#b", "x y"] {
        let request = invoke("GET /v1/wallet", subject, &[], "");
        let answer: Answer = function.handle(request).await.into();
        assert_eq!(answer.outcome(), (401, "unauthenticated"), "{subject:?}");
    }
    world.stop().await;
}
