//! One handshake, observed.

use std::io;
use std::sync::Arc;

use rustls::client::{Resumption, Tls12Resumption};
use rustls::crypto::ring;
use rustls::{ClientConfig, SupportedProtocolVersion, version};
use rustls_pki_types::{ServerName, UnixTime};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::attempts::Loss;
use super::clear::ClearHandshake;
use super::exchange::{Dialed, dial, is_reset, name_of};
use super::identity::RecordingIdentity;
use super::lab::LabClient;
use super::octets::{last_record, unreadable};
use super::probe::TlsProbeSettings;
use super::session::{ConnectionStore, FrozenTime};
use super::stream::SessionStream;
use super::tee::{Tee, WireCopy};
use super::verifier::RecordingVerifier;
use crate::engine::ports::Trouble;
use crate::engine::trace::ConnectionTrace;
use crate::model::suite::ProtocolVersion;
use crate::probe::tap::{KeyTap, note_trouble};
use crate::wire::http::clean;
use crate::wire::tls::alert::Alert;

/// Most characters of a library's error in an observation.
const SHOWN: usize = 160;

/// With what a handshake is made.
#[derive(Debug, Clone)]
pub(super) struct Handshake {
    /// The name for server_name.
    pub(super) server_name: String,
    /// The versions offered.
    pub(super) versions: Vec<ProtocolVersion>,
    /// Whether TLS 1.2 tickets are offered and asked for.
    pub(super) tickets: bool,
    /// What is offered to resume.
    pub(super) store: Arc<ConnectionStore>,
    /// Records what the server proves.
    pub(super) verifier: Arc<RecordingVerifier>,
    /// Answers a CertificateRequest.
    pub(super) identity: Arc<RecordingIdentity>,
    /// The time by which the age of what is offered is measured.
    pub(super) at: UnixTime,
    /// What the lab engine offers in place of rustls.
    pub(super) lab: Option<LabClient>,
    /// What the lab engine sends as early data when it offers a ticket of TLS 1.3; empty for none.
    pub(super) early_data: Vec<u8>,
}

/// A connection that is up, with the copies of its first octets.
#[derive(Debug)]
pub(super) struct Up {
    pub(super) stream: SessionStream,
    pub(super) copy: WireCopy,
    pub(super) trace: ConnectionTrace,
}

/// How a handshake, or the first read after it, went wrong.
#[derive(Debug)]
pub(super) enum Failure {
    /// A fatal alert of the peer; whether a ServerHello came before it.
    Alert(Alert, bool),
    /// The library and the peer have nothing in common, and why.
    Incompatible(String),
    /// Something that proves nothing.
    Unclear(String),
    /// Nothing that counts.
    Lost(Loss, String),
}

impl Failure {
    /// What an error of the stream means at `moment` of the connection.
    pub(super) fn of(error: &io::Error, moment: &str, copy: &WireCopy) -> Self {
        let inner = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match inner {
            Some(rustls::Error::AlertReceived(description)) => {
                let clear = ClearHandshake::read(&copy.copied());
                Self::Alert(Alert::fatal(u8::from(*description)), clear.hello_seen())
            }
            Some(rustls::Error::PeerIncompatible(why)) => Self::Incompatible(format!("{why:?}")),
            Some(rustls::Error::General(what)) => Self::Unclear(unclear(what, copy)),
            Some(other) => Self::Unclear(unclear(&other.to_string(), copy)),
            None if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Lost(Loss::Closed, format!("closed {moment}"))
            }
            None if is_reset(error.kind()) => Self::Lost(Loss::Reset, format!("reset {moment}")),
            None => Self::Unclear(format!("{} {moment}", name_of(error.kind()))),
        }
    }
}

/// What went wrong, and octets of what the server sent.
fn unclear(what: &str, copy: &WireCopy) -> String {
    format!("{}{}", clean(what.as_bytes(), SHOWN), unreadable(copy))
}

/// A handshake that goes on for too long.
pub(super) fn not_in_time(copy: &WireCopy) -> String {
    let octets = last_record(copy);
    format!("the handshake did not end within the time{octets}")
}

impl Handshake {
    /// Whether rustls can offer this version.
    pub(super) fn can(version: ProtocolVersion) -> bool {
        matches!(version, ProtocolVersion::Tls12 | ProtocolVersion::Tls13)
    }

    /// Opens a connection and makes the handshake.
    pub(super) async fn perform(
        &self,
        settings: &TlsProbeSettings,
    ) -> Result<Result<Up, Failure>, Trouble> {
        let bare = self.server_name.trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(bare)
            .map_err(|_| Trouble::Fault(format!("`{}` is no host name", self.server_name)))?;
        if let Some(lab) = &self.lab {
            return self.perform_by_lab(settings, lab).await;
        }
        let mut config = self.config()?;
        let (stream, trace) = match dial(settings).await? {
            Dialed::Open(stream, trace) => (Tee::traced(stream, trace.clone()), trace),
            Dialed::Lost(how) => return Ok(Err(Failure::Lost(Loss::Unconnected, how))),
        };
        config.key_log = Arc::new(KeyTap(trace.clone()));
        let copy = stream.copy();
        let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
        Ok(match timeout(settings.target.timeout, connecting).await {
            Ok(Ok(stream)) => Ok(Up {
                stream: SessionStream::Ordinary(Box::new(stream)),
                copy,
                trace,
            }),
            Ok(Err(error)) => {
                note_trouble(&trace, &error);
                Err(Failure::of(&error, "during the handshake", &copy))
            }
            Err(_) => Err(Failure::Lost(Loss::Silent, not_in_time(&copy))),
        })
    }

    fn config(&self) -> Result<ClientConfig, Trouble> {
        let versions: Vec<&'static SupportedProtocolVersion> = self
            .versions
            .iter()
            .filter_map(|wanted| match wanted {
                ProtocolVersion::Tls12 => Some(&version::TLS12),
                ProtocolVersion::Tls13 => Some(&version::TLS13),
                _ => None,
            })
            .collect();
        let mut config = ClientConfig::builder_with_details(
            Arc::new(ring::default_provider()),
            Arc::new(FrozenTime(self.at)),
        )
        .with_protocol_versions(&versions)
        .map_err(|error| Trouble::Fault(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&self.verifier) as _)
        .with_client_cert_resolver(Arc::clone(&self.identity) as _);
        let tls12 = if self.tickets {
            Tls12Resumption::SessionIdOrTickets
        } else {
            Tls12Resumption::SessionIdOnly
        };
        config.resumption = Resumption::store(Arc::clone(&self.store) as _).tls12_resumption(tls12);
        Ok(config)
    }
}
