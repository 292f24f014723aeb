//! The record layer, RFC 8446 clause 5.1 and its ancestors.

use super::codec::{put_u16, put_vector16};

/// Octets of a record header: type, version, length.
pub const RECORD_HEADER: usize = 5;
/// Most octets a plaintext record may carry.
pub const MAX_PLAINTEXT: usize = 1 << 14;
/// Most octets any record may carry: plaintext with the expansion RFC 5246 allows.
pub const MAX_RECORD: usize = MAX_PLAINTEXT + 2048;

/// Content types of records.
pub mod content_type {
    /// change_cipher_spec.
    pub const CHANGE_CIPHER_SPEC: u8 = 20;
    /// alert.
    pub const ALERT: u8 = 21;
    /// handshake.
    pub const HANDSHAKE: u8 = 22;
    /// application_data.
    pub const APPLICATION_DATA: u8 = 23;
    /// heartbeat, RFC 6520.
    pub const HEARTBEAT: u8 = 24;
}

/// Handshake message types.
pub mod handshake_type {
    /// hello_request.
    pub const HELLO_REQUEST: u8 = 0;
    /// client_hello.
    pub const CLIENT_HELLO: u8 = 1;
    /// server_hello, in TLS 1.3 also the HelloRetryRequest.
    pub const SERVER_HELLO: u8 = 2;
    /// new_session_ticket.
    pub const NEW_SESSION_TICKET: u8 = 4;
    /// end_of_early_data.
    pub const END_OF_EARLY_DATA: u8 = 5;
    /// encrypted_extensions.
    pub const ENCRYPTED_EXTENSIONS: u8 = 8;
    /// certificate.
    pub const CERTIFICATE: u8 = 11;
    /// server_key_exchange.
    pub const SERVER_KEY_EXCHANGE: u8 = 12;
    /// certificate_request.
    pub const CERTIFICATE_REQUEST: u8 = 13;
    /// server_hello_done.
    pub const SERVER_HELLO_DONE: u8 = 14;
    /// certificate_verify.
    pub const CERTIFICATE_VERIFY: u8 = 15;
    /// client_key_exchange.
    pub const CLIENT_KEY_EXCHANGE: u8 = 16;
    /// finished.
    pub const FINISHED: u8 = 20;
    /// certificate_status.
    pub const CERTIFICATE_STATUS: u8 = 22;
    /// key_update.
    pub const KEY_UPDATE: u8 = 24;
    /// message_hash: never sent, only hashed.
    pub const MESSAGE_HASH: u8 = 254;
}

/// The header of a record that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    /// One of [`content_type`].
    pub content_type: u8,
    /// Version field as sent.
    pub version: u16,
    /// Octets of the fragment.
    pub length: u16,
}

impl RecordHeader {
    /// Reads a header; total, every five octets are one.
    #[must_use]
    pub const fn parse(octets: [u8; RECORD_HEADER]) -> Self {
        let [content_type, major, minor, high, low] = octets;
        Self {
            content_type,
            version: u16::from_be_bytes([major, minor]),
            length: u16::from_be_bytes([high, low]),
        }
    }
}

/// Wraps `payload` in records of at most `fragment` octets (at least 1, at most 2^14).
///
/// An empty payload gives one empty record.
#[must_use]
pub fn encode_records(content_type: u8, version: u16, payload: &[u8], fragment: usize) -> Vec<u8> {
    let fragment = fragment.clamp(1, MAX_PLAINTEXT);
    let mut out = Vec::with_capacity(payload.len() + RECORD_HEADER);
    let mut put = |chunk: &[u8]| {
        out.push(content_type);
        put_u16(&mut out, version);
        put_vector16(&mut out, chunk);
    };
    if payload.is_empty() {
        put(&[]);
    }
    payload.chunks(fragment).for_each(put);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_cut_to_size() {
        let bytes = encode_records(content_type::HANDSHAKE, 0x0301, &[1, 2, 3], 2);
        assert_eq!(bytes, [22, 3, 1, 0, 2, 1, 2, 22, 3, 1, 0, 1, 3]);
        assert_eq!(encode_records(21, 0x0303, &[], 0), [21, 3, 3, 0, 0]);
        let header = RecordHeader::parse([22, 3, 1, 0x12, 0x34]);
        assert_eq!((header.version, header.length), (0x0301, 0x1234));
    }
}
