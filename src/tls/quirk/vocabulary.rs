//! What can be wrong with what the engine sends, as data.

use super::message::{Field, MessageAt, MessageChange};
use super::record::{RecordAt, RecordChange};
use crate::wire::tls::alert::Alert;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::handshake::Message;
use crate::wire::tls::record::handshake_type;

/// Which of several alike, in the order in which they are sent over the whole connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Every one.
    Every,
    /// One of them, the first being 1; 0 is none.
    Nth(u16),
}

impl Which {
    /// The first.
    pub const FIRST: Self = Self::Nth(1);

    /// Whether the one with this number, the first being 1, is meant.
    pub(crate) fn takes(self, number: usize) -> bool {
        match self {
            Self::Every => true,
            Self::Nth(wanted) => usize::from(wanted) == number,
        }
    }
}

/// One way to be wrong. A list of them is applied in its order; what the peer must answer follows from the RFCs.
///
/// How often each was really done stands in `Facts::quirks`: 0 there means that the peer saw nothing of it, and then
/// nothing that it did says anything about the quirk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// A handshake message is changed, left out, repeated or moved.
    Message {
        /// Which message.
        at: MessageAt,
        /// What happens to it.
        change: MessageChange,
    },
    /// A record is changed, left out or repeated.
    Record {
        /// Which record.
        at: RecordAt,
        /// What happens to it.
        change: RecordChange,
    },
    /// ChangeCipherSpec is not sent as RFC 5246 7.1 wants it, in every handshake of the connection; in TLS 1.3 there is
    /// none that counts.
    ChangeCipherSpec(ChangeCipherSpecChange),
    /// The premaster secret of RSA key transport is malformed before it is encrypted, the rest is right.
    Premaster(PremasterForm),
    /// Something is sent that has no place there.
    Insert {
        /// When.
        at: Point,
        /// What.
        what: Inserted,
        /// How it is protected.
        protection: Protection,
    },
    /// Nothing more is sent until the caller says so (`Client::go_on`): how long that is, is the caller's.
    Pause(Point),
    /// The connection is closed there; nothing is sent behind it.
    Close {
        /// When.
        at: Point,
        /// How.
        how: Closing,
    },
    /// No close_notify when the connection is closed (BoGo NoCloseNotify).
    NoCloseNotify,
}

impl Quirk {
    /// A Finished with a wrong last octet (BoGo BadFinished).
    #[must_use]
    pub const fn bad_finished() -> Self {
        Self::Message {
            at: MessageAt::first(handshake_type::FINISHED),
            change: MessageChange::Xor {
                offset: Offset::End(1),
                mask: 1,
            },
        }
    }

    /// The heartbeat extension in the first ClientHello: requests are taken (RFC 6520 clause 2).
    #[must_use]
    pub fn offer_heartbeat() -> Self {
        Self::Message {
            at: MessageAt::first(handshake_type::CLIENT_HELLO),
            change: MessageChange::AddExtension(Extension::new(code::HEARTBEAT, vec![1])),
        }
    }

    /// DEFLATE (RFC 3749) offered before null compression in the first ClientHello.
    #[must_use]
    pub fn offer_compression() -> Self {
        Self::Message {
            at: MessageAt::first(handshake_type::CLIENT_HELLO),
            change: MessageChange::Field {
                field: Field::CompressionMethods,
                value: vec![1, 0],
            },
        }
    }

    /// A heartbeat request right after the handshake that says it has `declared` octets of payload and has `payload`
    /// (RFC 6520 clause 4); more declared than there are is Heartbleed, to be discarded silently.
    #[must_use]
    pub fn heartbeat_request(payload: &[u8], declared: u16) -> Self {
        Self::Insert {
            at: Point::HandshakeDone,
            what: Inserted::Heartbeat {
                declared,
                payload: payload.to_vec(),
            },
            protection: Protection::Due,
        }
    }
}

/// A moment of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Right before a message, whether it is then sent or left out.
    Before(MessageAt),
    /// Right after a message, or where it would have been.
    After(MessageAt),
    /// Right before the ChangeCipherSpec is due, of every handshake.
    BeforeChangeCipherSpec,
    /// Right after it is due.
    AfterChangeCipherSpec,
    /// When both Finished are exchanged, of every handshake.
    HandshakeDone,
    /// Right before a record of application data; empty ones count.
    BeforeData(Which),
    /// Before close_notify is due.
    BeforeClose,
}

/// Something that has no place where it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// An alert of any level and description.
    Alert(Alert),
    /// A handshake message with this body; it counts as sent for the Finished.
    Message(Message),
    /// ChangeCipherSpec; the keys stay as they are.
    ChangeCipherSpec,
    /// One record of any content type.
    Record {
        /// Content type.
        content_type: u8,
        /// Content, perhaps none.
        content: Vec<u8>,
    },
    /// A heartbeat request with 16 octets of padding.
    Heartbeat {
        /// What it says the payload has in octets.
        declared: u16,
        /// The payload.
        payload: Vec<u8>,
    },
    /// Octets without a record around them (tlsfuzzer RawSocketWrite).
    Raw(Vec<u8>),
}

/// How something inserted is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protection {
    /// As everything else at that point.
    #[default]
    Due,
    /// Not at all.
    Clear,
    /// With the keys that ChangeCipherSpec will bring, as soon as they are agreed; before that the quirk is not done.
    Next,
}

/// How a connection is closed by us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// close_notify, then FIN.
    Notify,
    /// FIN, without a word.
    Fin,
    /// RST; whoever has the socket sets SO_LINGER to 0 for it (`Client::closing`).
    Reset,
}

/// What happens to the ChangeCipherSpec of a handshake. Keys always change where it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeCipherSpecChange {
    /// It is not sent and everything goes on under the old protection (BoGo SkipChangeCipherSpec).
    Omitted,
    /// It is sent at this point already (BoGo EarlyChangeCipherSpec). Where no keys are agreed yet, what follows goes
    /// under the old protection up to the Finished.
    Early(Point),
    /// It is sent after the Finished, which so goes under the old protection.
    Late,
    /// It is sent twice, the second time under the new protection.
    Twice,
    /// Its octet is this one instead of 1.
    Octet(u8),
    /// A second octet follows the first in its record.
    Overlong,
}

/// Forms of an RSA premaster secret that a server must treat as it treats a right one: RFC 5246 clause 7.4.7.1.
/// All but the first are the vectors of Bleichenbacher's attack as ROBOT sends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PremasterForm {
    /// Another version than the one offered (BoGo RsaClientKeyExchangeVersion).
    Version(u16),
    /// The block does not begin with 0x00 0x02.
    FirstOctets([u8; 2]),
    /// No zero octet ends the padding.
    NoZero,
    /// A zero octet stands within the first eight octets of padding.
    ZeroInPadding,
    /// The padding ends so that the secret has this many octets instead of 48.
    SecretLength(u8),
}

/// A place in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offset {
    /// So many octets after the first.
    Start(u16),
    /// So many octets before the end, 1 being the last octet.
    End(u16),
}

impl Offset {
    /// The octet there; `None` when there are not so many.
    pub(crate) fn of(self, octets: &mut [u8]) -> Option<&mut u8> {
        let at = match self {
            Self::Start(at) => usize::from(at),
            Self::End(back) => octets.len().checked_sub(usize::from(back))?,
        };
        octets.get_mut(at)
    }

    /// Flips the bits of a mask there; whether anything changed.
    pub(crate) fn xor(self, octets: &mut [u8], mask: u8) -> bool {
        let found = self.of(octets);
        found.is_some_and(|octet| {
            *octet ^= mask;
            mask != 0
        })
    }
}
