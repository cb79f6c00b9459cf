//! The functions that hear API Gateway, each as a new container, on a simulated
//! DynamoDB with the catalogue and nothing else.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use dynamodb_sim::DynamoDbSim;
use jiff::Timestamp;
use lambda_http::{Body, Request, Response};
use recharge_core::{
    adapters::{
        Setup,
        stripe::{StripeAnswer, StripeHttp, StripeRequest, StripeUnanswered},
    },
    app::{Clock, ports::NoMetrics},
    config::Settings,
};
use recharge_local::{dynamodb_client, prepare, template::Template};
use serde_json::Value;

use crate::signature::{NOW, SECRETS, now};

/// Time stands still, and waiting is over at once.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        now()
    }

    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::ready(()))
    }

    fn jitter(&self, _: Duration) -> Duration {
        Duration::ZERO
    }
}

/// No Stripe is there.
#[derive(Debug)]
struct Nobody;

impl StripeHttp for Nobody {
    fn send(&self, _: StripeRequest) -> StripeAnswer<'_> {
        Box::pin(std::future::ready(Err(StripeUnanswered::Connection)))
    }
}

/// Every function that API Gateway calls for clients.
pub(crate) struct World {
    creators: creators::Function,
    gifts: gifts::Function,
    packages: packages::Function,
    recharges: recharges::Function,
    wallet: wallet::Function,
    webhook: webhook::Function,
}

impl World {
    pub(crate) async fn start() -> Self {
        let store = DynamoDbSim::new(1, u64::try_from(NOW).unwrap() * 1_000);
        let dynamodb = dynamodb_client(store.calm_http_client());
        let template = Template::built_in().unwrap();
        let mut settings = prepare(&dynamodb, &template, &Still).await.unwrap();
        settings.insert("STRIPE_WEBHOOK_SECRETS".to_owned(), SECRETS.join(","));
        let lookup = move |name: &str| settings.get(name).cloned();
        let setup = Setup {
            settings: Settings::from_lookup(lookup),
            dynamodb,
            secrets: None,
            stripe_http: Some(Arc::new(Nobody)),
            metrics: Arc::new(NoMetrics),
            clock: Arc::new(Still),
        };
        Self {
            creators: creators::Function::new(&setup).unwrap(),
            gifts: gifts::Function::new(&setup).unwrap(),
            packages: packages::Function::new(&setup).unwrap(),
            recharges: recharges::Function::new(&setup).unwrap(),
            wallet: wallet::Function::new(&setup).unwrap(),
            webhook: webhook::Function::new(&setup).unwrap(),
        }
    }

    /// Asks the function that a route belongs to; each knows its own routes again.
    pub(crate) async fn ask(&self, route: &str, request: Request) -> Response<Body> {
        let path = route.split_once(' ').map_or("", |(_, path)| path);
        match path.split('/').nth(2) {
            Some("creator") => Box::pin(self.creators.handle(request)).await,
            Some("packages" | "gifts" | "config") if route.starts_with("GET") => {
                Box::pin(self.packages.handle(request)).await
            }
            Some("gifts") => Box::pin(self.gifts.handle(request)).await,
            Some("stripe") => Box::pin(self.webhook.handle(request)).await,
            Some("wallet") => Box::pin(self.wallet.handle(request)).await,
            _ => Box::pin(self.recharges.handle(request)).await,
        }
    }
}

/// Asserts that a refusal has one of these statuses, and is a problem that a client can read.
pub(crate) fn assert_told(refusal: &Response<Body>, statuses: &[u16]) {
    let status = refusal.status().as_u16();
    let Body::Text(text) = refusal.body() else {
        panic!("a refusal without text: {refusal:?}");
    };
    assert!(statuses.contains(&status), "{status} {text}");
    let problem: Value = serde_json::from_str(text).expect("a problem is JSON");
    assert_eq!(problem["status"], status, "{text}");
    let code = problem["code"].as_str().unwrap_or_default();
    assert!(!code.is_empty(), "{text}");
    // A pointer repeats a key of the client's, of which 200 characters are told.
    assert!(text.len() < 8_000, "{text}");
}
