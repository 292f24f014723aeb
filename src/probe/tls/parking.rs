//! Saved sessions in a form that outlives the process, and back.

use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::{CertificateDer, UnixTime};
use time::OffsetDateTime;

use super::case::TlsCase;
use super::identity::RecordingIdentity;
use super::lab::LabClient;
use super::session::{LabTicket, SavedSession, SessionState};
use super::verifier::RecordingVerifier;
use crate::engine::ports::Trouble;
use crate::model::parked::{Means, Octets, ParkedSession, ParkedTicket, ParkedTls13Ticket};
use crate::model::suite::ProtocolVersion;
use crate::tls::session::{Session, Ticket, Tls13Session};
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
        let lab = LabClient::of(settings, vec![parked.version])?;
        let name = Some(parked.server_name.clone());
        let mut session_id = Vec::new();
        let state = match &parked.means {
            Means::MasterSecret {
                secret,
                extended,
                id,
                ticket,
            } => {
                session_id.clone_from(&id.0);
                SessionState::of_lab(Session {
                    version: parked.version,
                    suite: suite.clone(),
                    master_secret: secret.clone(),
                    extended_master_secret: *extended,
                    id: id.0.clone(),
                    ticket: ticket.as_ref().map(|held| Ticket {
                        lifetime_hint: held.lifetime,
                        ticket: held.ticket.clone(),
                    }),
                    server_name: name,
                })
            }
            Means::Tickets(tickets) => {
                let ticket = |held| self.ticket(held, name.as_deref());
                SessionState::of_lab_tickets(tickets.iter().map(ticket).collect::<Option<_>>()?)
            }
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
            tickets: parked.mechanism() != "session-id",
            lab: Some(lab.with(&suite)),
            session_id,
            suite: Some(parked.suite),
            version: Some(parked.version),
            server_name: parked.server_name.clone(),
            resumable: true,
            verifier: Arc::new(verifier),
            identity: Arc::new(RecordingIdentity::default()),
            state,
        })
    }

    fn ticket(&self, held: &ParkedTls13Ticket, server_name: Option<&str>) -> Option<LabTicket> {
        let suite = self.shared.settings.registry.by_code(held.suite)?;
        let milliseconds = i128::from(held.received) * 1_000_000;
        Some(LabTicket {
            session: Tls13Session {
                suite: Suite::of(suite)?,
                ticket: held.ticket.clone(),
                key: held.key.clone(),
                lifetime: held.lifetime,
                age_add: held.age_add,
                max_early_data: held.max_early_data,
                server_name: server_name.map(str::to_owned),
            },
            received: OffsetDateTime::from_unix_timestamp_nanos(milliseconds).ok()?,
        })
    }
}

fn parked(name: &str, saved: &SavedSession) -> Option<ParkedSession> {
    let proof = saved.verifier.proof();
    let chain = proof.chain.iter();
    Some(ParkedSession {
        name: name.to_owned(),
        created: saved.created,
        version: saved.version?,
        suite: saved.suite?,
        server_name: saved.server_name.clone(),
        chain: chain.map(|der| Octets(der.to_vec())).collect(),
        proven: proof.signed,
        means: means(saved)?,
    })
}

fn means(saved: &SavedSession) -> Option<Means> {
    if saved.version == Some(ProtocolVersion::Tls13) {
        // None may be left; that is for whoever wants to offer one to say.
        saved.lab.as_ref()?;
        let tickets = saved.state.lab_tickets();
        return Some(Means::Tickets(tickets.iter().map(ticket).collect()));
    }
    let session = saved.state.lab()?;
    // By id alone where that was wanted: whoever offers a ticket too does not know what resumed.
    let held = session.ticket.as_ref().filter(|_| saved.tickets);
    let ticket = held.map(|held| ParkedTicket {
        ticket: held.ticket.clone(),
        lifetime: held.lifetime_hint,
    });
    Some(Means::MasterSecret {
        secret: session.master_secret.clone(),
        extended: session.extended_master_secret,
        id: Octets(session.id.clone()),
        ticket,
    })
}

fn ticket(held: &LabTicket) -> ParkedTls13Ticket {
    let session = &held.session;
    let milliseconds = held.received.unix_timestamp_nanos() / 1_000_000;
    ParkedTls13Ticket {
        ticket: session.ticket.clone(),
        key: session.key.clone(),
        suite: session.suite.code,
        lifetime: session.lifetime,
        age_add: session.age_add,
        max_early_data: session.max_early_data,
        received: i64::try_from(milliseconds).unwrap_or_default(),
    }
}
