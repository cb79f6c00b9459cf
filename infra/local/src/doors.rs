//! Doors for containers. Everything here listens on loopback, which on Linux a container does not
//! reach: it sees this machine at the address of Docker's bridge. A door listens there and carries
//! each connection to one port of loopback.

use std::{io, net::Ipv4Addr};

use anyhow::Context;
use http::Uri;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// The open doors. They close when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Doors {
    /// Ports behind doors, each with the door's own.
    ports: Vec<(u16, u16)>,
    _open: JoinSet<()>,
}

impl Doors {
    /// Opens a door at `address`, if there is one, to each of the services that is on loopback.
    ///
    /// # Errors
    /// If this machine has no such address.
    pub(crate) async fn open(address: Option<Ipv4Addr>, services: &[&str]) -> anyhow::Result<Self> {
        let mut doors = Self::default();
        let Some(address) = address else {
            return Ok(doors);
        };
        for service in services {
            let Some((host, port)) = on_loopback(service) else {
                continue;
            };
            // Any free port: a service that listens on all addresses has its own port there, too.
            let listener = TcpListener::bind((address, 0)).await.with_context(|| {
                format!("--also-listen {address}: not an address of this machine")
            })?;
            doors.ports.push((port, listener.local_addr()?.port()));
            doors._open.spawn(carry(listener, host, port));
        }
        Ok(doors)
    }

    /// The port at which containers find what has this port on loopback.
    pub(crate) fn port(&self, port: u16) -> u16 {
        let door = self.ports.iter().find(|(behind, _)| *behind == port);
        door.map_or(port, |(_, door)| *door)
    }
}

/// Host and port of an http address on loopback.
pub(crate) fn on_loopback(url: &str) -> Option<(String, u16)> {
    let uri: Uri = url.parse().ok()?;
    let host = uri.host()?;
    let is_loopback = host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|it| it.is_loopback())
        || host == "[::1]";
    let port = uri.port_u16().or(match uri.scheme_str() {
        Some("http") => Some(80),
        _ => None,
    });
    is_loopback.then_some((host.to_owned(), port?))
}

async fn carry(listener: TcpListener, host: String, port: u16) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let to = format!("{host}:{port}");
                    connections.spawn(async move {
                        if let Err(error) = through(stream, &to).await {
                            tracing::debug!("a container's connection to {to} ended: {error}");
                        }
                    });
                }
                Err(error) => tracing::warn!("a container was not let in: {error}"),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn through(mut outside: TcpStream, to: &str) -> io::Result<()> {
    let mut inside = TcpStream::connect(to).await?;
    copy_bidirectional(&mut outside, &mut inside).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_door_leads_to_its_service_until_it_is_dropped() {
        let service = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let behind = service.local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{behind}/stripe-sim");
        // Loopback itself stands for the bridge.
        let bridge = Ipv4Addr::LOCALHOST;
        let doors = Doors::open(Some(bridge), &[&url, "https://x.example"])
            .await
            .unwrap();
        let door = doors.port(behind);
        assert_ne!(door, behind);
        assert_eq!(doors.ports.len(), 1, "what is elsewhere needs no door");

        let mut client = TcpStream::connect((bridge, door)).await.unwrap();
        client.write_all(b"in").await.unwrap();
        let (mut served, _) = service.accept().await.unwrap();
        let mut read = [0; 2];
        served.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"in");
        served.write_all(b"out").await.unwrap();
        drop(served);
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"out");
    }

    #[tokio::test]
    async fn without_an_address_nothing_is_opened_and_ports_are_as_they_are() {
        let doors = Doors::open(None, &["http://127.0.0.1:1"]).await.unwrap();
        assert_eq!((doors.port(1), doors.ports.len()), (1, 0));
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_explained() {
        // Reserved for documentation: no machine has it.
        let elsewhere = Some(Ipv4Addr::new(192, 0, 2, 1));
        let error = Doors::open(elsewhere, &["http://127.0.0.1:1"])
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains("not an address of this machine"),
            "{error}"
        );
    }

    #[test]
    fn loopback_is_told_from_everything_else() {
        let found = |url| on_loopback(url).map(|(_, port)| port);
        assert_eq!(found("http://127.0.0.1:8000"), Some(8000));
        assert_eq!(found("http://localhost:8000/"), Some(8000));
        assert_eq!(found("http://[::1]:8000/"), Some(8000));
        assert_eq!(found("http://localhost"), Some(80));
        for elsewhere in [
            "https://api.stripe.com/",
            "http://10.0.0.1:8000",
            "",
            "localhost",
        ] {
            assert_eq!(found(elsewhere), None, "{elsewhere}");
        }
    }
}
