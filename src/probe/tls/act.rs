//! Steps over a connection that the lab engine has open.

use std::any::Any;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::attempts::Loss;
use super::case::TlsCase;
use super::exchange::is_reset;
use super::facts::alert_facts;
use super::first_request::{FirstAnswer, ask};
use super::handshake::Failure;
use super::quirk::{alert, quirk, renegotiation_quirk, sent_record};
use super::stream::SessionStream;
use super::tee::WireCopy;
use crate::engine::ports::Trouble;
use crate::model::names::Names;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_open::OpenFacts;
use crate::model::step::Step;
use crate::model::step_open::{ClosingWay, TlsClose, TlsRenegotiate, TlsSend};
use crate::model::tls_quirk::TlsQuirk;
use crate::probe::tap::PlainTap;
use crate::tls::client::{Client, Facts as Shown, RenegotiationOutcome};
use crate::tls::quirk::Quirk;
use crate::wire::tls::record::content_type;

/// What came of a step over an open connection.
#[derive(Debug)]
pub enum Acted {
    /// It settles the step; whether the connection lives on.
    Settled(Box<Seen>, bool),
    /// The connection was lost, which proves nothing by itself.
    Lost(Lost),
}

/// A connection that was lost after something was sent over it.
#[derive(Debug)]
pub struct Lost {
    loss: Loss,
    how: String,
    facts: OpenFacts,
}

impl Lost {
    /// The kind of loss.
    #[must_use]
    pub const fn loss(&self) -> Loss {
        self.loss
    }

    /// How, in words.
    #[must_use]
    pub fn how(&self) -> &str {
        &self.how
    }

    /// What it is when it happens in every attempt.
    #[must_use]
    pub fn every_time(self, classification: Classification) -> Seen {
        let how = format!("{} in every attempt", self.how);
        Seen::new(classification, how, Facts::Open(self.facts))
    }
}

impl TlsCase {
    /// Does what the step says over an open connection, and sends a request after it.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when the connection is not the lab engine's or a quirk could not be shown on it,
    /// [`Trouble::NotApplicable`] when its version has no such thing, [`Trouble::Fault`] for values that are none.
    pub async fn act(
        &self,
        stream: &mut PlainTap<SessionStream>,
        step: &Step,
        names: &Names,
    ) -> Result<Acted, Trouble> {
        let settings = &self.shared.settings;
        match step {
            Step::TlsSend(send) => behave(stream, sent(send)?)?,
            Step::TlsAlert(sent) => behave(stream, vec![alert(sent.alert)])?,
            Step::TlsRenegotiate(again) => self.renegotiate(stream, again, names)?,
            Step::TlsPause(pause) => {
                behave(stream, Vec::new())?;
                let long = humantime::parse_duration(&pause.how_long)
                    .map_err(|error| Trouble::Fault(format!("for: {error}")))?;
                settings.clock.wait(long).await;
            }
            Step::TlsClose(close) => {
                return close_and_read(stream, close, settings.target.timeout).await;
            }
            _ => return Err(Trouble::Fault("no step over an open connection".to_owned())),
        }
        let host = &settings.target.host;
        let copy = WireCopy::default();
        let came = ask(settings, (&mut *stream, &copy), host, "after what was sent").await;
        let shown = client(stream)?.facts();
        if shown.quirks.contains(&0) {
            return Err(Trouble::NotProven(
                "what was to be wrong has no place on this connection (another cipher or version)"
                    .to_owned(),
            ));
        }
        Ok(acted(came, shown))
    }

    fn renegotiate(
        &self,
        stream: &mut PlainTap<SessionStream>,
        again: &TlsRenegotiate,
        names: &Names,
    ) -> Result<(), Trouble> {
        let suites = self.suites(&again.suites, names)?;
        let secure = client(stream)?.facts().secure_renegotiation;
        let named = again.quirks.iter().copied();
        behave(
            stream,
            named
                .filter_map(|named| renegotiation_quirk(named, secure))
                .collect(),
        )?;
        let client = client(stream)?;
        if !suites.is_empty() {
            client.offer(suites);
        } else if !again.suites.is_empty() {
            return Err(Trouble::NotProven(
                "the lab TLS engine has none of these suites".to_owned(),
            ));
        }
        if client.renegotiate() {
            return Ok(());
        }
        Err(Trouble::NotApplicable(
            "the version of this connection has no renegotiation".to_owned(),
        ))
    }
}

/// The engine's quirks of these names.
pub(super) fn quirks(named: &[TlsQuirk]) -> Vec<Quirk> {
    named.iter().copied().map(quirk).collect()
}

fn sent(send: &TlsSend) -> Result<Vec<Quirk>, Trouble> {
    let mut list = quirks(&send.quirks);
    if let Some(record) = &send.record {
        let inserted = sent_record(record);
        let no_hex = || Trouble::Fault(format!("`{}` is no hex", record.content));
        list.push(inserted.ok_or_else(no_hex)?);
    }
    Ok(list)
}

fn client(stream: &mut PlainTap<SessionStream>) -> Result<&mut Client, Trouble> {
    match stream.get_mut() {
        SessionStream::Lab(lab) => Ok(lab.client_mut()),
        SessionStream::Ordinary(_) => Err(Trouble::NotProven(
            "the connection was not made by the lab TLS engine".to_owned(),
        )),
    }
}

/// How many further handshakes the target has asked for on a connection of the lab engine: by HelloRequests, or by
/// CertificateRequests after the handshake (RFC 8446 4.6.2). Another client does not tell.
pub fn handshakes_demanded(stream: &mut dyn Any) -> usize {
    let stream = stream.downcast_mut::<PlainTap<SessionStream>>();
    let client = stream.and_then(|stream| client(stream).ok());
    client.map_or(0, |client| {
        let facts = client.facts();
        facts.hello_requests + facts.tls13.post_handshake_requests
    })
}

fn behave(stream: &mut PlainTap<SessionStream>, quirks: Vec<Quirk>) -> Result<(), Trouble> {
    client(stream)?.behave(quirks);
    Ok(())
}

fn acted(came: Result<FirstAnswer, Failure>, shown: &Shown) -> Acted {
    let last = shown.renegotiations.last();
    let mut facts = OpenFacts {
        renegotiated: last.is_some_and(|last| last.outcome == RenegotiationOutcome::Completed),
        records: shown
            .heartbeats
            .iter()
            .map(|_| content_type::HEARTBEAT)
            .collect(),
        ..OpenFacts::default()
    };
    let mut line = Vec::new();
    line.extend(last.map(|last| {
        match last.outcome {
            RenegotiationOutcome::Completed if last.facts.secure_renegotiation => {
                "renegotiated, bound to the handshake before"
            }
            RenegotiationOutcome::Completed => "renegotiated, not bound to the handshake before",
            RenegotiationOutcome::Refused => "renegotiation refused with a warning",
            RenegotiationOutcome::Failed => "renegotiation failed",
        }
        .to_owned()
    }));
    line.extend(shown.heartbeats.iter().map(|heartbeat| {
        format!(
            "a heartbeat came that says it has {} octets, and has {}",
            heartbeat.declared, heartbeat.received
        )
    }));
    let (classification, how, alive) = match came {
        Ok(answer) => {
            facts.answered = true;
            let how = answer.status.map_or_else(
                || "answered, but not in HTTP".to_owned(),
                |status| format!("answered with status {status}"),
            );
            (Classification::Answered, how, answer.reusable)
        }
        Err(Failure::Alert(alert, _)) => {
            facts.alert = Some(alert_facts(alert));
            let how = format!("alert {alert}");
            (Classification::RefusedWithAlert, how, false)
        }
        Err(Failure::Incompatible(why) | Failure::Unclear(why)) => {
            (Classification::Unclear, why, false)
        }
        Err(Failure::Lost(loss, how)) => {
            line.push(how);
            return Acted::Lost(Lost {
                loss,
                how: line.join(", "),
                facts,
            });
        }
    };
    line.push(how);
    let seen = Seen::new(classification, line.join(", "), Facts::Open(facts));
    Acted::Settled(Box::new(seen), alive)
}

/// Closes our side, and reads until the target has closed its own.
async fn close_and_read(
    stream: &mut PlainTap<SessionStream>,
    close: &TlsClose,
    limit: Duration,
) -> Result<Acted, Trouble> {
    behave(
        stream,
        match close.how {
            ClosingWay::CloseNotify => Vec::new(),
            ClosingWay::Fin => vec![Quirk::NoCloseNotify],
        },
    )?;
    let ended = timeout(limit, async {
        stream.shutdown().await?;
        let mut rest = [0; 4096];
        while stream.read(&mut rest).await? > 0 {}
        std::io::Result::Ok(())
    })
    .await;
    let (classification, how) = match ended {
        Err(_) => (Classification::Silent, "the target did not close in time"),
        Ok(Err(error)) if is_reset(error.kind()) => (
            Classification::RefusedByClose,
            "the target reset the connection",
        ),
        Ok(_) => (Classification::RefusedByClose, "the target closed too"),
    };
    let facts = Facts::Open(OpenFacts::default());
    let seen = Seen::new(classification, how, facts);
    Ok(Acted::Settled(Box::new(seen), false))
}
