//! A token of the issuer counts only if its claims are right, and now.

use super::*;

#[tokio::test]
async fn a_token_with_wrong_claims_is_nobodys() {
    let (world, forger) = start().await;
    let good = forger.claims("alice");
    let now = good["iat"].as_i64().unwrap();
    let longest = "x".repeat(64);
    for (name, value) in [
        ("sub", json!("auth0|a.b:c_d-e")),
        ("sub", json!(longest)),
        ("aud", json!([good["aud"], "another"])),
        ("nbf", json!(now - 3_600)),
        ("iat", Value::Null),
        ("scope", json!("recharge:admin openid")),
        ("more", json!({"deep": [1, 2, 3]})),
    ] {
        let mut claims = good.clone();
        claims[name] = value.clone();
        assert_known(&world, &forger.token(&claims), &format!("{name} {value}")).await;
    }
    let mut wrong: Vec<(&str, Value)> = vec![
        ("exp", json!(now - 60)),
        ("exp", json!(now - 31_536_000)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!(i64::MIN)),
        ("exp", json!((now + 3_600).to_string())),
        ("exp", json!(true)),
        ("exp", Value::Null),
        ("nbf", json!(now + 3_600)),
        ("nbf", json!(i64::MAX)),
        ("nbf", json!("tomorrow")),
        ("iss", json!("https://evil.example")),
        ("iss", json!(format!("{}/", good["iss"].as_str().unwrap()))),
        ("iss", json!(good["iss"].as_str().unwrap().to_uppercase())),
        ("iss", json!("")),
        ("aud", json!("another")),
        ("aud", json!(["another"])),
        ("aud", json!([])),
        ("aud", json!("recharg")),
        ("aud", json!("RECHARGE")),
        ("aud", json!("")),
        ("sub", json!(1)),
        ("sub", json!(["alice"])),
        ("sub", Value::Null),
        ("sub", json!("x".repeat(65))),
    ];
    for sub in [
        "",
        "a#b",
        "USER#alice",
        "a b",
        " alice",
        "a/b",
        "ä",
        "🌹",
        "a\0",
        "a\n",
        "a@b.c",
    ] {
        wrong.push(("sub", json!(sub)));
    }
    for (name, value) in wrong {
        let mut claims = good.clone();
        claims[name] = value.clone();
        let token = forger.token(&claims);
        assert_nobody(
            &world.api,
            &[&format!("Bearer {token}")],
            &format!("{name} {value}"),
        )
        .await;
    }
    for name in ["exp", "iss", "aud", "sub"] {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        let token = forger.token(&claims);
        assert_nobody(
            &world.api,
            &[&format!("Bearer {token}")],
            &format!("no {name}"),
        )
        .await;
    }
    for claims in [json!([]), json!("alice"), Value::Null] {
        let token = forger.token(&claims);
        assert_nobody(
            &world.api,
            &[&format!("Bearer {token}")],
            &claims.to_string(),
        )
        .await;
    }
    world.stop().await;
}

#[tokio::test]
async fn an_expired_token_of_the_issuer_is_nobodys() {
    let (world, _) = start().await;
    for seconds in [-60, -3_600] {
        let token = world.server.issue_token("alice", &[], seconds);
        assert_nobody(&world.api, &[&format!("Bearer {token}")], "expired").await;
    }
    let token = world.server.issue_token("alice", &[], 3_600);
    assert_known(&world, &token, "not yet").await;
    world
        .server
        .clock()
        .advance(std::time::Duration::from_secs(3_700));
    assert_nobody(&world.api, &[&format!("Bearer {token}")], "expired by now").await;
    world.stop().await;
}
