//! One request out, one answer in: what came, or how the connection was lost.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::connection::Stream;
use crate::wire::http::response::{Flaw, Unreadable};
use crate::wire::http::{Limits, Progress, Response, ResponseReader};
use crate::wire::tls::alert::Alert;

/// Octets read at a time.
const PORTION: usize = 16 * 1024;

/// How a connection was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Loss {
    /// The target sent a TLS alert; its name or number.
    Alert(String),
    /// The target closed it in an orderly way.
    Closed,
    /// It was reset, or broke otherwise.
    Reset(String),
    /// Nothing came in time.
    Silent,
}

impl Loss {
    /// Whether the target itself ended the connection on purpose.
    pub(super) fn is_close(&self) -> bool {
        matches!(self, Self::Alert(_) | Self::Closed)
    }

    /// Whether it broke without an orderly end.
    pub(super) fn is_reset(&self) -> bool {
        matches!(self, Self::Reset(_))
    }

    pub(super) fn describe(&self) -> String {
        match self {
            Self::Alert(name) => {
                format!("connection closed with alert {name} instead of an answer")
            }
            Self::Closed => "connection closed instead of an answer".to_owned(),
            Self::Reset(how) => format!("connection lost before an answer: {how}"),
            Self::Silent => "no answer in time".to_owned(),
        }
    }
}

/// What one request brought.
#[derive(Debug)]
pub(super) enum Transferred {
    /// An answer; the text says what cut it short, if something did.
    Answer(Box<Response>, Option<String>),
    /// Octets that are no answer.
    Unreadable(String),
    /// No octet of an answer.
    Lost(Loss),
}

/// Sends `request` and reads the answer to a request of that method.
pub(super) async fn transfer(
    stream: &mut dyn Stream,
    request: &[u8],
    method: &str,
    timeout: Duration,
) -> Transferred {
    let mut reader = Reader {
        reader: ResponseReader::new(Limits::default(), method),
        first: Vec::new(),
    };
    let sent_and_read = async {
        // An answer or an alert may come before everything is sent: what can be read decides.
        let written = write(stream, request).await;
        match reader.read(stream).await {
            Transferred::Lost(Loss::Closed) if written.is_err() => Transferred::Lost(Loss::Reset(
                "it broke while the request was sent".to_owned(),
            )),
            transferred => transferred,
        }
    };
    match tokio::time::timeout(timeout, sent_and_read).await {
        Ok(transferred) => transferred,
        Err(_) => reader.ended(Loss::Silent, "the rest did not come in time"),
    }
}

async fn write(stream: &mut dyn Stream, request: &[u8]) -> io::Result<()> {
    stream.write_all(request).await?;
    stream.flush().await
}

struct Reader {
    reader: ResponseReader,
    /// The first octets, to know a TLS record when one comes in clear.
    first: Vec<u8>,
}

impl Reader {
    async fn read(&mut self, stream: &mut dyn Stream) -> Transferred {
        let mut portion = vec![0; PORTION];
        loop {
            let bytes = match stream.read(&mut portion).await {
                Ok(0) => return self.ended(Loss::Closed, "the connection was closed inside it"),
                Ok(length) => portion.get(..length).unwrap_or_default(),
                Err(error) => return self.broken(&error),
            };
            let room = 8_usize.saturating_sub(self.first.len());
            self.first.extend(bytes.iter().take(room));
            match self.reader.feed(bytes) {
                Progress::Incomplete => {}
                Progress::Complete(response) => return Transferred::Answer(response, None),
                Progress::Malformed(unreadable) => return self.unreadable(*unreadable),
            }
        }
    }

    fn broken(&mut self, error: &io::Error) -> Transferred {
        // A FIN without close_notify, as rustls reports it.
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return self.ended(Loss::Closed, "the connection was closed inside it");
        }
        let tls = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match tls {
            Some(rustls::Error::AlertReceived(description)) => self.ended(
                Loss::Alert(alert_name(u8::from(*description))),
                "a TLS alert came inside it",
            ),
            Some(other) => self.ended(
                Loss::Reset(other.to_string()),
                "the TLS connection broke inside it",
            ),
            None => self.ended(
                Loss::Reset(error.kind().to_string()),
                "the connection was lost inside it",
            ),
        }
    }

    /// The connection is over; what was read of an answer counts as far as it goes.
    fn ended(&mut self, loss: Loss, inside: &str) -> Transferred {
        match self.reader.finish_eof() {
            Progress::Complete(response) if loss == Loss::Closed => {
                Transferred::Answer(response, None)
            }
            Progress::Complete(response) => Transferred::Answer(response, Some(inside.to_owned())),
            Progress::Malformed(unreadable) if unreadable.malformed.what == Flaw::NoResponse => {
                Transferred::Lost(loss)
            }
            Progress::Malformed(unreadable) => match unreadable.partial {
                Some(response) => Transferred::Answer(response, Some(inside.to_owned())),
                None => Transferred::Unreadable(format!("an answer that ends early: {inside}")),
            },
            Progress::Incomplete => Transferred::Lost(loss),
        }
    }

    fn unreadable(&self, unreadable: Unreadable) -> Transferred {
        let what = unreadable.malformed.to_string();
        match (unreadable.partial, self.first.as_slice()) {
            (Some(response), _) => Transferred::Answer(response, Some(what)),
            (None, [0x15, 3, _, 0, 2, _, description, ..]) => {
                Transferred::Lost(Loss::Alert(alert_name(*description)))
            }
            (None, _) => Transferred::Unreadable(what),
        }
    }
}

fn alert_name(description: u8) -> String {
    Alert::fatal(description).name().map_or_else(
        || format!("({description})"),
        |name| format!("{name} ({description})"),
    )
}
