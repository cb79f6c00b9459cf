//! Options for running beside `sam local`, which runs the functions themselves.

use std::{net::Ipv4Addr, path::PathBuf};

use http::Uri;

#[derive(Debug, Default, clap::Args)]
pub(super) struct SamArguments {
    /// Another front door serves the API, such as http://127.0.0.1:3001 of `sam local start-api`:
    /// buyers come back to it, webhooks go to it [default: this server's own]
    #[arg(long, value_name = "URL", value_parser = api_url)]
    pub(super) api_url: Option<String>,
    /// Write what `sam local --env-vars` takes to this file: every variable of every function
    #[arg(long, value_name = "FILE")]
    pub(super) sam_env: Option<PathBuf>,
    /// Let containers in at this address of Docker's bridge, such as 172.17.0.1, where they do not
    /// reach this machine's loopback (Docker Engine on Linux); needs --sam-env
    #[arg(long, value_name = "ADDRESS", value_parser = bridge_address, requires = "sam_env")]
    pub(super) also_listen: Option<Ipv4Addr>,
}

/// An http address without a slash at its end.
fn api_url(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    let uri: Uri = text.parse().map_err(|_| "must be an address".to_owned())?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
        return Err("must be an address such as http://127.0.0.1:3001".to_owned());
    }
    if uri.query().is_some() {
        return Err("must not have a query".to_owned());
    }
    Ok(text.to_owned())
}

/// Docker's bridges have private addresses. Anything else would open a server without passwords
/// to strangers.
fn bridge_address(text: &str) -> Result<Ipv4Addr, String> {
    match text.parse::<Ipv4Addr>() {
        Ok(address) if address.is_private() => Ok(address),
        Ok(_) => Err("must be a private address, such as 172.17.0.1".to_owned()),
        Err(_) => Err("must be an IPv4 address, such as 172.17.0.1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_url_is_an_address_without_a_slash_at_its_end() {
        for (text, normal) in [
            ("http://127.0.0.1:3001", "http://127.0.0.1:3001"),
            ("http://127.0.0.1:3001/", "http://127.0.0.1:3001"),
            ("https://x.example/stage", "https://x.example/stage"),
        ] {
            assert_eq!(api_url(text).as_deref(), Ok(normal));
        }
        for text in [
            "",
            "127.0.0.1:3001",
            "ftp://x.example",
            "/v1",
            "http://",
            "http://x/?a=b",
        ] {
            assert!(api_url(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn strangers_are_not_let_in() {
        assert_eq!(bridge_address("172.17.0.1"), Ok([172, 17, 0, 1].into()));
        for text in ["0.0.0.0", "8.8.8.8", "127.0.0.1", "docker0", ""] {
            assert!(bridge_address(text).is_err(), "{text:?}");
        }
    }
}
