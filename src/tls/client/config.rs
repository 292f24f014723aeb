//! What a client offers and holds.

use std::sync::Arc;

use super::config13::Tls13Config;
use crate::model::suite::ProtocolVersion;
use crate::tls::key_exchange::{GROUPS, PreSharedKey};
use crate::tls::key_log::KeyLog;
use crate::tls::quirk::Quirk;
use crate::tls::session::Session;
use crate::tls::signature::PrivateKey;
use crate::tls::suite::Suite;
use crate::wire::tls::offer::DEFAULT_SIGNATURE_SCHEMES;
use crate::wire::tls::record::MAX_PLAINTEXT;

/// What is sent when the server asks for a certificate, and how.
#[derive(Clone, Debug)]
pub enum Identity {
    /// An explicit empty Certificate, as RFC 5246 7.4.6 wants it of a client that has none.
    Empty,
    /// No Certificate message at all.
    Omitted,
    /// A chain, the client's own certificate first.
    Chain {
        /// DER certificates.
        certificates: Vec<Vec<u8>>,
        /// The key of the first.
        key: Box<PrivateKey>,
        /// How possession of the key is shown.
        verify: CertificateVerify,
    },
}

/// The CertificateVerify after a chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CertificateVerify {
    /// A right one.
    #[default]
    Right,
    /// One with a flipped bit in its signature.
    Wrong,
    /// None.
    Omitted,
}

/// What a HelloRequest gets after the handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HelloRequestAnswer {
    /// The warning no_renegotiation.
    #[default]
    Refuse,
    /// Nothing, as RFC 5246 7.4.1.1 allows too.
    Ignore,
    /// Another handshake.
    Renegotiate,
}

/// What a client offers and holds.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The lowest version that is taken.
    pub minimum: ProtocolVersion,
    /// The highest version offered; SSL 3.0 to TLS 1.3.
    pub maximum: ProtocolVersion,
    /// Suites, best first.
    pub suites: Vec<Suite>,
    /// Host name of server_name; no extension without.
    pub server_name: Option<String>,
    /// Groups, best first; without any, TLS 1.3 is offered with a pre-shared key alone.
    pub groups: Vec<u16>,
    /// Signature schemes, best first.
    pub signature_schemes: Vec<u16>,
    /// Whether extended_master_secret is offered (RFC 7627).
    pub extended_master_secret: bool,
    /// Whether encrypt_then_mac is offered (RFC 7366).
    pub encrypt_then_mac: bool,
    /// Whether a ticket is asked for, and one that is held offered.
    pub tickets: bool,
    /// Whether an OCSP response is asked for.
    pub status_request: bool,
    /// A session to resume, up to TLS 1.2.
    pub resume: Option<Session>,
    /// Answers a CertificateRequest.
    pub identity: Identity,
    /// Answers a HelloRequest.
    pub hello_request: HelloRequestAnswer,
    /// For suites with a pre-shared key.
    pub pre_shared_key: Option<PreSharedKey>,
    /// Most octets of content per record sent, 1 to 2^14.
    pub fragment: usize,
    /// Whether the messages of one flight share records.
    pub coalesce: bool,
    /// What is wrong with what is sent.
    pub quirks: Vec<Quirk>,
    /// What TLS 1.3 has beyond the other versions; of no account unless that is the highest version.
    pub tls13: Tls13Config,
    /// Takes the secrets.
    pub key_log: Option<Arc<dyn KeyLog>>,
}

impl ClientConfig {
    /// An ordinary client of these suites: TLS 1.0 to 1.2, every extension such clients send, no certificate.
    #[must_use]
    pub fn new(suites: Vec<Suite>) -> Self {
        Self {
            minimum: ProtocolVersion::Tls10,
            maximum: ProtocolVersion::Tls12,
            suites,
            server_name: None,
            groups: GROUPS.to_vec(),
            signature_schemes: DEFAULT_SIGNATURE_SCHEMES.to_vec(),
            extended_master_secret: true,
            encrypt_then_mac: true,
            tickets: true,
            status_request: false,
            resume: None,
            identity: Identity::Empty,
            hello_request: HelloRequestAnswer::Refuse,
            pre_shared_key: None,
            fragment: MAX_PLAINTEXT,
            coalesce: false,
            quirks: Vec::new(),
            tls13: Tls13Config::default(),
            key_log: None,
        }
    }

    /// The session to resume, as far as it is offered: a ticket only where tickets are.
    pub(super) fn offered_session(&self) -> Option<Session> {
        let session = self.resume.as_ref()?;
        let session = if self.tickets {
            session.clone()
        } else {
            session.by_id()
        };
        session.is_resumable().then_some(session)
    }
}
