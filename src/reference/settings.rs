//! What a reference target is made of.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::clock::{BaseReading, VirtualClock};
use super::defect::Defect;
use super::http::HttpDefect;
use super::tls::{ClientCertificatePolicy, TlsDefect};
use crate::model::profile::Release;
use crate::tls::suite::Suite;

/// Address and ports; port 0 takes any that is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenSettings {
    /// Address of the TLS port and the clear port. Store and control port are always on loopback.
    pub address: IpAddr,
    /// Port of TLS.
    pub tls: u16,
    /// Port in clear, which serves nothing of Ut.
    pub clear: u16,
    /// Port of the store behind the proxy.
    pub store: u16,
    /// Port of the levers.
    pub control: u16,
}

impl Default for ListenSettings {
    fn default() -> Self {
        Self {
            address: Ipv4Addr::LOCALHOST.into(),
            tls: 0,
            clear: 0,
            store: 0,
            control: 0,
        }
    }
}

impl ListenSettings {
    pub(super) const fn outside(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.address, port)
    }

    pub(super) const fn loopback(port: u16) -> SocketAddr {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
    }
}

/// What stands at the TLS port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topology {
    /// An authentication proxy in front of a store.
    Ap,
    /// The same in front of a store outside the trust domain: it is told nobody's identity, and the proxy keeps subscribers out
    /// of each other's trees.
    ApUntrusted,
    /// A server that is its own proxy.
    Direct,
}

/// Where the proxy sends authenticated requests; without meaning in the direct topology.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginPlace {
    /// To this address, over plain HTTP.
    Forward(SocketAddr),
    /// To a store of its own, which it starts.
    OwnStore,
}

/// How subscribers authenticate over Ut (TS 33.222, 5.3 to 5.5). Digest with bootstrapped credentials works in every mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum AuthMode {
    /// By Digest alone.
    #[default]
    GbaDigest,
    /// By the key of a bootstrapping as pre-shared key of TLS, too.
    Psk,
    /// By a subscriber certificate, too.
    Certificate,
}

impl AuthMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::GbaDigest, Self::Psk, Self::Certificate];

    /// Its name on the command line, and as a value of `auth_modes`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GbaDigest => "gba-digest",
            Self::Psk => "psk",
            Self::Certificate => "certificate",
        }
    }
}

/// Settings of a [`Reference`](super::start::Reference).
#[derive(Clone)]
pub struct ReferenceSettings {
    /// Address and ports.
    pub listen: ListenSettings,
    /// The release whose profile the target follows: Rel-17 and later exactly; of older ones it has no suite but those
    /// that later ones have too.
    pub release: Release,
    /// What stands at the TLS port.
    pub topology: Topology,
    /// Where authenticated requests go.
    pub origin: OriginPlace,
    /// What it does about client certificates.
    pub client_certificate: ClientCertificatePolicy,
    /// How it authenticates subscribers.
    pub auth_mode: AuthMode,
    /// What it does wrong.
    pub defects: BTreeSet<Defect>,
    /// Suites the lab TLS engine may serve where a defect wants one that rustls does not have; without them such defects are
    /// first flights that lead nowhere.
    pub suites: Vec<Suite>,
    /// The time the virtual clock starts from.
    pub now: BaseReading,
    /// Seed of nonces and of randoms in canned flights.
    pub seed: u64,
}

impl ReferenceSettings {
    /// A conforming proxy of Rel-17 with a store of its own, on any free ports of loopback.
    #[must_use]
    pub fn new(now: BaseReading, seed: u64) -> Self {
        Self {
            listen: ListenSettings::default(),
            release: Release::Rel17,
            topology: Topology::Ap,
            origin: OriginPlace::OwnStore,
            client_certificate: ClientCertificatePolicy::default(),
            auth_mode: AuthMode::default(),
            defects: BTreeSet::new(),
            suites: Vec::new(),
            now,
            seed,
        }
    }

    pub(super) fn clock(&self) -> VirtualClock {
        VirtualClock::new(self.now.clone())
    }

    /// The seed, spread to the width its users want.
    pub(super) fn wide_seed(&self) -> [u8; 32] {
        use sha2::Digest as _;
        sha2::Sha256::digest(self.seed.to_be_bytes()).into()
    }

    pub(super) fn http_defects(&self) -> BTreeSet<HttpDefect> {
        let http = |defect: &Defect| match defect {
            Defect::Http(defect) => Some(*defect),
            Defect::Tls(_) => None,
        };
        self.defects.iter().filter_map(http).collect()
    }

    pub(super) fn tls_defects(&self) -> BTreeSet<TlsDefect> {
        let tls = |defect: &Defect| match defect {
            Defect::Tls(defect) => Some(*defect),
            Defect::Http(_) => None,
        };
        self.defects.iter().filter_map(tls).collect()
    }
}

impl std::fmt::Debug for ReferenceSettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ReferenceSettings")
            .field("listen", &self.listen)
            .field("topology", &self.topology)
            .field("origin", &self.origin)
            .field("defects", &self.defects)
            .finish_non_exhaustive()
    }
}
