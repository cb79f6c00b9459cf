//! The pay page in a browser.

use crate::support::{Reply, SESSION, Sim, reply};

async fn open_page(sim: &Sim, id: &str) -> Reply {
    reply(sim.json("GET", &format!("/stripe-sim/checkout/{id}"), "")).await
}

async fn submit(sim: &Sim, id: &str, form: &str) -> Reply {
    let url = format!("/stripe-sim/checkout/{id}/pay");
    reply(sim.post(&url, form)).await
}

#[tokio::test]
async fn the_page_shows_what_is_bought_and_the_ways_to_go_on() {
    let sim = Sim::start_held().await;
    let session = sim.create().await;
    let id = session["id"].as_str().unwrap();
    let page = open_page(&sim, id).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    for part in [
        "<html lang=\"en\">",
        "<title>Pay 4.99 USD</title>",
        "<h1>Pay 4.99 USD</h1>",
        "No real money",
        "name=\"viewport\"",
        "prefers-color-scheme: dark",
        ":focus-visible",
        "Coins",
        "<form method=\"post\"",
        "value=\"succeed\"",
        "value=\"decline\"",
        "value=\"cancel\"",
        "value=\"delayed\">Pay later by US bank account (delayed)<",
    ] {
        assert!(page.text.contains(part), "{part} is missing");
    }
    assert!(!page.text.contains("<script") && !page.text.contains("role=\"alert\""));
}

#[tokio::test]
async fn amounts_without_decimals_and_hostile_names_are_shown_as_they_are() {
    let sim = Sim::start_held().await;
    let form = SESSION
        .replace("usd", "jpy")
        .replace("499", "1200")
        .replace("=Coins", "=%3Cscript%3E%22%26%27%3C/script%3E")
        + "&line_items[0][price_data][product_data][description]=%3Cb%3Ebold%3C/b%3E";
    let session = reply(sim.creation(&form, None)).await.json;
    let page = open_page(&sim, session["id"].as_str().unwrap()).await;
    assert!(page.text.contains("Pay 1,200 JPY"));
    assert!(
        page.text
            .contains("&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;")
    );
    assert!(page.text.contains("&lt;b&gt;bold&lt;/b&gt;"));
    assert!(!page.text.contains("<script") && !page.text.contains("<b>"));
}

#[tokio::test]
async fn paying_goes_on_to_the_success_url_with_the_sessions_id() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    let paid = submit(&sim, &id, "outcome=succeed").await;
    assert_eq!(
        (paid.status, paid.header("location")),
        (303, format!("http://shop.test/done?s={id}").as_str())
    );
    assert_eq!(
        sim.fetch(&format!("/checkout/sessions/{id}")).await["payment_status"],
        "paid"
    );

    for outcome in ["succeed", "decline", "cancel"] {
        let again = submit(&sim, &id, &format!("outcome={outcome}")).await;
        assert_eq!(again.status, 410);
        assert!(again.text.contains("This checkout is paid"));
    }
    let page = open_page(&sim, &id).await;
    assert_eq!(page.status, 410);
    assert!(
        page.text
            .contains(&format!("href=\"http://shop.test/done?s={id}\""))
            && !page.text.contains("<form")
    );
    assert_eq!(sim.event_types().len(), 3);
}

#[tokio::test]
async fn a_decline_is_announced_and_the_form_is_there_again() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    let declined = submit(&sim, &id, "outcome=decline").await;
    assert_eq!(declined.status, 200);
    assert!(declined.text.contains("role=\"alert\"") && declined.text.contains("declined"));
    assert!(declined.text.contains("value=\"succeed\""));
    assert_eq!(
        sim.fetch(&format!("/checkout/sessions/{id}")).await["status"],
        "open"
    );
    // Reloading the address after the decline leads back to the page.
    let reload = reply(sim.get(&format!("/stripe-sim/checkout/{id}/pay"))).await;
    assert_eq!(
        (reload.status, reload.header("location")),
        (303, format!("/stripe-sim/checkout/{id}").as_str())
    );
    assert_eq!(submit(&sim, &id, "outcome=succeed").await.status, 303);
}

#[tokio::test]
async fn cancelling_goes_on_to_the_cancel_url_if_there_is_one() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    let before = sim.everything().await;
    let cancelled = submit(&sim, &id, "outcome=cancel").await;
    assert_eq!(
        (cancelled.status, cancelled.header("location")),
        (303, "http://shop.test/back")
    );
    assert_eq!(sim.everything().await, before);

    let form = SESSION.replace("&cancel_url=http://shop.test/back", "");
    let session = reply(sim.creation(&form, None)).await.json;
    let id = session["id"].as_str().unwrap();
    assert!(!open_page(&sim, id).await.text.contains("value=\"cancel\""));
    assert_eq!(submit(&sim, id, "outcome=cancel").await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_paid_says_so_and_changes_nothing() {
    let sim = Sim::start_held().await;
    let (open, expired) = (sim.create_id().await, sim.create_id().await);
    reply(sim.post(
        &format!("/stripe-sim/v1/checkout/sessions/{expired}/expire"),
        "",
    ))
    .await;
    let before = sim.everything().await;
    let page = open_page(&sim, &expired).await;
    assert_eq!(page.status, 410);
    assert!(page.text.contains("This checkout has expired") && !page.text.contains("<form"));
    assert_eq!(submit(&sim, &expired, "outcome=succeed").await.status, 410);
    for unknown in ["cs_test_x", "%ff", "%3Cscript%3E"] {
        let page = open_page(&sim, unknown).await;
        assert_eq!(page.status, 404);
        assert!(
            page.text.contains("<h1>Checkout not found</h1>") && !page.text.contains("<script")
        );
        assert_eq!(submit(&sim, unknown, "outcome=succeed").await.status, 404);
    }
    for form in [
        "",
        "outcome=",
        "outcome=explode",
        "result=succeed",
        "{\"outcome\": \"succeed\"}",
    ] {
        assert_eq!(submit(&sim, &open, form).await.status, 400, "{form}");
    }
    assert_eq!(sim.everything().await, before);
}
