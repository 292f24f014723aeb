//! What rustls does for one connection.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::server::{
    ClientHello, NoServerSessionStorage, ResolvesServerCert, ServerConfig, WebPkiClientVerifier,
};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, SupportedProtocolVersion, version};

use super::client_certificate::{ClientCertificatePolicy, LaxVerifier};
use super::defect::TlsDefect;
use super::effect::{Effect, Front, SessionLaxity, Stack};
use super::first_bytes::First;
use super::front::{TlsFrontError, TlsFrontSettings};
use super::lab::LabStack;
use super::sessions::{ConnectionSessions, Kind, Lineage, Rules, SessionMemory};
use super::suites::GOOD;
use crate::model::suite::ProtocolVersion;
use crate::reference::certificates::{Certificates, Identity, SECOND_HOST, ServerCertificate};
use crate::reference::clock::VirtualClock;

/// Most octets of early data, by the defect that takes any.
const EARLY_DATA: u32 = 16 * 1024;
/// Tickets sent after a full handshake of TLS 1.3.
const TLS13_TICKETS: usize = 2;

/// Configurations for rustls.
#[derive(Debug)]
pub(super) struct TlsStack {
    usual: ServerConfig,
    tls12_only: ServerConfig,
    memory: Arc<SessionMemory>,
    changes: BTreeSet<Stack>,
    certificate: CertificateDer<'static>,
    asks: bool,
    clock: VirtualClock,
    lab: LabStack,
}

/// The configuration of one connection.
pub(super) struct ConnectionStack {
    /// Whether early data is acted on.
    pub(super) takes_early_data: bool,
    /// For rustls.
    pub(super) config: Arc<ServerConfig>,
    /// To be kept while the connection is open.
    pub(super) lineage: Lineage,
}

impl TlsStack {
    pub(super) fn new(settings: &TlsFrontSettings) -> Result<Self, TlsFrontError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let changes = changes_of(&settings.defects);
        let resolver = Arc::new(Resolver::new(settings, &provider)?);
        let policy = policy(settings, &changes);
        let build = |versions: &[&'static SupportedProtocolVersion]| {
            let builder = ServerConfig::builder_with_details(
                Arc::clone(&provider),
                Arc::new(settings.clock.clone()),
            )
            .with_protocol_versions(versions)?;
            let builder = match policy {
                ClientCertificatePolicy::None => builder.with_no_client_auth(),
                _ => {
                    let strict = verifier(&settings.certificates, &provider, policy)?;
                    builder.with_client_cert_verifier(lax(settings, strict))
                }
            };
            let mut config = builder.with_cert_resolver(Arc::clone(&resolver) as _);
            config.send_tls13_tickets = TLS13_TICKETS;
            config.session_storage = Arc::new(NoServerSessionStorage {});
            Ok::<_, TlsFrontError>(config)
        };
        let tls12_only = build(&[&version::TLS12])?;
        let usual = if changes.contains(&Stack::NoTls13) {
            tls12_only.clone()
        } else {
            build(&[&version::TLS13, &version::TLS12])?
        };
        let random = provider.secure_random;
        let certificates = (&*settings.certificates, &resolver.identity);
        let lab = LabStack::new(settings.suites.clone(), certificates, &settings.clock)?;
        let verifier = match policy {
            ClientCertificatePolicy::None => None,
            _ => {
                let strict = verifier(&settings.certificates, &provider, policy)?;
                Some(lax(settings, strict))
            }
        };
        Ok(Self {
            lab: lab.asking(policy, verifier, &settings.clock),
            usual,
            tls12_only,
            memory: SessionMemory::new(
                settings.clock.clone(),
                random,
                laxities_of(&settings.defects),
            ),
            changes,
            certificate: resolver.first_certificate(),
            asks: policy != ClientCertificatePolicy::None,
            clock: settings.clock.clone(),
        })
    }

    /// The configuration for the client of a connection whose highest version is this.
    pub(super) fn for_connection(
        &self,
        highest: u16,
        (id, first): (u64, &First),
    ) -> ConnectionStack {
        let tls13 =
            highest >= ProtocolVersion::Tls13.wire() && !self.changes.contains(&Stack::NoTls13);
        let bare = self.changes.contains(&Stack::NoDowngradeMark) && !tls13;
        let mut config = if bare { &self.tls12_only } else { &self.usual }.clone();
        let lineage = lineage(id, first);
        let sessions =
            |kind| ConnectionSessions::new(&self.memory, (kind, self.rules(kind)), &lineage);
        if tls13 {
            let sessions = sessions(Kind::PresharedKey);
            if !self.rules(Kind::PresharedKey).enabled {
                config.send_tls13_tickets = 0;
            }
            if self.memory.is(SessionLaxity::EarlyData) {
                // rustls takes early data only where sessions are the server's own.
                config.max_early_data_size = EARLY_DATA;
                config.session_storage = sessions;
            } else {
                config.ticketer = sessions;
            }
        } else {
            config.session_storage = sessions(Kind::Id);
            config.ticketer = sessions(Kind::Ticket);
        }
        ConnectionStack {
            takes_early_data: config.max_early_data_size > 0,
            config: Arc::new(config),
            lineage,
        }
    }

    /// The sessions of its connections.
    pub(super) fn memory(&self) -> Arc<SessionMemory> {
        Arc::clone(&self.memory)
    }

    /// The certificate shown to those who name no host, as DER.
    pub(super) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Whether a client certificate is asked for in full handshakes.
    pub(super) const fn asks_for_certificate(&self) -> bool {
        self.asks
    }

    /// The target's time in seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.clock.now().unix_timestamp()
    }

    /// The lab server.
    pub(super) const fn lab(&self) -> &LabStack {
        &self.lab
    }

    /// Forgets every session.
    pub(super) fn forget_sessions(&self) {
        self.lab.forget_sessions();
        self.memory.clear();
    }

    fn rules(&self, kind: Kind) -> Rules {
        let has = |change| self.changes.contains(&change);
        let (off, immortal) = match kind {
            Kind::Id => (Stack::NoResumptionUpToTls12, Stack::ImmortalIds),
            Kind::Ticket => (Stack::NoResumptionUpToTls12, Stack::ImmortalTickets),
            Kind::PresharedKey => (Stack::NoResumptionInTls13, Stack::ImmortalPresharedKeys),
        };
        Rules {
            enabled: !has(off) && !has(Stack::NoResumption),
            immortal: has(immortal),
            duplicates: !has(Stack::NoDuplicates),
        }
    }
}

fn lineage(connection: u64, first: &First) -> Lineage {
    let First::Hello(hello) = first else {
        return Lineage::new(connection, None, None);
    };
    let name = hello.server_name();
    // rustls follows the order of the client.
    let suite = hello
        .suites
        .iter()
        .find(|suite| GOOD.contains(suite) && **suite >> 8 != 0x13);
    Lineage::new(connection, name.map(str::to_owned), suite.copied())
}

fn laxities_of(defects: &BTreeSet<TlsDefect>) -> BTreeSet<SessionLaxity> {
    let laxity = |defect: &TlsDefect| match defect.effect() {
        Effect::Sessions(laxity) => Some(laxity),
        _ => None,
    };
    defects.iter().filter_map(laxity).collect()
}

fn changes_of(defects: &BTreeSet<TlsDefect>) -> BTreeSet<Stack> {
    let change = |defect: &TlsDefect| match defect.effect() {
        Effect::Stack(change) => Some(change),
        _ => None,
    };
    defects.iter().filter_map(change).collect()
}

fn policy(settings: &TlsFrontSettings, changes: &BTreeSet<Stack>) -> ClientCertificatePolicy {
    let ends = |defect: &TlsDefect| defect.effect() == Effect::Front(Front::EndsHandshake);
    if changes.contains(&Stack::AsksForNoCertificate) || settings.defects.iter().any(ends) {
        ClientCertificatePolicy::None
    } else if changes.contains(&Stack::DemandsClientCertificate) {
        ClientCertificatePolicy::Required
    } else if settings.defects.contains(&TlsDefect::ServesUncertified) {
        ClientCertificatePolicy::Optional
    } else {
        settings.client_certificate
    }
}

fn verifier(
    certificates: &Certificates,
    provider: &Arc<CryptoProvider>,
    policy: ClientCertificatePolicy,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, TlsFrontError> {
    let mut roots = RootCertStore::empty();
    roots.add(certificates.authority())?;
    let builder =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    let builder = match policy {
        ClientCertificatePolicy::Required => builder,
        _ => builder.allow_unauthenticated(),
    };
    Ok(builder.build()?)
}

/// The verifier as the defects leave it.
fn lax(
    settings: &TlsFrontSettings,
    strict: Arc<dyn rustls::server::danger::ClientCertVerifier>,
) -> Arc<dyn rustls::server::danger::ClientCertVerifier> {
    let laxity = settings
        .defects
        .iter()
        .find_map(|defect| match defect.effect() {
            Effect::ClientCertificate(laxity) => Some(laxity),
            _ => None,
        });
    match laxity {
        Some(laxity) => Arc::new(LaxVerifier {
            inner: strict,
            laxity,
        }),
        None => strict,
    }
}

/// One certificate for all, or another one for the hosts after the first.
#[derive(Debug)]
struct Resolver {
    first: Arc<CertifiedKey>,
    /// The same, for the lab server.
    identity: Identity,
    other_hosts: Option<Arc<CertifiedKey>>,
}

impl Resolver {
    fn new(settings: &TlsFrontSettings, provider: &CryptoProvider) -> Result<Self, TlsFrontError> {
        let mut first = ServerCertificate::Conforming;
        let mut other_hosts = None;
        for defect in &settings.defects {
            match defect.effect() {
                Effect::Certificate(which) => first = which,
                Effect::CertificateOfOtherHosts(which) => other_hosts = Some(which),
                _ => {}
            }
        }
        let make = |which| certified(&settings.certificates.server(which)?, provider);
        let identity = settings.certificates.server(first)?;
        Ok(Self {
            first: certified(&identity, provider)?,
            identity,
            other_hosts: other_hosts.map(make).transpose()?,
        })
    }

    fn first_certificate(&self) -> CertificateDer<'static> {
        let first = self.first.cert.first();
        first.map_or_else(|| CertificateDer::from(Vec::new()), Clone::clone)
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let other = hello.server_name().is_some_and(|name| name == SECOND_HOST);
        let key = self.other_hosts.as_ref().filter(|_| other);
        Some(Arc::clone(key.unwrap_or(&self.first)))
    }
}

fn certified(
    identity: &Identity,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, TlsFrontError> {
    let key = provider.key_provider.load_private_key(identity.key())?;
    Ok(Arc::new(CertifiedKey::new(identity.chain(), key)))
}
