//! Steps over a connection that the lab TLS engine has open, and over several that are compared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer_open::{Aftermath, Comparison};
use super::bind::Bind;
use super::claim::Claim;
use super::step_tls::LeftOut;
use super::tls_quirk::TlsQuirk;

/// Most handshakes that one comparison may make wrong.
pub const MOST_COMPARED: usize = 8;

/// An alert that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SentAlert {
    /// 1 for a warning, 2 for a fatal one.
    pub level: u8,
    /// Its code point in the IANA registry.
    pub description: u8,
}

/// A record that is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SentRecord {
    /// Its content type, such as 23 for application data.
    pub content_type: u8,
    /// Its content before protection, as hex; at most 16,384 octets.
    #[serde(default)]
    pub content: String,
}

/// Sends a request without credentials over an open connection, with something wrong in it or before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsSend {
    /// The session; a `tls-connect` of the lab engine opened it.
    pub session: String,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quirks: Vec<TlsQuirk>,
    /// A record before the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<SentRecord>,
    /// What is claimed.
    #[serde(default)]
    pub expect: Vec<Claim<Aftermath>>,
}

/// Sends an alert over an open connection, and a request after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsAlert {
    /// The session; a `tls-connect` of the lab engine opened it.
    pub session: String,
    /// What is sent.
    pub alert: SentAlert,
    /// What is claimed.
    #[serde(default)]
    pub expect: Vec<Claim<Aftermath>>,
}

/// Begins another handshake over an open connection, and sends a request after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsRenegotiate {
    /// The session; a `tls-connect` of the lab engine opened it.
    pub session: String,
    /// Suites in the order offered: names, quoted hex, or sets; those of the handshake before unless said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suites: Vec<Bind<String>>,
    /// What is wrong in the new handshake.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quirks: Vec<TlsQuirk>,
    /// What is claimed.
    #[serde(default)]
    pub expect: Vec<Claim<Aftermath>>,
}

/// How a connection is closed by us.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClosingWay {
    /// close_notify, and then we wait for the target's.
    #[default]
    CloseNotify,
    /// The end of the TCP stream (FIN) without close_notify.
    Fin,
}

/// Closes our side of an open connection and sees whether the target closes its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsClose {
    /// The session; a `tls-connect` of the lab engine opened it.
    pub session: String,
    /// How.
    #[serde(default)]
    pub how: ClosingWay,
    /// What is claimed.
    #[serde(default)]
    pub expect: Vec<Claim<Aftermath>>,
}

/// Lets an open connection rest, and sends a request after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsPause {
    /// The session; a `tls-connect` of the lab engine opened it.
    pub session: String,
    /// How long, such as `3s`; at most a minute.
    #[serde(rename = "for")]
    pub how_long: String,
    /// What is claimed.
    #[serde(default)]
    pub expect: Vec<Claim<Aftermath>>,
}

/// Makes one connection for each quirk and compares how the target ends them: whoever tells them apart gives a secret away.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsCompare {
    /// The only version offered.
    pub version: Option<Bind<String>>,
    /// Suites in the order offered: names, quoted hex, or sets.
    pub suites: Vec<Bind<String>>,
    /// Extensions that are not offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<LeftOut>,
    /// What is wrong, in one connection each.
    pub quirks: Vec<TlsQuirk>,
    /// What is claimed.
    #[serde(default)]
    pub expect: Vec<Claim<Comparison>>,
}
