//! Answers of TLS steps: what a first flight or a connection may be claimed to be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer_certificate::CertificateView;
use super::answer_selection::{Picked, Selection};
use super::names::{NameError, Names};
use super::seen::{Classification, Expected, Facts, Fit, Seen};
use super::seen_tls::{AlertFacts, ConnectionFacts, FlightFacts};

/// What a first flight may be claimed to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Flight {
    /// A fatal alert or a close before any ServerHello.
    Refused,
    /// A ServerHello of any kind.
    Accepted,
    /// A ServerHello that selects as described.
    Selected(Selection),
    /// A fatal alert with one of these descriptions.
    Alert(Vec<u8>),
    /// Any answer or close: the target coped. Controls prove that it lives.
    Handled,
    /// The downgrade sentinel of RFC 8446 4.1.3 in the server random.
    DowngradeMarker,
    /// A ServerHello that selects no compression.
    Uncompressed,
    /// A ServerHello with renegotiation_info (RFC 5746).
    SecureRenegotiation,
    /// A ServerHello with extended_master_secret (RFC 7627).
    ExtendedMasterSecret,
    /// The offered session id came back: the server would resume.
    Resumed,
    /// The offered session id did not come back.
    NotResumed,
    /// One of the PSK identity hints is this text; several are separated by `;` (TS 24.109 5.3.3).
    IdentityHint(String),
    /// The certificate of the clear flight holds what is described.
    Certificate(CertificateView),
    /// One of several answers.
    AnyOf(Vec<Self>),
}

/// What a TLS connection may be claimed to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Connection {
    /// The handshake completed and the connection lives.
    Completes,
    /// The server refused, with an alert or a close.
    Refused,
    /// The server refused with one of these alerts.
    Alert(Vec<u8>),
    /// The handshake was abbreviated; says nothing when the target gave no session to resume.
    Resumed,
    /// The target gave a session to resume and the handshake was abbreviated; unmet when it gave none.
    ResumptionWorks,
    /// The handshake was full, or refused.
    NotResumed,
    /// The lifetime announced with the ticket is so many seconds at most; says nothing without a ticket, nor up to TLS 1.2 when it is 0.
    AdvertisedLifetimeAtMost(u32),
    /// The server took up the name in server_name, as far as that is in clear.
    ServerNameAcknowledged,
    /// Early data was sent, and the server went on without it.
    EarlyDataRefused,
    /// The server asked for a client certificate.
    CertificateRequested,
    /// The server did not ask for a client certificate.
    CertificateNotRequested,
    /// The selection is as described.
    Negotiated(Selection),
    /// The server certificate holds what is described.
    Certificate(CertificateView),
    /// One of several answers.
    AnyOf(Vec<Self>),
}

pub(super) fn any_of<A: Expected>(
    answers: &[A],
    seen: &Seen,
    names: &Names,
) -> Result<Fit, NameError> {
    let mut fit = Fit::Unmet;
    for answer in answers {
        fit = fit.or(answer.fit(seen, names)?);
    }
    Ok(fit)
}

/// Undecided when nothing but silence or confusion was seen, else as `met` says.
pub(super) fn decided(seen: &Seen, met: bool) -> Fit {
    match seen.classification {
        Classification::Silent | Classification::Unclear => Fit::Undecided(seen.observed.clone()),
        _ => Fit::when(met),
    }
}

impl Flight {
    fn fit_flight(
        &self,
        seen: &Seen,
        facts: &FlightFacts,
        names: &Names,
    ) -> Result<Fit, NameError> {
        let accepted = seen.classification == Classification::Accepted;
        let picked = Picked {
            suite_name: facts.suite_name.as_deref(),
            version: facts.version.as_deref(),
            encryption_bits: facts.encryption_bits,
            dhe_bits: facts.dhe_bits,
            signature_hash: facts.signature_hash.as_deref(),
            group: facts.group.as_deref(),
        };
        Ok(match self {
            Self::Refused => decided(seen, seen.classification.is_refusal()),
            Self::Accepted => decided(seen, accepted),
            Self::Selected(_) if !accepted => decided(seen, false),
            Self::Selected(selection) => selection.fit(&picked, names)?,
            Self::Alert(wanted) => decided(seen, is_fatal(facts.alert, wanted)),
            // A web server may refuse garbage in clear; what broke off is no answer.
            Self::Handled if facts.not_tls => Fit::Met,
            Self::Handled => decided(seen, true),
            Self::DowngradeMarker => decided(seen, accepted && facts.downgrade_marker),
            Self::Uncompressed => decided(seen, accepted && facts.compression == Some(0)),
            Self::SecureRenegotiation => decided(seen, accepted && facts.secure_renegotiation),
            Self::ExtendedMasterSecret => decided(seen, accepted && facts.extended_master_secret),
            Self::Resumed => decided(seen, accepted && facts.session_id_echoed),
            Self::NotResumed => decided(seen, !facts.session_id_echoed),
            Self::IdentityHint(wanted) => decided(seen, accepted && hints(facts, wanted)),
            Self::Certificate(view) => view.fit(facts.certificate.as_deref()),
            Self::AnyOf(answers) => any_of(answers, seen, names)?,
        })
    }
}

impl Expected for Flight {
    fn fit(&self, seen: &Seen, names: &Names) -> Result<Fit, NameError> {
        match &seen.facts {
            Facts::Flight(facts) => self.fit_flight(seen, facts, names),
            _ => Ok(Fit::Undecided(seen.observed.clone())),
        }
    }

    fn is_negative(&self) -> bool {
        match self {
            Self::Refused | Self::Alert(_) | Self::Handled | Self::NotResumed => true,
            Self::AnyOf(answers) => answers.iter().any(Self::is_negative),
            Self::Accepted
            | Self::Selected(_)
            | Self::DowngradeMarker
            | Self::Uncompressed
            | Self::SecureRenegotiation
            | Self::ExtendedMasterSecret
            | Self::Resumed
            | Self::IdentityHint(_)
            | Self::Certificate(_) => false,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Refused => "a fatal alert or a close before ServerHello".to_owned(),
            Self::Accepted => "a ServerHello".to_owned(),
            Self::Selected(selection) => selection.describe(),
            Self::Alert(alerts) => describe_alerts(alerts),
            Self::Handled => "any answer or close, and a target that lives on".to_owned(),
            Self::DowngradeMarker => "the downgrade sentinel in the server random".to_owned(),
            Self::Uncompressed => "a ServerHello without compression".to_owned(),
            Self::SecureRenegotiation => "a ServerHello with renegotiation_info".to_owned(),
            Self::ExtendedMasterSecret => "a ServerHello with extended_master_secret".to_owned(),
            Self::Resumed => "the offered session resumed".to_owned(),
            Self::NotResumed => "the offered session not resumed".to_owned(),
            Self::IdentityHint(wanted) => format!("the PSK identity hint `{wanted}`"),
            Self::Certificate(view) => view.describe(),
            Self::AnyOf(answers) => describe_any(answers),
        }
    }
}

/// Whether a hint is among those of the flight.
fn hints(facts: &FlightFacts, wanted: &str) -> bool {
    let all = facts.identity_hint.as_deref().unwrap_or_default();
    all.split(';').any(|hint| hint.trim() == wanted)
}

pub(super) fn is_fatal(alert: Option<AlertFacts>, wanted: &[u8]) -> bool {
    alert.is_some_and(|alert| alert.level == 2 && wanted.contains(&alert.description))
}

pub(super) fn describe_alerts(alerts: &[u8]) -> String {
    let alerts: Vec<String> = alerts.iter().map(ToString::to_string).collect();
    format!("a fatal alert {}", alerts.join(" or "))
}

pub(super) fn describe_any<A: Expected>(answers: &[A]) -> String {
    answers
        .iter()
        .map(Expected::describe)
        .collect::<Vec<_>>()
        .join("; or ")
}

/// Whether the lifetime announced is bounded: RFC 5077 3.3 leaves 0 open, RFC 8446 4.6.1 means by it that none is kept.
fn advertises(seen: &Seen, facts: &ConnectionFacts, most: u32) -> Fit {
    match facts.advertised_lifetime {
        None => Fit::Undecided("no lifetime of a ticket was seen".to_owned()),
        Some(0) if facts.version.as_deref() != Some("tls1.3") => {
            Fit::Undecided("the ticket's lifetime is left open (0)".to_owned())
        }
        Some(seconds) => decided(seen, seconds <= most),
    }
}

impl Connection {
    fn fit_connection(
        &self,
        seen: &Seen,
        facts: &ConnectionFacts,
        names: &Names,
    ) -> Result<Fit, NameError> {
        let picked = Picked {
            suite_name: facts.suite_name.as_deref(),
            version: facts.version.as_deref(),
            encryption_bits: facts.encryption_bits,
            dhe_bits: None,
            signature_hash: None,
            group: None,
        };
        Ok(match self {
            Self::Completes => decided(seen, facts.completed),
            Self::Refused => decided(seen, !facts.completed && seen.classification.is_refusal()),
            Self::Alert(wanted) => decided(seen, is_fatal(facts.alert, wanted)),
            Self::Resumed | Self::NotResumed if !facts.resumable => {
                Fit::Undecided("the target gave no session to resume by this mechanism".to_owned())
            }
            Self::Resumed => decided(seen, facts.completed && facts.resumed),
            Self::ResumptionWorks if !facts.resumable => Fit::Unmet,
            Self::ResumptionWorks => decided(seen, facts.completed && facts.resumed),
            Self::NotResumed => decided(seen, !facts.resumed),
            Self::AdvertisedLifetimeAtMost(most) => advertises(seen, facts, *most),
            Self::ServerNameAcknowledged => match facts.server_name_acknowledged {
                Some(acknowledged) => decided(seen, acknowledged),
                None => {
                    Fit::Undecided("what the server says to server_name is encrypted".to_owned())
                }
            },
            Self::EarlyDataRefused => match facts.early_data_accepted {
                Some(accepted) => decided(seen, !accepted),
                None => Fit::Undecided("no early data was answered".to_owned()),
            },
            Self::CertificateRequested => decided(seen, facts.certificate_requested),
            Self::CertificateNotRequested => decided(seen, !facts.certificate_requested),
            Self::Negotiated(selection) if facts.completed => selection.fit(&picked, names)?,
            Self::Negotiated(_) => decided(seen, false),
            Self::Certificate(view) => view.fit(facts.certificate.as_ref()),
            Self::AnyOf(answers) => any_of(answers, seen, names)?,
        })
    }
}

impl Expected for Connection {
    fn fit(&self, seen: &Seen, names: &Names) -> Result<Fit, NameError> {
        match &seen.facts {
            Facts::Connection(facts) => self.fit_connection(seen, facts, names),
            _ => Ok(Fit::Undecided(seen.observed.clone())),
        }
    }

    fn is_negative(&self) -> bool {
        match self {
            Self::Refused | Self::Alert(_) | Self::NotResumed | Self::EarlyDataRefused => true,
            Self::AnyOf(answers) => answers.iter().any(Self::is_negative),
            Self::Completes
            | Self::Resumed
            | Self::ResumptionWorks
            | Self::AdvertisedLifetimeAtMost(_)
            | Self::ServerNameAcknowledged
            | Self::CertificateRequested
            | Self::CertificateNotRequested
            | Self::Negotiated(_)
            | Self::Certificate(_) => false,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Completes => "a completed handshake".to_owned(),
            Self::Refused => "a refused handshake".to_owned(),
            Self::Alert(alerts) => describe_alerts(alerts),
            Self::Resumed => "an abbreviated handshake".to_owned(),
            Self::ResumptionWorks => {
                "a session to resume, and an abbreviated handshake with it".to_owned()
            }
            Self::NotResumed => "no abbreviated handshake".to_owned(),
            Self::AdvertisedLifetimeAtMost(most) => {
                format!("a ticket that is said to live {most} s at most")
            }
            Self::ServerNameAcknowledged => "server_name in the ServerHello".to_owned(),
            Self::EarlyDataRefused => "early data not taken".to_owned(),
            Self::CertificateRequested => "a CertificateRequest".to_owned(),
            Self::CertificateNotRequested => "no CertificateRequest".to_owned(),
            Self::Negotiated(selection) => selection.describe(),
            Self::Certificate(view) => view.describe(),
            Self::AnyOf(answers) => describe_any(answers),
        }
    }
}
