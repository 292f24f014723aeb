//! Saved sessions in a form that outlives the process, and back.

use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::{CertificateDer, UnixTime};

use super::case::TlsCase;
use super::identity::RecordingIdentity;
use super::session::{SavedSession, SessionState};
use super::verifier::RecordingVerifier;
use crate::engine::ports::Trouble;
use crate::model::parked::{Means, Octets, ParkedSession, ParkedTicket};
use crate::tls::session::{Session, Ticket};
use crate::tls::suite::Suite;

impl TlsCase {
    /// Every saved session that has something to resume.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] for one that rustls made, because it does not part with its secrets.
    pub fn park(&self) -> Result<Vec<ParkedSession>, Trouble> {
        let resumable = self.saved.iter().filter(|(_, saved)| saved.resumable);
        resumable
            .map(|(name, saved)| {
                parked(name, saved).ok_or_else(|| {
                    Trouble::NotProven(format!(
                        "the session saved as `{name}` cannot outlive this run: the lab TLS engine has nothing in common with the target by this mechanism, and the ordinary TLS client keeps its sessions to itself"
                    ))
                })
            })
            .collect()
    }

    /// Saves sessions that an earlier run parked, under the names they had.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] for one of a suite or a version that the lab engine does not have.
    pub fn restore(&mut self, sessions: &[ParkedSession]) -> Result<(), Trouble> {
        for session in sessions {
            let saved = self.unparked(session).ok_or_else(|| {
                Trouble::NotProven(format!(
                    "the session parked as `{}` ({}, suite 0x{:04X}) is of no use to this version of presec",
                    session.name, session.version, session.suite
                ))
            })?;
            self.saved.insert(session.name.clone(), saved);
        }
        Ok(())
    }

    fn unparked(&self, parked: &ParkedSession) -> Option<SavedSession> {
        let settings = &self.shared.settings;
        let suite = Suite::of(settings.registry.by_code(parked.suite)?)?;
        let lab = self.shared.lab_client_in(parked.version)?;
        let Means::MasterSecret {
            secret,
            extended,
            id,
            ticket,
        } = &parked.means;
        let session = Session {
            version: parked.version,
            suite,
            master_secret: secret.clone(),
            extended_master_secret: *extended,
            id: id.0.clone(),
            ticket: ticket.as_ref().map(|held| Ticket {
                lifetime_hint: held.lifetime,
                ticket: held.ticket.clone(),
            }),
            server_name: Some(parked.server_name.clone()),
        };
        let verifier = RecordingVerifier::new();
        let chain = parked.chain.iter();
        verifier.proven(
            chain.map(|der| CertificateDer::from(der.0.clone())),
            parked.proven,
            false,
        );
        let seconds = u64::try_from(parked.created).unwrap_or(0);
        Some(SavedSession {
            saved_at: UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            created: parked.created,
            versions: vec![parked.version],
            tickets: session.ticket.is_some(),
            lab: Some(lab.with(&session.suite)),
            session_id: session.id.clone(),
            suite: Some(parked.suite),
            version: Some(parked.version),
            server_name: parked.server_name.clone(),
            resumable: true,
            verifier: Arc::new(verifier),
            identity: Arc::new(RecordingIdentity::default()),
            state: SessionState::of_lab(session),
        })
    }
}

fn parked(name: &str, saved: &SavedSession) -> Option<ParkedSession> {
    let session = saved.state.lab()?;
    // By id alone where that was wanted: whoever offers a ticket too does not know what resumed.
    let held = session.ticket.as_ref().filter(|_| saved.tickets);
    let ticket = held.map(|held| ParkedTicket {
        ticket: held.ticket.clone(),
        lifetime: held.lifetime_hint,
    });
    let proof = saved.verifier.proof();
    let chain = proof.chain.iter();
    Some(ParkedSession {
        name: name.to_owned(),
        created: saved.created,
        version: session.version,
        suite: session.suite.code,
        server_name: saved.server_name.clone(),
        chain: chain.map(|der| Octets(der.to_vec())).collect(),
        proven: proof.signed,
        means: Means::MasterSecret {
            secret: session.master_secret.clone(),
            extended: session.extended_master_secret,
            id: Octets(session.id.clone()),
            ticket,
        },
    })
}
