//! Plain connections for HTTP, and what a completed handshake says.

use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::UnixTime;

use super::attempts::{Attempts, Next};
use super::certificate::Measure;
use super::clear::ClearHandshake;
use super::connection::OpenConnection;
use super::exchange::{Manner, Outcome, PAUSE, exchange};
use super::handshake::{Failure, Handshake, Up};
use super::hello::Hello;
use super::identity::certified_key;
use super::lab::VERSIONS;
use super::probe::{Shared, TlsProbeSettings};
use super::verifier::RecordingVerifier;
use crate::engine::ports::Trouble;
use crate::model::evidence::SessionFacts;
use crate::model::seen_tls::{CertificateFacts, ConnectionFacts, NameSource};
use crate::model::step_tls::ClientCertificate;
use crate::model::suite::ProtocolVersion;
use crate::probe::tap::PlainTap;

impl Handshake {
    /// A fresh one, with nothing to resume.
    pub(super) fn fresh(settings: &TlsProbeSettings, server_name: &str) -> Self {
        let seconds = settings.clock.now().unix_timestamp();
        let at = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        Self {
            server_name: server_name.to_owned(),
            versions: vec![ProtocolVersion::Tls12, ProtocolVersion::Tls13],
            tickets: true,
            store: Arc::default(),
            verifier: Arc::new(RecordingVerifier::new()),
            identity: Arc::default(),
            at: UnixTime::since_unix_epoch(at),
            lab: None,
            early_data: Vec::new(),
        }
    }
}

impl Shared {
    /// A new connection in the best version both sides have.
    pub(super) async fn open(&self, server_name: &str) -> Result<OpenConnection, Trouble> {
        let settings = &self.settings;
        let mut handshake = Handshake::fresh(settings, server_name);
        handshake.lab = self.known_lab_client(&VERSIONS).await?;
        let key = certified_key(&settings.target, ClientCertificate::Usual)?;
        let held_one = key.is_some();
        handshake.identity.hold(key, ClientCertificate::Usual);
        let mut attempts = Attempts::default();
        loop {
            let failure = match handshake.perform(settings).await? {
                Ok(up) => return Ok(self.connection(up, &handshake)),
                Err(failure) => failure,
            };
            let refused = matches!(failure, Failure::Alert(_, false) | Failure::Incompatible(_));
            if refused && self.go_on_by_lab(&mut handshake).await? {
                continue;
            }
            let (loss, how) = match failure {
                Failure::Lost(loss, how) => (loss, how),
                Failure::Alert(alert, _) => {
                    handshake.identity.excuse(held_one)?;
                    let hint = self.lab_hint(&handshake).await;
                    return Err(Trouble::NotProven(format!(
                        "no TLS connection for HTTP: alert {alert}{hint}"
                    )));
                }
                Failure::Incompatible(why) => return Err(needs_lab(&why)),
                Failure::Unclear(why) => {
                    return Err(Trouble::NotProven(format!(
                        "no TLS connection for HTTP: {why}"
                    )));
                }
            };
            match attempts.lost(loss, &how) {
                Next::Again | Next::AgainAfterControl => settings.clock.wait(PAUSE).await,
                Next::Settled(_) if self.go_on_by_lab(&mut handshake).await? => {
                    attempts = Attempts::default();
                }
                Next::Settled(_) | Next::Unproven(_) => {
                    return Err(Trouble::NotProven(format!(
                        "no TLS connection for HTTP: {}",
                        attempts.lines().join("; ")
                    )));
                }
            }
        }
    }

    /// Whether the lab engine takes over, because rustls has nothing in common with the target and the engine has.
    async fn go_on_by_lab(&self, handshake: &mut Handshake) -> Result<bool, Trouble> {
        if handshake.lab.is_some() {
            return Ok(false);
        }
        handshake.lab = self.lab_instead(&handshake.versions, &VERSIONS).await?;
        Ok(handshake.lab.is_some())
    }

    async fn lab_hint(&self, handshake: &Handshake) -> &'static str {
        match self.has_common_ground(&handshake.versions).await {
            Ok(false) if handshake.lab.is_none() => {
                " (the target has nothing in common with the ordinary TLS client nor with the lab TLS engine)"
            }
            _ => "",
        }
    }

    /// Whether the target accepts what rustls offers in one of these versions.
    pub(super) async fn has_common_ground(
        &self,
        versions: &[ProtocolVersion],
    ) -> Result<bool, Trouble> {
        for version in versions {
            let suites = rustls_suites(*version);
            let hello = Hello::ordinary(*version, suites, &self.settings.target.host);
            let bytes = hello.offer.encode(self.survey_random());
            if let Outcome::Hello(flight) = exchange(&self.settings, &bytes, Manner::Whole).await?
                && let Some(hello) = &flight.server_hello
                && hello.version == version.wire()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn connection(&self, up: Up, handshake: &Handshake) -> OpenConnection {
        let facts = self.facts(&up, handshake);
        let signed = handshake.verifier.proof().signed;
        // Whoever completed the handshake with a key that nobody else has needs no certificate.
        let lab = handshake.lab.as_ref();
        let by_key = lab.is_some_and(|lab| lab.asked.held.as_ref().is_some_and(|held| held.right));
        let not_verified_because = distrust(&facts, signed).filter(|_| !by_key);
        up.trace.session(SessionFacts {
            version: facts.version.clone(),
            suite: facts.suite_name.clone(),
            resumed: facts.resumed,
            certificate_sha256: facts
                .certificate
                .as_ref()
                .map(|certificate| certificate.fingerprint.clone()),
            not_verified_because: not_verified_because.clone(),
        });
        OpenConnection {
            stream: PlainTap::new(up.stream, up.trace),
            facts,
            verified: not_verified_because.is_none(),
            not_verified_because,
            server_name: handshake.server_name.clone(),
            reusable: true,
        }
    }

    fn certificate(&self, handshake: &Handshake) -> Option<CertificateFacts> {
        let target = &self.settings.target;
        let measure = Measure {
            host: &handshake.server_name,
            further_hosts: &target.hosts,
            roots: &target.roots,
            now: self.settings.clock.now(),
        };
        let proof = handshake.verifier.proof();
        measure.facts(&proof.chain).map(|facts| CertificateFacts {
            stapled: Some(proof.stapled),
            ..facts
        })
    }

    /// Why the server of a saved session did not prove to be who it should be.
    pub(super) fn doubts(&self, handshake: &Handshake) -> Option<String> {
        let facts = ConnectionFacts {
            certificate: self.certificate(handshake),
            ..ConnectionFacts::default()
        };
        distrust(&facts, handshake.verifier.proof().signed)
    }

    fn facts(&self, up: &Up, handshake: &Handshake) -> ConnectionFacts {
        let clear = ClearHandshake::read(&up.copy.copied());
        let suite = up.stream.suite();
        let resumed = up.stream.resumed();
        let certificate = self.certificate(handshake);
        let registry = &self.settings.registry;
        ConnectionFacts {
            completed: true,
            resumed,
            mechanism: clear.mechanism().filter(|_| resumed).map(ToOwned::to_owned),
            resumable: false,
            advertised_lifetime: clear
                .ticket_lifetime
                .or_else(|| up.stream.ticket_lifetime()),
            early_data_accepted: up.stream.early_data_accepted(),
            server_name_acknowledged: clear.name_acknowledged(),
            version: up.stream.version().map(super::facts::version_name),
            suite_name: suite.map(|suite| registry.label(suite)),
            encryption_bits: suite
                .and_then(|suite| registry.by_code(suite))
                .map(|record| record.encryption_bits),
            certificate_requested: handshake.identity.was_asked()
                || clear.flight.certificate_request,
            alert: None,
            certificate,
        }
    }
}

/// Why a server did not prove to be who it should be.
fn distrust(facts: &ConnectionFacts, signed: bool) -> Option<String> {
    let readable = facts.certificate.as_ref().filter(|facts| facts.readable);
    let Some(certificate) = readable else {
        return Some("the server's certificate cannot be read".to_owned());
    };
    if let Some(problem) = &certificate.path_problem {
        return Some(format!("the server's chain did not verify: {problem}"));
    }
    let doubts = [
        (
            certificate.name_source == NameSource::None,
            "the server's certificate names another host",
        ),
        (
            !certificate.valid_now,
            "the server's certificate is not valid now",
        ),
        (
            !certificate.server_usage,
            "the server's certificate is not for TLS servers",
        ),
        (
            !signed,
            "the handshake is not signed with the certificate's key",
        ),
    ];
    doubts
        .into_iter()
        .find(|(doubtful, _)| *doubtful)
        .map(|(_, why)| why.to_owned())
}

fn rustls_suites(version: ProtocolVersion) -> Vec<u16> {
    let tls13 = version == ProtocolVersion::Tls13;
    rustls::crypto::ring::ALL_CIPHER_SUITES
        .iter()
        .filter(|suite| suite.tls13().is_some() == tls13)
        .map(|suite| u16::from(suite.suite()))
        .collect()
}

/// The trouble when no client can speak to the target at all.
pub(super) fn needs_lab(why: &str) -> Trouble {
    Trouble::NotProven(format!(
        "the target has nothing in common with the ordinary TLS client nor with the lab TLS engine ({why})"
    ))
}
