//! The embedded DynamoDB: dynoxide behind its own HTTP server, so that the real SDK talks to it.

use std::path::Path;

use anyhow::{Context, anyhow};
use dynoxide::{Database, server::serve_with_shutdown};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// A running server. It stops when this is dropped; [`Embedded::stop`] also waits for it.
#[derive(Debug)]
pub(crate) struct Embedded {
    endpoint: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), String>>,
}

impl Embedded {
    /// Serves the tables in `file`, or in memory, on a free port of the loopback interface.
    pub(crate) async fn start(file: Option<&Path>) -> anyhow::Result<Self> {
        let database = match file {
            Some(file) => open(file)?,
            None => Database::memory().context("cannot make a database in memory")?,
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve_with_shutdown(listener, database, async {
            let _stopped_or_dropped = stopped.await;
        }));
        Ok(Self {
            endpoint,
            stop,
            task,
        })
    }

    /// Where it is.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Answers what is under way, closes the database and returns.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        let _already_stopped = self.stop.send(());
        self.task
            .await?
            .map_err(|error| anyhow!("the embedded DynamoDB failed: {error}"))
    }
}

fn open(file: &Path) -> anyhow::Result<Database> {
    let path = file
        .to_str()
        .context("the path of the data folder is not UTF-8")?;
    Database::new(path).with_context(|| {
        format!("cannot open the tables in {path}; move the file away to start with empty ones")
    })
}
