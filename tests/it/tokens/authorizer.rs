//! Who calls when a gateway has looked before us, and when nobody has.

use super::*;

#[tokio::test]
async fn a_caller_is_known_before_a_request_is_read() {
    let (world, _) = start().await;
    let huge = "x".repeat(2 * 1024 * 1024);
    for body in ["", "junk", &huge, &gift_body("no_such_gift").to_string()] {
        for route in PROTECTED {
            let answer = ask(&world.api, route, &["Bearer x"], body).await;
            assert_problem(&answer, (401, "unauthenticated"), route);
        }
    }
    for path in [
        "/v1/wallet/entries?limit=0",
        "/v1/wallet/entries?cursor=x",
        "/v1/recharges/%23",
    ] {
        let answer = ask(&world.api, &format!("GET {path}"), &[], "").await;
        assert_problem(&answer, (401, "unauthenticated"), path);
    }
    world.stop().await;
}

#[tokio::test]
async fn what_the_authorizer_has_checked_is_trusted_and_a_header_beside_it_is_not_read() {
    let world = World::start().await;
    world.fan_with("alice", 7).await;
    world.fan_with("bob", 3).await;
    let faults = FaultyHttp::default();
    let wallet = world.lambda(&faults).wallet();
    let bobs = format!("Bearer {}", world.server.issue_token("bob", &[], 3_600));
    for authorization in [&bobs, "Bearer junk", "", "Basic x"] {
        let request = invoke(
            "GET /v1/wallet",
            "alice",
            &[("authorization", authorization)],
            "",
        );
        let answer: Answer = wallet.handle(request).await.into();
        assert_eq!(
            (answer.status, answer.number("/coins")),
            (200, 7),
            "{authorization}"
        );
    }
    faults.reset();
    for sub in ["", "a#b", "a b", "ä", "x".repeat(65).as_str()] {
        for headers in [&[][..], &[("authorization", bobs.as_str())]] {
            let request = invoke("GET /v1/wallet", sub, headers, "");
            let answer: Answer = wallet.handle(request).await.into();
            let case = format!("{sub:?} {}", headers.len());
            assert_problem(&answer, (401, "unauthenticated"), &case);
        }
    }
    assert!(faults.calls().is_empty(), "nothing was looked up");
    world.stop().await;
}

/// The same with a key set: claims win over a token that would count by itself.
#[tokio::test]
async fn claims_that_are_nobodys_are_not_replaced_by_a_token() {
    let (world, forger) = start().await;
    let server: &LocalServer = &world.server;
    let names = [
        "LEDGER_TABLE",
        "JWT_ISSUER",
        "JWT_AUDIENCE",
        "JWT_JWKS",
        "CURSOR_SECRETS",
        "RECHARGE_CHANNELS",
        "MIN_APP_VERSION_IOS",
        "MIN_APP_VERSION_ANDROID",
        "MIN_APP_VERSION_WEB",
    ];
    let settings = names.map(|name| (name.to_owned(), server.setting(name).to_owned()));
    let dynamodb = server.dynamodb().clone();
    let lambda = recharge_testkit::Lambda::new(settings.into(), dynamodb, server.clock().clone());
    let good = format!("Bearer {}", forger.token(&forger.claims("bob")));
    let headers = [("authorization", good.as_str())];
    for (sub, status) in [("alice", 200), ("a#b", 401), ("", 401)] {
        let request = invoke("GET /v1/wallet", sub, &headers, "");
        let answer: Answer = lambda.wallet().handle(request).await.into();
        assert_eq!(answer.status, status, "{sub:?}");
    }
    world.stop().await;
}
