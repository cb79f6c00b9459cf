//! The port: taken at once, answered on only when all is ready.

use std::{io, net::SocketAddr};

use anyhow::{Context, anyhow};
use tokio::net::{TcpListener, TcpSocket};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1_024;

/// A port that is ours but refuses connections as yet.
#[derive(Debug)]
pub(super) struct Reserved {
    socket: TcpSocket,
    port: u16,
}

impl Reserved {
    /// Takes a port of the loopback interface; 0 takes any that is free.
    pub(super) fn new(port: u16) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        // So that a restart need not wait for old connections. Elsewhere it means something
        // else, and for a port that the system chooses it would let it choose one twice.
        if cfg!(unix) && port != 0 {
            socket.set_reuseaddr(true)?;
        }
        socket
            .bind(SocketAddr::from(([127, 0, 0, 1], port)))
            .map_err(|it| explain(it, port))?;
        let port = socket
            .local_addr()
            .context("the port has no address")?
            .port();
        Ok(Self { socket, port })
    }

    /// Which one it is.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Answers from now on.
    pub(super) fn listen(self) -> anyhow::Result<TcpListener> {
        self.socket
            .listen(BACKLOG)
            .map_err(|error| explain(error, self.port))
    }
}

fn explain(error: io::Error, port: u16) -> anyhow::Error {
    if error.kind() == io::ErrorKind::AddrInUse {
        return anyhow!("port {port} is taken; use --port N");
    }
    anyhow!(error).context(format!("port {port} cannot be used; use --port N"))
}
