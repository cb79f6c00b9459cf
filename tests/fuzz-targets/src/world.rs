//! The functions that hear API Gateway, each as a new container, on an empty simulated DynamoDB.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client, Config,
    config::{Credentials, Region},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType,
    },
};
use dynamodb_sim::DynamoDbSim;
use jiff::Timestamp;
use lambda_http::{Body, Request, Response};
use recharge_core::{
    adapters::{
        Setup,
        dynamodb::{STATEMENT_INDEX, behavior, publish},
        stripe::{StripeAnswer, StripeHttp, StripeRequest, StripeUnanswered},
    },
    app::Clock,
    config::Settings,
};
use serde_json::Value;

use crate::signature::{NOW, now};

const SETTINGS: [(&str, &str); 20] = [
    ("LEDGER_TABLE", "ledger"),
    ("VIEWS_TABLE", "views"),
    ("JWT_ISSUER", "https://issuer.example.com"),
    ("JWT_AUDIENCE", "recharge"),
    ("STRIPE_API_KEY", "sk_test_fuzz"),
    ("STRIPE_WEBHOOK_SECRETS", "whsec_one,whsec_two"),
    ("STRIPE_LIVEMODE", "false"),
    ("PUBLIC_URL", "https://example.com"),
    ("CURSOR_SECRETS", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ("FIRST_RECHARGE_BONUS_COINS", "0"),
    ("TERMS_VERSION", "2026-11-01"),
    ("CURRENCIES", "usd,jpy"),
    ("DIAMOND_RATES", "usd:500,jpy:750"),
    (
        "RECHARGE_CHANNELS",
        r#"[{"platform": "web", "storefronts": [], "channel": "stripe_web"}]"#,
    ),
    ("MIN_APP_VERSION_IOS", "1.0.0"),
    ("MIN_APP_VERSION_ANDROID", "1.0.0"),
    ("MIN_APP_VERSION_WEB", "1.0.0"),
    ("MAX_QUANTITY", "9999"),
    ("GIFTS_PER_MINUTE", "1000"),
    ("RECHARGES_PER_MINUTE", "60"),
];

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
        let config = Config::builder()
            .behavior_version(behavior())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::for_tests())
            .endpoint_url("http://dynamodb.invalid")
            .http_client(store.calm_http_client());
        let dynamodb = Client::from_conf(config.build());
        make_tables(&dynamodb).await;
        publish(&dynamodb, "ledger", &[], None, &[]).await.unwrap();
        let lookup = |name: &str| {
            let mut settings = SETTINGS.iter();
            let found = settings.find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let setup = Setup {
            settings: Settings::from_lookup(lookup),
            dynamodb,
            secrets: None,
            stripe_http: Some(Arc::new(Nobody)),
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

async fn make_tables(dynamodb: &Client) {
    for table in ["ledger", "views"] {
        let mut create = dynamodb
            .create_table()
            .table_name(table)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute("PK", ScalarAttributeType::S))
            .attribute_definitions(attribute("SK", ScalarAttributeType::S))
            .key_schema(key("PK", KeyType::Hash))
            .key_schema(key("SK", KeyType::Range));
        if table == "ledger" {
            let all = Projection::builder().projection_type(ProjectionType::All);
            let statement = GlobalSecondaryIndex::builder()
                .index_name(STATEMENT_INDEX)
                .key_schema(key("PK", KeyType::Hash))
                .key_schema(key("seq", KeyType::Range))
                .projection(all.build());
            create = create
                .attribute_definitions(attribute("seq", ScalarAttributeType::N))
                .global_secondary_indexes(statement.build().unwrap());
        }
        create.send().await.unwrap();
    }
}

fn attribute(name: &str, kind: ScalarAttributeType) -> AttributeDefinition {
    let attribute = AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(kind);
    attribute.build().unwrap()
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    let key = KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(kind);
    key.build().unwrap()
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
