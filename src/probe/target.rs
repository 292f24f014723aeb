//! The target as probes need it: names resolved, files read, secrets at hand.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::model::secret::Secret;
use crate::model::target::{Declared, Hooks, IdentityHeaders, Verify};

/// A client certificate ready to present.
#[derive(Debug)]
pub struct ClientIdentity {
    /// The chain, leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The private key.
    pub key: PrivateKeyDer<'static>,
}

/// A subscriber with secrets at hand.
#[derive(Debug, Clone)]
pub struct ResolvedSubscriber {
    /// The name scenarios use.
    pub name: String,
    /// The Digest username: the B-TID with GBA.
    pub username: String,
    /// The Digest password: base64 of Ks_NAF with GBA.
    pub password: Secret,
    /// The key for TLS with a pre-shared key, if there is one.
    pub pre_shared_key: Option<ResolvedKey>,
    /// The public identities.
    pub impus: Vec<String>,
    /// The one the network inserts, if declared.
    pub default_impu: Option<String>,
    /// The XCAP user identifier.
    pub xui: String,
}

/// A key for TLS with a pre-shared key.
#[derive(Debug, Clone)]
pub struct ResolvedKey {
    /// The name of the suite that it is for.
    pub suite: String,
    /// The octets of Ks_NAF.
    pub key: Secret,
    /// Those for TLS 1.3, if they are given.
    pub of_tls13: Option<Secret>,
}

/// The clear-text endpoint of the same service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearEndpoint {
    /// Its host name.
    pub host: String,
    /// Where it listens.
    pub address: SocketAddr,
}

/// The target, resolved.
#[derive(Debug)]
pub struct ResolvedTarget {
    /// Its name in reports.
    pub name: String,
    /// Its URL.
    pub url: String,
    /// Its host name: server_name and Host.
    pub host: String,
    /// The port of the URL, for the Host field when it is not 443.
    pub port: u16,
    /// The address connected to.
    pub address: SocketAddr,
    /// The path of the URL: the XCAP root, beginning and ending with `/`.
    pub root: String,
    /// Roots that the server chain must lead to; empty when none is configured.
    pub roots: Vec<CertificateDer<'static>>,
    /// Whether credentials may go to a chain that did not verify.
    pub verify: Verify,
    /// Further hosts behind the same proxy.
    pub hosts: Vec<String>,
    /// The clear-text endpoint, if declared.
    pub clear: Option<ClearEndpoint>,
    /// AUID to document name.
    pub documents: BTreeMap<String, String>,
    /// The AUID of `$alice.document`; the first of `documents` unless said.
    pub default_auid: Option<String>,
    /// Whether documents may be written.
    pub writable: bool,
    /// Subscribers by name.
    pub subscribers: BTreeMap<String, ResolvedSubscriber>,
    /// Client certificates: valid, of a wrong CA, expired.
    pub client_certificates: BTreeMap<ClientCertificateKind, ClientIdentity>,
    /// Whether ordinary connections present the valid client certificate, because policy requires one.
    pub presents_certificate: bool,
    /// Whom the target takes every ordinary connection for, because the certificate it presents authenticates.
    pub certificate_authenticates: Option<String>,
    /// Names of the identity header fields.
    pub identity_headers: IdentityHeaders,
    /// The levers as declared.
    pub hooks: Hooks,
    /// How long one answer may take.
    pub timeout: Duration,
}

/// Which of the client certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClientCertificateKind {
    /// One the target must accept.
    Valid,
    /// One of a foreign CA.
    WrongCa,
    /// One that has expired.
    Expired,
}

impl ResolvedTarget {
    /// The Host field for `host` at this target's port; a host with a port as it is.
    #[must_use]
    pub fn host_field(&self, host: &str) -> String {
        if self.port == 443 || host.contains(':') {
            host.to_owned()
        } else {
            format!("{host}:{}", self.port)
        }
    }

    /// Whether a lever is given.
    #[must_use]
    pub fn has_hook(&self, hook: crate::model::step::HookName) -> bool {
        use crate::model::step::HookName;
        let declared = match hook {
            HookName::ForceReauth => &self.hooks.force_reauth,
            HookName::ExpireBTid => &self.hooks.expire_b_tid,
            HookName::AdvanceClock => &self.hooks.advance_clock,
            HookName::Restart => &self.hooks.restart,
        };
        declared.as_ref().and_then(Declared::given).is_some()
    }
}
