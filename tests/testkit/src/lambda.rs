//! The functions as Lambda calls them, one cold container at a time.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws_sdk_dynamodb::Client;
use lambda_http::{Body, Request, request::LambdaRequest};
use recharge_core::{
    adapters::{Setup, SystemClock},
    app::ports::NoMetrics,
    config::Settings,
};
use serde_json::{Value, json};

use crate::{Answer, FaultyHttp, HeldSecrets};

/// The secrets that functions read at run time.
const STORED: [&str; 2] = ["STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRETS"];

/// Makes functions as a new container does: with nothing cached.
#[derive(Debug, Clone)]
pub struct Lambda {
    setup: Setup,
    /// None where time is virtual.
    clock: Option<SystemClock>,
}

impl Lambda {
    /// With these settings, and a client that may have faults.
    #[must_use]
    pub fn new(settings: BTreeMap<String, String>, dynamodb: Client, clock: SystemClock) -> Self {
        let settings = Settings::from_lookup(move |name| settings.get(name).cloned());
        Self {
            setup: Setup {
                settings,
                dynamodb,
                secrets: None,
                stripe_http: None,
                metrics: Arc::new(NoMetrics),
                clock: Arc::new(clock.clone()),
            },
            clock: Some(clock),
        }
    }

    /// Of anything.
    #[must_use]
    pub const fn of(setup: Setup) -> Self {
        Self { setup, clock: None }
    }

    /// The same, with a client that has no faults and is not counted.
    #[must_use]
    pub fn without_faults(&self) -> Self {
        let http = FaultyHttp::default().client();
        let config = self
            .setup
            .dynamodb
            .config()
            .to_builder()
            .http_client(http)
            .build();
        Self {
            setup: Setup {
                dynamodb: Client::from_conf(config),
                ..self.setup.clone()
            },
            clock: self.clock.clone(),
        }
    }

    /// The same, with another setting.
    #[must_use]
    pub fn with_setting(&self, name: &'static str, value: String) -> Self {
        let settings = self.setup.settings.clone();
        let lookup = move |asked: &str| match asked == name {
            true => Some(value.clone()),
            false => settings.get(asked),
        };
        Self {
            setup: Setup {
                settings: Settings::from_lookup(lookup),
                ..self.setup.clone()
            },
            clock: self.clock.clone(),
        }
    }

    /// The same, with Stripe's secrets in `store` under the names of their settings, instead of
    /// in the settings.
    #[must_use]
    pub fn with_secrets_in(&self, store: &HeldSecrets) -> Self {
        let settings = self.setup.settings.clone();
        let lookup = move |name: &str| match name.strip_suffix("_SECRET_ID") {
            Some(secret) => Some(secret.to_owned()),
            None if STORED.contains(&name) => None,
            None => settings.get(name),
        };
        Self {
            setup: Setup {
                settings: Settings::from_lookup(lookup),
                secrets: Some(Arc::new(store.clone())),
                ..self.setup.clone()
            },
            clock: self.clock.clone(),
        }
    }

    /// A setting; empty if there is none.
    #[must_use]
    pub fn setting(&self, name: &str) -> String {
        self.setup.settings.get(name).unwrap_or_default()
    }

    /// What time it is for the functions, in seconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.setup.clock.now().as_second()
    }

    /// Sets the clock forward.
    pub fn advance(&self, duration: Duration) {
        let clock = self.clock.as_ref();
        clock
            .expect("virtual time passes by itself")
            .advance(duration);
    }

    /// A new container of `admin`.
    #[must_use]
    pub fn admin(&self) -> admin::Function {
        admin::Function::new(&self.setup).unwrap()
    }

    /// A new container of `packages`.
    #[must_use]
    pub fn packages(&self) -> packages::Function {
        packages::Function::new(&self.setup).unwrap()
    }

    /// A new container of `reconcile`.
    #[must_use]
    pub fn reconcile(&self) -> reconcile::Function {
        reconcile::Function::new(&self.setup).unwrap()
    }

    /// A new container of `creators`.
    #[must_use]
    pub fn creators(&self) -> creators::Function {
        creators::Function::new(&self.setup).unwrap()
    }

    /// A new container of `relay`.
    #[must_use]
    pub fn relay(&self) -> relay::Function {
        relay::Function::new(&self.setup).unwrap()
    }

    /// A new container of `gifts`.
    #[must_use]
    pub fn gifts(&self) -> gifts::Function {
        gifts::Function::new(&self.setup).unwrap()
    }

    /// A new container of `recharges`.
    #[must_use]
    pub fn recharges(&self) -> recharges::Function {
        recharges::Function::new(&self.setup).unwrap()
    }

    /// A new container of `webhook`.
    #[must_use]
    pub fn webhook(&self) -> webhook::Function {
        webhook::Function::new(&self.setup).unwrap()
    }

    /// A new container of `wallet`.
    #[must_use]
    pub fn wallet(&self) -> wallet::Function {
        wallet::Function::new(&self.setup).unwrap()
    }
}

/// API Gateway's event for a call of `user`, whom its authorizer has checked.
#[must_use]
pub fn invoke(route: &str, user: &str, headers: &[(&str, &str)], body: &str) -> Request {
    event(route, None, user, headers, body)
}

/// The same for a route with `{id}` in its path.
#[must_use]
pub fn invoke_at(route: &str, id: &str, user: &str, body: &str) -> Request {
    event(route, Some(id), user, &[], body)
}

fn event(
    route: &str,
    id: Option<&str>,
    user: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Request {
    let (method, path) = route.split_once(' ').unwrap();
    let path = path.replace("{id}", id.unwrap_or("{id}"));
    let parameters = id.map(|id| json!({ "id": id }));
    let headers: BTreeMap<_, _> = headers.iter().copied().collect();
    let event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "pathParameters": parameters,
        "requestContext": {
            "accountId": "1",
            "apiId": "api",
            "routeKey": route,
            "stage": "$default",
            "requestId": "request",
            "timeEpoch": 0,
            "authorizer": {"jwt": {"claims": {"sub": user}, "scopes": null}},
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
        },
        "body": body,
        "isBase64Encoded": false,
    });
    serde_json::from_value::<LambdaRequest>(event)
        .unwrap()
        .into()
}

impl From<lambda_http::Response<Body>> for Answer {
    fn from(response: lambda_http::Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = match body {
            Body::Text(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            Body::Empty | Body::Binary(_) | _ => Value::Null,
        };
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }
}
