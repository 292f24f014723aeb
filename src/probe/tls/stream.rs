//! A TLS stream of either client: rustls, or the lab engine where rustls has nothing in common with the target.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use rustls::AlertDescription;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::tee::Tee;
use crate::tls::client::{EarlyData, Facts};
use crate::tls::failure::{Cause, Failure};

/// A TLS stream that is up; application data goes over it as it is.
///
/// Its errors are those of rustls, whichever client it is, so that who reads from it need not know.
#[derive(Debug)]
pub enum SessionStream {
    /// By rustls.
    Ordinary(Box<tokio_rustls::client::TlsStream<Tee>>),
    /// By the lab engine.
    Lab(Box<crate::tls::stream::TlsStream<Tee>>),
}

impl SessionStream {
    /// The version selected, as on the wire.
    pub(super) fn version(&self) -> Option<u16> {
        match self {
            Self::Ordinary(stream) => {
                let (_, tls) = stream.get_ref();
                tls.protocol_version().map(u16::from)
            }
            Self::Lab(stream) => stream
                .client()
                .facts()
                .version
                .map(|version| version.wire()),
        }
    }

    /// The suite selected.
    pub(super) fn suite(&self) -> Option<u16> {
        match self {
            Self::Ordinary(stream) => {
                let (_, tls) = stream.get_ref();
                let suite = tls.negotiated_cipher_suite();
                suite.map(|suite| u16::from(suite.suite()))
            }
            Self::Lab(stream) => stream.client().facts().suite,
        }
    }

    /// The longest lifetime of the tickets of TLS 1.3 that came, in seconds, where that can be known.
    pub(super) fn ticket_lifetime(&self) -> Option<u32> {
        match self {
            Self::Ordinary(_) => None,
            Self::Lab(stream) => {
                let tickets = stream.client().tickets().iter();
                tickets.map(|ticket| ticket.lifetime).max()
            }
        }
    }

    /// Whether early data was taken; `None` when none was sent.
    pub(super) fn early_data_accepted(&self) -> Option<bool> {
        match self {
            Self::Ordinary(_) => None,
            Self::Lab(stream) => match stream.client().facts().tls13.early_data {
                EarlyData::Accepted => Some(true),
                EarlyData::Rejected => Some(false),
                EarlyData::NotSent | EarlyData::Sent => None,
            },
        }
    }

    /// Whether the handshake was abbreviated.
    pub(super) fn resumed(&self) -> bool {
        match self {
            Self::Ordinary(stream) => {
                let (_, tls) = stream.get_ref();
                tls.handshake_kind() == Some(rustls::HandshakeKind::Resumed)
            }
            Self::Lab(stream) => lab_resumed(stream.client().facts()),
        }
    }
}

fn lab_resumed(facts: &Facts) -> bool {
    facts.resumed.is_some()
}

/// An error of the lab engine in the words of rustls; others stay as they are.
pub(super) fn translated(error: io::Error) -> io::Error {
    let failure = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Failure>());
    let translated = match failure {
        None => return error,
        Some(Failure {
            cause: Cause::Alert(alert),
            ..
        }) => rustls::Error::AlertReceived(AlertDescription::from(alert.description)),
        Some(failure) => rustls::Error::General(failure.to_string()),
    };
    io::Error::new(io::ErrorKind::InvalidData, translated)
}

impl AsyncRead for SessionStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Ordinary(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Lab(stream) => Pin::new(stream)
                .poll_read(context, buffer)
                .map_err(translated),
        }
    }
}

impl AsyncWrite for SessionStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Ordinary(stream) => Pin::new(stream).poll_write(context, octets),
            Self::Lab(stream) => Pin::new(stream).poll_write(context, octets),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Ordinary(stream) => Pin::new(stream).poll_flush(context),
            Self::Lab(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Ordinary(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Lab(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tls::alert::Alert;

    #[test]
    fn errors_of_the_lab_engine_read_like_those_of_rustls() {
        let of = |cause| {
            let failure = Failure {
                at: "here",
                cause,
                octets: vec![1, 0xff],
            };
            let error = translated(io::Error::new(io::ErrorKind::InvalidData, failure));
            let inner = error.into_inner().expect("an inner error");
            *inner.downcast::<rustls::Error>().expect("of rustls")
        };
        assert_eq!(
            of(Cause::Alert(Alert::fatal(48))),
            rustls::Error::AlertReceived(AlertDescription::UnknownCA)
        );
        let other = of(Cause::Unexpected("a thing".to_owned())).to_string();
        assert!(other.contains("a thing, here; it began 01ff"), "{other}");
        let plain = translated(io::ErrorKind::UnexpectedEof.into());
        assert_eq!(plain.kind(), io::ErrorKind::UnexpectedEof);
    }
}
