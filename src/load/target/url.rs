//! URLs and addresses, as far as target files need them.

use std::net::{IpAddr, SocketAddr};

/// The parts of an absolute http or https URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url<'a> {
    pub(super) scheme: &'a str,
    pub(super) host: &'a str,
    pub(super) path: &'a str,
}

/// Takes a URL apart.
///
/// # Errors
/// What is wrong with it, without repeating it.
pub(super) fn parse(text: &str) -> Result<Url<'_>, &'static str> {
    let (scheme, rest) = text.split_once("://").ok_or("the URL has no scheme")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if authority.contains('@') {
        return Err("the URL holds a user name; credentials belong under `subscribers`");
    }
    if path.contains(['?', '#']) {
        return Err("the URL has a query or fragment");
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("the URL holds white space");
    }
    let (host, port) =
        host_and_port(authority).ok_or("the URL's port is not a number from 1 to 65535")?;
    if !is_host(host) {
        return Err("the URL has no host");
    }
    let _ = port;
    Ok(Url { scheme, host, path })
}

/// Host and port of `host`, `host:port`, `[v6]` or `[v6]:port`; the host without brackets.
pub(super) fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (
                host,
                if rest.is_empty() {
                    None
                } else {
                    Some(rest.strip_prefix(':')?)
                },
            )
        }
        None => match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    match port {
        None => Some((host, None)),
        Some(port) => {
            let port: u16 = port.parse().ok().filter(|port| *port > 0)?;
            Some((host, Some(port)))
        }
    }
}

/// Whether the text can be a host name or an address.
pub(super) fn is_host(text: &str) -> bool {
    let name = !text.is_empty()
        && text.len() <= 253
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        });
    name || text.parse::<IpAddr>().is_ok()
}

/// Whether what is sent to this host stays on this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Whether the text is an address and a port to listen on.
pub(super) fn is_listen_address(text: &str) -> bool {
    text.parse::<SocketAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let url = parse("https://ps.example.test:8443/services/").unwrap();
        assert_eq!(
            (url.scheme, url.host, url.path),
            ("https", "ps.example.test", "/services/")
        );
        assert_eq!(parse("https://[::1]:8443/").unwrap().host, "::1");
        for bad in [
            "ps.example.test",
            "https://",
            "https:///x",
            "https://a:0/",
            "https://a:99999/",
            "https://u:p@h/",
            "https://h/?q",
            "https://a b/",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn loopback() {
        assert!(is_loopback("localhost") && is_loopback("127.9.9.9") && is_loopback("::1"));
        assert!(!is_loopback("127.0.0.1.example.com") && !is_loopback("10.0.0.1"));
    }
}
