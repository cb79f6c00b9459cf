//! Secrets that change, or cannot be had, while the functions run.

use std::time::Duration;

use recharge_testkit::{Answer, FaultyHttp, HeldSecrets, Lambda, World, invoke, invoke_at, sign};
use serde_json::json;

use crate::support::stored;

const KEY: &str = "STRIPE_API_KEY";
const WEBHOOK: &str = "STRIPE_WEBHOOK_SECRETS";
/// For how long a fetched secret is used.
const FRESH_FOR: Duration = Duration::from_secs(120);

fn lambda(world: &World, secrets: &HeldSecrets) -> Lambda {
    world
        .lambda(&FaultyHttp::default())
        .with_secrets_in(secrets)
}

/// Stripe tells something that needs nothing but a signature.
async fn tell(webhook: &webhook::Function, at: i64, secrets: &[&str]) -> Answer {
    let event = json!({
        "id": "evt_1", "type": "customer.created", "created": at, "livemode": false,
        "data": {"object": {"id": "cus_1"}},
    });
    let body = event.to_string();
    let signatures: Vec<_> = secrets
        .iter()
        .map(|secret| sign(&body, secret, at))
        .map(|header| header.split_once(",").unwrap().1.to_owned())
        .collect();
    let header = format!("t={at},{}", signatures.join(","));
    let headers = [("stripe-signature", header.as_str())];
    let request = invoke("POST /v1/stripe/webhook", "", &headers, &body);
    webhook.handle(request).await.into()
}

async fn buy(recharges: &recharges::Function, lambda: &Lambda, key: &str) -> Answer {
    let body = json!({
        "package_id": "coins_70", "currency": "usd",
        "terms_version": lambda.setting("TERMS_VERSION"),
    });
    let headers = [("idempotency-key", key)];
    let request = invoke("POST /v1/recharges", "fan", &headers, &body.to_string());
    recharges.handle(request).await.into()
}

/// The way that the README tells, with one container that lives through all of it.
#[tokio::test]
async fn a_webhook_secret_is_replaced_without_a_lost_event_or_a_deployment() {
    let world = World::start().await;
    let secrets = HeldSecrets::default();
    secrets.put(WEBHOOK, "whsec_old");
    secrets.put(KEY, "sk_test_x");
    let lambda = lambda(&world, &secrets);
    let webhook = lambda.webhook();
    let outcome = async |signed: &[&str]| tell(&webhook, lambda.now(), signed).await.status;

    assert_eq!(outcome(&["whsec_old"]).await, 200);
    // Stripe signs with both for a day, while the new one is put beside the old one.
    assert_eq!(outcome(&["whsec_new", "whsec_old"]).await, 200);
    assert_eq!(outcome(&["whsec_new"]).await, 400, "not known yet");
    secrets.put(WEBHOOK, "whsec_old, whsec_new");
    lambda.advance(FRESH_FOR);
    assert_eq!(outcome(&["whsec_new"]).await, 200);
    assert_eq!(outcome(&["whsec_old"]).await, 200);
    // Then the old one is taken away.
    secrets.put(WEBHOOK, "whsec_new");
    lambda.advance(FRESH_FOR);
    assert_eq!(outcome(&["whsec_new"]).await, 200);
    assert_eq!(outcome(&["whsec_old"]).await, 400);
    // The store fails: what is known serves.
    secrets.lose(WEBHOOK);
    lambda.advance(Duration::from_secs(86_400));
    assert_eq!(outcome(&["whsec_new"]).await, 200);
    assert_eq!(outcome(&["whsec_old"]).await, 400);
    world.stop().await;
}

#[tokio::test]
async fn while_no_webhook_secret_is_known_stripe_is_asked_to_tell_again() {
    let world = World::start().await;
    let secrets = HeldSecrets::default();
    let lambda = lambda(&world, &secrets);
    let webhook = lambda.webhook();
    let before = stored(&world).await;
    for signed in ["whsec_new", "", "whsec_wrong"] {
        let told = tell(&webhook, lambda.now(), &[signed]).await;
        assert_eq!(told.outcome(), (503, "service_unavailable"), "{signed}");
    }
    before.assert_kept(&world, "an unknown secret").await;
    secrets.put(WEBHOOK, "whsec_new");
    lambda.advance(Duration::from_secs(1));
    let told = tell(&webhook, lambda.now(), &["whsec_new"]).await;
    assert_eq!(told.status, 200, "{}", told.body);
    let told = tell(&webhook, lambda.now(), &["whsec_wrong"]).await;
    assert_eq!(told.outcome(), (400, "signature_invalid"));
    world.stop().await;
}

#[tokio::test]
async fn without_the_api_key_only_what_asks_stripe_fails_and_goes_on_later() {
    let world = World::start().await;
    let secrets = HeldSecrets::default();
    let lambda = lambda(&world, &secrets);
    let recharges = lambda.recharges();
    let failed = buy(&recharges, &lambda, "r").await;
    assert_eq!(
        failed.outcome(),
        (503, "service_unavailable"),
        "{}",
        failed.body
    );
    let request = invoke_at("GET /v1/recharges/{id}", "rch_nothing", "fan", "");
    let unknown: Answer = recharges.handle(request).await.into();
    assert_eq!(
        unknown.outcome(),
        (404, "recharge_not_found"),
        "needs no Stripe"
    );
    assert!(lambda.reconcile().run().await.is_err());

    secrets.put(KEY, "sk_test_x");
    lambda.advance(Duration::from_secs(1));
    let started = buy(&recharges, &lambda, "r").await;
    assert_eq!(started.status, 201, "{}", started.body);
    assert_eq!(
        stored(&world).await.count_of("RECHARGE#"),
        2,
        "row and page"
    );
    // From here on, an old key is better than none.
    secrets.lose(KEY);
    lambda.advance(FRESH_FOR);
    let second = buy(&recharges, &lambda, "s").await;
    assert_eq!(second.status, 201, "{}", second.body);
    world.stop().await;
}
