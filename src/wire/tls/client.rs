//! Reading what a client sends first, for a server that looks before it answers and for a tee.

use thiserror::Error;

use super::codec::Malformed;
use super::hello::ClientHello;
use super::record::{MAX_RECORD, RECORD_HEADER, RecordHeader, content_type, handshake_type};
use super::sslv2::Sslv2ClientHello;

/// Longest ClientHello that is read, in octets of the message.
pub const MAX_CLIENT_HELLO: usize = 128 * 1024;

/// A client's first message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstMessage {
    /// A ClientHello in TLS records.
    Tls(ClientHello),
    /// A CLIENT-HELLO in SSL 2.0 format, whatever version it offers.
    Sslv2(Sslv2ClientHello),
}

/// A client's first message and where it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The message.
    pub message: FirstMessage,
    /// Octets of the input up to the end of the record the message ends in.
    pub consumed: usize,
}

/// Why no first message could be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClientRecordsError {
    /// It may come with more bytes.
    #[error("the client's first message is not complete")]
    Incomplete,
    /// It never will.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// Reads the first message from the bytes a client has sent so far.
///
/// # Errors
/// [`ClientRecordsError::Incomplete`] while more bytes may complete it, `Malformed` otherwise.
pub fn parse_client_records(bytes: &[u8]) -> Result<Parsed, ClientRecordsError> {
    match bytes {
        [high, _, 1, ..] if high & 0x80 != 0 => sslv2(bytes),
        [high, rest @ ..] if high & 0x80 != 0 && rest.len() < 2 => {
            Err(ClientRecordsError::Incomplete)
        }
        [content_type::HANDSHAKE, ..] => tls(bytes),
        [] => Err(ClientRecordsError::Incomplete),
        _ => Err(Malformed::new("the client's first octets are no TLS and no SSL 2.0").into()),
    }
}

fn sslv2(bytes: &[u8]) -> Result<Parsed, ClientRecordsError> {
    let Some(([high, low], rest)) = bytes.split_first_chunk::<2>() else {
        return Err(ClientRecordsError::Incomplete);
    };
    let length = usize::from(u16::from_be_bytes([high & 0x7F, *low]));
    let Some((body, _)) = rest.split_at_checked(length) else {
        return Err(ClientRecordsError::Incomplete);
    };
    let message = FirstMessage::Sslv2(Sslv2ClientHello::parse(body)?);
    Ok(Parsed {
        message,
        consumed: length + 2,
    })
}

fn tls(bytes: &[u8]) -> Result<Parsed, ClientRecordsError> {
    let mut rest = bytes;
    let mut message: Vec<u8> = Vec::new();
    let mut record_version = None;
    while let Some((header, tail)) = rest.split_first_chunk::<RECORD_HEADER>() {
        let header = RecordHeader::parse(*header);
        let length = usize::from(header.length);
        if header.content_type != content_type::HANDSHAKE
            || header.version >> 8 != 3
            || length > MAX_RECORD
            || length == 0
        {
            return Err(Malformed::new("client record: bad type, version or length").into());
        }
        let Some((fragment, next)) = tail.split_at_checked(length) else {
            // What is there of the fragment may already rule the message out.
            message.extend_from_slice(tail);
            complete(&message)?;
            return Err(ClientRecordsError::Incomplete);
        };
        record_version.get_or_insert(header.version);
        message.extend_from_slice(fragment);
        rest = next;
        if let Some(body) = complete(&message)? {
            let mut hello = ClientHello::parse(body)?;
            hello.record_version = record_version.unwrap_or(header.version);
            let consumed = bytes.len() - rest.len();
            return Ok(Parsed {
                message: FirstMessage::Tls(hello),
                consumed,
            });
        }
    }
    Err(ClientRecordsError::Incomplete)
}

/// The body of the message once all of it is there.
fn complete(message: &[u8]) -> Result<Option<&[u8]>, Malformed> {
    let Some(([kind, length @ ..], body)) = message.split_first_chunk::<4>() else {
        return Ok(None);
    };
    let [high, middle, low] = *length;
    let length = u32::from_be_bytes([0, high, middle, low]);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if *kind != handshake_type::CLIENT_HELLO {
        return Err(Malformed(format!(
            "client's first handshake message has type {kind}"
        )));
    }
    if length > MAX_CLIENT_HELLO {
        return Err(Malformed(format!("ClientHello declares {length} octets")));
    }
    Ok(body.get(..length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::suite::ProtocolVersion;
    use crate::wire::tls::offer::Offer;
    use crate::wire::tls::sslv2::CIPHER_KINDS;

    #[test]
    fn every_prefix_is_incomplete_and_the_whole_is_read() {
        let mut hello = Offer::new(ProtocolVersion::Tls13, vec![0x1301]).client_hello([3; 32]);
        hello.quirks.fragment = Some(100);
        let bytes = hello.encode();
        for end in 0..bytes.len() {
            let got = parse_client_records(&bytes[..end]);
            assert_eq!(got, Err(ClientRecordsError::Incomplete), "{end}");
        }
        let mut longer = bytes.clone();
        longer.extend_from_slice(b"rest");
        let parsed = parse_client_records(&longer).unwrap();
        assert_eq!(parsed.consumed, bytes.len());
        hello.quirks.fragment = None;
        assert_eq!(parsed.message, FirstMessage::Tls(hello));
    }

    #[test]
    fn sslv2_hellos_are_recognised() {
        let hello = Sslv2ClientHello {
            version: 2,
            cipher_specs: CIPHER_KINDS.to_vec(),
            session_id: vec![],
            challenge: vec![5; 16],
        };
        let bytes = hello.encode();
        assert_eq!(
            parse_client_records(&bytes[..20]),
            Err(ClientRecordsError::Incomplete)
        );
        let parsed = parse_client_records(&bytes).unwrap();
        assert_eq!(
            parsed,
            Parsed {
                message: FirstMessage::Sslv2(hello),
                consumed: bytes.len()
            }
        );
    }

    #[test]
    fn other_protocols_are_malformed() {
        for bytes in [
            &b"GET / HTTP/1.1\r\n"[..],
            &[22, 2, 0, 0, 1, 1],
            &[22, 3, 1, 0, 4, 2, 0, 0, 0],
        ] {
            let got = parse_client_records(bytes);
            assert!(
                matches!(got, Err(ClientRecordsError::Malformed(_))),
                "{bytes:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = parse_client_records(&bytes);
            let mut framed = vec![22, 3, 1, 2, 0, 1, 0, 1, 0xFC];
            framed.extend(bytes);
            let _ = parse_client_records(&framed);
        }
    }
}
