//! Where Stripe's API is.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What a container calls the machine it runs on, where a simulator may be. The top-level domain
/// `internal` belongs to nobody's public names, so on AWS this leads nowhere.
const HOST_OF_CONTAINERS: &str = "host.docker.internal";

/// Reads the address of an API like Stripe's, up to the `v1`; the result ends in a slash.
///
/// # Errors
/// What is wrong with it. The API key goes there with every call, so plain `http` is refused
/// unless it stays on this machine.
pub fn parse_base_url(text: &str) -> Result<String, String> {
    let (is_tls, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return Err("must begin with https://".to_owned()),
    };
    // No user, query or fragment, and nothing that two parsers could read differently.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/[]".contains(&byte);
    if !rest.bytes().all(is_plain) {
        return Err("must be a plain URL: no user, query, fragment or spaces".to_owned());
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host(authority).ok_or("must have a host, and a port from 1 to 65535 if any")?;
    if !is_tls && !is_this_machine(host) {
        return Err(format!(
            "must begin with https:// unless the host is localhost, loopback or {HOST_OF_CONTAINERS}"
        ));
    }
    if path.trim_end_matches('/').rsplit('/').next() == Some("v1") {
        return Err("must not end in /v1: that is added".to_owned());
    }
    Ok(format!("{}/", text.trim_end_matches('/')))
}

/// The host of `host`, `host:port`, `[v6]` or `[v6]:port`.
fn host(authority: &str) -> Option<&str> {
    let (host, port) = match authority.split_once(']') {
        Some((v6, "")) => (v6, None),
        Some((v6, rest)) => (v6, Some(rest.strip_prefix(':')?)),
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    if port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|port| port > 0)) {
        return None;
    }
    match host.strip_prefix('[') {
        Some(v6) => v6.parse::<Ipv6Addr>().is_ok().then_some(v6),
        None => (!host.is_empty() && !host.contains(['[', ':'])).then_some(host),
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.eq_ignore_ascii_case(HOST_OF_CONTAINERS)
        || host
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
        || host
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_https_or_stays_on_this_machine() {
        for (text, normal) in [
            ("https://api.stripe.com", "https://api.stripe.com/"),
            ("https://api.stripe.com/", "https://api.stripe.com/"),
            (
                "https://stripe.example:8443/a/b//",
                "https://stripe.example:8443/a/b/",
            ),
            (
                "http://localhost:4242/stripe-sim",
                "http://localhost:4242/stripe-sim/",
            ),
            ("http://127.0.0.1:1", "http://127.0.0.1:1/"),
            ("http://127.8.9.1/", "http://127.8.9.1/"),
            (
                "http://host.docker.internal:3000/stripe-sim",
                "http://host.docker.internal:3000/stripe-sim/",
            ),
            (
                "http://[::1]:4242/stripe-sim/",
                "http://[::1]:4242/stripe-sim/",
            ),
            ("https://[2001:db8::1]", "https://[2001:db8::1]/"),
        ] {
            assert_eq!(parse_base_url(text).as_deref(), Ok(normal), "{text:?}");
            assert_eq!(
                parse_base_url(normal).as_deref(),
                Ok(normal),
                "{normal:?} is kept"
            );
        }
    }

    #[test]
    fn anything_else_is_refused_before_a_key_is_sent_there() {
        for text in [
            "",
            "api.stripe.com",
            "ftp://api.stripe.com",
            "HTTPS://api.stripe.com",
            "http://api.stripe.com",
            "http://10.0.0.1:4242",
            "http://172.17.0.1:4242",
            "http://host.docker.internal.evil.example",
            "http://evil.host.docker.internal",
            "http://docker.internal",
            "http://host.docker.internal.",
            "http://0.0.0.0:4242",
            "http://127.1",
            "http://[2001:db8::1]",
            "http://localhost.evil.example",
            "http://localhost@evil.example",
            "http://evil.example#@localhost",
            "http://evil.example\\@localhost",
            "https://",
            "https:///stripe-sim",
            "https://:443",
            "https://api.stripe.com:",
            "https://api.stripe.com:0",
            "https://api.stripe.com:65536",
            "https://api.stripe.com:+1",
            "https://a:1:2",
            "https://[::1",
            "https://[::1]x",
            "https://::1",
            "https://api.stripe.com/?a=b",
            "https://api.stripe.com/a b",
            "https://api.stripe.com/\r\nx",
            "https://api.stripe.com/v1",
            "https://api.stripe.com/v1/",
            "https://ápi.example",
        ] {
            assert!(parse_base_url(text).is_err(), "{text:?}");
        }
    }
}
