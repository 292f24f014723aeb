//! Every departure from conformance the reference target can be told to make.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::http::{HttpDefect, ProxyDefect};
use super::settings::{AuthMode, Topology};
use super::tls::{ClientCertificatePolicy, TlsDefect};

/// One thing the reference target does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// Seen in the handshake.
    Tls(TlsDefect),
    /// Seen in requests and answers.
    Http(HttpDefect),
}

impl Defect {
    /// Every defect: first the TLS front's, then the application's, then the reverse proxy's.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let tls = TlsDefect::ALL.iter().copied().map(Self::Tls);
        let http = HttpDefect::ALL.iter().copied().map(Self::Http);
        let proxy = ProxyDefect::ALL.iter().copied().map(HttpDefect::Proxy);
        tls.chain(http).chain(proxy.map(Self::Http)).collect()
    }

    /// Its name on the command line, kebab-case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tls(defect) => defect.name(),
            Self::Http(defect) => defect.name(),
        }
    }

    /// What it does, one sentence.
    #[must_use]
    pub fn point(self) -> &'static str {
        match self {
            Self::Tls(defect) => defect.point(),
            Self::Http(defect) => defect.point(),
        }
    }

    /// The scenarios that see it.
    #[must_use]
    pub fn scenarios(self) -> &'static [&'static str] {
        match self {
            Self::Tls(defect) => defect.scenarios(),
            Self::Http(defect) => defect.scenarios(),
        }
    }

    /// How the target has to be run for its scenarios to see it.
    #[must_use]
    pub fn shape(self) -> Shape {
        Shape {
            topology: match self {
                Self::Http(defect) if defect.needs_direct_topology() => Topology::Direct,
                Self::Http(defect) if defect.needs_untrusted_server() => Topology::ApUntrusted,
                _ => Topology::Ap,
            },
            client_certificate: match self {
                Self::Tls(TlsDefect::ServesUncertified) => ClientCertificatePolicy::Required,
                Self::Tls(TlsDefect::EndsHandshake) => ClientCertificatePolicy::None,
                _ => ClientCertificatePolicy::Optional,
            },
            auth_mode: match self {
                Self::Tls(defect) if defect.is_about_pre_shared_keys() => AuthMode::Psk,
                Self::Http(HttpDefect::Proxy(defect)) if defect.is_about_pre_shared_keys() => {
                    AuthMode::Psk
                }
                Self::Http(HttpDefect::Proxy(defect)) if defect.is_about_certificates() => {
                    AuthMode::Certificate
                }
                _ => AuthMode::GbaDigest,
            },
            one_at_a_time: match self {
                Self::Tls(defect) => matches!(
                    defect,
                    TlsDefect::ShakenByMalformed | TlsDefect::ShakenByGarbage
                ),
                Self::Http(HttpDefect::Proxy(defect)) => defect.needs_order(),
                Self::Http(_) => false,
            },
        }
    }
}

/// How a target with a defect has to be run for the defect to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// What stands at the TLS port.
    pub topology: Topology,
    /// What it does about client certificates.
    pub client_certificate: ClientCertificatePolicy,
    /// How it authenticates subscribers.
    pub auth_mode: AuthMode,
    /// Whether scenarios have to run one after the other, because whoever comes next sees the defect.
    pub one_at_a_time: bool,
}

impl Shape {
    /// The options of `presec run` for it; none for the shape that is usual.
    #[must_use]
    pub fn arguments(self) -> Vec<&'static str> {
        let mut arguments = Vec::new();
        match self.topology {
            Topology::Ap => {}
            Topology::ApUntrusted => arguments.extend(["--topology", "ap-untrusted"]),
            Topology::Direct => arguments.extend(["--topology", "direct"]),
        }
        match self.client_certificate {
            ClientCertificatePolicy::Optional => {}
            ClientCertificatePolicy::None => arguments.extend(["--client-certificate", "none"]),
            ClientCertificatePolicy::Required => {
                arguments.extend(["--client-certificate", "required"]);
            }
        }
        if self.auth_mode != AuthMode::GbaDigest {
            arguments.extend(["--auth-mode", self.auth_mode.name()]);
        }
        if self.one_at_a_time {
            arguments.extend(["--concurrency", "1"]);
        }
        arguments
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// No defect has this name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct UnknownDefect {
    /// The name asked for.
    pub name: String,
    /// The name that is most like it, if one is.
    pub meant: Option<&'static str>,
}

impl fmt::Display for UnknownDefect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = crate::wire::http::clean(self.name.as_bytes(), 80);
        write!(formatter, "no defect is called '{name}'")?;
        match self.meant {
            Some(meant) => write!(formatter, "; did you mean '{meant}'?"),
            None => Ok(()),
        }
    }
}

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let all = Self::all();
        if let Some(defect) = all.iter().find(|defect| defect.name() == name) {
            return Ok(*defect);
        }
        let alike = |defect: &Self| strsim::jaro_winkler(defect.name(), name);
        let meant = all
            .iter()
            .max_by(|one, other| alike(one).total_cmp(&alike(other)))
            .filter(|defect| alike(defect) > 0.8)
            .map(|defect| defect.name());
        Err(UnknownDefect {
            name: name.to_owned(),
            meant,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_defect_is_found_by_its_single_name() {
        let names: BTreeSet<_> = Defect::all().iter().map(|defect| defect.name()).collect();
        assert_eq!(names.len(), Defect::all().len());
        for defect in Defect::all() {
            assert_eq!(defect.name().parse(), Ok(defect));
            assert!(!defect.scenarios().is_empty(), "{defect}");
        }
    }

    #[test]
    fn a_slip_of_the_finger_is_guessed() {
        let error = "speaks-sll3".parse::<Defect>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "no defect is called 'speaks-sll3'; did you mean 'speaks-ssl3'?"
        );
        let error = "x".parse::<Defect>().unwrap_err();
        assert_eq!(error.to_string(), "no defect is called 'x'");
    }
}
