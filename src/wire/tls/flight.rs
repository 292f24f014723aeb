//! A server's first flight: everything readable until it waits for us or speaks encrypted.

use super::alert::Alert;
use super::certificate::parse_certificates;
use super::codec::{Malformed, Reader};
use super::key_exchange::ServerKeyExchange;
use super::record::{MAX_RECORD, RECORD_HEADER, RecordHeader, content_type, handshake_type};
use super::server_hello::ServerHello;
use super::sslv2::Sslv2ServerHello;

/// Most octets of a first flight that are read.
pub const MAX_FLIGHT: usize = 256 * 1024;
/// Most handshake messages, and most alerts, that are read.
pub const MAX_MESSAGES: usize = 64;
/// Most records that are read.
pub const MAX_RECORDS: usize = 1024;
/// Most octets of an answer that is no TLS that are kept.
pub const MAX_NOT_TLS: usize = 64;

/// Whether more bytes can change what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The flight is not complete.
    NeedMore,
    /// Everything there is to know is known.
    Done,
}

/// A NewSessionTicket of TLS 1.2 and below, RFC 5077 clause 3.3.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSessionTicket {
    /// Seconds the server means to accept it; 0 says nothing.
    pub lifetime_hint: u32,
    /// The ticket.
    pub ticket: Vec<u8>,
}

impl std::fmt::Debug for NewSessionTicket {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("NewSessionTicket")
            .field("lifetime_hint", &self.lifetime_hint)
            .field("ticket_octets", &self.ticket.len())
            .finish()
    }
}

/// What a server sent first; fed with bytes as they come, in whatever pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstFlight {
    /// Headers of the records read, in order.
    pub records: Vec<RecordHeader>,
    /// Types of the handshake messages read, in order.
    pub messages: Vec<u8>,
    /// Alerts, in order; warnings do not end the flight.
    pub alerts: Vec<Alert>,
    /// The ServerHello or HelloRetryRequest.
    pub server_hello: Option<ServerHello>,
    /// Whether [`Self::server_hello`] is a HelloRetryRequest.
    pub hello_retry_request: bool,
    /// DER certificates (up to TLS 1.2), the server's own first.
    pub certificates: Vec<Vec<u8>>,
    /// The ephemeral parameters (up to TLS 1.2).
    pub server_key_exchange: Option<ServerKeyExchange>,
    /// Whether a client certificate was asked for (up to TLS 1.2).
    pub certificate_request: bool,
    /// Whether an OCSP answer was stapled (up to TLS 1.2).
    pub certificate_status: bool,
    /// A ticket, readable here only when a session is resumed (up to TLS 1.2).
    pub new_session_ticket: Option<NewSessionTicket>,
    /// Whether the flight ended the usual way (up to TLS 1.2).
    pub server_hello_done: bool,
    /// Whether the server went over to encryption: up to TLS 1.2 it resumed a session.
    pub change_cipher_spec: bool,
    /// An answer in SSL 2.0.
    pub sslv2_server_hello: Option<Sslv2ServerHello>,
    /// Code of an SSL 2.0 error message.
    pub sslv2_error: Option<u16>,
    /// What is wrong with the bytes, and where.
    pub malformed: Option<String>,
    /// First octets of an answer that is no TLS, e.g. plain HTTP.
    pub not_tls: Option<Vec<u8>>,
    buffer: Vec<u8>,
    handshake: Vec<u8>,
    partial_alert: Option<u8>,
    received: usize,
    done: bool,
}

impl FirstFlight {
    /// Takes the next bytes; after `Done` they are ignored (an answer that is no TLS still fills
    /// [`Self::not_tls`]).
    pub fn feed(&mut self, bytes: &[u8]) -> Progress {
        if let Some(head) = &mut self.not_tls {
            head.extend(bytes.iter().take(MAX_NOT_TLS.saturating_sub(head.len())));
        }
        if self.done {
            return Progress::Done;
        }
        let room = MAX_FLIGHT - self.received;
        self.buffer.extend(bytes.iter().take(room));
        self.received += bytes.len().min(room);
        while !self.done && self.step() {}
        if !self.done && bytes.len() > room {
            self.fail(Malformed(format!(
                "first flight: more than {MAX_FLIGHT} octets"
            )));
        }
        if !self.done {
            return Progress::NeedMore;
        }
        self.buffer = Vec::new();
        self.handshake = Vec::new();
        self.partial_alert = None;
        self.received = 0;
        Progress::Done
    }

    /// Octets received that belong to an incomplete record or message: not 0 at the end of the
    /// stream means that the server broke off in the middle.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        if self.done {
            0
        } else {
            self.buffer.len() + self.handshake.len()
        }
    }

    /// The first fatal alert.
    #[must_use]
    pub fn fatal_alert(&self) -> Option<Alert> {
        self.alerts.iter().copied().find(|alert| alert.is_fatal())
    }

    fn fail(&mut self, what: Malformed) {
        self.malformed.get_or_insert(what.0);
        self.done = true;
    }

    /// Reads one record from the buffer; `false` when it needs more bytes.
    fn step(&mut self) -> bool {
        match *self.buffer.as_slice() {
            [] => false,
            [high, _, kind, ..] if self.records.is_empty() && high & 0x80 != 0 => {
                self.sslv2_record(kind)
            }
            [high] | [high, _] if self.records.is_empty() && high & 0x80 != 0 => false,
            [content_type::CHANGE_CIPHER_SPEC..=content_type::HEARTBEAT] => false,
            [
                content_type::CHANGE_CIPHER_SPEC..=content_type::HEARTBEAT,
                3,
                ..,
            ] => self.tls_record(),
            _ => {
                self.no_tls();
                false
            }
        }
    }

    fn no_tls(&mut self) {
        if self.records.is_empty() {
            let head = self.buffer.iter().take(MAX_NOT_TLS).copied().collect();
            self.not_tls = Some(head);
            self.done = true;
        } else {
            let number = self.records.len() + 1;
            self.fail(Malformed(format!(
                "record {number}: bad content type or version"
            )));
        }
    }

    fn sslv2_record(&mut self, kind: u8) -> bool {
        if kind != 0 && kind != 4 {
            self.no_tls();
            return false;
        }
        let Some(([high, low], rest)) = self.buffer.split_first_chunk::<2>() else {
            return false;
        };
        let length = usize::from(u16::from_be_bytes([high & 0x7F, *low]));
        let Some((body, _)) = rest.split_at_checked(length) else {
            return false;
        };
        self.done = true;
        if let [0, high, low, ..] = *body {
            self.sslv2_error = Some(u16::from_be_bytes([high, low]));
            return true;
        }
        match Sslv2ServerHello::parse(body) {
            Ok(hello) => self.sslv2_server_hello = Some(hello),
            Err(what) => self.fail(what),
        }
        true
    }

    fn tls_record(&mut self) -> bool {
        let Some((header, rest)) = self.buffer.split_first_chunk::<RECORD_HEADER>() else {
            return false;
        };
        let header = RecordHeader::parse(*header);
        let number = self.records.len() + 1;
        let length = usize::from(header.length);
        if length > MAX_RECORD {
            self.fail(Malformed(format!("record {number}: {length} octets")));
            return false;
        }
        if number > MAX_RECORDS {
            self.fail(Malformed(format!(
                "first flight: more than {MAX_RECORDS} records"
            )));
            return false;
        }
        let Some((fragment, _)) = rest.split_at_checked(length) else {
            return false;
        };
        let fragment = fragment.to_vec();
        self.buffer.drain(..RECORD_HEADER + length);
        self.records.push(header);
        if let Err(what) = self.record(header.content_type, &fragment) {
            self.fail(what);
        }
        true
    }

    fn record(&mut self, kind: u8, fragment: &[u8]) -> Result<(), Malformed> {
        match kind {
            content_type::ALERT => self.alert(fragment),
            content_type::HANDSHAKE => {
                self.handshake.extend_from_slice(fragment);
                while !self.done && self.message()? {}
                Ok(())
            }
            content_type::CHANGE_CIPHER_SPEC if self.server_hello.is_some() => {
                self.change_cipher_spec = true;
                self.done = true;
                Ok(())
            }
            content_type::CHANGE_CIPHER_SPEC => {
                Err(Malformed::new("change_cipher_spec before ServerHello"))
            }
            content_type::APPLICATION_DATA => Err(Malformed::new("application data in the clear")),
            _ => Ok(()),
        }
    }

    fn alert(&mut self, fragment: &[u8]) -> Result<(), Malformed> {
        for octet in fragment {
            let Some(level) = self.partial_alert.take() else {
                self.partial_alert = Some(*octet);
                continue;
            };
            if self.alerts.len() >= MAX_MESSAGES {
                return Err(Malformed(format!(
                    "first flight: more than {MAX_MESSAGES} alerts"
                )));
            }
            let alert = Alert {
                level,
                description: *octet,
            };
            self.alerts.push(alert);
            if alert.is_fatal() {
                self.done = true;
                return Ok(());
            }
            if level != 1 {
                return Err(Malformed(format!("alert level {level}")));
            }
        }
        Ok(())
    }

    /// Reads one handshake message; `false` when it needs more bytes.
    fn message(&mut self) -> Result<bool, Malformed> {
        let Some(([kind, length @ ..], rest)) = self.handshake.split_first_chunk::<4>() else {
            return Ok(false);
        };
        let (kind, [high, middle, low]) = (*kind, *length);
        let length = u32::from_be_bytes([0, high, middle, low]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > MAX_FLIGHT {
            return Err(Malformed(format!(
                "handshake message {kind}: {length} octets"
            )));
        }
        let Some((body, rest)) = rest.split_at_checked(length) else {
            return Ok(false);
        };
        let (body, rest) = (body.to_vec(), rest.to_vec());
        self.handshake = rest;
        if self.messages.len() >= MAX_MESSAGES {
            return Err(Malformed(format!(
                "first flight: more than {MAX_MESSAGES} messages"
            )));
        }
        self.messages.push(kind);
        self.handle(kind, &body)?;
        Ok(true)
    }

    fn handle(&mut self, kind: u8, body: &[u8]) -> Result<(), Malformed> {
        let selected = self
            .server_hello
            .as_ref()
            .map(|hello| (hello.suite, hello.version));
        let Some((suite, version)) = selected else {
            return match kind {
                handshake_type::HELLO_REQUEST => Ok(()),
                handshake_type::SERVER_HELLO => self.hello(body),
                other => Err(Malformed(format!(
                    "handshake message {other} before ServerHello"
                ))),
            };
        };
        match kind {
            handshake_type::SERVER_HELLO => return Err(Malformed::new("second ServerHello")),
            handshake_type::CERTIFICATE => self.certificates = parse_certificates(body)?,
            handshake_type::SERVER_KEY_EXCHANGE => {
                let message = ServerKeyExchange::parse(body, suite, version)?;
                self.server_key_exchange = Some(message);
            }
            handshake_type::CERTIFICATE_REQUEST => self.certificate_request = true,
            handshake_type::CERTIFICATE_STATUS => self.certificate_status = true,
            handshake_type::NEW_SESSION_TICKET => {
                let mut reader = Reader::new(body, "NewSessionTicket");
                let lifetime_hint = reader.array("lifetime hint").map(u32::from_be_bytes)?;
                let ticket = reader.vector16("ticket")?.to_vec();
                self.new_session_ticket = Some(NewSessionTicket {
                    lifetime_hint,
                    ticket,
                });
            }
            handshake_type::SERVER_HELLO_DONE => {
                Reader::new(body, "ServerHelloDone").end()?;
                self.server_hello_done = true;
                self.done = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn hello(&mut self, body: &[u8]) -> Result<(), Malformed> {
        let hello = ServerHello::parse(body)?;
        self.hello_retry_request = hello.is_hello_retry_request();
        self.done = hello.is_tls13() || self.hello_retry_request;
        self.server_hello = Some(hello);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
