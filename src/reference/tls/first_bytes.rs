//! Reading what a client sends first, bounded in size and time.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::reference::clock::VirtualClock;
use crate::wire::tls::client::{
    ClientRecordsError, FirstMessage, MAX_CLIENT_HELLO, parse_client_records,
};
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::record::{RECORD_HEADER, RecordHeader};
use crate::wire::tls::sslv2::Sslv2ClientHello;

/// Most octets read before the first message has to be complete.
const MAX_OCTETS: usize = MAX_CLIENT_HELLO + MAX_CLIENT_HELLO / 4;

/// What came first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum First {
    /// A ClientHello in TLS records.
    Hello(Box<ClientHello>),
    /// A CLIENT-HELLO in SSL 2.0 format.
    Sslv2(Sslv2ClientHello),
    /// TLS records with a broken ClientHello in them.
    Malformed,
    /// Letters, as HTTP begins.
    Clear,
    /// Octets that are none of these.
    Garbage,
    /// Something, but not all of it in time.
    Slow,
    /// Nothing.
    Nothing,
}

/// The first message and every byte read for it.
#[derive(Debug)]
pub(super) struct FirstBytes {
    pub(super) bytes: Vec<u8>,
    pub(super) first: First,
}

/// Reads until the first message is known, or too much time has passed, really or by `clock`.
pub(super) async fn read_first<S: AsyncRead + Unpin>(
    stream: &mut S,
    clock: &VirtualClock,
    limit: Duration,
) -> FirstBytes {
    let mut bytes = Vec::new();
    let began = clock.offset();
    let late = || clock.offset().saturating_sub(began) > limit;
    let first = match tokio::time::timeout(limit, fill(stream, &mut bytes, &late)).await {
        Ok(first) => first,
        Err(_) if bytes.is_empty() => First::Nothing,
        Err(_) => First::Slow,
    };
    FirstBytes { first, bytes }
}

async fn fill<S: AsyncRead + Unpin>(
    stream: &mut S,
    bytes: &mut Vec<u8>,
    late: &(dyn Fn() -> bool + Sync),
) -> First {
    let mut parsed_at = 0;
    let mut parsed_records = 0;
    while bytes.len() <= MAX_OCTETS {
        match stream.read_buf(bytes).await {
            Ok(0) | Err(_) => return First::Nothing,
            Ok(_) if late() => return First::Slow,
            Ok(_) => {}
        }
        // Parsing afresh only after growth keeps the work small for clients that dribble; but the end of a record may be
        // the end of the message, and then nothing more comes.
        let records = whole_records(bytes);
        let grown = bytes.len() >= parsed_at + parsed_at / 8;
        if bytes.len() > 1024 && records == parsed_records && !grown {
            continue;
        }
        parsed_at = bytes.len();
        parsed_records = records;
        if let Some(first) = judge(bytes) {
            return first;
        }
    }
    First::Malformed
}

/// How many records of TLS have arrived whole.
pub(super) fn whole_records(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    let mut count = 0;
    while let Some((header, tail)) = rest.split_first_chunk::<RECORD_HEADER>() {
        let length = usize::from(RecordHeader::parse(*header).length);
        let Some((_, next)) = tail.split_at_checked(length) else {
            break;
        };
        rest = next;
        count += 1;
    }
    count
}

fn judge(bytes: &[u8]) -> Option<First> {
    if bytes.first().is_some_and(u8::is_ascii_uppercase) {
        return Some(First::Clear);
    }
    match parse_client_records(bytes) {
        Ok(parsed) => Some(match parsed.message {
            FirstMessage::Tls(hello) => First::Hello(Box::new(hello)),
            FirstMessage::Sslv2(hello) => First::Sslv2(hello),
        }),
        Err(ClientRecordsError::Incomplete) => None,
        Err(ClientRecordsError::Malformed(_)) if bytes.starts_with(&[22, 3]) => {
            Some(First::Malformed)
        }
        Err(ClientRecordsError::Malformed(_)) => Some(First::Garbage),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;
    use crate::model::suite::ProtocolVersion;
    use time::OffsetDateTime;

    const LIMIT: Duration = Duration::from_secs(10);

    fn clock() -> VirtualClock {
        VirtualClock::new(std::sync::Arc::new(|| OffsetDateTime::UNIX_EPOCH))
    }
    use crate::wire::tls::offer::Offer;

    #[tokio::test]
    async fn a_whole_hello_of_any_length_waits_for_nothing_more() {
        // sslscan 2.0.7 sends one of 1,048 octets.
        for suites in [100, 460, 480, 500, 540, 1000, 2000, 32_000] {
            let bytes = Offer::new(ProtocolVersion::Tls12, vec![0x002f; suites]).encode([3; 32]);
            let (mut client, mut server) = tokio::io::duplex(bytes.len());
            client.write_all(&bytes).await.unwrap();
            let read = read_first(&mut server, &clock(), LIMIT).await;
            assert!(
                matches!(read.first, First::Hello(_)),
                "{} octets",
                bytes.len()
            );
        }
    }
    #[tokio::test]
    async fn a_hello_that_takes_too_long_is_slow_and_no_sooner() {
        let hello = Offer::new(ProtocolVersion::Tls12, vec![0x002f]).encode([3; 32]);
        for (passes, slow) in [(10, false), (11, true)] {
            let clock = clock();
            let (mut client, mut server) = tokio::io::duplex(1024);
            client.write_all(&hello[..20]).await.unwrap();
            let reading = read_first(&mut server, &clock, LIMIT);
            let moved = async {
                tokio::task::yield_now().await;
                clock.advance(Duration::from_secs(passes));
                client.write_all(&hello[20..]).await.unwrap();
            };
            let (read, ()) = tokio::join!(reading, moved);
            assert_eq!(
                read.first == First::Slow,
                slow,
                "{passes} s: {:?}",
                read.first
            );
        }
    }
}
