//! Puts the parts together, in the order in which they need each other.

use std::{io, net::SocketAddr, sync::Arc};

use anyhow::{Context, anyhow};
use aws_sdk_dynamodb::Client;
use axum::{Json, Router, routing::get};
use recharge_core::{
    adapters::{Setup, SystemClock, metrics::metrics},
    app::Clock,
};
use serde_json::{Value, json};
use stripe_sim::Simulator;
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{JoinHandle, spawn_blocking},
};

use super::{LocalServer, socket::Reserved};
use crate::{
    Issuer, Options,
    catalog::Catalog,
    data::DataFolder,
    doors::Doors,
    dynamodb::{self, Embedded, TableNames, ensure_tables},
    functions::Functions,
    gateway::Gateway,
    issuer::{self, IssuerState},
    openapi, pages, random, sam,
    schedule::Reconciler,
    settings::{Facts, LocalSettings, base_url},
    stream::Pump,
    stripe,
    template::Template,
};

pub(super) async fn start(options: Options) -> anyhow::Result<LocalServer> {
    let template = Template::built_in()?;
    let catalog = Catalog::load(options.catalog.as_deref())?;
    let reserved = Reserved::new(options.port)?;
    let base_url = base_url(reserved.port());
    let api_url = options.api_url.as_ref().unwrap_or(&base_url).clone();
    let data = options.data.as_deref().map(DataFolder::open).transpose()?;

    let (dynamodb_endpoint, embedded) = database(&options, data.as_ref()).await?;
    let timeouts = options.dynamodb_timeouts.as_ref();
    let dynamodb = dynamodb::client(&dynamodb_endpoint, None, timeouts);
    let tables = tables(&template, &options);
    ensure_tables(&dynamodb, &template, &tables, &options.clock).await?;
    let (ledger_table, views_table) = (tables.get("LedgerTable")?, tables.get("ViewsTable")?);
    catalog.publish(&dynamodb, ledger_table).await?;

    let issuer = issuer(options.issuer.clone(), data.as_ref()).await?;
    let facts = Facts {
        port: reserved.port(),
        ledger_table,
        views_table,
        dynamodb_endpoint: &dynamodb_endpoint,
        stripe_url: options.stripe_url.as_deref(),
        api_url: options.api_url.as_deref(),
        jwks: issuer.jwks().to_string(),
        cursor_secret: cursor_secret(data.as_ref())?,
    };
    let settings = LocalSettings::new(facts, &template, &options.settings)?;
    let issuer = IssuerState::new(issuer, &settings, options.clock.clone());
    let doors = Doors::open(options.also_listen, &[&base_url, &dynamodb_endpoint]).await?;
    if let Some(file) = &options.sam_env {
        sam::write_variables(file, &template, &settings, &doors)?;
    }

    let simulator = match options.stripe_url {
        Some(_) => None,
        None => {
            let state_file = data.as_ref().map(DataFolder::stripe);
            Some(stripe::start(&base_url, &api_url, state_file, options.clock.clone()).await?)
        }
    };
    let setup = setup(&settings, &options, &dynamodb);
    let gateway = gateway(&template, &settings, &setup, reserved.port())?;
    let reconciler = Reconciler::new(&template, &settings, &setup)?;
    let pump = Pump::new(&template, &settings, &setup, &dynamodb, &tables)?;
    let router = router(&issuer, simulator.as_ref(), gateway)?;
    let (stop, serving) = serve(reserved.listen()?, router);
    let background = match options.run_schedules {
        true => by_themselves(&reconciler, &pump),
        false => Vec::new(),
    };
    let clock = options.clock;
    Ok(LocalServer {
        base_url,
        api_url,
        dynamodb_endpoint,
        dynamodb,
        clock,
        issuer,
        catalog,
        settings,
        simulator,
        reconciler,
        pump,
        background,
        stop,
        serving,
        embedded,
        data,
        _doors: doors,
    })
}

/// Starts what AWS runs without being called.
fn by_themselves(reconciler: &Reconciler, pump: &Pump) -> Vec<JoinHandle<()>> {
    let (reconciler, pump) = (reconciler.clone(), pump.clone());
    vec![reconciler.keep_running(), pump.keep_running()]
}

/// Where DynamoDB is, and the embedded one if it is that.
async fn database(
    options: &Options,
    data: Option<&DataFolder>,
) -> anyhow::Result<(String, Option<Embedded>)> {
    if let Some(endpoint) = &options.dynamodb_endpoint {
        return Ok((endpoint.clone(), None));
    }
    let file = data.map(DataFolder::database);
    let embedded = Embedded::start(file.as_deref()).await?;
    Ok((embedded.endpoint().to_owned(), Some(embedded)))
}

fn tables(template: &Template, options: &Options) -> TableNames {
    let mut names = TableNames::new(template, &options.table_prefix);
    for (setting, table) in [
        ("LEDGER_TABLE", "LedgerTable"),
        ("VIEWS_TABLE", "ViewsTable"),
    ] {
        if let Some(name) = options.settings.get(setting) {
            names.rename(table, name);
        }
    }
    names
}

/// The given issuer, the one that is kept, or a new one.
async fn issuer(given: Option<Issuer>, data: Option<&DataFolder>) -> anyhow::Result<Issuer> {
    let generate = async || {
        spawn_blocking(Issuer::generate)
            .await
            .context("no key was made")?
    };
    match (given, data) {
        (Some(issuer), _) => Ok(issuer),
        (None, None) => generate().await,
        (None, Some(data)) => {
            let key = match data.kept("issuer.pkcs8")? {
                Some(key) => key,
                None => data.keep("issuer.pkcs8", generate().await?.to_pkcs8()?)?,
            };
            Issuer::from_pkcs8(&key).context("issuer.pkcs8 in the data folder")
        }
    }
}

/// What cursors are signed with; kept, so that they outlive a restart.
fn cursor_secret(data: Option<&DataFolder>) -> anyhow::Result<String> {
    let secret = random::text::<32>()?;
    let Some(data) = data else { return Ok(secret) };
    let kept = match data.kept("cursor-secret")? {
        Some(kept) => kept,
        None => data.keep("cursor-secret", secret.into_bytes())?,
    };
    String::from_utf8(kept).map_err(|_| anyhow!("cursor-secret in the data folder is not text"))
}

fn setup(settings: &LocalSettings, options: &Options, dynamodb: &Client) -> Setup {
    let clock: Arc<dyn Clock> = Arc::new(options.clock.clone());
    let given = options.metrics.clone();
    Setup {
        metrics: given.unwrap_or_else(|| metrics(&settings.all(), &clock)),
        settings: settings.all(),
        dynamodb: match &options.http_client {
            None => dynamodb.clone(),
            given => dynamodb::client(
                settings.get("DYNAMODB_ENDPOINT"),
                given.clone(),
                options.dynamodb_timeouts.as_ref(),
            ),
        },
        secrets: None,
        stripe_http: None,
        clock,
    }
}

fn gateway(
    template: &Template,
    settings: &LocalSettings,
    setup: &Setup,
    port: u16,
) -> anyhow::Result<Gateway> {
    let functions = Functions::new(template, settings, setup)?;
    let clock = Arc::clone(&setup.clock);
    Gateway::new(template, &functions, format!("127.0.0.1:{port}"), clock)
}

fn router(
    issuer: &IssuerState,
    simulator: Option<&Simulator>,
    gateway: Gateway,
) -> anyhow::Result<Router> {
    Ok(Router::new()
        .route("/healthz", get(healthz))
        .merge(openapi::router()?)
        .merge(pages::router())
        .merge(issuer::router(issuer.clone()))
        .merge(simulator.map(Simulator::router).unwrap_or_default())
        .merge(gateway.router()))
}

/// The port is answered on only when all is ready, so this is all there is to say.
async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

fn serve(
    listener: TcpListener,
    router: Router,
) -> (oneshot::Sender<()>, JoinHandle<io::Result<()>>) {
    let (stop, stopped) = oneshot::channel();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async {
        let _stopped_or_dropped = stopped.await;
    });
    (stop, tokio::spawn(serving.into_future()))
}

impl IssuerState {
    fn new(issuer: Issuer, settings: &LocalSettings, clock: SystemClock) -> Self {
        Self {
            issuer,
            name: settings.get("JWT_ISSUER").into(),
            audience: settings.get("JWT_AUDIENCE").into(),
            clock: Arc::new(clock),
        }
    }
}
