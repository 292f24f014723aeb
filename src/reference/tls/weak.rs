//! A server that is weak for real: the lab engine in place of rustls, with one rule that it does not hold.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::client_certificate::ClientCertificatePolicy;
use super::ending::close;
use super::front::{Accepted, HANDSHAKE_LIMIT, info};
use super::replay::Replay;
use super::suites::GOOD;
use crate::model::suite::{ProtocolVersion, VersionRange};
use crate::reference::certificates::Identity;
use crate::reference::http::{ConnectionInfo, Transport};
use crate::tls::entropy::Entropy;
use crate::tls::hash::HashFunction;
use crate::tls::server::{
    ClientCertificates, ClientTrust, Laxity, Server, ServerConfig, ServerIdentity,
};
use crate::tls::signature::PrivateKey;
use crate::tls::suite::{CertificateKey, Cipher, Exchange, Proof, Suite};
use crate::wire::tls::extension::code;
use crate::wire::tls::hello::ClientHello;

/// A connection of a weak server of the lab engine, which has read what came first.
pub(crate) type WeakStream<S> = crate::tls::stream::TlsStream<Replay<S>, Server>;

/// What such a server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weakness {
    /// Takes records with a wrong MAC.
    AnyMac,
    /// Renegotiates without the binding of RFC 5746.
    InsecureRenegotiation,
    /// Answers a heartbeat with as many octets as it says it has.
    HeartbeatOverread,
    /// Tells wrong padding from a wrong MAC.
    PaddingRevealed,
    /// Tells a premaster secret of the wrong form from another.
    PremasterRevealed,
    /// Serves without encryption when nothing better is offered.
    Unencrypted,
    /// The same, but only to who renegotiates.
    UnencryptedAfterwards,
    /// Serves without having shown who it is when nothing better is offered.
    Anonymous,
}

impl Weakness {
    /// The suite that only such a server has, beside one that every server has.
    const fn suite(self) -> Option<u16> {
        match self {
            Self::PaddingRevealed => Some(0xC009),
            Self::PremasterRevealed => Some(0x002F),
            Self::Unencrypted | Self::UnencryptedAfterwards => Some(0xC006),
            Self::Anonymous => Some(0xC018),
            Self::AnyMac | Self::InsecureRenegotiation | Self::HeartbeatOverread => None,
        }
    }

    const fn laxity(self) -> Option<Laxity> {
        match self {
            Self::AnyMac => Some(Laxity::AnyMac),
            Self::InsecureRenegotiation => Some(Laxity::InsecureRenegotiation),
            Self::HeartbeatOverread => Some(Laxity::HeartbeatOverread),
            Self::PaddingRevealed => Some(Laxity::PaddingRevealed),
            Self::PremasterRevealed => Some(Laxity::PremasterRevealed),
            Self::Unencrypted | Self::UnencryptedAfterwards | Self::Anonymous => None,
        }
    }

    /// Whether this hello is answered by the weak server: the lab engine sent it, which other clients of the tester
    /// show by not asking for encrypt_then_mac, or it is only here that it finds a suite.
    pub(super) fn takes(self, hello: &ClientHello) -> bool {
        if hello.highest_version() != ProtocolVersion::Tls12.wire() {
            return false;
        }
        let good = GOOD.iter().any(|suite| hello.offers_suite(*suite));
        let own = self.suite().is_some_and(|suite| hello.offers_suite(suite));
        let by_lab = good && hello.has_extension(code::ENCRYPT_THEN_MAC);
        by_lab || (own && !good && self != Self::UnencryptedAfterwards)
    }

    /// The configuration of the server.
    pub(super) fn config(
        self,
        identity: &Identity,
        asks: ClientCertificatePolicy,
        trust: Arc<dyn ClientTrust>,
    ) -> Option<ServerConfig> {
        let mut identities = vec![ServerIdentity {
            certificates: identity.chain().iter().map(|der| der.to_vec()).collect(),
            key: PrivateKey::from_der(identity.key().secret_der())?,
        }];
        if self == Self::PremasterRevealed {
            identities.push(rsa_identity()?);
        }
        let mut suites = vec![elliptic(0xC02B, Cipher::Aes128Gcm, None)];
        suites.extend(self.suite().and_then(weak_suite));
        let mut config = ServerConfig::new(suites, identities);
        config.minimum = ProtocolVersion::Tls12;
        config.highest = ProtocolVersion::Tls13;
        config.laxities.extend(self.laxity());
        config.renegotiation = matches!(
            self,
            Self::InsecureRenegotiation | Self::UnencryptedAfterwards
        );
        config.client_certificates = match asks {
            ClientCertificatePolicy::None => ClientCertificates::None,
            ClientCertificatePolicy::Optional => ClientCertificates::Optional,
            ClientCertificatePolicy::Required => ClientCertificates::Required,
        };
        config.client_trust = Some(trust);
        Some(config)
    }
}

pub(super) fn weak_suite(code: u16) -> Option<Suite> {
    let sha1 = Some(HashFunction::Sha1);
    Some(match code {
        0xC009 => elliptic(code, Cipher::Aes128Cbc, sha1),
        0xC006 => elliptic(code, Cipher::Null, sha1),
        0xC018 => Suite {
            proof: Proof::Anonymous,
            certificate_key: None,
            ..elliptic(code, Cipher::Aes128Cbc, sha1)
        },
        0x002F => Suite {
            exchange: Exchange::Rsa,
            certificate_key: Some(CertificateKey::Rsa),
            ..elliptic(code, Cipher::Aes128Cbc, sha1)
        },
        _ => return None,
    })
}

/// A suite with ECDHE and a certificate with a key on a curve.
fn elliptic(code: u16, cipher: Cipher, mac: Option<HashFunction>) -> Suite {
    Suite {
        code,
        exchange: Exchange::Ecdhe,
        proof: Proof::Certificate,
        certificate_key: Some(CertificateKey::Ecdsa),
        cipher,
        mac,
        hash: HashFunction::Sha256,
        versions: VersionRange {
            minimum: ProtocolVersion::Tls10,
            maximum: ProtocolVersion::Tls12,
        },
    }
}

/// A certificate with an RSA key that everybody may know.
fn rsa_identity() -> Option<ServerIdentity> {
    let text = include_str!("../../../fixtures/wire/tls/signatures/openssl.txt");
    let octets = |kind: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(kind))?;
        hex::decode(line).ok()
    };
    Some(ServerIdentity {
        certificates: vec![octets("certificate rsa ")?],
        key: PrivateKey::from_der(&octets("pkcs8 rsa ")?)?,
    })
}

/// The handshake of the weak server.
pub(super) async fn weak_handshake<S>(
    (stream, bytes): (S, Vec<u8>),
    config: Arc<ServerConfig>,
    id: u64,
) -> Option<Accepted<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let entropy = Entropy::from_system().ok()?;
    let server = Server::new(config, entropy);
    let handshake = WeakStream::connect(Replay::new(bytes, stream), server);
    match timeout(HANDSHAKE_LIMIT, handshake).await {
        Ok(Ok(stream)) => {
            let (_, server) = stream.get_ref();
            let facts = server.facts();
            let info = ConnectionInfo {
                server_name: facts.server_name.clone(),
                resumed: facts.resumed.is_some(),
                ..info(id, Transport::Tls)
            };
            Some(Accepted::Weak(Box::new(stream), info))
        }
        Ok(Err(unfinished)) => {
            tracing::debug!(error = %unfinished.error, connection = id, "handshake ended");
            close(unfinished.stream).await;
            None
        }
        Err(_) => None,
    }
}
