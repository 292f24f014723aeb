//! The names in a certificate and the host they are held against (RFC 2818, RFC 6125).

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use super::{MAX_NAME, MAX_NAMES};
use crate::model::seen_tls::NameSource;
use crate::wire::http::clean;

/// The names a certificate bears.
#[derive(Debug, Default)]
pub(super) struct Named {
    dns: Vec<String>,
    addresses: Vec<IpAddr>,
    common: Option<String>,
}

impl Named {
    pub(super) fn of(certificate: &X509Certificate<'_>) -> Self {
        let mut named = Self::default();
        if let Ok(Some(extension)) = certificate.subject_alternative_name() {
            for name in extension.value.general_names.iter().take(MAX_NAMES) {
                match name {
                    GeneralName::DNSName(name) => {
                        named.dns.push(clean(name.as_bytes(), MAX_NAME));
                    }
                    GeneralName::IPAddress(octets) => named.addresses.extend(address(octets)),
                    _ => {}
                }
            }
        }
        // RFC 2818 3.1: the most specific common name, which stands last.
        named.common = certificate
            .subject()
            .iter_common_name()
            .last()
            .and_then(|name| name.as_str().ok())
            .map(|name| clean(name.as_bytes(), MAX_NAME));
        named
    }

    pub(super) fn source_of(&self, host: &str) -> NameSource {
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            return if self.addresses.contains(&address) {
                NameSource::SubjectAlternativeName
            } else {
                NameSource::None
            };
        }
        if self.dns.iter().any(|pattern| names(pattern, host)) {
            return NameSource::SubjectAlternativeName;
        }
        let common = self.common.as_deref();
        if self.dns.is_empty() && common.is_some_and(|pattern| names(pattern, host)) {
            return NameSource::CommonName;
        }
        NameSource::None
    }

    pub(super) fn shown(self) -> Vec<String> {
        let mut names = self.dns;
        names.extend(self.addresses.iter().map(ToString::to_string));
        if names.is_empty() {
            names.extend(self.common);
        }
        names
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(octets) {
        return Some(four.into());
    }
    <[u8; 16]>::try_from(octets).ok().map(Into::into)
}

/// Whether a name in a certificate names `host`: RFC 2818 3.1, a wildcard only in the left-most label.
pub(super) fn names(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    let host = host.trim_end_matches('.');
    if !pattern.contains('*') {
        return !host.is_empty() && pattern.trim_end_matches('.') == host;
    }
    let (Some((first, rest)), Some((label, domain))) =
        (pattern.split_once('.'), host.split_once('.'))
    else {
        return false;
    };
    let Some((before, after)) = first.split_once('*') else {
        return false;
    };
    // RFC 6125 6.4.3: no part of a punycode label is matched by a wildcard.
    let cuts_punycode = label.starts_with("xn--") && !(before.is_empty() && after.is_empty());
    rest == domain
        && !rest.contains('*')
        && !after.contains('*')
        && !cuts_punycode
        && label.len() > before.len() + after.len()
        && label.starts_with(before)
        && label.ends_with(after)
}
