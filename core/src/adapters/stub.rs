//! For tests: an HTTP server that answers what it is told, in order, and records what it was
//! asked; and a clock on which nobody waits.

use std::{
    collections::BTreeMap,
    future::{Future, ready},
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::app::Clock;

/// Waits for nothing, and remembers for how long.
#[derive(Debug, Default)]
pub(super) struct NoWait(pub(super) Mutex<Vec<Duration>>);

impl Clock for NoWait {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().unwrap().push(duration);
        Box::pin(ready(()))
    }

    fn jitter(&self, max: Duration) -> Duration {
        max
    }
}

/// What the stub does with a request.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// A whole answer.
    Json(u16, String),
    /// These bytes and the end of the connection.
    Raw(&'static str),
    /// Nothing, for as long as the stub lives.
    Silence,
}

/// What the stub was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// Method and path.
    pub(super) line: String,
    /// By lower-case name.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

/// Runs until it is dropped.
#[derive(Debug)]
pub(super) struct Stub {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    server: JoinHandle<()>,
}

impl Stub {
    pub(super) async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/stripe-sim", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let server = tokio::spawn(serve(listener, answers, Arc::clone(&asked)));
        Self { url, asked, server }
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// One connection after the other; when the answers are used up, connections are closed unread.
async fn serve(listener: TcpListener, answers: Vec<Answer>, asked: Arc<Mutex<Vec<Asked>>>) {
    let mut silent = Vec::new();
    for answer in answers {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read(&mut stream).await;
        asked.lock().unwrap().push(request);
        let text = match answer {
            Answer::Json(status, body) => format!(
                "HTTP/1.1 {status} Stub\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            ),
            Answer::Raw(text) => text.to_owned(),
            Answer::Silence => {
                silent.push(stream);
                continue;
            }
        };
        stream.write_all(text.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    }
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        drop(stream);
    }
}

async fn read(stream: &mut TcpStream) -> Asked {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let line = lines.next().unwrap().to_owned();
            let headers: BTreeMap<_, _> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let length = headers.get("content-length");
            let length = length.map_or(0, |length| length.parse::<usize>().unwrap());
            if body.len() >= length {
                return Asked {
                    line,
                    headers,
                    body: body.to_owned(),
                };
            }
        }
        assert_ne!(
            stream.read_buf(&mut bytes).await.unwrap(),
            0,
            "the request ended early"
        );
    }
}
