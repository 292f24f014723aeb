//! What one direction of a TLS connection says in clear, record by record, for people who read a transcript.

use super::alert::Alert;
use super::codec::Reader;
use super::extension::code;
use super::hello::ClientHello;
use super::record::{MAX_RECORD, RECORD_HEADER, RecordHeader, content_type, handshake_type};
use super::server_hello::ServerHello;

/// Most octets of handshake messages that are put together.
const MAX_MESSAGE: usize = 256 * 1024;
/// Most identities of one pre_shared_key extension that are read.
const MAX_IDENTITIES: usize = 64;

/// A record that went over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSummary {
    /// Its header.
    pub header: RecordHeader,
    /// Whether its content cannot be read.
    pub encrypted: bool,
    /// Handshake messages that end in it.
    pub messages: Vec<Message>,
    /// The alert it is.
    pub alert: Option<Alert>,
}

/// A handshake message in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its type.
    pub kind: u8,
    /// Octets of its body.
    pub length: usize,
    /// A ClientHello, when it can be read.
    pub client_hello: Option<Box<ClientHello>>,
    /// A ServerHello or HelloRetryRequest, when it can be read.
    pub server_hello: Option<Box<ServerHello>>,
    /// Tickets and pre-shared key identities in it: whoever has one may resume a session.
    pub tickets: Vec<Vec<u8>>,
}

/// One direction, fed as octets come.
#[derive(Debug, Clone, Default)]
pub struct RecordStream {
    buffer: Vec<u8>,
    handshake: Vec<u8>,
    changed_cipher: bool,
    lost: bool,
}

impl RecordStream {
    /// Takes the next octets and returns the records that they complete; after something that is no TLS record, none.
    pub fn feed(&mut self, octets: &[u8]) -> Vec<RecordSummary> {
        let mut records = Vec::new();
        if self.lost {
            return records;
        }
        self.buffer.extend_from_slice(octets);
        let buffer = std::mem::take(&mut self.buffer);
        let mut rest = buffer.as_slice();
        while let Some((header, tail)) = rest.split_first_chunk::<RECORD_HEADER>() {
            let header = RecordHeader::parse(*header);
            let length = usize::from(header.length);
            if !(content_type::CHANGE_CIPHER_SPEC..=content_type::HEARTBEAT)
                .contains(&header.content_type)
                || header.version >> 8 != 3
                || length > MAX_RECORD
            {
                self.lost = true;
                return records;
            }
            let Some((fragment, next)) = tail.split_at_checked(length) else {
                break;
            };
            records.push(self.record(header, fragment));
            rest = next;
        }
        self.buffer = rest.to_vec();
        records
    }

    /// Whether what came is no TLS, or no longer.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    fn record(&mut self, header: RecordHeader, fragment: &[u8]) -> RecordSummary {
        let mut summary = RecordSummary {
            header,
            encrypted: false,
            messages: Vec::new(),
            alert: None,
        };
        match (header.content_type, fragment) {
            (content_type::CHANGE_CIPHER_SPEC, _) => self.changed_cipher = true,
            (content_type::ALERT, [level, description]) => {
                summary.alert = Some(Alert {
                    level: *level,
                    description: *description,
                });
            }
            (content_type::HANDSHAKE, _) if !self.changed_cipher || is_whole_hello(fragment) => {
                self.handshake.extend_from_slice(fragment);
                summary.messages = self.messages();
            }
            _ => summary.encrypted = true,
        }
        summary
    }

    fn messages(&mut self) -> Vec<Message> {
        let mut messages = Vec::new();
        let handshake = std::mem::take(&mut self.handshake);
        let mut rest = handshake.as_slice();
        while let Some((kind, body, next)) = split_message(rest) {
            messages.push(message(kind, body));
            rest = next;
        }
        if rest.len() <= MAX_MESSAGE {
            self.handshake = rest.to_vec();
        }
        messages
    }
}

/// After a change_cipher_spec only the hellos around a HelloRetryRequest are still in clear (RFC 8446 clause D.4).
fn is_whole_hello(fragment: &[u8]) -> bool {
    let hello =
        |kind: u8| kind == handshake_type::CLIENT_HELLO || kind == handshake_type::SERVER_HELLO;
    split_message(fragment).is_some_and(|(kind, _, rest)| hello(kind) && rest.is_empty())
}

fn split_message(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let ([kind, high, middle, low], rest) = octets.split_first_chunk::<4>()?;
    let length = u32::from_be_bytes([0, *high, *middle, *low]);
    let (body, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    Some((*kind, body, rest))
}

fn message(kind: u8, body: &[u8]) -> Message {
    let mut message = Message {
        kind,
        length: body.len(),
        client_hello: None,
        server_hello: None,
        tickets: Vec::new(),
    };
    match kind {
        handshake_type::CLIENT_HELLO => {
            message.client_hello = ClientHello::parse(body).ok().map(Box::new);
            if let Some(hello) = &message.client_hello {
                message.tickets = offered_tickets(hello);
            }
        }
        handshake_type::SERVER_HELLO => {
            message.server_hello = ServerHello::parse(body).ok().map(Box::new);
        }
        handshake_type::NEW_SESSION_TICKET => {
            // Lifetime hint, then the ticket (RFC 5077 clause 3.3).
            let mut reader = Reader::new(body, "NewSessionTicket");
            let ticket = reader
                .array::<4>("lifetime hint")
                .and_then(|_| reader.vector16("ticket"));
            message.tickets.extend(ticket.ok().map(<[u8]>::to_vec));
        }
        _ => {}
    }
    message.tickets.retain(|ticket| !ticket.is_empty());
    message
}

fn offered_tickets(hello: &ClientHello) -> Vec<Vec<u8>> {
    let mut tickets: Vec<Vec<u8>> = hello
        .session_ticket()
        .map(<[u8]>::to_vec)
        .into_iter()
        .collect();
    let offered = hello.extension(code::PRE_SHARED_KEY).unwrap_or_default();
    let mut reader = Reader::new(offered, "pre_shared_key");
    let identities = reader.vector16("identities").unwrap_or_default();
    let mut reader = Reader::new(identities, "identities");
    while let Ok(identity) = reader.vector16("identity") {
        tickets.push(identity.to_vec());
        if tickets.len() > MAX_IDENTITIES || reader.array::<4>("age").is_err() {
            break;
        }
    }
    tickets
}

/// The name of a content type.
#[must_use]
pub fn content_type_name(content_type: u8) -> &'static str {
    match content_type {
        content_type::CHANGE_CIPHER_SPEC => "change_cipher_spec",
        content_type::ALERT => "alert",
        content_type::HANDSHAKE => "handshake",
        content_type::APPLICATION_DATA => "application_data",
        content_type::HEARTBEAT => "heartbeat",
        _ => "unassigned",
    }
}

/// The name of a handshake message type.
#[must_use]
pub fn handshake_name(kind: u8) -> &'static str {
    match kind {
        handshake_type::HELLO_REQUEST => "hello_request",
        handshake_type::CLIENT_HELLO => "client_hello",
        handshake_type::SERVER_HELLO => "server_hello",
        handshake_type::NEW_SESSION_TICKET => "new_session_ticket",
        handshake_type::CERTIFICATE => "certificate",
        handshake_type::SERVER_KEY_EXCHANGE => "server_key_exchange",
        handshake_type::CERTIFICATE_REQUEST => "certificate_request",
        handshake_type::SERVER_HELLO_DONE => "server_hello_done",
        15 => "certificate_verify",
        16 => "client_key_exchange",
        20 => "finished",
        handshake_type::CERTIFICATE_STATUS => "certificate_status",
        _ => "unassigned",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::suite::ProtocolVersion;
    use crate::wire::tls::extension::Extension;
    use crate::wire::tls::offer::Offer;
    use crate::wire::tls::record::encode_records;

    fn hello_with(extension: Extension) -> Vec<u8> {
        let mut hello = Offer::new(ProtocolVersion::Tls13, vec![0x1301]).client_hello([3; 32]);
        hello.extensions.push(extension);
        hello.encode()
    }

    #[test]
    fn hellos_and_alerts_are_read_in_whatever_pieces_they_come() {
        let mut bytes = hello_with(Extension::session_ticket(b"my ticket"));
        bytes.extend(Alert::HANDSHAKE_FAILURE.encode(0x0303));
        let mut stream = RecordStream::default();
        let records: Vec<RecordSummary> = bytes
            .iter()
            .flat_map(|octet| stream.feed(&[*octet]))
            .collect();
        let [hello, alert] = &records[..] else {
            panic!("{records:?}");
        };
        let message = &hello.messages[0];
        assert_eq!(message.client_hello.as_ref().unwrap().suites, [0x1301]);
        assert_eq!(message.tickets, [b"my ticket"]);
        assert_eq!(alert.alert, Some(Alert::HANDSHAKE_FAILURE));
    }

    #[test]
    fn identities_of_pre_shared_keys_are_tickets() {
        let body = b"\0\x0b\0\x05first\0\0\0\x01\0\0".to_vec();
        let bytes = hello_with(Extension::new(code::PRE_SHARED_KEY, body));
        let records = RecordStream::default().feed(&bytes);
        assert_eq!(records[0].messages[0].tickets, [b"first"]);
    }

    #[test]
    fn what_follows_a_change_of_cipher_is_encrypted_but_for_a_second_hello() {
        let hello = hello_with(Extension::new(65_000, Vec::new()));
        let mut stream = RecordStream::default();
        let mut bytes = encode_records(content_type::CHANGE_CIPHER_SPEC, 0x0303, &[1], 1);
        bytes.extend(&hello);
        bytes.extend(encode_records(
            content_type::HANDSHAKE,
            0x0303,
            &[20, 0, 0, 9, 9],
            99,
        ));
        let records = stream.feed(&bytes);
        assert!(records[1].messages[0].client_hello.is_some());
        assert!(records[2].encrypted && !records[1].encrypted);
        assert!(stream.feed(b"GET / HTTP").is_empty() && stream.is_lost());
    }

    proptest! {
        #[test]
        fn any_octets_are_read_without_harm(bytes: Vec<u8>, kind in 20_u8..25) {
            let mut stream = RecordStream::default();
            stream.feed(&bytes);
            let mut stream = RecordStream::default();
            stream.feed(&encode_records(kind, 0x0303, &bytes, 50));
            prop_assert!(!stream.is_lost());
        }
    }
}
