//! A stream whose reader goes on after what no field value may hold; only a defect reads through it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The field whose value is split.
const FIELD: &[u8] = b"X-3GPP-Intended-Identity: ";
/// What takes the place of the octet that ends the value.
const NEXT_FIELD: &[u8] = b"\r\nX-Presec-Split: ";
/// Octets read at a time; a request of a scenario fits.
const AT_A_TIME: usize = 16 * 1024;

/// Makes two fields of one whose value holds a NUL, or a CR or LF of its own (RFC 9110, 5.5 forbids to go on).
#[derive(Debug)]
pub(super) struct Splitting<S> {
    stream: S,
    on: bool,
    left: Vec<u8>,
}

impl<S> Splitting<S> {
    pub(super) const fn new(stream: S, on: bool) -> Self {
        Self {
            stream,
            on,
            left: Vec::new(),
        }
    }
}

/// The octets of one read with the field split.
fn split(octets: &[u8]) -> Vec<u8> {
    let found = octets
        .windows(FIELD.len())
        .position(|part| part.eq_ignore_ascii_case(FIELD));
    let Some(value) = found.map(|start| start + FIELD.len()) else {
        return octets.to_vec();
    };
    let (before, rest) = octets.split_at_checked(value).unwrap_or((octets, &[]));
    let end = rest.iter().enumerate().find_map(|(place, octet)| {
        let next = rest.get(place + 1);
        match octet {
            b'\r' if next == Some(&b'\n') => Some(None),
            b'\r' | b'\n' | 0 => Some(Some(place)),
            _ => None,
        }
    });
    let Some(Some(place)) = end else {
        return octets.to_vec();
    };
    let (own, after) = rest.split_at_checked(place).unwrap_or((rest, &[]));
    [before, own, NEXT_FIELD, after.get(1..).unwrap_or_default()].concat()
}

impl<S: AsyncRead + Unpin> AsyncRead for Splitting<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.on {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        if self.left.is_empty() {
            let mut octets = vec![0; AT_A_TIME];
            let mut taken = ReadBuf::new(&mut octets);
            match Pin::new(&mut self.stream).poll_read(context, &mut taken) {
                Poll::Ready(Ok(())) => self.left = split(taken.filled()),
                other => return other,
            }
        }
        let count = self.left.len().min(buffer.remaining());
        buffer.put_slice(self.left.get(..count).unwrap_or_default());
        self.left.drain(..count);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Splitting<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_forbidden_splits() {
        let head = |value: &str| {
            format!("GET / HTTP/1.1\r\nx-3gpp-intended-identity: {value}\r\nA: b\r\n\r\n\n")
        };
        for good in ["\"sip:a@b\"", "", "\"%0d%0a\""] {
            assert_eq!(split(head(good).as_bytes()), head(good).as_bytes());
        }
        for breaks in ["\r", "\n", "\0"] {
            let split = split(head(&format!("a{breaks}b")).as_bytes());
            assert_eq!(split, head("a\r\nX-Presec-Split: b").as_bytes());
        }
    }
}
