//! Connections for the HTTP steps of one case: over TLS, as an earlier step asked for, or in clear.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::net::TcpStream;

use crate::engine::limit::Limiter;
use crate::engine::ports::{CaseContext, Trouble};
use crate::engine::trace::Trace;
use crate::model::evidence::EvidenceRole;
use crate::model::names::Names;
use crate::model::step_http::EarlyFlight;
use crate::model::step_tls::TlsConnect;
use crate::model::target::Verify;
use crate::probe::http::{Connection, Dial, EarlyReply, EarlyRequest, Recipe};
use crate::probe::tap::opened;
use crate::probe::target::ResolvedTarget;
use crate::probe::tls::{
    EarlyFlight as TlsEarlyFlight, OpenConnection, Tee, TlsCase, TlsProbe, TlsProbeSettings,
    handshakes_demanded,
};
use crate::wire::http::{Limits, Progress, ResponseReader};

/// Gives connections to HTTP steps.
pub(super) struct Dialer {
    pub(super) tls: TlsCase,
    target: Arc<ResolvedTarget>,
    limiter: Arc<Limiter>,
    /// The names of the case, for a `tls-connect` that is done once more.
    pub(super) names: Names,
    trace: Trace,
    /// First flights with early data, to be sent again.
    flights: BTreeMap<String, TlsEarlyFlight>,
}

impl Dialer {
    /// From now on connections count against a small budget of their own.
    pub(super) fn reserve(&mut self) {
        let reserve = Arc::new(self.limiter.reserve());
        self.tls.limit_by(&reserve);
        self.limiter = reserve;
    }

    /// A dialer for one case.
    pub(super) fn new(tls: &TlsProbe, settings: &TlsProbeSettings, context: &CaseContext) -> Self {
        Self {
            tls: tls.case(context),
            target: Arc::clone(&settings.target),
            limiter: Arc::clone(&settings.limiter),
            names: Names::default(),
            trace: context.trace.clone(),
            flights: BTreeMap::new(),
        }
    }

    async fn in_clear(&self, recipe: &Recipe) -> Result<Connection, Trouble> {
        let address = match (recipe, &self.target.clear) {
            (Recipe::ClearEndpoint, Some(clear)) => clear.address,
            (Recipe::ClearEndpoint, None) => {
                return Err(Trouble::NotProven(
                    "the target file declares no clear endpoint (ut.clear)".to_owned(),
                ));
            }
            _ => self.target.address,
        };
        self.limiter.connection().await?;
        let connecting = tokio::time::timeout(self.target.timeout, TcpStream::connect(address));
        let stream = match connecting.await {
            Ok(Ok(stream)) => {
                let role = EvidenceRole::UeInClear;
                let trace = opened(&self.trace, role, &stream, address);
                Tee::traced(stream, trace)
            }
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                return Err(Trouble::NotApplicable(format!(
                    "nothing listens at {address} in clear"
                )));
            }
            Ok(Err(error)) => {
                return Err(Trouble::NotProven(format!(
                    "no connection to {address}: {}",
                    error.kind()
                )));
            }
            Err(_) => {
                return Err(Trouble::NotProven(format!(
                    "no connection to {address} in time"
                )));
            }
        };
        Ok(Connection {
            stream: Box::new(stream),
            not_verified_because: Some("the connection is in clear".to_owned()),
            used: false,
            demands: None,
        })
    }

    async fn as_step(&mut self, step: &TlsConnect) -> Result<Connection, Trouble> {
        if step.resume.is_some() {
            return Err(Trouble::NotProven(
                "the connection of a resumed session was lost and is not resumed twice".to_owned(),
            ));
        }
        let mut again = step.clone();
        again.save = None;
        let open = self.tls.connect_for_request(&again, &self.names).await?;
        let open = open.ok_or_else(|| {
            Trouble::NotProven("a further connection of this kind was refused".to_owned())
        })?;
        Ok(connection(open, true))
    }
}

/// A connection of HTTP from one of TLS.
pub(super) fn connection(open: OpenConnection, used: bool) -> Connection {
    let problem = open
        .not_verified_because
        .unwrap_or_else(|| "the certificate did not verify".to_owned());
    Connection {
        stream: Box::new(open.stream),
        not_verified_because: (!open.verified).then_some(problem),
        used,
        demands: Some(handshakes_demanded),
    }
}

/// What stands in the octets of an answer, up to their end if nothing follows.
fn read(octets: &[u8], method: &str, at_end: bool) -> Progress {
    let mut reader = ResponseReader::new(Limits::default(), method);
    match reader.feed(octets) {
        Progress::Incomplete if at_end && !octets.is_empty() => reader.finish_eof(),
        progress => progress,
    }
}

#[async_trait]
impl Dial for Dialer {
    async fn dial(&mut self, recipe: &Recipe) -> Result<Connection, Trouble> {
        match recipe {
            Recipe::Tls { server_name } => {
                let open = self.tls.open(server_name).await?;
                Ok(connection(open, false))
            }
            Recipe::TlsConnect(step) => {
                let mut connection = self.as_step(step).await?;
                // It is as new as a connection of this kind can be, so that its losses are counted.
                connection.used = false;
                Ok(connection)
            }
            Recipe::ClearOnTlsPort | Recipe::ClearEndpoint => self.in_clear(recipe).await,
        }
    }

    async fn early(&mut self, request: EarlyRequest<'_>) -> Result<EarlyReply, Trouble> {
        let flight = match request.flight {
            EarlyFlight::Again(name) => self
                .flights
                .get(name)
                .cloned()
                .ok_or_else(|| Trouble::Fault(format!("no early data was saved as `{name}`")))?,
            EarlyFlight::Resume(name) => {
                let (flight, problem) = self.tls.early_flight(name, request.octets)?;
                if let Some(problem) = problem
                    && request.has_credentials
                    && self.target.verify == Verify::Full
                {
                    return Err(Trouble::NotProven(format!(
                        "credentials were not sent, the server did not prove who it is: {problem}"
                    )));
                }
                flight
            }
        };
        if let Some(name) = request.save {
            self.flights.insert(name.to_owned(), flight.clone());
        }
        let method = request.method;
        let whole = |octets: &[u8]| matches!(read(octets, method, false), Progress::Complete(_));
        let answer = self.tls.send_early(&flight, whole).await?;
        let response = match read(&answer.octets, method, true) {
            Progress::Complete(response) => Some(response),
            Progress::Incomplete | Progress::Malformed(_) => None,
        };
        Ok(EarlyReply {
            accepted: answer.accepted,
            response,
            how: answer.how,
        })
    }
}
