//! `POST /v1/recharges`.

use recharge_core::{adapters::dynamodb::publish, domain::Currency};
use recharge_testkit::World;
use serde_json::{Value, json};

use super::{NO_IDS, Row, assert_refused, shapes, with};

const PATH: &str = "/v1/recharges";

fn full(world: &World) -> Value {
    json!({
        "package_id": "coins_70",
        "currency": "usd",
        "terms_version": world.server.setting("TERMS_VERSION"),
        "return_url": format!("{}/coins", world.server.base_url()),
    })
}

#[tokio::test]
async fn a_recharge_whose_body_is_malformed_is_refused() {
    let world = World::start().await;
    let fan = world.fan("alice");
    // That one of package_id and coins is required is told of elsewhere, and with a pointer.
    let required = ["currency", "terms_version"];
    let shapes = shapes(&full(&world), &required, &["return_url"]);
    assert_refused(&world, &fan, PATH, shapes).await;
    world.stop().await;
}

#[tokio::test]
async fn a_recharge_with_a_wrong_field_is_refused() {
    let world = World::start().await;
    let fan = world.fan("alice");
    let body = full(&world);
    let mut rows = Vec::new();
    for id in NO_IDS {
        rows.push(Row::wrong(
            "/package_id",
            with(&body, "/package_id", id).to_string(),
        ));
    }
    for (pointer, value) in [
        ("/package_id", json!(70)),
        ("/currency", json!("")),
        ("/currency", json!("x".repeat(17))),
        ("/currency", json!(840)),
        ("/currency", json!(["usd"])),
        ("/terms_version", json!("")),
        ("/terms_version", json!("x".repeat(65))),
        ("/terms_version", json!(1)),
        ("/return_url", json!("")),
        (
            "/return_url",
            json!(format!("{}/{}", world.server.base_url(), "x".repeat(512))),
        ),
        ("/return_url", json!({"href": "/"})),
        // What the server decides, a client cannot claim.
        ("/amount", json!(1)),
        ("/coins", json!(1_000_000)),
        ("/bonus_coins", json!(1_000_000)),
        ("/success_url", json!("https://evil.example/")),
        ("/metadata", json!({"recharge_id": "rch_other"})),
    ] {
        rows.push(Row::wrong(pointer, with(&body, pointer, value).to_string()));
    }
    assert_refused(&world, &fan, PATH, rows).await;
    world.stop().await;
}

#[tokio::test]
async fn what_is_not_sold_is_not_bought() {
    let world = World::start().await;
    let fan = world.fan("alice");
    let catalog = world.server.catalog();
    let mut packages = catalog.packages.clone();
    let mut usd_only = packages[0].clone();
    usd_only.id = "usd_only".try_into().unwrap();
    usd_only
        .prices
        .retain(|currency, _| *currency == Currency::Usd);
    packages.push(usd_only);
    let client = world.server.dynamodb();
    publish(client, &world.table(), &packages, None, &catalog.gifts)
        .await
        .unwrap();

    let body = full(&world);
    let mut rows = Vec::new();
    for package in ["no_such_package", "COINS_70", "coins_7", "PACKAGES", "rose"] {
        let unknown = with(&body, "/package_id", package);
        rows.push(Row::refused((404, "package_not_found"), &unknown));
    }
    for currency in ["chf", "USD", "usd ", "us", "€", "usd,jpy", "x"] {
        let unsupported = with(&body, "/currency", currency);
        rows.push(Row::refused((400, "currency_unsupported"), &unsupported));
    }
    let not_in_yen = with(&with(&body, "/package_id", "usd_only"), "/currency", "jpy");
    rows.push(Row::refused((400, "currency_unsupported"), &not_in_yen));
    for terms in ["old", "2026-11-01 ", "0", "latest"] {
        let outdated = with(&body, "/terms_version", terms);
        rows.push(Row::refused((409, "terms_outdated"), &outdated));
    }
    assert_refused(&world, &fan, PATH, rows).await;
    world.stop().await;
}

#[tokio::test]
async fn a_return_url_leads_to_an_allowed_origin_or_is_refused() {
    let world = World::start().await;
    let fan = world.fan("alice");
    let (ours, body) = (world.server.base_url(), full(&world));
    let host = ours.strip_prefix("http://").unwrap();
    let (ip, port) = host.split_once(':').unwrap();
    let foreign = [
        "https://evil.example".to_owned(),
        "https://evil.example/".to_owned(),
        format!("https://evil.example/?to={ours}"),
        format!("https://evil.example/#{ours}"),
        format!("https://evil.example\\@{host}/"),
        format!("http://evil.example@{host}/"),
        format!("{ours}@evil.example/"),
        format!("{ours}.evil.example/"),
        format!("{ours}:80/"),
        format!("{ours}0/"),
        format!("{ours}\\@evil.example/"),
        format!("{ours}%2f@evil.example/"),
        format!("{ours};evil"),
        format!("https://{host}/"),
        format!("HTTP://{host}/"),
        format!("http:/{host}/"),
        format!("http:///{host}/"),
        format!("//{host}/"),
        format!("/{host}/"),
        format!("{host}/"),
        format!("http://{ip}/"),
        format!("http://[::1]:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!(" {ours}/"),
        format!("{ours}/ "),
        format!("{ours}/a b"),
        format!("{ours}/\r\nSet-Cookie: a=b"),
        format!("{ours}/\t"),
        format!("{ours}/\0"),
        format!("{ours}/\u{202e}"),
        format!("{ours}/ä"),
        "/coins".to_owned(),
        "javascript:alert(1)".to_owned(),
        format!("javascript://{host}/%0aalert(1)"),
        "data:text/html,<script>alert(1)</script>".to_owned(),
        "null".to_owned(),
    ];
    let rows = foreign.map(|url| Row {
        expected: (422, "return_url_not_allowed"),
        pointer: Some("/return_url".to_owned()),
        body: with(&body, "/return_url", url).to_string(),
    });
    assert_refused(&world, &fan, PATH, rows.into()).await;

    let localhost = format!("http://localhost:{port}/coins");
    let allowed = [
        json!(ours),
        json!(format!("{ours}/")),
        json!(format!("{ours}/coins?from=live&a=%20#top")),
        json!(format!("{ours}?a=b")),
        json!(localhost),
        Value::Null,
    ];
    for (number, url) in allowed.into_iter().enumerate() {
        let allowed = with(&body, "/return_url", url.clone());
        let started = fan.post(PATH, &format!("allowed-{number}"), &allowed).await;
        assert_eq!(started.status, 201, "{url}: {}", started.body);
    }
    world.stop().await;
}
