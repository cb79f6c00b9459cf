//! Callers: every token but a right one is refused before anything else is looked at.

mod authorizer;
mod claims;
pub(crate) mod forge;

use forge::{Forger, encoded};
use recharge_local::{Issuer, LocalServer};
use recharge_testkit::{Answer, Api, FaultyHttp, World, gift_body, invoke};
use reqwest::{Method, header::HeaderValue};
use serde_json::{Value, json};

use crate::support::{assert_problem, stored};

/// Every route that needs a caller.
const PROTECTED: [&str; 5] = [
    "GET /v1/wallet",
    "GET /v1/wallet/entries",
    "GET /v1/recharges/rch_1",
    "POST /v1/recharges",
    "POST /v1/gifts/send",
];
const PUBLIC: [&str; 3] = ["/v1/config", "/v1/packages", "/v1/gifts"];

/// A world, and what it takes to forge its tokens.
async fn start() -> (World, Forger) {
    let world = World::start().await;
    let forger = Forger::new(&world.server, &World::issuer().to_pkcs8().unwrap());
    (world, forger)
}

async fn ask(api: &Api, route: &str, authorization: &[&str], body: &str) -> Answer {
    let (method, path) = route.split_once(' ').unwrap();
    let mut request = api.request(method.parse::<Method>().unwrap(), path);
    for value in authorization {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        request = request.header("authorization", value);
    }
    if method == "POST" {
        request = request
            .header("content-type", "application/json")
            .body(body.to_owned());
    }
    Answer::read(request.send().await.unwrap()).await
}

/// Asserts that nobody is known by these headers, wherever a caller is needed.
async fn assert_nobody(api: &Api, authorization: &[&str], case: &str) {
    for route in PROTECTED {
        // Without a key, and with a body that is refused if it is ever read.
        let answer = ask(api, route, authorization, "junk").await;
        let case = format!("{case} at {route}");
        assert_problem(&answer, (401, "unauthenticated"), &case);
        assert_eq!(answer.headers["www-authenticate"], "Bearer", "{case}");
    }
    for path in PUBLIC {
        let answer = ask(api, &format!("GET {path}"), authorization, "").await;
        assert_eq!(answer.status, 200, "{case} at {path}");
    }
}

#[tokio::test]
async fn a_header_that_holds_no_token_is_nobodys() {
    let (world, forger) = start().await;
    world.fan_with("alice", 100).await;
    let before = stored(&world).await;
    let good = forger.token(&forger.claims("alice"));
    let known = ask(
        &world.api,
        "GET /v1/wallet",
        &[&format!("Bearer {good}")],
        "",
    )
    .await;
    assert_eq!((known.status, known.number("/coins")), (200, 100));
    let lower = ask(
        &world.api,
        "GET /v1/wallet",
        &[&format!("bearer {good}")],
        "",
    )
    .await;
    assert_eq!(lower.status, 200, "a scheme is of any case");

    assert_nobody(&world.api, &[], "no header").await;
    let (bearer, twice) = (
        format!("Bearer {good}"),
        format!("Bearer {good}, Bearer {good}"),
    );
    assert_nobody(&world.api, &[&bearer, &bearer], "two headers").await;
    let long = format!("Bearer {}", "A".repeat(9_000));
    let padded = format!("Bearer {}.{}", good, "A".repeat(9_000));
    for header in [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Bearer null",
        "Bearer .",
        "Bearer ..",
        "Bearer a.b.c",
        "Bearer ä",
        &good,
        &format!("Basic {good}"),
        &format!("Token {good}"),
        &format!("Bearer{good}"),
        &format!("Bearer={good}"),
        &format!("Bearer,{good}"),
        &format!("Bearer \"{good}\""),
        &format!("Bearer token={good}"),
        &twice,
        &format!("Bearer {good} {good}"),
        &format!("Bearer {good}."),
        &format!("Bearer {good}.x"),
        &format!("Bearer {good}=="),
        &format!("Bearer {good}\u{e4}"),
        &long,
        &padded,
        "Basic YWxpY2U6eA==",
    ] {
        assert_nobody(&world.api, &[header], &format!("{header:.60}")).await;
    }
    before.assert_kept(&world, "all of it").await;
    world.stop().await;
}

#[tokio::test]
async fn a_token_that_was_tampered_with_is_nobodys() {
    let (world, forger) = start().await;
    let good = forger.token(&forger.claims("alice"));
    let parts: Vec<&str> = good.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("{good}")
    };
    let others = encoded(&forger.claims("bob"));
    let flipped = |text: &str, at: usize| {
        let other = if text.as_bytes()[at] == b'A' {
            "B"
        } else {
            "A"
        };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    };
    let bobs = forger.token(&forger.claims("bob"));
    let bobs_signature = bobs.rsplit('.').next().unwrap();
    for (case, token) in [
        ("another's claims", format!("{header}.{others}.{signature}")),
        (
            "another's signature",
            format!("{header}.{claims}.{bobs_signature}"),
        ),
        (
            "a changed header",
            format!("{}.{claims}.{signature}", flipped(header, 5)),
        ),
        (
            "changed claims",
            format!("{header}.{}.{signature}", flipped(claims, 20)),
        ),
        (
            "a changed signature",
            format!("{header}.{claims}.{}", flipped(signature, 0)),
        ),
        (
            "a signature changed within",
            format!("{header}.{claims}.{}", flipped(signature, 200)),
        ),
        (
            "a short signature",
            format!("{header}.{claims}.{}", &signature[..300]),
        ),
        ("no signature", format!("{header}.{claims}.")),
        ("two parts", format!("{header}.{claims}")),
        (
            "parts in another order",
            format!("{claims}.{header}.{signature}"),
        ),
        ("a space within", format!("{header}. {claims}.{signature}")),
    ] {
        assert_nobody(&world.api, &[&format!("Bearer {token}")], case).await;
    }
    world.stop().await;
}

#[tokio::test]
async fn a_token_of_another_algorithm_or_key_is_nobodys() {
    let (world, forger) = start().await;
    let claims = forger.claims("alice");
    let jwks = Api::new(world.server.base_url())
        .get("/.well-known/jwks.json")
        .await
        .body;
    let key = &jwks["keys"][0];
    let mut tokens = Vec::new();
    for alg in ["none", "None", "NONE", "", "RS255"] {
        let header = json!({"alg": alg, "typ": "JWT", "kid": key["kid"]});
        tokens.push((
            format!("{alg:?} unsigned"),
            forger.unsigned(&header, &claims),
        ));
        tokens.push((format!("{alg:?} signed"), forger.signed(&header, &claims)));
    }
    let bare = forger.unsigned(&json!({"alg": "none"}), &claims);
    tokens.push((
        "none without the last dot".into(),
        bare.trim_end_matches('.').to_owned(),
    ));
    // The public key is public: as a secret it must not count.
    let secrets = [
        ("the modulus", forger.modulus()),
        ("the modulus as text", key["n"].as_str().unwrap().into()),
        ("the key as DER", forger.public_der()),
        ("the key as PEM", forger.public_pem().into()),
        (
            "the key as PEM without its last line end",
            forger.public_pem().trim().into(),
        ),
        ("the key as JSON", key.to_string().into()),
        ("the key set as JSON", jwks.to_string().into()),
        ("the setting", world.server.setting("JWT_JWKS").into()),
        ("nothing", Vec::new()),
    ];
    for (name, secret) in secrets {
        for kid in [key["kid"].clone(), Value::Null] {
            let mut header = json!({"alg": "HS256", "typ": "JWT"});
            if !kid.is_null() {
                header["kid"] = kid;
            }
            let token = Forger::with_hmac(&header, &claims, &secret);
            tokens.push((format!("HS256 by {name}: {header}"), token));
        }
    }
    for alg in [
        "RS384", "RS512", "PS256", "ES256", "EdDSA", "HS256", "HS512",
    ] {
        let header = json!({"alg": alg, "kid": key["kid"]});
        tokens.push((
            format!("{alg} by our key's RS256"),
            forger.signed(&header, &claims),
        ));
    }
    for (name, alg, algorithm) in forge::OTHER_RSA {
        let header = json!({"alg": alg, "kid": key["kid"]});
        tokens.push((name.into(), forger.signed_with(algorithm, &header, &claims)));
    }
    let stranger = Forger::new(
        &world.server,
        &Issuer::generate().unwrap().to_pkcs8().unwrap(),
    );
    for header in [
        json!({"alg": "RS256", "kid": key["kid"]}),
        json!({"alg": "RS256", "kid": stranger.kid()}),
        json!({"alg": "RS256"}),
        json!({"alg": "RS256", "jwk": stranger.jwk()}),
        json!({"alg": "RS256", "kid": key["kid"], "jwk": stranger.jwk()}),
        json!({"alg": "RS256", "jku": "https://evil.example/jwks.json"}),
        json!({"alg": "RS256", "kid": "../../../dev/null"}),
    ] {
        tokens.push((
            format!("a stranger's: {header}"),
            stranger.signed(&header, &claims),
        ));
    }
    let unknown = json!({"alg": "RS256", "kid": "unknown"});
    tokens.push((
        "ours under a name that is not".into(),
        forger.signed(&unknown, &claims),
    ));
    for (case, token) in tokens {
        assert_nobody(&world.api, &[&format!("Bearer {token}")], &case).await;
    }
    let nameless = forger.signed(&json!({"alg": "RS256"}), &claims);
    assert_known(
        &world,
        &nameless,
        "without the key's name every key is tried",
    )
    .await;
    world.stop().await;
}

async fn assert_known(world: &World, token: &str, case: &str) {
    let answer = ask(
        &world.api,
        "GET /v1/wallet",
        &[&format!("Bearer {token}")],
        "",
    )
    .await;
    assert_eq!(answer.status, 200, "{case}: {}", answer.body);
}
