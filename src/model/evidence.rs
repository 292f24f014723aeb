//! What a case leaves behind as evidence: connections, octets, keys, requests at the origin, in the order they happened.

use super::secret::Secret;

/// The name of a case's transcript in the folder of its evidence.
pub const TRANSCRIPT: &str = "transcript.jsonl";
/// The name of a case's capture.
pub const CAPTURE: &str = "capture.pcapng";

/// Whose conversation with whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceRole {
    /// presec as the UE, to the target over TLS.
    Ue,
    /// presec as the UE, to the target in clear.
    UeInClear,
    /// The proxy under test, to the origin that presec plays behind it.
    Origin,
}

impl EvidenceRole {
    /// Every role, in the order of the interfaces of a capture.
    pub const ALL: [Self; 3] = [Self::Ue, Self::UeInClear, Self::Origin];

    /// The name in transcripts and captures.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ue => "ue-target",
            Self::UeInClear => "ue-target-clear",
            Self::Origin => "target-origin",
        }
    }

    /// What it is, in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Ue => "presec as UE to the target, TLS",
            Self::UeInClear => "presec as UE to the target, in clear",
            Self::Origin => {
                "the target to presec as origin; request heads as the observer read them"
            }
        }
    }
}

/// Which way octets went, seen from the side that opened the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the side that opened the connection.
    Sent,
    /// To the side that opened the connection.
    Received,
}

impl Direction {
    /// The name in transcripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
        }
    }
}

/// One end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// 4 octets of an IPv4 address or 16 of an IPv6 address.
    pub octets: Vec<u8>,
    /// The port.
    pub port: u16,
    /// Both as text.
    pub text: String,
}

/// How one side ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// In order: a FIN.
    Fin,
    /// A reset.
    Reset,
}

/// What a TLS handshake came to, for readers of a transcript.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFacts {
    /// The protocol version, such as `tls1.3`.
    pub version: Option<String>,
    /// The suite's name.
    pub suite: Option<String>,
    /// Whether the handshake was abbreviated.
    pub resumed: bool,
    /// SHA-256 of the leaf certificate in lower-case hex.
    pub certificate_sha256: Option<String>,
    /// Why the server did not prove to be who it should be; `None` when it did.
    pub not_verified_because: Option<String>,
}

/// A request as the origin received it; without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginRequest {
    /// Counts the requests the origin received in this run.
    pub serial: u64,
    /// Microseconds of the monotonic clock at which it arrived, if known.
    pub at_us: Option<u64>,
    /// The side that opened the connection.
    pub from: Endpoint,
    /// The origin.
    pub to: Endpoint,
    /// The method and the request target.
    pub line: String,
    /// The header fields in their order, names in lower case.
    pub fields: Vec<(String, String)>,
}

/// Something that happened in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A step begins; its keyword. Steps are counted by these events.
    Step(String),
    /// A connection is open.
    Opened {
        /// Whose it is.
        role: EvidenceRole,
        /// The side that opened it.
        from: Endpoint,
        /// The other side.
        to: Endpoint,
    },
    /// No connection came about; to whom, and why.
    Unconnected(String, String),
    /// Octets as they went over TCP.
    Octets(Direction, Vec<u8>),
    /// Octets under TLS: what was encrypted into or decrypted from the connection.
    Plain(Direction, Vec<u8>),
    /// One side ended its direction of the connection.
    Ended(Direction, Ending),
    /// One line of a key log in NSS format: whoever has it can decrypt the connection.
    KeyLog(Secret),
    /// What the handshake came to.
    Session(SessionFacts),
    /// What is wrong with the connection in the words of the TLS library, such as an alert under encryption.
    Trouble(String),
    /// The newest connection is the one by which the step was decided, not a control beside it.
    Decisive,
    /// The origin was looked at; what it received under the mark of this case.
    Origin(OriginRequest),
    /// A lever on the target was pulled: its name, and what came of it.
    Hook(String, String),
    /// More happened than is kept; how many octets of the connection, or of the case without one, are missing.
    Truncated(u64),
}

/// Something that happened, when and on which connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireEvent {
    /// Microseconds of the monotonic clock.
    pub at_us: u64,
    /// The connection it belongs to, counted from 1 in each case.
    pub connection: Option<u32>,
    /// What happened.
    pub what: Happening,
}
