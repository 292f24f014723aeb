//! What a handshake by a library showed in clear, read from the copies of both directions.

use crate::wire::tls::client::{FirstMessage, parse_client_records};
use crate::wire::tls::extension::code;
use crate::wire::tls::flight::FirstFlight;
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::record::{RECORD_HEADER, RecordHeader, content_type, handshake_type};

use super::tee::Copied;

/// The clear part of a handshake.
#[derive(Debug, Default)]
pub(super) struct ClearHandshake {
    /// Our ClientHello.
    pub(super) client_hello: Option<ClientHello>,
    /// The server's first flight.
    pub(super) flight: FirstFlight,
    /// The lifetime of a ticket that the server gave in clear (TLS 1.2 and below).
    pub(super) ticket_lifetime: Option<u32>,
}

impl ClearHandshake {
    /// Reads the copies.
    pub(super) fn read(copied: &Copied) -> Self {
        let client_hello = match parse_client_records(&copied.sent) {
            Ok(parsed) => match parsed.message {
                FirstMessage::Tls(hello) => Some(hello),
                FirstMessage::Sslv2(_) => None,
            },
            Err(_) => None,
        };
        let mut flight = FirstFlight::default();
        flight.feed(&copied.received);
        let ticket_lifetime = ticket_lifetime(&copied.received);
        Self {
            client_hello,
            flight,
            ticket_lifetime,
        }
    }

    /// Whether a ServerHello (no HelloRetryRequest) was seen.
    pub(super) fn hello_seen(&self) -> bool {
        self.flight.server_hello.is_some()
    }

    /// Whether the server took up the name that was sent; `None` where that is encrypted, or without a ServerHello.
    pub(super) fn name_acknowledged(&self) -> Option<bool> {
        let server = self.flight.server_hello.as_ref()?;
        (!server.is_tls13()).then(|| server.extension(code::SERVER_NAME).is_some())
    }

    /// By what a resumed session was resumed.
    pub(super) fn mechanism(&self) -> Option<&'static str> {
        let server = self.flight.server_hello.as_ref()?;
        let client = self.client_hello.as_ref()?;
        if server.is_tls13() {
            // After a HelloRetryRequest the flight ends before the ServerHello; the library knows that it resumed.
            let selected =
                self.flight.hello_retry_request || server.extension(code::PRE_SHARED_KEY).is_some();
            return selected.then_some("tls13-psk");
        }
        let offered_ticket = client
            .session_ticket()
            .is_some_and(|ticket| !ticket.is_empty());
        let echoed = !server.session_id.is_empty() && server.session_id == client.session_id;
        match (offered_ticket, echoed) {
            (true, _) => Some("ticket"),
            (false, true) => Some("session-id"),
            (false, false) => None,
        }
    }
}

/// The lifetime of a ticket that stands in a NewSessionTicket among the clear handshake messages.
fn ticket_lifetime(received: &[u8]) -> Option<u32> {
    let mut handshake = Vec::new();
    let mut rest = received;
    while let Some((header, after)) = rest.split_first_chunk::<RECORD_HEADER>() {
        let header = RecordHeader::parse(*header);
        if header.content_type == content_type::CHANGE_CIPHER_SPEC {
            break;
        }
        let Some((fragment, after)) = after.split_at_checked(header.length.into()) else {
            break;
        };
        if header.content_type == content_type::HANDSHAKE {
            handshake.extend_from_slice(fragment);
        }
        rest = after;
    }
    let mut messages = handshake.as_slice();
    while let Some(([kind, high, middle, low], after)) = messages.split_first_chunk::<4>() {
        let length = u32::from_be_bytes([0, *high, *middle, *low]);
        let (body, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
        if *kind == handshake_type::NEW_SESSION_TICKET {
            // Lifetime hint and length come before the ticket (RFC 5077 3.3); an empty one takes back the promise.
            let (hint, rest) = body.split_first_chunk::<4>()?;
            return (rest.len() > 2).then(|| u32::from_be_bytes(*hint));
        }
        messages = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::suite::ProtocolVersion;
    use crate::wire::tls::canned::CannedFlight;
    use crate::wire::tls::offer::Offer;
    use crate::wire::tls::record::encode_records;

    fn copied(ticket: Option<Vec<u8>>, session_id: Vec<u8>, server_id: Vec<u8>) -> Copied {
        let mut offer = Offer::new(ProtocolVersion::Tls12, vec![0xC02F]);
        offer.session_ticket = ticket;
        offer.session_id = session_id;
        let mut flight = CannedFlight::new(ProtocolVersion::Tls12, 0xC02F, [1; 32]);
        flight.session_id = server_id;
        flight.resume = true;
        Copied {
            sent: offer.encode([2; 32]),
            received: flight.encode(),
        }
    }

    #[test]
    fn mechanisms_are_told_apart() {
        let id = vec![9; 32];
        let by_id = ClearHandshake::read(&copied(None, id.clone(), id.clone()));
        assert_eq!(by_id.mechanism(), Some("session-id"));
        let asked = ClearHandshake::read(&copied(Some(Vec::new()), id.clone(), id.clone()));
        assert_eq!(asked.mechanism(), Some("session-id"));
        let by_ticket = ClearHandshake::read(&copied(Some(vec![1]), id.clone(), id.clone()));
        assert_eq!(by_ticket.mechanism(), Some("ticket"));
        let neither = ClearHandshake::read(&copied(None, id, vec![8; 32]));
        assert_eq!(neither.mechanism(), None);
    }

    #[test]
    fn a_ticket_in_clear_is_found_before_the_change_of_cipher_spec() {
        let message = [4, 0, 0, 7, 0, 0, 0, 7, 0, 1, 0xEE];
        let mut received = encode_records(content_type::HANDSHAKE, 0x0303, &message, 4);
        assert_eq!(ticket_lifetime(&received), Some(7));
        let mut after = encode_records(content_type::CHANGE_CIPHER_SPEC, 0x0303, &[1], 1);
        after.append(&mut received);
        assert_eq!(ticket_lifetime(&after), None);
        assert_eq!(ticket_lifetime(&[22, 3, 3, 0, 9, 4, 0]), None);
    }
}
