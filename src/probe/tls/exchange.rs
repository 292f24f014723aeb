//! One attempt: opens a connection, sends a hello and reads the first flight, all within bounds.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::attempts::Loss;
use super::octets::unreadable;
use super::probe::TlsProbeSettings;
use super::tee::Tee;
use crate::engine::ports::Trouble;
use crate::engine::trace::ConnectionTrace;
use crate::model::evidence::{EvidenceRole, Happening};
use crate::probe::tap::opened;
use crate::wire::http::clean;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::flight::{FirstFlight, Progress};

/// Pause before an attempt that is made again.
pub const PAUSE: Duration = Duration::from_millis(200);
/// Octets of a hello that are sent one by one: with the pause, longer than usual servers wait for a whole hello.
const DRIPS: usize = 90;
/// Pause after each of them.
const DRIP: Duration = Duration::from_secs(1);
/// Most characters of an answer that is no TLS in an observation.
const SHOWN: usize = 40;

/// What came back for one hello.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A ServerHello, a HelloRetryRequest or an SSL 2.0 SERVER-HELLO.
    Hello(Box<FirstFlight>),
    /// A fatal alert before any hello; an SSL 2.0 error has no alert.
    Alert(Option<Alert>, String),
    /// An answer that is no TLS at all.
    NotTls(String),
    /// Something that is none of these, such as an answer that broke off.
    Unclear(String),
    /// Nothing that counts; how.
    Lost(Loss, String),
}

/// A connection, or how the attempt to open one was lost.
pub(super) enum Dialed {
    /// It is open, and traced.
    Open(TcpStream, ConnectionTrace),
    /// It is not, and why.
    Lost(String),
}

/// Opens a TCP connection to the target, in its turn and within the time.
pub(super) async fn dial(settings: &TlsProbeSettings) -> Result<Dialed, Trouble> {
    settings.limiter.connection().await?;
    let target = &settings.target;
    let address = target.address;
    Ok(
        match timeout(target.timeout, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without it a hello in several writes waits for acknowledgements; failing to set it costs only time.
                let _ = stream.set_nodelay(true);
                settings.reach.taken();
                let trace = opened(&settings.trace, EvidenceRole::Ue, &stream, address);
                Dialed::Open(stream, trace)
            }
            Ok(Err(error)) => unconnected(
                settings,
                format!(
                    "TCP connection to {address} failed: {}",
                    name_of(error.kind())
                ),
            ),
            Err(_) => unconnected(
                settings,
                format!(
                    "no TCP connection to {address} within {}",
                    humantime::format_duration(target.timeout)
                ),
            ),
        },
    )
}

fn unconnected(settings: &TlsProbeSettings, why: String) -> Dialed {
    settings.reach.lost(&why);
    let address = settings.target.address.to_string();
    let what = Happening::Unconnected(address, why.clone());
    settings.trace.note(what);
    Dialed::Lost(why)
}

/// The kind of an error in words that do not depend on the platform.
pub(super) fn name_of(kind: io::ErrorKind) -> String {
    kind.to_string()
}

/// Whether an error means that the peer reset the connection.
pub(super) fn is_reset(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    )
}

/// How a hello is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// At once.
    Whole,
    /// At once, and the peer is told that nothing follows, so that it need not wait for octets that never come.
    HalfClose,
    /// One octet at a time for a long time, and what is left then.
    Dripped,
}

/// Sends `hello` and reads what comes back.
pub(super) async fn exchange(
    settings: &TlsProbeSettings,
    hello: &[u8],
    manner: Manner,
) -> Result<Outcome, Trouble> {
    let mut stream = match dial(settings).await? {
        Dialed::Open(stream, trace) => Tee::traced(stream, trace),
        Dialed::Lost(how) => return Ok(Outcome::Lost(Loss::Unconnected, how)),
    };
    let mut flight = FirstFlight::default();
    let within = settings.target.timeout;
    let mut left = hello;
    if manner == Manner::Dripped {
        match drip(&mut stream, hello, settings, &mut flight).await {
            Ok(Dripped::Undisturbed(rest)) => left = rest,
            Ok(Dripped::Ended) => return Ok(shown(outcome(flight, Some(Ok(()))), &stream)),
            Err(error) => return Ok(shown(outcome(flight, Some(Err(error))), &stream)),
        }
    }
    let half_close = manner == Manner::HalfClose;
    let ended = timeout(within, converse(&mut stream, left, half_close, &mut flight)).await;
    Ok(shown(outcome(flight, ended.ok()), &stream))
}

/// What came of a hello that was sent slowly.
enum Dripped<'a> {
    /// The peer waited; what of the hello is left.
    Undisturbed(&'a [u8]),
    /// The peer ended it, or answered.
    Ended,
}

/// Sends the first octets of a hello one by one, and reads meanwhile.
async fn drip<'a>(
    stream: &mut Tee,
    hello: &'a [u8],
    settings: &TlsProbeSettings,
    flight: &mut FirstFlight,
) -> io::Result<Dripped<'a>> {
    // The last octet is never among them: a hello that is complete is not slow any more.
    let slow = DRIPS.min(hello.len().saturating_sub(1));
    let (first, rest) = hello.split_at(slow);
    let mut buffer = vec![0; 16 * 1024];
    for octet in first {
        stream.write_all(std::slice::from_ref(octet)).await?;
        tokio::select! {
            read = stream.read(&mut buffer) => {
                let count = read?;
                let bytes = buffer.get(..count).unwrap_or_default();
                if count == 0 || flight.feed(bytes) == Progress::Done {
                    return Ok(Dripped::Ended);
                }
            }
            () = settings.pace.wait(DRIP) => {}
        }
    }
    Ok(Dripped::Undisturbed(rest))
}

async fn converse(
    stream: &mut Tee,
    hello: &[u8],
    half_close: bool,
    flight: &mut FirstFlight,
) -> io::Result<()> {
    // A peer may answer and close before it has read everything; what it said counts, so writing may fail.
    let written = stream.write_all(hello).await;
    if half_close && written.is_ok() {
        let _ = stream.shutdown().await;
    }
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = match stream.read(&mut buffer).await {
            Ok(0) => return written,
            Ok(count) => count,
            Err(error) => return Err(error),
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        if flight.feed(bytes) == Progress::Done {
            return Ok(());
        }
    }
}

/// What is unclear, with octets of what came.
fn shown(outcome: Outcome, stream: &Tee) -> Outcome {
    match outcome {
        Outcome::Unclear(what) => Outcome::Unclear(format!("{what}{}", unreadable(&stream.copy()))),
        other => other,
    }
}

/// What a flight amounts to; `ended` is `None` when the time was up.
fn outcome(flight: FirstFlight, ended: Option<io::Result<()>>) -> Outcome {
    if flight.server_hello.is_some() || flight.sslv2_server_hello.is_some() {
        return Outcome::Hello(Box::new(flight));
    }
    if let Some(alert) = flight.fatal_alert() {
        return Outcome::Alert(Some(alert), alert.to_string());
    }
    if let Some(code) = flight.sslv2_error {
        return Outcome::Alert(None, format!("SSL 2.0 error {code}"));
    }
    if let Some(head) = &flight.not_tls {
        return Outcome::NotTls(format!("no TLS: `{}`", clean(head, SHOWN)));
    }
    if let Some(malformed) = &flight.malformed {
        return Outcome::Unclear(format!("malformed TLS: {malformed}"));
    }
    let warnings: Vec<String> = flight.alerts.iter().map(ToString::to_string).collect();
    let after = if warnings.is_empty() {
        String::new()
    } else {
        format!(" after {}", warnings.join(", "))
    };
    match ended {
        None => Outcome::Lost(Loss::Silent, format!("no answer within the time{after}")),
        Some(Ok(())) if flight.unfinished() > 0 => Outcome::Unclear(format!(
            "the answer broke off after {} octets{after}",
            flight.unfinished()
        )),
        Some(Ok(())) => Outcome::Lost(Loss::Closed, format!("closed before ServerHello{after}")),
        Some(Err(error)) if is_reset(error.kind()) => {
            Outcome::Lost(Loss::Reset, format!("reset before ServerHello{after}"))
        }
        Some(Err(error)) => Outcome::Unclear(format!("{}{after}", name_of(error.kind()))),
    }
}
