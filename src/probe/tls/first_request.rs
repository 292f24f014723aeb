//! One HTTP request right after the handshake: only an answer to it shows that the server really went along, because
//! TLS 1.3 refuses a client certificate after the client has finished (RFC 8446 4.4.2.4), and tickets come with it.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::attempts::Loss;
use super::handshake::{Failure, Up};
use super::probe::TlsProbeSettings;
use super::tee::WireCopy;
use crate::probe::tap::PlainTap;
use crate::wire::http::{Limits, Progress, Request, ResponseReader};

/// The product token by which a GBA client is told (TS 24.109 clause 5.2).
const USER_AGENT: &str = "3gpp-gba";
/// Bounds of the answer; a longer one is not read to its end.
const LIMITS: Limits = Limits {
    head_bytes: 16 * 1024,
    headers: 128,
    body_bytes: 256 * 1024,
};

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FirstAnswer {
    /// The status, when it is HTTP.
    pub(super) status: Option<u16>,
    /// Whether the answer was read to its end and the connection may be used again.
    pub(super) reusable: bool,
}

/// A request for the XCAP root without credentials.
pub(super) fn bare_request(settings: &TlsProbeSettings, server_name: &str) -> Vec<u8> {
    let target = &settings.target;
    let request = Request {
        method: "GET".to_owned(),
        target: target.root.clone(),
        version: "HTTP/1.1".to_owned(),
        headers: vec![
            ("Host".to_owned(), target.host_field(server_name)),
            ("User-Agent".to_owned(), USER_AGENT.to_owned()),
        ],
        body: Vec::new(),
    };
    request.encode()
}

/// Asks for the XCAP root without credentials and reads the answer.
pub(super) async fn first_request(
    settings: &TlsProbeSettings,
    up: &mut Up,
    server_name: &str,
) -> Result<FirstAnswer, Failure> {
    let copy = up.copy.clone();
    let mut stream = PlainTap::new(&mut up.stream, up.trace.clone());
    ask(
        settings,
        (&mut stream, &copy),
        server_name,
        "right after the handshake",
    )
    .await
}

/// The same over any connection; `moment` says when.
pub(super) async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    settings: &TlsProbeSettings,
    (stream, copy): (&mut S, &WireCopy),
    server_name: &str,
    moment: &str,
) -> Result<FirstAnswer, Failure> {
    let target = &settings.target;
    let request = bare_request(settings, server_name);
    let mut received = 0;
    let conversation = converse(stream, request, &mut received);
    let ended = timeout(target.timeout, conversation).await;
    match ended {
        Ok(Ok(answer)) if received > 0 => Ok(answer),
        Ok(Ok(_)) => Err(Failure::Lost(
            Loss::Closed,
            format!("closed {moment}, without an answer"),
        )),
        Ok(Err(_)) | Err(_) if received > 0 => Ok(FirstAnswer::default()),
        Ok(Err(error)) => Err(Failure::of(
            &error,
            &format!("{moment}, without an answer"),
            copy,
        )),
        Err(_) => Err(Failure::Lost(
            Loss::Silent,
            format!("no answer to a request came within the time, {moment}"),
        )),
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: Vec<u8>,
    received: &mut usize,
) -> io::Result<FirstAnswer> {
    // When writing fails the reason stands in what can still be read.
    let written = match stream.write_all(&request).await {
        Ok(()) => stream.flush().await,
        Err(error) => Err(error),
    };
    let mut reader = ResponseReader::new(LIMITS, "GET");
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return match reader.finish_eof() {
                Progress::Complete(response) => Ok(FirstAnswer {
                    status: Some(response.status),
                    reusable: false,
                }),
                Progress::Incomplete | Progress::Malformed(_) => {
                    written.map(|()| FirstAnswer::default())
                }
            };
        }
        *received += count;
        let bytes = buffer.get(..count).unwrap_or_default();
        match reader.feed(bytes) {
            Progress::Incomplete => {}
            Progress::Complete(response) => {
                return Ok(FirstAnswer {
                    status: Some(response.status),
                    reusable: response.keep_alive
                        && !response.truncated
                        && response.surplus.is_empty(),
                });
            }
            Progress::Malformed(_) => return Ok(FirstAnswer::default()),
        }
    }
}
