//! The lab engine as the well-behaved client of targets that rustls has nothing in common with: those of TLS 1.0 and 1.1,
//! of RSA key exchange and of CBC, as every profile of 3GPP up to Rel-12 has them. In TLS 1.3 an ordinary offer has no suite
//! that rustls has not: there the engine makes the session only when a scenario asks for it.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;
use tokio::time::timeout;

use super::asked::Asked;
use super::attempts::Loss;
use super::exchange::{Dialed, dial};
use super::handshake::{Failure, Handshake, Up, not_in_time};
use super::probe::{Shared, TlsProbeSettings};
use super::session::{ConnectionStore, LabTicket, SessionState};
use super::stream::{SessionStream, translated};
use super::tee::Tee;
use crate::engine::ports::Trouble;
use crate::model::step_tls::Mechanism;
use crate::model::suite::ProtocolVersion;
use crate::probe::tap::{KeyTap, note_trouble};
use crate::tls::client::{Client, ClientConfig, Facts};
use crate::tls::entropy::Entropy;
use crate::tls::key_log::KeyLog;
use crate::tls::session::Tls13Offer;
use crate::tls::stream::TlsStream;
use crate::tls::suite::{Exchange, Suite};

/// The versions the engine completes.
pub(super) const VERSIONS: RangeInclusive<ProtocolVersion> =
    ProtocolVersion::Tls10..=ProtocolVersion::Tls13;

/// The versions that have this mechanism of resumption.
pub(super) fn versions_with(mechanism: Mechanism) -> RangeInclusive<ProtocolVersion> {
    match mechanism {
        Mechanism::Any => VERSIONS,
        Mechanism::SessionId | Mechanism::Ticket => ProtocolVersion::Tls10..=ProtocolVersion::Tls12,
        Mechanism::Tls13Psk => ProtocolVersion::Tls13..=ProtocolVersion::Tls13,
    }
}

/// What the engine offers as a well-behaved client.
#[derive(Debug, Clone)]
pub(super) struct LabClient {
    /// The versions offered, oldest first; not empty.
    pub(super) versions: Vec<ProtocolVersion>,
    /// The suites of an ordinary offer that the engine completes, best first; or those a scenario asks for.
    pub(super) suites: Vec<Suite>,
    /// What a scenario wants otherwise.
    pub(super) asked: Asked,
}

impl LabClient {
    /// An offer in these versions; `None` when the engine completes nothing ordinary in them.
    pub(super) fn of(settings: &TlsProbeSettings, versions: Vec<ProtocolVersion>) -> Option<Self> {
        let ordinary = |code: &u16| {
            versions
                .iter()
                .any(|version| settings.baseline_of(*version).contains(code))
        };
        let suites: Vec<Suite> = settings
            .baseline
            .iter()
            .filter(|code| ordinary(code))
            .filter_map(|code| settings.registry.by_code(*code))
            .filter_map(Suite::of)
            .collect();
        (!suites.is_empty() && !versions.is_empty()).then_some(Self {
            versions,
            suites,
            asked: Asked::default(),
        })
    }

    /// The same with one more suite, if it is not among them: that of a session.
    pub(super) fn with(mut self, suite: &Suite) -> Self {
        if !self.offers(suite.code) {
            self.suites.push(suite.clone());
        }
        self
    }

    fn offers(&self, code: u16) -> bool {
        self.suites.iter().any(|suite| suite.code == code)
    }
}

impl Shared {
    /// An offer in those of `allowed` that the target accepts with a suite the engine offers; `None` without any.
    pub(super) async fn lab_client(
        &self,
        allowed: &RangeInclusive<ProtocolVersion>,
    ) -> Result<Option<LabClient>, Trouble> {
        let accepted = self.accepted().await?;
        let versions = ProtocolVersion::ALL
            .into_iter()
            .filter(|version| allowed.contains(version) && VERSIONS.contains(version));
        let Some(all) = LabClient::of(&self.settings, versions.collect()) else {
            return Ok(None);
        };
        let common = all.versions.into_iter().filter(|version| {
            let suite = accepted.suite(*version);
            suite.is_some_and(|code| all.suites.iter().any(|suite| suite.code == code))
        });
        Ok(LabClient::of(&self.settings, common.collect()))
    }

    /// What the engine offers in place of rustls, when rustls has nothing in common with the target in `versions` and the
    /// engine has in `allowed`.
    pub(super) async fn lab_instead(
        &self,
        versions: &[ProtocolVersion],
        allowed: &RangeInclusive<ProtocolVersion>,
    ) -> Result<Option<LabClient>, Trouble> {
        let lab = self.lab_client(allowed).await?;
        if lab.is_none() || self.has_common_ground(versions).await? {
            return Ok(None);
        }
        self.remember_lab(versions);
        Ok(lab)
    }

    /// rustls has nothing in common with the target in `versions`, and the engine has: when these are all rustls has, no
    /// later session needs to find out again.
    pub(super) fn remember_lab(&self, versions: &[ProtocolVersion]) {
        let all = [ProtocolVersion::Tls12, ProtocolVersion::Tls13];
        if all.iter().all(|version| versions.contains(version)) {
            self.lab_needed.store(true, Ordering::Relaxed);
        }
    }

    /// The same from memory: `None` as long as nothing was found out.
    pub(super) async fn known_lab_client(
        &self,
        allowed: &RangeInclusive<ProtocolVersion>,
    ) -> Result<Option<LabClient>, Trouble> {
        if self.lab_needed.load(Ordering::Relaxed) {
            self.lab_client(allowed).await
        } else {
            Ok(None)
        }
    }

    /// The engine where it is known to be needed, or where a session is to be parked, which rustls would not part with.
    pub(super) async fn usual_lab(
        &self,
        allowed: &RangeInclusive<ProtocolVersion>,
        may_be_parked: bool,
    ) -> Result<Option<LabClient>, Trouble> {
        if may_be_parked {
            self.lab_client(allowed).await
        } else {
            self.known_lab_client(allowed).await
        }
    }

    /// An offer in one version, whether or not the target accepts it.
    pub(super) fn lab_client_in(&self, version: ProtocolVersion) -> Option<LabClient> {
        let versions = VERSIONS.contains(&version).then_some(version);
        LabClient::of(&self.settings, versions.into_iter().collect())
    }

    /// Whether the target is known to select one of the suites offered, in one of the versions offered.
    pub(super) async fn lab_has_common_ground(&self, lab: &LabClient) -> Result<bool, Trouble> {
        let accepted = self.accepted().await?;
        let mut selected = lab.versions.iter().filter_map(|v| accepted.suite(*v));
        Ok(selected.any(|code| lab.offers(code)))
    }
}

impl Up {
    /// What the server has given up to now; tickets of TLS 1.3 come behind the handshake.
    pub(super) fn learned(&self, store: &ConnectionStore, now: OffsetDateTime) -> SessionState {
        if let SessionStream::Lab(stream) = &self.stream {
            store.learn_tickets_by_lab(stream.client().tickets(), now);
        }
        store.learned()
    }
}

impl KeyLog for KeyTap {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        self.0.key(label, client_random, secret);
    }
}

pub(super) fn aged(ticket: LabTicket, now: OffsetDateTime) -> Tls13Offer {
    let age = now - ticket.received;
    Tls13Offer {
        session: ticket.session,
        age: age.try_into().unwrap_or_default(),
    }
}

impl Handshake {
    /// Opens a connection and makes the handshake by the lab engine.
    pub(super) async fn perform_by_lab(
        &self,
        settings: &TlsProbeSettings,
        lab: &LabClient,
    ) -> Result<Result<Up, Failure>, Trouble> {
        // Not of the run's seed: whoever knows it could read what goes under TLS.
        let entropy = Entropy::from_system().map_err(|error| Trouble::Fault(error.to_string()))?;
        let mut config = self.lab_config(lab)?;
        if let Some(ticket) = self.store.ticket_for_lab() {
            config.tls13.resume = vec![aged(ticket, settings.clock.now())];
            config.tls13.early_data.clone_from(&self.early_data);
        }
        let (stream, trace) = match dial(settings).await? {
            Dialed::Open(stream, trace) => (Tee::traced(stream, trace.clone()), trace),
            Dialed::Lost(how) => return Ok(Err(Failure::Lost(Loss::Unconnected, how))),
        };
        config.key_log = Some(Arc::new(KeyTap(trace.clone())));
        let copy = stream.copy();
        let connecting = TlsStream::connect(stream, Client::new(config, entropy));
        Ok(match timeout(settings.target.timeout, connecting).await {
            Ok(Ok(stream)) => {
                lab.asked.note(stream.client().facts());
                if lab.asked.went_without_key(stream.client().facts()) {
                    let what = "the target went on without the pre-shared key";
                    return Ok(Err(Failure::Unclear(what.to_owned())));
                }
                self.learn_by_lab(stream.client());
                Ok(Up {
                    stream: SessionStream::Lab(Box::new(stream)),
                    copy,
                    trace,
                })
            }
            Ok(Err(unfinished)) => {
                lab.asked.note(unfinished.connection.facts());
                self.note_request(unfinished.connection.facts());
                let error = translated(unfinished.error);
                note_trouble(&trace, &error);
                Err(Failure::of(&error, "during the handshake", &copy))
            }
            Err(_) => Err(Failure::Lost(Loss::Silent, not_in_time(&copy))),
        })
    }

    pub(super) fn lab_config(&self, lab: &LabClient) -> Result<ClientConfig, Trouble> {
        let mut config = ClientConfig::new(lab.suites.clone());
        if let (Some(first), Some(last)) = (lab.versions.first(), lab.versions.last()) {
            (config.minimum, config.maximum) = (*first, *last);
        }
        // As rustls: an address is no host name (RFC 6066 3).
        let bare = self.server_name.trim_matches(['[', ']']);
        config.server_name = bare
            .parse::<IpAddr>()
            .is_err()
            .then(|| bare.trim_end_matches('.').to_owned());
        config.tickets = self.tickets;
        config.status_request = true;
        config.resume = self.store.offered_to_lab();
        config.identity = self.identity.for_lab()?;
        lab.asked.apply(&mut config);
        Ok(config)
    }

    fn note_request(&self, facts: &Facts) {
        if facts.certificate_request.is_some() {
            self.identity.note_asked();
        }
    }

    /// Keeps what the server proved and gave, as rustls tells it to the verifier and to the store.
    fn learn_by_lab(&self, client: &Client) {
        let facts = client.facts();
        self.note_request(facts);
        if let Some(session) = client.session().filter(|session| session.is_resumable()) {
            self.store.learn_by_lab(session.clone());
        }
        if facts.resumed.is_some() {
            return;
        }
        let session = client.session();
        let by_decryption = session.is_some_and(|session| {
            matches!(session.suite.exchange, Exchange::Rsa | Exchange::Ecdh)
        });
        let chain = facts.certificates.iter();
        self.verifier.proven(
            chain.map(|der| CertificateDer::from(der.clone())),
            facts.possession_proven(by_decryption),
            facts.stapled,
        );
    }
}
