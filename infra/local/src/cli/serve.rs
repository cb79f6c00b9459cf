//! `recharge`: serves until it is told to stop.

use std::collections::BTreeMap;

use recharge_core::config::Settings;

use super::{ServeArguments, say, signals::Signals};
use crate::{LocalServer, Options, banner::banner, template::Template};

pub(super) async fn serve(arguments: ServeArguments) -> anyhow::Result<()> {
    let mut signals = Signals::new()?;
    let server = LocalServer::start(Options {
        port: arguments.port,
        data: arguments.data,
        dynamodb_endpoint: arguments.dynamodb_endpoint.filter(|url| !url.is_empty()),
        stripe_url: arguments.stripe_url.filter(|url| !url.is_empty()),
        api_url: arguments.sam.api_url,
        sam_env: arguments.sam.sam_env,
        also_listen: arguments.sam.also_listen,
        catalog: arguments.catalog,
        settings: from_environment()?,
        run_schedules: true,
        ..Options::default()
    })
    .await?;
    say(&banner(&server));
    signals.next().await;
    tracing::info!("stopping; once more stops at once");
    tokio::select! {
        () = server.shutdown() => Ok(()),
        () = signals.next() => anyhow::bail!("stopped at once"),
    }
}

/// What the environment says about the variables that the functions have in Lambda.
fn from_environment() -> anyhow::Result<BTreeMap<String, String>> {
    let environment = Settings::from_environment();
    let template = Template::built_in()?;
    let mut variables = template.variables();
    for argument in ["DYNAMODB_ENDPOINT", "STRIPE_API_BASE"] {
        variables.remove(argument);
    }
    let value = |name: &str| Some((name.to_owned(), environment.get(name)?.to_owned()));
    Ok(variables.into_iter().filter_map(value).collect())
}
