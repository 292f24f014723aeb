//! The lab server in the place of rustls: for defects that a normal library cannot have.
//!
//! A hello is given to the lab server as it came; only when it can answer does the connection become its own. What the
//! engine cannot complete stays a canned flight.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::{AlertDescription, CertificateError, Error};

use super::client_certificate::ClientCertificatePolicy;
use super::front::TlsFrontError;
use super::lab_plan::Plan;
use super::lab_sessions::LabSessions;
use crate::model::suite::ProtocolVersion;
use crate::reference::certificates::{Certificates, Identity};
use crate::reference::clock::VirtualClock;
use crate::tls::entropy::Entropy;
use crate::tls::server::{ClientCertificates, ClientTrust, Server, ServerConfig, ServerIdentity};
use crate::tls::signature::PrivateKey;
use crate::tls::suite::Suite;
use crate::wire::tls::alert::Alert;

/// Schemes a conforming server signs with and takes.
const SCHEMES: [u16; 8] = [
    0x0403, 0x0503, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601,
];

/// What every lab server of a front is made of.
#[derive(Debug)]
pub(super) struct LabStack {
    suites: Vec<Suite>,
    identities: Vec<ServerIdentity>,
    sessions: Arc<LabSessions>,
    policy: ClientCertificates,
    trust: Option<Arc<dyn ClientTrust>>,
}

impl LabStack {
    pub(super) fn new(
        suites: Vec<Suite>,
        (certificates, first): (&Certificates, &Identity),
        clock: &VirtualClock,
    ) -> Result<Self, TlsFrontError> {
        let rsa = certificates.rsa_server()?;
        let identities = [first, &rsa].into_iter().filter_map(server_identity);
        Ok(Self {
            suites,
            identities: identities.collect(),
            sessions: LabSessions::new(clock.clone()),
            policy: ClientCertificates::None,
            trust: None,
        })
    }

    /// The same, asking for certificates that `verifier` has to take.
    pub(super) fn asking(
        mut self,
        policy: ClientCertificatePolicy,
        verifier: Option<Arc<dyn ClientCertVerifier>>,
        clock: &VirtualClock,
    ) -> Self {
        self.policy = match policy {
            ClientCertificatePolicy::None => ClientCertificates::None,
            ClientCertificatePolicy::Optional => ClientCertificates::Optional,
            ClientCertificatePolicy::Required => ClientCertificates::Required,
        };
        let clock = clock.clone();
        self.trust = verifier.map(|verifier| Arc::new(Trust { verifier, clock }) as _);
        self
    }

    /// Forgets every session.
    pub(super) fn forget_sessions(&self) {
        self.sessions.clear();
    }

    /// A server that has taken a client's first octets; `None` when it would refuse them or has no suite for them.
    pub(super) fn answer(&self, plan: &Plan, octets: &[u8]) -> Option<Server> {
        let config = self.config(plan)?;
        let entropy = Entropy::from_system().ok()?;
        let mut server = Server::new(Arc::new(config), entropy);
        server.receive(octets).ok()?;
        Some(server)
    }

    fn config(&self, plan: &Plan) -> Option<ServerConfig> {
        let known = |code: &u16| self.suites.iter().find(|suite| suite.code == *code);
        let suites: Vec<Suite> = plan.suites.iter().filter_map(known).cloned().collect();
        if suites.is_empty() {
            return None;
        }
        let mut config = ServerConfig::new(suites, self.identities.clone());
        (config.minimum, config.maximum) = (plan.version, plan.version);
        config.highest = ProtocolVersion::Tls13;
        config.prime_group = plan.prime_group;
        config.signature_schemes = match &plan.schemes {
            Some(schemes) => schemes.clone(),
            None => SCHEMES.to_vec(),
        };
        config.client_certificates = self.policy;
        config.client_trust.clone_from(&self.trust);
        config.sessions = Some(Arc::clone(&self.sessions) as _);
        let lab = plan.lab;
        config.ticket_lifetime = lab.ticket_lifetime;
        config.renegotiation = lab.renegotiation;
        config.extended_master_secret = lab.extended_master_secret;
        config.secure_renegotiation = lab.secure_renegotiation;
        config.laxities = lab.laxity.into_iter().collect::<BTreeSet<_>>();
        Some(config)
    }
}

fn server_identity(identity: &Identity) -> Option<ServerIdentity> {
    let chain = identity.chain();
    Some(ServerIdentity {
        certificates: chain.iter().map(|der| der.to_vec()).collect(),
        key: PrivateKey::from_der(identity.key().secret_der())?,
    })
}

/// Asks the verifier of rustls.
struct Trust {
    verifier: Arc<dyn ClientCertVerifier>,
    clock: VirtualClock,
}

impl ClientTrust for Trust {
    fn judge(&self, certificates: &[Vec<u8>]) -> Result<(), Alert> {
        let mut chain = certificates
            .iter()
            .map(|der| CertificateDer::from(der.as_slice()));
        let own = chain.next().ok_or(Alert::fatal(42))?;
        let rest: Vec<CertificateDer<'_>> = chain.collect();
        let seconds = u64::try_from(self.clock.now().unix_timestamp()).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        match self.verifier.verify_client_cert(&own, &rest, now) {
            Ok(_) => Ok(()),
            Err(error) => Err(Alert::fatal(description(&error).into())),
        }
    }
}

/// The alert rustls would send.
fn description(error: &Error) -> AlertDescription {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => AlertDescription::UnknownCA,
        Error::InvalidCertificate(error) => error.clone().into(),
        _ => AlertDescription::BadCertificate,
    }
}
