//! The simulator as a program.

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::config::{DEFAULT_SECRET, SimulatorConfig};
use crate::simulator::Simulator;

/// How long open connections may take to end after a signal.
const GRACE: Duration = Duration::from_secs(3);

/// A stateful Stripe simulator: checkout sessions that can be paid, and signed webhooks.
#[derive(Debug, Parser)]
#[command(name = "stripe-sim", version)]
struct Options {
    /// The port on loopback; 0 takes a free one.
    #[arg(long, default_value_t = 12_111)]
    port: u16,
    /// Where events are sent (http only).
    #[arg(long)]
    webhook_url: Option<String>,
    /// A signing secret for webhooks; give it again to sign with several.
    #[arg(long = "secret", default_value = DEFAULT_SECRET)]
    secrets: Vec<String>,
    /// Keep the state in this file. Without it the state ends with the program.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Begin the randomness of deliveries (`shuffle`, `lose`) with this number, to repeat a run.
    #[arg(long)]
    seed: Option<u64>,
}

/// Runs the program until SIGINT or SIGTERM.
pub async fn run() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    match serve(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "stripe-sim: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
        .await
        .map_err(|error| format!("cannot listen on port {}: {error}", options.port))?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let webhook_url = options.webhook_url.clone();
    let simulator = Simulator::start(SimulatorConfig {
        webhook_url: options.webhook_url,
        secrets: options.secrets,
        state_file: options.data,
        seed: options.seed,
        ..SimulatorConfig::new(base_url.clone())
    })
    .await?;
    let stop = signals()?;
    // A closed standard output is no reason to stop.
    let _ = io::stdout()
        .write_all(greeting(&base_url, simulator.seed(), webhook_url.as_deref()).as_bytes());
    let server = axum::serve(listener, simulator.router_with_root());
    let graceful = server.with_graceful_shutdown(stopped(stop.clone()));
    tokio::select! {
        served = graceful => served?,
        () = async { stopped(stop).await; tokio::time::sleep(GRACE).await } => {}
    }
    simulator.shutdown().await;
    Ok(())
}

/// A channel that turns true with the first SIGINT or SIGTERM.
fn signals() -> io::Result<watch::Receiver<bool>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (sender, receiver) = watch::channel(false);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        // Without a receiver the server has ended already.
        let _ = sender.send(true);
    });
    Ok(receiver)
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // A dropped sender means stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

fn greeting(base_url: &str, seed: u64, webhook_url: Option<&str>) -> String {
    format!(
        "Stripe simulator (test mode, no real money)\n\
         \n  API       {base_url}/stripe-sim/v1 and {base_url}/v1 (any key that begins with sk_test_)\
         \n  pay page  {base_url}/stripe-sim/checkout/{{session}}\
         \n  controls  {base_url}/stripe-sim/delivery, /deliver, /events, /faults, /charges, /refunds\
         \n  seed      {seed} (repeats the randomness of deliveries)\
         \n  webhooks  {}\n\
         \nTry:\n\
         \n  curl -u sk_test_123: {base_url}/stripe-sim/v1/checkout/sessions \\\
         \n    -d mode=payment -d success_url=https://example.com/thanks \\\
         \n    -d 'line_items[0][quantity]=1' -d 'line_items[0][price_data][currency]=usd' \\\
         \n    -d 'line_items[0][price_data][unit_amount]=499' \\\
         \n    -d 'line_items[0][price_data][product_data][name]=Coins'\n\n",
        webhook_url.unwrap_or("not sent: give --webhook-url"),
    )
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
