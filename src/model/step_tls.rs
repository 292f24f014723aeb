//! Steps over TLS: offers without keys, and connections of a well-behaved client.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer_tls::{Connection, Flight};
use super::bind::Bind;
use super::claim::Claim;
use super::step_pre_shared::PreShared;
use super::tls_quirk::TlsQuirk;

/// Which of its parts makes an offer unacceptable; the automatic control repeats the same bytes with that part made good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DiffersBy {
    /// The suites: the control adds one suite the target is known to select in this version.
    #[default]
    Suites,
    /// The groups: the control adds the groups the target is known to accept.
    Groups,
    /// The signature schemes: the control offers all.
    SignatureSchemes,
    /// The version or form of the hello: the control offers the same suites in an accepted version.
    Version,
    /// The server name: the control names the target's host.
    ServerName,
    /// The bytes: the control is the same hello without the quirk.
    Quirk,
    /// The signalling value `TLS_FALLBACK_SCSV` (RFC 7507) among the suites: the control leaves it out.
    FallbackScsv,
}

/// A way in which the bytes of a hello depart from a well-formed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HelloQuirk {
    /// The suite vector has an odd length.
    OddSuiteLength,
    /// The suite vector is empty.
    NoSuites,
    /// The suite vector fills 65,000 octets with unassigned code points before the suites.
    OversizedSuiteList,
    /// The handshake length announces more than is sent.
    OverlongHandshakeLength,
    /// The hello is cut off in the middle of the random.
    Truncated,
    /// The hello is split over records of 16 octets.
    Fragmented,
    /// The hello is split over records of a single octet.
    FragmentedSingly,
    /// The hello is well formed, but padding (RFC 7685) makes it longer than 20,000 octets, in as many records as it takes.
    OversizedHello,
    /// The same in a single record, longer than the 2^14 octets that a record may carry.
    OversizedRecord,
    /// Octets that are no TLS stand before the hello.
    GarbageFirst,
    /// The hello comes one octet each second for 90 seconds, and what is left of it only then.
    Dripped,
}

/// The form of a hello.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HelloForm {
    /// A TLS (or SSLv3) record.
    #[default]
    Tls,
    /// An SSLv2 CLIENT-HELLO of version 0002.
    Ssl2,
}

/// Sends one ClientHello and reads the first flight; completes nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsOffer {
    /// The highest version offered, `ssl3.0` to `tls1.3`; the best the target accepts up to 1.2 unless said, or TLS 1.3 when every suite is one of TLS 1.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Bind<String>>,
    /// Suites in the order offered: names, quoted hex, or sets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suites: Vec<Bind<String>>,
    /// The form of the hello.
    #[serde(default)]
    pub form: HelloForm,
    /// The name in server_name; the target's host unless said, `none` for no extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<Bind<String>>,
    /// Supported groups, names as in the IANA registry; a usual list unless said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Bind<String>>,
    /// Signature schemes, names as in the IANA registry; a usual list unless said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signature_schemes: Vec<Bind<String>>,
    /// The version in the record header, quoted hex; as usual for the offered version unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_version: Option<Bind<String>>,
    /// The legacy version in the hello, quoted hex; as usual for the offered version unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_version: Option<Bind<String>>,
    /// Adds GREASE values (RFC 8701) to suites, groups, versions and extensions.
    #[serde(default)]
    pub grease: bool,
    /// Offers compression by DEFLATE (RFC 3749) before none.
    #[serde(default)]
    pub compression: bool,
    /// Offers the session id of a connection saved under this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id_of: Option<String>,
    /// Offers the session that the lab engine saved under this name: by its ticket, or by its id where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_of: Option<String>,
    /// Finds every suite that the target accepts in this version, by taking away what it selected, and whose order counts.
    /// What is accepted beyond these suites is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enumerate: Option<Vec<Bind<String>>>,
    /// Leaves out the suite of the session whose id is offered.
    #[serde(default)]
    pub without_session_suite: bool,
    /// Wrong bytes on purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quirk: Option<HelloQuirk>,
    /// What the automatic control makes good.
    #[serde(default)]
    pub differs_by: DiffersBy,
    /// What is claimed.
    #[serde(default)]
    pub expect: Vec<Claim<Flight>>,
}

/// What a client holds when it is asked for a certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClientCertificate {
    /// What ordinary connections to this target hold: the valid one where policy requires one, none elsewhere.
    /// A refusal for want of a certificate then proves nothing.
    #[default]
    Usual,
    /// None: an empty Certificate message answers a request.
    Empty,
    /// The valid one of the target file.
    Valid,
    /// The one of a foreign CA.
    WrongCa,
    /// The expired one.
    Expired,
    /// One with the names of the valid one, signed by nobody but itself.
    SelfSigned,
    /// The valid one, with a CertificateVerify whose signature is wrong.
    WrongCertificateVerify,
    /// The valid one, without the CertificateVerify that shows possession of its key.
    NoCertificateVerify,
    /// None, and no Certificate message either although one was asked for.
    Omitted,
}

impl ClientCertificate {
    /// Whether an ordinary TLS library cannot behave so.
    #[must_use]
    pub const fn needs_lab(self) -> bool {
        matches!(
            self,
            Self::WrongCertificateVerify | Self::NoCertificateVerify | Self::Omitted
        )
    }

    /// Whether it is made of the valid certificate of the target file.
    #[must_use]
    pub const fn takes_valid(self) -> bool {
        matches!(
            self,
            Self::Valid
                | Self::SelfSigned
                | Self::WrongCertificateVerify
                | Self::NoCertificateVerify
        )
    }
}

/// Who makes a handshake.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TlsClient {
    /// An ordinary TLS library, and the lab engine only where that has nothing in common with the target.
    #[default]
    Usual,
    /// The lab engine, so that every part of the handshake and every record can be as the scenario wants it.
    Lab,
}

/// An extension of the ClientHello that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOut {
    /// extended_master_secret (RFC 7627).
    ExtendedMasterSecret,
    /// encrypt_then_mac (RFC 7366).
    EncryptThenMac,
    /// session_ticket (RFC 5077).
    SessionTicket,
    /// server_name (RFC 6066).
    ServerName,
}

/// How a session is to be resumed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// By whatever the server gives.
    #[default]
    Any,
    /// By session id (TLS 1.2).
    SessionId,
    /// By ticket (RFC 5077, TLS 1.2).
    Ticket,
    /// By pre-shared key (TLS 1.3).
    Tls13Psk,
}

impl super::bind::Literal for Mechanism {
    const WANTED: &'static str = "any, session-id, ticket or tls13-psk";

    fn read(text: &str) -> Result<Self, String> {
        match text {
            "any" => Ok(Self::Any),
            "session-id" => Ok(Self::SessionId),
            "ticket" => Ok(Self::Ticket),
            "tls13-psk" => Ok(Self::Tls13Psk),
            _ => Err(format!("expected {}, found `{text}`", Self::WANTED)),
        }
    }

    fn write(&self) -> String {
        match self {
            Self::Any => "any",
            Self::SessionId => "session-id",
            Self::Ticket => "ticket",
            Self::Tls13Psk => "tls13-psk",
        }
        .to_owned()
    }
}

/// Completes a handshake as a well-behaved client; one HTTP request tells whether the server really went along.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsConnect {
    /// Keeps the connection open under this name for later steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Saves the TLS session for resumption under this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub save: Option<String>,
    /// Offers the TLS session saved under this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<String>,
    /// The mechanism by which to save or resume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<Bind<Mechanism>>,
    /// The only version offered; 1.2 and 1.3 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Bind<String>>,
    /// The name in server_name; the target's host unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<Bind<String>>,
    /// What the client holds when asked for a certificate.
    #[serde(default)]
    pub client_certificate: ClientCertificate,
    /// Who makes the handshake; the lab engine wherever a key below, or the client certificate, wants what only it can do.
    #[serde(default)]
    pub client: TlsClient,
    /// Suites in the order offered: names, quoted hex, or sets; those of an ordinary offer unless said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suites: Vec<Bind<String>>,
    /// Supported groups, names as in the IANA registry; a usual list unless said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Bind<String>>,
    /// Signature schemes, names as in the IANA registry; a usual list unless said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signature_schemes: Vec<Bind<String>>,
    /// Extensions that are not offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<LeftOut>,
    /// Flips one bit in the ticket that is offered.
    #[serde(default)]
    pub flip_ticket_bit: bool,
    /// Sends the request as early data too (0-RTT, RFC 8446 2.3), whether or not the ticket allows it.
    #[serde(default)]
    pub early_data: bool,
    /// What is wrong in the handshake, or in the request after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quirks: Vec<TlsQuirk>,
    /// The pre-shared key of a subscriber: the suite is that of the key, and the lab engine makes the handshake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_shared_key: Option<PreShared>,
    /// What is claimed.
    #[serde(default)]
    pub expect: Vec<Claim<Connection>>,
}

impl TlsConnect {
    /// Whether the lab engine has to make the handshake, whatever the target has in common with other clients.
    #[must_use]
    pub fn needs_lab(&self) -> bool {
        self.client == TlsClient::Lab
            || self.client_certificate.needs_lab()
            || !self.suites.is_empty()
            || !self.groups.is_empty()
            || !self.signature_schemes.is_empty()
            || !self.without.is_empty()
            || self.flip_ticket_bit
            || self.early_data
            || !self.quirks.is_empty()
            || self.pre_shared_key.is_some()
    }
}
