//! What a scenario may have the lab TLS engine do wrong, by name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something wrong, or rare, in what the lab engine sends. What the target has to make of it is for the scenario to claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TlsQuirk {
    /// Offers heartbeat (RFC 6520) in the ClientHello.
    HeartbeatOffered,
    /// Leaves renegotiation_info (RFC 5746) out of the ClientHello.
    WithoutRenegotiationInfo,
    /// An empty renegotiation_info, as in a first handshake.
    EmptyRenegotiationInfo,
    /// The premaster secret says another version than was offered.
    PremasterVersion,
    /// The block with the premaster secret begins with other octets than 0x00 0x02.
    PremasterFirstOctets,
    /// No zero octet ends the padding of the premaster secret.
    PremasterWithoutZero,
    /// A zero octet stands within the first padding of the premaster secret.
    PremasterZeroInPadding,
    /// The premaster secret is one octet short.
    PremasterShort,
    /// A wrong Finished.
    WrongFinished,
    /// No ChangeCipherSpec.
    ChangeCipherSpecOmitted,
    /// ChangeCipherSpec before the key exchange.
    ChangeCipherSpecEarly,
    /// A flipped bit in the ciphertext of the request.
    FlippedCiphertextBit,
    /// A flipped bit in the MAC or tag of the request.
    FlippedMacBit,
    /// The request is protected with the next sequence number.
    WrongSequenceNumber,
    /// The longest right CBC padding, which is to be accepted.
    PaddingLongest,
    /// The longest CBC padding, its first octet being wrong.
    PaddingFirstOctetWrong,
    /// CBC padding whose octets before the length are zero, as SSL 3.0 has it.
    PaddingFilled,
    /// CBC padding that says it is longer than the record.
    PaddingOverlong,
    /// Right CBC padding over the whole record, without room for a MAC.
    PaddingWhole,
    /// An empty record before the request, which is to be accepted.
    EmptyRecord,
    /// The record of the request once more.
    RepeatedRecord,
    /// A heartbeat request before the request, with its true length.
    Heartbeat,
    /// A heartbeat request that says it has 16,000 octets of payload and has 16.
    HeartbeatOverread,
    /// A ChangeCipherSpec before the request.
    ChangeCipherSpecAgain,
    /// A fatal alert before the request.
    FatalAlert,
    /// The warning user_canceled before the request.
    WarningAlert,
}

/// Where a quirk shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuirkPlace {
    /// In the ClientHello, of a first handshake or of a renegotiation.
    Hello,
    /// In what follows ServerHello.
    Handshake,
    /// With the request that follows.
    Data,
}

impl TlsQuirk {
    /// Where it shows.
    #[must_use]
    pub const fn place(self) -> QuirkPlace {
        match self {
            Self::HeartbeatOffered
            | Self::WithoutRenegotiationInfo
            | Self::EmptyRenegotiationInfo => QuirkPlace::Hello,
            Self::PremasterVersion
            | Self::PremasterFirstOctets
            | Self::PremasterWithoutZero
            | Self::PremasterZeroInPadding
            | Self::PremasterShort
            | Self::WrongFinished
            | Self::ChangeCipherSpecOmitted
            | Self::ChangeCipherSpecEarly => QuirkPlace::Handshake,
            Self::FlippedCiphertextBit
            | Self::FlippedMacBit
            | Self::WrongSequenceNumber
            | Self::PaddingLongest
            | Self::PaddingFirstOctetWrong
            | Self::PaddingFilled
            | Self::PaddingOverlong
            | Self::PaddingWhole
            | Self::EmptyRecord
            | Self::RepeatedRecord
            | Self::Heartbeat
            | Self::HeartbeatOverread
            | Self::ChangeCipherSpecAgain
            | Self::FatalAlert
            | Self::WarningAlert => QuirkPlace::Data,
        }
    }

    /// The quirk in words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::HeartbeatOffered => "an offer of heartbeat",
            Self::WithoutRenegotiationInfo => "no renegotiation_info",
            Self::EmptyRenegotiationInfo => "an empty renegotiation_info",
            Self::PremasterVersion => "a premaster secret of another version",
            Self::PremasterFirstOctets => "a premaster block with wrong first octets",
            Self::PremasterWithoutZero => "a premaster block without a zero after its padding",
            Self::PremasterZeroInPadding => "a premaster block with a zero in its padding",
            Self::PremasterShort => "a premaster secret of 47 octets",
            Self::WrongFinished => "a wrong Finished",
            Self::ChangeCipherSpecOmitted => "no ChangeCipherSpec",
            Self::ChangeCipherSpecEarly => "ChangeCipherSpec before the key exchange",
            Self::FlippedCiphertextBit => "a flipped bit in the ciphertext",
            Self::FlippedMacBit => "a flipped bit in the MAC",
            Self::WrongSequenceNumber => "a wrong sequence number",
            Self::PaddingLongest => "the longest padding",
            Self::PaddingFirstOctetWrong => "padding with a wrong first octet",
            Self::PaddingFilled => "padding of zeroes",
            Self::PaddingOverlong => "padding longer than the record",
            Self::PaddingWhole => "padding over the whole record",
            Self::EmptyRecord => "an empty record before it",
            Self::RepeatedRecord => "the same record twice",
            Self::Heartbeat => "a heartbeat request before it",
            Self::HeartbeatOverread => {
                "a heartbeat request before it that says it is longer than it is"
            }
            Self::ChangeCipherSpecAgain => "a ChangeCipherSpec before it",
            Self::FatalAlert => "a fatal alert before it",
            Self::WarningAlert => "a warning before it",
        }
    }
}
