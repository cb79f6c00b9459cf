//! Pages, filters and expansion of lists.

use std::time::Duration;

use serde_json::Value;

use crate::support::{NOW, Sim, reply};

fn ids(page: &Value) -> Vec<String> {
    let data = page["data"].as_array().unwrap();
    data.iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Five sessions, a minute apart, newest first.
async fn five(sim: &Sim) -> Vec<String> {
    let mut made = Vec::new();
    for _ in 0..5 {
        made.insert(0, sim.create_id().await);
        sim.clock.advance(Duration::from_secs(60));
    }
    made
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let sim = Sim::start_held().await;
    let all = five(&sim).await;
    let page = |query: String| {
        let sim = &sim;
        async move { sim.fetch(&format!("/checkout/sessions?{query}")).await }
    };
    let first = page("limit=2".into()).await;
    assert_eq!(
        (ids(&first), &first["has_more"]),
        (all[..2].to_vec(), &true.into())
    );
    assert_eq!(
        (&first["object"], &first["url"]),
        (&"list".into(), &"/v1/checkout/sessions".into())
    );
    let second = page(format!("limit=2&starting_after={}", all[1])).await;
    assert_eq!(
        (ids(&second), &second["has_more"]),
        (all[2..4].to_vec(), &true.into())
    );
    let last = page(format!("limit=2&starting_after={}", all[3])).await;
    assert_eq!(
        (ids(&last), &last["has_more"]),
        (all[4..].to_vec(), &false.into())
    );
    let back = page(format!("limit=2&ending_before={}", all[4])).await;
    assert_eq!(
        (ids(&back), &back["has_more"]),
        (all[2..4].to_vec(), &true.into())
    );
    let front = page(format!("limit=2&ending_before={}", all[2])).await;
    assert_eq!(
        (ids(&front), &front["has_more"]),
        (all[..2].to_vec(), &false.into())
    );
}

#[tokio::test]
async fn lists_are_filtered_by_time_status_and_payment_intent() {
    let sim = Sim::start_held().await;
    let all = five(&sim).await;
    let paid = sim.pay(&all[0], "succeed").await;
    let intent = paid.json["payment_intent"].as_str().unwrap();
    sim.pay(&all[1], "decline").await;
    for (query, expected) in [
        (format!("created[gte]={}", NOW + 180), all[..2].to_vec()),
        (format!("created[gt]={}", NOW + 180), all[..1].to_vec()),
        (format!("created[lt]={}", NOW + 60), all[4..].to_vec()),
        (
            format!("created[gte]={}&created[lte]={}", NOW + 60, NOW + 120),
            all[2..4].to_vec(),
        ),
        (format!("created={NOW}"), all[4..].to_vec()),
        ("status=complete".into(), all[..1].to_vec()),
        ("status=open".into(), all[1..].to_vec()),
        ("status=expired".into(), Vec::new()),
        (format!("payment_intent={intent}"), all[..1].to_vec()),
        ("payment_intent=pi_x".into(), Vec::new()),
    ] {
        assert_eq!(
            ids(&sim.fetch(&format!("/checkout/sessions?{query}")).await),
            expected,
            "{query}"
        );
    }
    assert_eq!(
        sim.fetch("/payment_intents").await["data"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        ids(&sim
            .fetch(&format!("/charges?payment_intent={intent}"))
            .await)
        .len(),
        1
    );
    assert_eq!(
        ids(&sim.fetch("/events?type=charge.succeeded").await).len(),
        1
    );
    assert_eq!(ids(&sim.fetch("/events?type=charge.*").await).len(), 2);
    assert_eq!(
        ids(&sim
            .fetch("/events?types[]=charge.failed&types[]=checkout.session.completed")
            .await)
        .len(),
        2
    );
    assert_eq!(
        ids(&sim.fetch("/events?delivery_success=false").await).len(),
        5
    );
    let event = &sim.fetch("/events?limit=1").await["data"][0];
    assert_eq!(
        sim.fetch(&format!("/events/{}", event["id"].as_str().unwrap()))
            .await,
        *event
    );
}

#[tokio::test]
async fn lists_can_be_expanded() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    sim.create().await;
    sim.pay(&id, "succeed").await;
    let path = "/checkout/sessions?expand[]=data.payment_intent.latest_charge&expand[]=data.line_items&expand[]=data.payment_intent";
    let page = sim.fetch(path).await;
    assert_eq!(
        page["data"][1]["payment_intent"]["latest_charge"]["status"],
        "succeeded"
    );
    assert_eq!(
        page["data"][1]["line_items"]["data"][0]["description"],
        "Coins"
    );
    assert_eq!(page["data"][0]["payment_intent"], Value::Null);
    let charges = sim.fetch("/charges?expand[]=data.payment_intent").await;
    assert_eq!(charges["data"][0]["payment_intent"]["status"], "succeeded");
    let intents = sim
        .fetch("/payment_intents?expand[]=data.latest_charge")
        .await;
    assert_eq!(intents["data"][0]["latest_charge"]["paid"], true);
}

#[tokio::test]
async fn unusable_list_parameters_are_refused() {
    let sim = Sim::start_held().await;
    let id = sim.create_id().await;
    for (query, expected) in [
        (
            "limit=0",
            "invalid_request_error parameter_invalid_integer limit",
        ),
        (
            "limit=101",
            "invalid_request_error parameter_invalid_integer limit",
        ),
        (
            "limit=ten",
            "invalid_request_error parameter_invalid_integer limit",
        ),
        (
            "starting_after=cs_x",
            "invalid_request_error resource_missing starting_after",
        ),
        (
            "ending_before=cs_x",
            "invalid_request_error resource_missing ending_before",
        ),
        (
            &format!("starting_after={id}&ending_before={id}"),
            "invalid_request_error parameters_exclusive -",
        ),
        ("status=lost", "invalid_request_error - status"),
        (
            "colour=red",
            "invalid_request_error parameter_unknown colour",
        ),
        (
            "created[after]=1",
            "invalid_request_error parameter_unknown created[after]",
        ),
        (
            "created=soon",
            "invalid_request_error parameter_invalid_integer created",
        ),
        ("expand[]=payment_intent", "invalid_request_error - expand"),
        ("expand[]=data.nothing", "invalid_request_error - expand"),
        ("expand[]=data", "invalid_request_error - expand"),
        ("expand[]=data.a.b.c.d", "invalid_request_error - expand"),
        ("expand=data", "invalid_request_error - expand"),
    ] {
        let refused = reply(sim.get(&format!("/stripe-sim/v1/checkout/sessions?{query}"))).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (400, expected),
            "{query}"
        );
    }
}
