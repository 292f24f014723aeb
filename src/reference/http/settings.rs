//! What an application is made of.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use super::defect::{HttpDefect, ProxyDefect};
use super::hash::DigestAlgorithm;
use super::xcap::Store;
use crate::model::secret::Secret;

/// Reads the virtual clock that all parts of one reference target share.
pub type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// An application server behind the proxy, addressed by its host name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSettings {
    /// Name as in the Host field, without a port.
    pub name: String,
    /// Whether the proxy asserts the subscriber's identity towards it (TS 33.141, 5.1.4).
    pub identity_transfer: bool,
}

impl HostSettings {
    /// A host that is told who asks.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            identity_transfer: true,
        }
    }
}

/// A subscriber as the proxy has it from its user security settings.
#[derive(Debug, Clone)]
pub struct SubscriberSettings {
    /// Name by which levers speak of the subscriber.
    pub name: String,
    /// Transaction identifier, the Digest username.
    pub b_tid: String,
    /// Digest password: base64 of Ks_NAF.
    pub ks_naf: Secret,
    /// Base64 of Ks_NAF for TLS with a pre-shared key; another key, because the Ua security protocol is another.
    pub ks_naf_of_tls: Secret,
    /// The same for TLS 1.3, whose Ua security protocol identifier is another again.
    pub ks_naf_of_tls13: Secret,
    /// Subject of the client certificates that are the subscriber's, as X.509 libraries write it.
    pub certificate_subject: String,
    /// Public identities.
    pub impus: Vec<String>,
    /// The one inserted when none is intended; one of `impus`.
    pub default_impu: String,
    /// XCAP user identifier.
    pub xui: String,
    /// When the bootstrapped key ends; `None` is never.
    pub key_expiry: Option<OffsetDateTime>,
    /// A later bootstrapping gave the same subscriber another key; this one is valid until it ends.
    pub superseded: bool,
    /// Hosts that the user security settings allow; `None` is all.
    pub allowed_hosts: Option<Vec<String>>,
}

/// Where authenticated requests go.
#[derive(Clone)]
pub enum Origin {
    /// To an application server over plain HTTP.
    Forward(SocketAddr),
    /// Nowhere: the server is its own proxy, the direct topology.
    Local(Arc<Store>),
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forward(address) => write!(f, "Forward({address})"),
            Self::Local(_) => f.write_str("Local"),
        }
    }
}

/// How long re-authentication may stay unanswered (TS 33.141, 6.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReauthenticationSettings {
    /// Time for one attempt.
    pub time_limit: Duration,
    /// Attempts until authentication has failed.
    pub attempts: u32,
}

/// What a request in clear gets; never data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClearBehaviour {
    /// 403.
    Forbid,
    /// 301 to the same path under https at this authority.
    Redirect(String),
}

/// Levers that the control port pulls outside the application.
#[derive(Clone)]
pub struct Levers {
    /// Moves the virtual clock forward.
    pub advance_clock: Arc<dyn Fn(Duration) + Send + Sync>,
    /// Restarts what is in front of the application.
    pub restart: Arc<dyn Fn() + Send + Sync>,
    /// Makes the front forget every TLS session; only a defect pulls it.
    pub forget_tls_sessions: Arc<dyn Fn() + Send + Sync>,
}

impl Default for Levers {
    fn default() -> Self {
        Self {
            advance_clock: Arc::new(|_| {}),
            restart: Arc::new(|| {}),
            forget_tls_sessions: Arc::new(|| {}),
        }
    }
}

impl fmt::Debug for Levers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Levers")
    }
}

/// Settings of an [`Application`](super::Application).
#[derive(Clone)]
pub struct ApplicationSettings {
    /// Hosts behind the proxy; requests for others get 421.
    pub hosts: Vec<HostSettings>,
    /// Who may authenticate.
    pub subscribers: Vec<SubscriberSettings>,
    /// Where authenticated requests go.
    pub origin: Origin,
    /// Departures from conformance.
    pub http_defects: BTreeSet<HttpDefect>,
    /// The virtual clock.
    pub now: Clock,
    /// Seed of nonces.
    pub seed: [u8; 32],
    /// How long a nonce lives, in virtual time.
    pub nonce_lifetime: Duration,
    /// Algorithms in order of preference; one challenge each.
    pub algorithms: Vec<DigestAlgorithm>,
    /// What stands before `@` and the host in the realm.
    pub realm_prefix: String,
    /// Bounds of re-authentication.
    pub reauthentication: ReauthenticationSettings,
    /// XCAP root, beginning and ending with `/`.
    pub root: String,
    /// What a request in clear gets.
    pub clear: ClearBehaviour,
    /// Levers outside the application.
    pub levers: Levers,
    /// Whether the holder of a subscriber's certificate is authenticated by it (TS 33.222, 5.5).
    pub certificates_authenticate: bool,
}

impl ApplicationSettings {
    /// Conforming settings: MD5, nonces that live ten minutes, three attempts of a minute, root `/`, clear requests forbidden.
    #[must_use]
    pub fn new(
        hosts: Vec<HostSettings>,
        subscribers: Vec<SubscriberSettings>,
        origin: Origin,
        now: Clock,
    ) -> Self {
        Self {
            hosts,
            subscribers,
            origin,
            http_defects: BTreeSet::new(),
            now,
            seed: [0; 32],
            nonce_lifetime: Duration::from_secs(600),
            algorithms: vec![DigestAlgorithm::Md5],
            realm_prefix: "3GPP-bootstrapping".to_owned(),
            reauthentication: ReauthenticationSettings {
                time_limit: Duration::from_secs(60),
                attempts: 3,
            },
            root: "/".to_owned(),
            clear: ClearBehaviour::Forbid,
            levers: Levers::default(),
            certificates_authenticate: false,
        }
    }

    /// Whether a defect is switched on.
    pub(super) fn has(&self, defect: HttpDefect) -> bool {
        self.http_defects.contains(&defect)
    }

    /// Whether a defect of the reverse proxy is switched on.
    pub(super) fn has_proxy(&self, defect: ProxyDefect) -> bool {
        self.has(HttpDefect::Proxy(defect))
    }
}
