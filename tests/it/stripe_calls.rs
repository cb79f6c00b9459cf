//! What we ask Stripe for, and what becomes of a recharge when Stripe fails.

use std::{collections::BTreeSet, time::Duration};

use recharge_core::app::{Clock, ports::Recharges};
use recharge_local::Options;
use recharge_testkit::{Answer, World, recharge};
use serde_json::Value;
use stripe_sim::Fault;

use crate::support::sessions;

#[tokio::test]
async fn stripe_is_sent_everything_that_finds_the_recharge_again() {
    let world = World::start().await;
    let started = world.fan("alice").recharge("r", "coins_700").await;
    assert_eq!(started.status, 201, "{}", started.body);
    let id = started.body["id"].as_str().unwrap();
    let sessions = sessions(&world.api).await;
    let session = &sessions[0];
    assert_eq!(sessions.len(), 1);
    assert_eq!(session["id"], started.checkout_session());
    assert_eq!(session["mode"], "payment");
    assert_eq!(session["client_reference_id"], id);
    assert_eq!(session["metadata"]["recharge_id"], id);
    assert_eq!(session["amount_total"], started.body["price"]["amount"]);
    assert_eq!(session["currency"], "usd");
    let line = &session["line_items"]["data"][0];
    let bought = started.number("/coins") + started.number("/bonus_coins");
    assert_eq!(line["description"], format!("{bought} coins"));
    for name in ["success_url", "cancel_url"] {
        let url = session[name].as_str().unwrap();
        assert!(url.starts_with(world.server.base_url()), "{name}: {url}");
        assert!(url.contains(id), "{name}: {url}");
    }
    let expires_at = jiff::Timestamp::from_second(session["expires_at"].as_i64().unwrap()).unwrap();
    assert_eq!(started.body["expires_at"], expires_at.to_string());

    // Refunds and disputes name the payment intent only.
    world.pay(&started).await;
    let path = format!(
        "/stripe-sim/v1/checkout/sessions/{}?expand[]=payment_intent",
        started.checkout_session()
    );
    let request = world
        .api
        .request(reqwest::Method::GET, &path)
        .bearer_auth("sk_test_x");
    let paid = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(paid.body["payment_intent"]["metadata"]["recharge_id"], id);
    world.stop().await;
}

/// Stripe keeps a failure under the key for a day: the client's retry must not get it again.
#[tokio::test]
async fn after_a_stored_failure_the_same_client_key_succeeds() {
    for fault in [Fault::Error500, Fault::Error500AfterEffect] {
        let world = World::start().await;
        let fan = world.fan("alice");
        world.server.stripe().set_faults([fault]);
        let failed = fan.recharge("r", "coins_70").await;
        assert_eq!(failed.outcome(), (503, "service_unavailable"), "{fault:?}");
        assert!(failed.headers.contains_key("retry-after"));
        let started = fan.recharge("r", "coins_70").await;
        assert_eq!(
            (started.status, started.is_replay()),
            (201, false),
            "{}",
            started.body
        );
        let id = started.body["id"].as_str().unwrap().try_into().unwrap();
        let row = world.ledger().recharge(&id).await.unwrap().unwrap();
        assert_eq!(row.attempt, 1, "{fault:?}: another key towards Stripe");
        assert_eq!(
            row.session.as_ref().unwrap().as_str(),
            started.checkout_session()
        );
        // The session that nobody was led to can still be paid by nobody; the other one settles.
        world.pay(&started).await;
        assert_eq!(fan.coins().await, 70, "{fault:?}");
        world.stop().await;
    }
}

#[tokio::test]
async fn after_a_lost_answer_or_a_busy_stripe_there_is_one_session() {
    for faults in [
        vec![Fault::LostAnswer],
        vec![Fault::LostAnswer; 2],
        vec![Fault::RateLimited],
        vec![Fault::RateLimited; 2],
        vec![Fault::LockTimeout; 2],
        vec![Fault::KeyInUse; 3],
    ] {
        let world = World::start().await;
        let fan = world.fan("alice");
        world.server.stripe().set_faults(faults.clone());
        let mut started = fan.recharge("r", "coins_70").await;
        if started.status != 201 {
            assert_eq!(
                started.outcome(),
                (503, "service_unavailable"),
                "{faults:?}"
            );
            started = fan.recharge("r", "coins_70").await;
        }
        assert_eq!(started.status, 201, "{faults:?}: {}", started.body);
        let sessions = sessions(&world.api).await;
        assert_eq!(
            sessions.len(),
            1,
            "{faults:?}: the same key opens one session"
        );
        assert_eq!(sessions[0]["id"], started.checkout_session());
        let again = fan.recharge("r", "coins_70").await;
        assert_eq!(
            (again.is_replay(), &again.body),
            (true, &started.body),
            "{faults:?}"
        );
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_first_uses_of_one_key_at_once_open_one_session_and_none_is_refused() {
    let world = World::start().await;
    let fan = world.fan("alice");
    // The first call to arrive holds its key until all others have had to wait for it.
    world.server.stripe().set_faults([Fault::Stall]);
    let starts: Vec<_> = (0..20)
        .map(|_| {
            let fan = fan.clone();
            tokio::spawn(async move { fan.recharge("r", "coins_70").await })
        })
        .collect();
    world.server.stripe().stalled().await;
    world.server.stripe().release_stalled();
    let mut bodies = BTreeSet::new();
    for start in starts {
        let answer = start.await.unwrap();
        assert_eq!(answer.status, 201, "{}", answer.body);
        bodies.insert(answer.body.to_string());
    }
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert_eq!(sessions(&world.api).await.len(), 1);
    world.stop().await;
}

/// A row of yesterday, whose request crashed: Stripe would refuse its `expires_at` by now.
#[tokio::test]
async fn a_row_too_old_for_stripe_is_opened_with_fresh_parameters() {
    let world = World::start().await;
    let fan = world.fan("alice");
    world
        .server
        .stripe()
        .set_faults([Fault::RateLimited, Fault::RateLimited]);
    let failed = fan.recharge("r", "coins_70").await;
    assert_eq!(failed.outcome(), (503, "service_unavailable"));
    world
        .server
        .clock()
        .advance(Duration::from_secs(23 * 3_600));
    let fan = world.fan("alice"); // with a token of today
    let started = fan.recharge("r", "coins_70").await;
    assert_eq!(started.status, 201, "{}", started.body);
    let expires_at: jiff::Timestamp = started.body["expires_at"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(expires_at > world.server.clock().now());
    assert_eq!(sessions(&world.api).await.len(), 1);
    world.stop().await;
}

/// An event was faster than our own answer from Stripe: the row knows the session, not its page.
#[tokio::test]
async fn a_key_whose_session_was_adopted_answers_all_the_same() {
    let world = World::start().await;
    let fan = world.fan("alice");
    let started = fan.recharge("r", "coins_70").await;
    let id = started.body["id"].as_str().unwrap().try_into().unwrap();
    let row = world.ledger().recharge(&id).await.unwrap().unwrap();
    // As if we had crashed before the page was stored.
    world
        .server
        .dynamodb()
        .delete_item()
        .table_name(world.table())
        .key(
            "PK",
            aws_sdk_dynamodb::types::AttributeValue::S(format!("RECHARGE#{id}")),
        )
        .key(
            "SK",
            aws_sdk_dynamodb::types::AttributeValue::S("CHECKOUT".to_owned()),
        )
        .send()
        .await
        .unwrap();
    let again = fan.recharge("r", "coins_70").await;
    assert_eq!(
        (again.status, &again.body),
        (201, &started.body),
        "Stripe replays its answer"
    );
    assert_eq!(world.ledger().recharge(&id).await.unwrap(), Some(row));
    assert_eq!(sessions(&world.api).await.len(), 1);

    // Adopted, and too old for Stripe to tell its page: there is none to lead to.
    let mut adopted = recharge("bob", "r");
    adopted.input_hash = started_hash(&world, "alice").await;
    adopted.session = Some("cs_paid".try_into().unwrap());
    adopted.checkout.expires_at = world.server.clock().now();
    world.ledger().save_recharge(0, &adopted).await.unwrap();
    let answer = world.fan("bob").recharge("r", "coins_70").await;
    assert_eq!(
        (answer.status, &answer.body["checkout_url"]),
        (201, &Value::Null)
    );
    world.stop().await;
}

/// The hash of the request that `Fan::recharge` makes.
async fn started_hash(world: &World, user: &str) -> recharge_core::domain::InputHash {
    let id = recharge(user, "r").id;
    world
        .ledger()
        .recharge(&id)
        .await
        .unwrap()
        .unwrap()
        .input_hash
}

/// What `--stripe-url` is for: everything that is asked for goes there, and nowhere else.
#[tokio::test]
async fn another_stripe_takes_the_simulators_place() {
    let stripe = World::start().await;
    let secrets = [
        ("STRIPE_API_KEY", "sk_test_x"),
        ("STRIPE_WEBHOOK_SECRETS", "whsec_x"),
    ];
    let world = World::with(Options {
        stripe_url: Some(format!("{}/stripe-sim", stripe.server.base_url())),
        settings: secrets
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        ..Options::default()
    })
    .await;
    let alice = world.fan("alice");
    let started = alice.recharge("r", "coins_70").await;
    assert_eq!(started.status, 201, "{}", started.body);
    assert_eq!(
        sessions(&stripe.api).await[0]["id"],
        started.checkout_session()
    );
    // Its webhooks go elsewhere: whoever comes back is credited all the same.
    assert_eq!(stripe.pay(&started).await.status, 200);
    assert_eq!(alice.coins().await, 0);
    let id = started.body["id"].as_str().unwrap();
    assert_eq!(world.api.get(&format!("/return/{id}")).await.status, 200);
    assert_eq!(alice.coins().await, 70);
    world.stop().await;
    stripe.stop().await;
}
