//! What can be wrong with a handshake message.

use super::vocabulary::{Offset, Which};
use crate::wire::tls::extension::Extension;

/// Which handshake message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageAt {
    /// One of `record::handshake_type`.
    pub kind: u8,
    /// Which of this kind: the ClientHello of the first renegotiation is the second.
    pub which: Which,
}

impl MessageAt {
    /// The first message of a kind.
    #[must_use]
    pub const fn first(kind: u8) -> Self {
        Self {
            kind,
            which: Which::FIRST,
        }
    }
}

/// What happens to a handshake message. The header's length follows the body unless a length is what is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageChange {
    /// Another value in a field; lengths around it follow.
    Field {
        /// Which field.
        field: Field,
        /// Its octets.
        value: Vec<u8>,
    },
    /// The length before a field is this much off; no octets are added or taken.
    FieldLength {
        /// Which field; one with a length.
        field: Field,
        /// Octets more, or less.
        delta: i32,
    },
    /// An extension is added as the last one.
    AddExtension(Extension),
    /// An extension is left out.
    RemoveExtension(u16),
    /// An extension is there twice, the second time as the last one.
    DuplicateExtension(u16),
    /// An extension has no data.
    EmptyExtension(u16),
    /// Another message type in the header (BoGo SendWrongMessageType).
    Kind(u8),
    /// An octet of the body with flipped bits (tlsfuzzer fuzz_message).
    Xor {
        /// Where in the body.
        offset: Offset,
        /// The bits.
        mask: u8,
    },
    /// So many octets are missing at the end (tlsfuzzer truncate_handshake).
    Truncate(u16),
    /// So many octets of a value follow the body (tlsfuzzer pad_handshake; BoGo SendTrailingMessageData).
    Pad {
        /// How many.
        count: u16,
        /// Their value.
        octet: u8,
    },
    /// The length in the header is this much off; no octets are added or taken.
    Length(i32),
    /// It is not sent, and counts as not sent for the Finished.
    Omit,
    /// It is sent so many times more, and counts as often; but a Finished counts once, as the peer's follows on the first.
    Repeat(u8),
    /// It is held back until right after the next message of this kind.
    After(u8),
}

/// A field of a handshake message by its name in the RFCs. A message that has no such field is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// client_version, server_version.
    Version,
    /// random.
    Random,
    /// session_id.
    SessionId,
    /// cipher_suites, or the cipher_suite selected.
    CipherSuites,
    /// compression_methods, or the compression_method selected.
    CompressionMethods,
    /// The extensions together.
    Extensions,
    /// The data of the first extension with this code point.
    Extension(u16),
    /// certificate_list of a Certificate.
    CertificateList,
    /// psk_identity of a ClientKeyExchange.
    PskIdentity,
    /// The encrypted premaster secret, or the public value, of a ClientKeyExchange.
    Exchange,
    /// The scheme of a CertificateVerify, in TLS 1.2.
    SignatureScheme,
    /// The signature of a CertificateVerify.
    Signature,
    /// The ticket of a NewSessionTicket.
    Ticket,
    /// verify_data of a Finished.
    VerifyData,
}
