//! A line of a transcript.

use serde::Serialize;

use crate::model::suite::SuiteRegistry;
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::server_hello::ServerHello;
use crate::wire::tls::summary::{Message, RecordSummary, content_type_name, handshake_name};

/// One event.
#[derive(Debug, Default, Serialize)]
pub(super) struct Line<'a> {
    /// Microseconds of the monotonic clock.
    pub(super) at_us: u64,
    /// What happened.
    pub(super) event: &'static str,
    /// The connection, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connection: Option<u32>,
    /// Whose connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    /// `sent` or `received`, seen from the side that opened the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) direction: Option<&'static str>,
    /// The side that opened the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<&'a str>,
    /// The other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<&'a str>,
    /// Whether this decided the verdict.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) decisive: bool,
    /// How many octets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) octets: Option<u64>,
    /// TLS records that end here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) records: Vec<Record>,
    /// The start line of an HTTP message that begins here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) http: Option<String>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    /// The octets; `**` stands for one of a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hex: Option<String>,
    /// What a handshake came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<Session>,
    /// Header fields of a request at the origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fields: Option<Vec<(String, String)>>,
    /// Counts the requests at the origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serial: Option<u64>,
}

/// What a handshake came to.
#[derive(Debug, Serialize)]
pub(super) struct Session {
    pub(super) version: Option<String>,
    pub(super) suite: Option<String>,
    pub(super) resumed: bool,
    pub(super) certificate_sha256: Option<String>,
    pub(super) not_verified_because: Option<String>,
}

/// A TLS record.
#[derive(Debug, Serialize)]
pub(super) struct Record {
    content_type: &'static str,
    version: String,
    length: u16,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    encrypted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Handshake>,
}

#[derive(Debug, Serialize)]
struct Handshake {
    message: &'static str,
    kind: u8,
    length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    offers: Option<Offers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selects: Option<Selects>,
    /// How many tickets or identities of pre-shared keys; themselves they are secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    tickets: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Offers {
    client_version: String,
    supported_versions: Vec<String>,
    suites: Vec<String>,
    server_name: Option<String>,
    session_id: String,
    compressions: Vec<u8>,
    extensions: Vec<u16>,
}

#[derive(Debug, Serialize)]
struct Selects {
    version: String,
    suite: String,
    session_id: String,
    compression: u8,
    hello_retry_request: bool,
    extensions: Vec<u16>,
}

impl Record {
    pub(super) fn of(summary: &RecordSummary, suites: &SuiteRegistry) -> Self {
        let messages = summary.messages.iter();
        Self {
            content_type: content_type_name(summary.header.content_type),
            version: version(summary.header.version),
            length: summary.header.length,
            encrypted: summary.encrypted,
            alert: summary.alert.map(|alert| alert.to_string()),
            messages: messages
                .map(|message| Handshake::of(message, suites))
                .collect(),
        }
    }
}

impl Handshake {
    fn of(message: &Message, suites: &SuiteRegistry) -> Self {
        Self {
            message: handshake_name(message.kind),
            kind: message.kind,
            length: message.length,
            offers: message
                .client_hello
                .as_ref()
                .map(|hello| Offers::of(hello, suites)),
            selects: message
                .server_hello
                .as_ref()
                .map(|hello| Selects::of(hello, suites)),
            tickets: (!message.tickets.is_empty()).then_some(message.tickets.len()),
        }
    }
}

impl Offers {
    fn of(hello: &ClientHello, suites: &SuiteRegistry) -> Self {
        Self {
            client_version: version(hello.client_version),
            supported_versions: hello
                .supported_versions()
                .into_iter()
                .map(version)
                .collect(),
            suites: hello
                .suites
                .iter()
                .map(|suite| suites.label(*suite))
                .collect(),
            server_name: hello.server_name().map(ToOwned::to_owned),
            session_id: hex::encode(&hello.session_id),
            compressions: hello.compressions.clone(),
            extensions: hello
                .extensions
                .iter()
                .map(|extension| extension.code)
                .collect(),
        }
    }
}

impl Selects {
    fn of(hello: &ServerHello, suites: &SuiteRegistry) -> Self {
        Self {
            version: version(hello.version),
            suite: suites.label(hello.suite),
            session_id: hex::encode(&hello.session_id),
            compression: hello.compression,
            hello_retry_request: hello.is_hello_retry_request(),
            extensions: hello
                .extensions
                .iter()
                .map(|extension| extension.code)
                .collect(),
        }
    }
}

/// A version field as people write it.
fn version(code: u16) -> String {
    match code {
        0x0002 => "ssl2".to_owned(),
        0x0300 => "ssl3".to_owned(),
        0x0301 => "tls1.0".to_owned(),
        0x0302 => "tls1.1".to_owned(),
        0x0303 => "tls1.2".to_owned(),
        0x0304 => "tls1.3".to_owned(),
        other => format!("0x{other:04x}"),
    }
}
