//! A world to play in: the local server, on ports of its own, with everything in memory; its
//! tables are those of an embedded DynamoDB, or its own on the one that all worlds share.

use std::{collections::BTreeMap, sync::OnceLock, time::Duration};

use aws_sdk_dynamodb::{Client, config::timeout::TimeoutConfig};
use recharge_core::{
    adapters::{
        SystemClock,
        dynamodb::{DynamoLedger, DynamoViews},
    },
    app::{Clock, ports::Creators},
};
use recharge_local::{Issuer, LocalServer, Options, template::Template};
use serde_json::{Value, json};

use crate::{
    Answer, Api, Fan, FaultyHttp, Lambda, Store,
    contract::store_wallet,
    samples::{creator, wallet},
    store::{delete_tables, on_store},
};

/// The local server, and ways to reach around it.
#[derive(Debug)]
pub struct World {
    /// The server.
    pub server: LocalServer,
    /// Its API.
    pub api: Api,
    /// Where its functions' calls to DynamoDB can be counted and spoiled.
    pub faults: FaultyHttp,
    table_prefix: String,
}

impl World {
    /// Starts one.
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// The issuer of every world's tokens: its key takes long to generate.
    pub fn issuer() -> Issuer {
        static ISSUER: OnceLock<Issuer> = OnceLock::new();
        let issuer = ISSUER.get_or_init(|| Issuer::generate().unwrap());
        issuer.clone()
    }

    /// Starts one whose clock stands still, and whose calls of DynamoDB take what they take: what
    /// is proven in it holds however slow the machine is. That a deadline ends the tries is proven
    /// beside `Attempts`.
    pub async fn standing() -> Self {
        Self::with(Options {
            clock: SystemClock::standing(),
            dynamodb_timeouts: Some(TimeoutConfig::disabled()),
            ..Options::default()
        })
        .await
    }

    /// Starts one with these options; faults, issuer and store are the testkit's own.
    pub async fn with(options: Options) -> Self {
        let faults = FaultyHttp::default();
        let options = Options {
            issuer: Some(Self::issuer()),
            http_client: Some(faults.client()),
            ..on_store(options)
        };
        let table_prefix = options.table_prefix.clone();
        let server = LocalServer::start(options).await.unwrap();
        let api = Api::new(server.base_url());
        let world = Self {
            server,
            api,
            faults,
            table_prefix,
        };
        // Whom the fans of most suites send to.
        world.creator("creator").await;
        world.faults.reset();
        world
    }

    /// Somebody who is a creator, as fans have tokens.
    pub async fn creator(&self, name: &str) -> Fan {
        let saved = self.ledger().save_creator(0, &creator(name)).await;
        saved.unwrap();
        self.fan(name)
    }

    /// The views, without faults.
    #[must_use]
    pub fn views(&self) -> DynamoViews {
        let table = self.server.setting("VIEWS_TABLE").to_owned();
        DynamoViews::new(self.server.dynamodb().clone(), table)
    }

    /// The ledger, without faults.
    #[must_use]
    pub fn ledger(&self) -> DynamoLedger {
        DynamoLedger::new(self.server.dynamodb().clone(), self.table())
    }

    /// The ledger's table.
    #[must_use]
    pub fn table(&self) -> String {
        self.server.ledger_table().to_owned()
    }

    /// The views, through a client that has `faults`.
    #[must_use]
    pub fn views_with(&self, faults: &FaultyHttp) -> DynamoViews {
        let config = self.server.dynamodb().config().to_builder();
        let client = Client::from_conf(config.http_client(faults.client()).build());
        DynamoViews::new(client, self.server.setting("VIEWS_TABLE").to_owned())
    }

    /// A fan of that name.
    #[must_use]
    pub fn fan(&self, name: &str) -> Fan {
        // Longer than any test moves the clock.
        self.api
            .fan(&self.server.issue_token(name, &[], 100_000_000))
    }

    /// A fan who holds so many coins.
    pub async fn fan_with(&self, name: &str, coins: u64) -> Fan {
        let mut held = wallet(name, coins);
        held.last_seq = 0; // The coins came from nowhere, so that entries begin at 1.
        store_wallet(&self.ledger(), &held).await;
        self.fan(name)
    }

    /// Pays a checkout on the simulator, and waits until its webhooks are acknowledged.
    pub async fn pay(&self, started: &Answer) -> Answer {
        let session = started.checkout_session();
        let path = format!("/stripe-sim/checkout/{session}/pay");
        let paid = self.api.post(&path, &json!({"outcome": "succeed"})).await;
        let delivered = self.api.post("/stripe-sim/deliver", &Value::Null).await;
        assert_eq!(delivered.status, 200, "{}", delivered.body);
        paid
    }

    /// The functions, as new containers with a client that has `faults`.
    #[must_use]
    pub fn lambda(&self, faults: &FaultyHttp) -> Lambda {
        let config = self
            .server
            .dynamodb()
            .config()
            .to_builder()
            .http_client(faults.client());
        let client = Client::from_conf(config.build());
        Lambda::new(self.settings(), client, self.server.clock().clone())
    }

    /// The settings of the server's own functions.
    fn settings(&self) -> BTreeMap<String, String> {
        let template = Template::built_in().unwrap();
        let value = |name: &str| (name.to_owned(), self.server.setting(name).to_owned());
        template.variables().into_iter().map(value).collect()
    }

    /// Sets the clock forward to the beginning of a minute, so that what counts by the minute does
    /// not run over its end.
    pub fn begin_minute(&self) {
        let clock = self.server.clock();
        let second = clock.now().as_second().rem_euclid(60).unsigned_abs();
        clock.advance(Duration::from_secs(60_u64.saturating_sub(second)));
    }

    /// Stops the server.
    pub async fn stop(self) {
        // An embedded DynamoDB ends with the last client.
        let is_shared = Store::of_this_run() != Store::Dynoxide;
        let dynamodb = is_shared.then(|| self.server.dynamodb().clone());
        self.server.shutdown().await;
        if let Some(dynamodb) = dynamodb {
            delete_tables(&dynamodb, &self.table_prefix).await;
        }
    }
}
