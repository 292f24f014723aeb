//! Where the target is, and whether it may be tested.

use crate::model::target::{Declared, Target};

use super::super::place::Path;
use super::check::Findings;
use super::url;

pub(super) fn check(findings: &mut Findings<'_>, target: &Target) {
    let at = Path::of("ut");
    let connected = connected_host(findings, target);
    for (index, host) in target.ut.hosts.iter().enumerate() {
        if !url::is_host(host) {
            findings.tell(
                &at.key("hosts").index(index),
                format!("`{host}` is not a host name"),
                "write a name without scheme, port and path",
            );
        }
    }
    if let Some((host, key)) = connected {
        scope(findings, target, &host, &at.key(key));
    }
    clear(findings, target);
    observer(findings, target);
}

/// The host to which connections go, and the key that says so.
fn connected_host(findings: &mut Findings<'_>, target: &Target) -> Option<(String, &'static str)> {
    let at = Path::of("ut");
    let host = match url::parse(&target.ut.url) {
        Ok(parsed) if parsed.scheme == "https" => Some((parsed.host.to_owned(), "url")),
        Ok(_) => {
            findings.tell(
                &at.key("url"),
                "Ut is served over https",
                "write `https://HOST/PATH/`; a clear-text endpoint goes under `clear`",
            );
            None
        }
        Err(because) => {
            findings.tell(
                &at.key("url"),
                because,
                "write `https://HOST:PORT/PATH/`, as a UE addresses the service",
            );
            None
        }
    };
    let Some(address) = &target.ut.address else {
        return host;
    };
    match url::host_and_port(address) {
        Some((pinned, Some(_))) if url::is_host(pinned) => Some((pinned.to_owned(), "address")),
        _ => {
            findings.tell(
                &at.key("address"),
                "this is not `host:port`",
                "write the node to connect to, such as `192.0.2.7:443`",
            );
            None
        }
    }
}

/// Beyond this machine, only what is named with who allowed it is tested.
fn scope(findings: &mut Findings<'_>, target: &Target, host: &str, at: &Path) {
    if url::is_loopback(host) {
        return;
    }
    let listed = target
        .scope
        .hosts
        .iter()
        .any(|name| name.eq_ignore_ascii_case(host));
    let authorised = target
        .scope
        .authorised_by
        .as_deref()
        .is_some_and(|name| !name.trim().is_empty());
    if !listed {
        let help = format!(
            "only test what you may: add `{host}` to `scope: hosts:` and who authorised it to `scope: authorised_by:`"
        );
        findings.tell(at, format!("`{host}` is not in the scope"), help);
    } else if !authorised {
        findings.tell(
            &Path::of("scope"),
            "nobody authorised the test",
            "write who did, as `authorised_by: NAME`",
        );
    }
}

fn clear(findings: &mut Findings<'_>, target: &Target) {
    let Some(text) = target.ut.clear.as_deref().filter(|text| *text != "none") else {
        return;
    };
    let at = Path::of("ut").key("clear");
    match url::parse(text) {
        Ok(parsed) if parsed.scheme == "http" => {
            let same_node = target.ut.address.as_deref().and_then(url::host_and_port);
            let same_name = url::parse(&target.ut.url)
                .is_ok_and(|ut| ut.host.eq_ignore_ascii_case(parsed.host));
            let host = match same_node {
                Some((node, _)) if same_name => node,
                _ => parsed.host,
            };
            scope(findings, target, host, &at);
        }
        Ok(_) => findings.tell(
            &at,
            "the clear-text endpoint is http",
            "write `http://HOST:PORT/`, or `none`",
        ),
        Err(because) => findings.tell(&at, because, "write `http://HOST:PORT/`, or `none`"),
    }
}

fn observer(findings: &mut Findings<'_>, target: &Target) {
    let Some(observer) = target.origin_observer.as_ref().and_then(Declared::given) else {
        return;
    };
    let at = Path::of("origin_observer");
    if !url::is_listen_address(&observer.listen) {
        findings.tell(
            &at.key("listen"),
            format!("`{}` is not an address to listen on", observer.listen),
            "write an IP address and a port, such as `127.0.0.1:9080`",
        );
    }
    if let Some(text) = &observer.forward_to {
        let because = match url::parse(text) {
            Ok(parsed) if parsed.scheme == "http" || parsed.scheme == "https" => return,
            Ok(_) => "requests go on by http or https",
            Err(because) => because,
        };
        findings.tell(
            &at.key("forward_to"),
            because,
            "write the real server, such as `http://127.0.0.1:9081`",
        );
    }
}
