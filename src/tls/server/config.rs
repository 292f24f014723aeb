//! What a server has.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::config13::Tls13Config;
use super::laxity::Laxity;
use super::sessions::SessionStore;
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::hash::HashFunction;
use crate::tls::key_exchange::{GROUPS, PrimeGroup};
use crate::tls::key_log::KeyLog;
use crate::tls::quirk::Quirk;
use crate::tls::signature::PrivateKey;
use crate::tls::suite::{Exchange, Suite};
use crate::wire::tls::alert::Alert;
use crate::wire::tls::offer::DEFAULT_SIGNATURE_SCHEMES;
use crate::wire::tls::record::MAX_PLAINTEXT;

/// A certificate with its key.
#[derive(Clone, Debug)]
pub struct ServerIdentity {
    /// DER certificates, the server's own first.
    pub certificates: Vec<Vec<u8>>,
    /// The key of the first.
    pub key: PrivateKey,
}

impl ServerIdentity {
    /// Whether it serves a suite.
    #[must_use]
    pub fn fits(&self, suite: &Suite) -> bool {
        match suite.certificate_key {
            None => true,
            Some(_) if suite.exchange == Exchange::Ecdh => self.key.fixed().is_some(),
            Some(kind) => kind == self.key.certificate_key(),
        }
    }
}

/// What is asked of clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientCertificates {
    /// No certificate is asked for.
    #[default]
    None,
    /// One is asked for; a client without goes on.
    Optional,
    /// One is asked for; a client without is refused.
    Required,
}

/// Who says whether a client's chain is trusted.
pub trait ClientTrust: Send + Sync {
    /// The alert for a chain that is not trusted; the client's own certificate comes first.
    ///
    /// # Errors
    /// The alert the client gets.
    fn judge(&self, certificates: &[Vec<u8>]) -> Result<(), Alert>;
}

impl fmt::Debug for dyn ClientTrust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClientTrust")
    }
}

/// Who knows pre-shared keys by their identity.
pub trait PreSharedKeys: Send + Sync {
    /// The key of an identity, as the client sent it.
    fn key(&self, identity: &[u8]) -> Option<Secret>;
    /// The same in TLS 1.3, where whoever derives keys for a use may have another.
    fn key_of_tls13(&self, identity: &[u8]) -> Option<Secret> {
        self.key(identity)
    }
    /// The hash a key is for in TLS 1.3; SHA-256 where nothing says another (RFC 8446 4.2.11).
    fn hash(&self, identity: &[u8]) -> HashFunction {
        let _ = identity;
        HashFunction::Sha256
    }
}

impl fmt::Debug for dyn PreSharedKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PreSharedKeys")
    }
}

/// What a server has and how it behaves.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The lowest version that is taken.
    pub minimum: ProtocolVersion,
    /// The highest version that is taken.
    pub maximum: ProtocolVersion,
    /// The highest version of the whole server this one is a part of: for the mark in the random (RFC 8446 4.1.3) and
    /// for clients that fell back (RFC 7507).
    pub highest: ProtocolVersion,
    /// Suites, best first; the server's order decides.
    pub suites: Vec<Suite>,
    /// Groups, best first; the server's order decides.
    pub groups: Vec<u16>,
    /// The group of DHE.
    pub prime_group: PrimeGroup,
    /// Certificates; the first that fits the suite is shown.
    pub identities: Vec<ServerIdentity>,
    /// Schemes it signs with, best first, and that it takes of clients.
    pub signature_schemes: Vec<u16>,
    /// What is asked of clients.
    pub client_certificates: ClientCertificates,
    /// What is asked of them when the server itself wants to renegotiate, in TLS 1.3 when it asks after the handshake.
    pub renegotiated_certificates: ClientCertificates,
    /// DER names of the authorities in a CertificateRequest.
    pub authorities: Vec<Vec<u8>>,
    /// Who trusts clients; without it every chain is taken.
    pub client_trust: Option<Arc<dyn ClientTrust>>,
    /// Who knows pre-shared keys; without it no suite with one is selected, and in TLS 1.3 no key agreed outside TLS.
    pub pre_shared_keys: Option<Arc<dyn PreSharedKeys>>,
    /// PSK identity hint.
    pub identity_hint: Option<Vec<u8>>,
    /// Who keeps sessions; without it none is resumed.
    pub sessions: Option<Arc<dyn SessionStore>>,
    /// Whether sessions are kept by id.
    pub session_ids: bool,
    /// Whether tickets are given.
    pub tickets: bool,
    /// Seconds a NewSessionTicket says; in TLS 1.3 at most seven days, see [`Laxity::LongTicketLifetime`].
    pub ticket_lifetime: u32,
    /// Whether extended_master_secret is taken up (RFC 7627).
    pub extended_master_secret: bool,
    /// Whether encrypt_then_mac is taken up (RFC 7366).
    pub encrypt_then_mac: bool,
    /// Whether renegotiation_info is answered (RFC 5746).
    pub secure_renegotiation: bool,
    /// Whether a client may renegotiate; without secure renegotiation it needs [`Laxity::InsecureRenegotiation`] too.
    pub renegotiation: bool,
    /// What TLS 1.3 has beyond the other versions.
    pub tls13: Tls13Config,
    /// What is wrong with what it sends.
    pub quirks: Vec<Quirk>,
    /// Rules it does not hold.
    pub laxities: BTreeSet<Laxity>,
    /// Most octets of content per record sent, 1 to 2^14.
    pub fragment: usize,
    /// Whether the messages of one flight share records.
    pub coalesce: bool,
    /// Takes the secrets.
    pub key_log: Option<Arc<dyn KeyLog>>,
}

impl ServerConfig {
    /// An ordinary server of these suites: TLS 1.0 to 1.2, no client certificates, no sessions.
    #[must_use]
    pub fn new(suites: Vec<Suite>, identities: Vec<ServerIdentity>) -> Self {
        Self {
            minimum: ProtocolVersion::Tls10,
            maximum: ProtocolVersion::Tls12,
            highest: ProtocolVersion::Tls12,
            suites,
            groups: GROUPS.to_vec(),
            prime_group: PrimeGroup::FFDHE2048,
            identities,
            signature_schemes: DEFAULT_SIGNATURE_SCHEMES.to_vec(),
            client_certificates: ClientCertificates::None,
            renegotiated_certificates: ClientCertificates::None,
            authorities: Vec::new(),
            client_trust: None,
            pre_shared_keys: None,
            identity_hint: None,
            sessions: None,
            session_ids: true,
            tickets: true,
            ticket_lifetime: 86_400,
            extended_master_secret: true,
            encrypt_then_mac: true,
            secure_renegotiation: true,
            renegotiation: false,
            tls13: Tls13Config::default(),
            quirks: Vec::new(),
            laxities: BTreeSet::new(),
            fragment: MAX_PLAINTEXT,
            coalesce: true,
            key_log: None,
        }
    }

    /// Whether it does not hold a rule.
    #[must_use]
    pub fn is_lax(&self, laxity: Laxity) -> bool {
        self.laxities.contains(&laxity)
    }
}
