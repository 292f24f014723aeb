//! The target file: where the target is, whom we may be, what its operator's policy is, and which levers exist.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

pub use super::declared::Declared;
use super::requirement::Role;
use super::secret::SecretReference;

/// Whether credentials may be sent to a certificate chain that did not verify.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verify {
    /// Never; without a verified chain scenarios with credentials are inconclusive.
    #[default]
    Full,
    /// Yes: the chain is only observed. For laboratories.
    Observe,
}

/// Where Ut is served.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The service as a UE addresses it, such as `https://ps.example.test/`. Its path is the XCAP root.
    pub url: String,
    /// Connects to this `host:port` instead of what the name resolves to; pins one node.
    #[serde(default)]
    pub address: Option<String>,
    /// PEM file with the roots that the server chain must lead to, relative to the target file.
    #[serde(default)]
    pub ca: Option<String>,
    /// What happens when the chain does not verify.
    #[serde(default)]
    pub verify: Verify,
    /// Further host names behind the same proxy.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The same service in clear, such as `http://ps.example.test/`, or `none`.
    #[serde(default)]
    pub clear: Option<String>,
}

/// The documents that scenarios may use, by AUID.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    /// AUID to document name below `users/<XUI>/`, such as `pres-rules: presec-test.xml`. The first in order of name unless `default` says otherwise.
    pub names: BTreeMap<String, String>,
    /// The AUID of `$alice.document`.
    #[serde(default)]
    pub default: Option<String>,
    /// Whether scenarios may write them; what they write is undone.
    #[serde(default)]
    pub writable: Option<bool>,
}

/// With what a subscriber authenticates over Ut.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriberCredentials {
    /// The Digest username: the B-TID with GBA.
    #[serde(default)]
    pub b_tid: Option<String>,
    /// The Digest password with GBA: base64 of Ks_NAF.
    #[serde(default)]
    pub ks_naf: Option<SecretReference>,
    /// The Digest username without GBA.
    #[serde(default)]
    pub username: Option<String>,
    /// The Digest password without GBA.
    #[serde(default)]
    pub password: Option<SecretReference>,
    /// For TLS with a pre-shared key: the Ks_NAF of the same B-TID for a suite of TLS.
    #[serde(default)]
    pub pre_shared_key: Option<PreSharedCredentials>,
}

/// A key for TLS. It is another one than that of HTTP Digest: the NAF_Id from which it is derived ends in the Ua security protocol
/// identifier, and that names the suite (TS 33.220 H.3).
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreSharedCredentials {
    /// The suite it is for, up to TLS 1.2, by its IANA name.
    pub suite: String,
    /// Base64 of Ks_NAF for that suite.
    pub ks_naf: SecretReference,
    /// Base64 of Ks_NAF for TLS 1.3, whose Ua security protocol identifier names no suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ks_naf_tls13: Option<SecretReference>,
}

/// A test subscriber.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscriber {
    /// The private identity.
    #[serde(default)]
    pub impi: Option<String>,
    /// The public identities.
    pub impus: Vec<String>,
    /// The one the network inserts when the UE names none.
    #[serde(default)]
    pub default_impu: Option<String>,
    /// The XCAP user identifier; the first IMPU unless said.
    #[serde(default)]
    pub xui: Option<String>,
    /// With what it authenticates.
    pub credentials: SubscriberCredentials,
}

/// A certificate and its key, PEM files relative to the target file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateFiles {
    /// The chain, leaf first.
    pub certificate: String,
    /// The private key.
    pub key: String,
}

/// A client certificate, its key, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriberCertificate {
    /// The chain, leaf first.
    pub certificate: String,
    /// The private key.
    pub key: String,
    /// The subscriber whom the target takes its holder for, by name; left out, nobody said.
    #[serde(default)]
    pub of: Option<String>,
}

/// Client certificates to present.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientCertificates {
    /// One the target must accept.
    #[serde(default)]
    pub valid: Option<SubscriberCertificate>,
    /// One of a CA the target does not know.
    #[serde(default)]
    pub wrong_ca: Option<SubscriberCertificate>,
    /// One that has expired.
    #[serde(default)]
    pub expired: Option<SubscriberCertificate>,
}

/// presec's own server behind the proxy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OriginObserver {
    /// Where it listens, such as `127.0.0.1:9080`.
    pub listen: String,
    /// Certificate for TLS between proxy and observer; clear text without.
    #[serde(default)]
    pub tls: Option<CertificateFiles>,
    /// The real application server to which requests go on, such as `http://127.0.0.1:9081`.
    #[serde(default)]
    pub forward_to: Option<String>,
}

/// An HTTP request that pulls a lever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HookRequest {
    /// The method; POST unless said.
    #[serde(default)]
    pub method: Option<String>,
    /// The URL; `{subscriber}`, `{b_tid}` and `{seconds}` are filled in.
    pub url: String,
}

/// A lever: a command or an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HookAction {
    /// A program and its arguments; `{subscriber}`, `{b_tid}` and `{seconds}` are filled in.
    Command(Vec<String>),
    /// A request.
    Http(HookRequest),
}

/// The levers; each given, `none`, or unknown when left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hooks {
    /// Makes the target demand re-authentication of a subscriber.
    #[serde(default)]
    pub force_reauth: Option<Declared<HookAction>>,
    /// Makes a subscriber's B-TID invalid.
    #[serde(default)]
    pub expire_b_tid: Option<Declared<HookAction>>,
    /// Moves the target's clock forward by `{seconds}`.
    #[serde(default)]
    pub advance_clock: Option<Declared<HookAction>>,
    /// Restarts the target.
    #[serde(default)]
    pub restart: Option<Declared<HookAction>>,
}

/// How much presec may ask of the target.
#[derive(Debug, Clone, Default, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Scenarios at a time; 4 unless said, 64 at most.
    #[serde(default)]
    pub concurrency: Option<u16>,
    /// New connections per second; unlimited towards loopback and 50 elsewhere unless said.
    #[serde(default)]
    pub connections_per_second: Option<u32>,
    /// Connections of the whole run; 20,000 unless said.
    #[serde(default)]
    pub connections: Option<u32>,
    /// How long one answer may take, such as `5s`.
    #[serde(default)]
    pub timeout: Option<String>,
}

/// Which hosts may be tested and who allowed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Host names or addresses; loopback needs no entry.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Who authorised the test; required beyond loopback.
    #[serde(default)]
    pub authorised_by: Option<String>,
}

/// Names of the identity header fields, where they differ from TS 24.109.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityHeaders {
    /// From the UE to the proxy.
    #[serde(default = "intended")]
    pub intended: String,
    /// From the proxy to the application server.
    #[serde(default = "asserted")]
    pub asserted: String,
}

fn intended() -> String {
    "X-3GPP-Intended-Identity".to_owned()
}

fn asserted() -> String {
    "X-3GPP-Asserted-Identity".to_owned()
}

impl Default for IdentityHeaders {
    fn default() -> Self {
        Self {
            intended: intended(),
            asserted: asserted(),
        }
    }
}

/// A target as its operator describes it.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// A name for reports and waivers.
    pub name: String,
    /// What the target is; scenarios for other roles are not applicable.
    pub roles: Vec<Role>,
    /// The 3GPP release whose TLS profile binds it, `rel6` to `rel18`.
    #[serde(default)]
    pub release: Option<String>,
    /// `ap` when an authentication proxy stands in front, `direct` otherwise.
    #[serde(default)]
    pub topology: Option<String>,
    /// Where Ut is served.
    pub ut: Endpoint,
    /// The documents that scenarios may use.
    #[serde(default)]
    pub documents: Option<Documents>,
    /// Operator policy; a key left out is unknown.
    #[serde(default)]
    pub policy: BTreeMap<String, PolicyValue>,
    /// Test subscribers by name, or `none`; scenarios speak of `alice` and `bob`.
    #[serde(default)]
    pub subscribers: Option<Declared<BTreeMap<String, Subscriber>>>,
    /// Client certificates to present.
    #[serde(default)]
    pub client_certificates: Option<Declared<ClientCertificates>>,
    /// presec's own server behind the proxy, or `none`.
    #[serde(default)]
    pub origin_observer: Option<Declared<OriginObserver>>,
    /// Names of the identity header fields.
    #[serde(default)]
    pub identity_headers: IdentityHeaders,
    /// Levers.
    #[serde(default)]
    pub hooks: Hooks,
    /// How much presec may ask of the target.
    #[serde(default)]
    pub limits: Limits,
    /// Which hosts may be tested and who allowed it.
    #[serde(default)]
    pub scope: Scope,
}

/// A policy value: one word, or a list of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyValue(pub Vec<String>);

struct PolicyValueVisitor;

impl<'de> Visitor<'de> for PolicyValueVisitor {
    type Value = PolicyValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word or a list of words")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<PolicyValue, E> {
        Ok(PolicyValue(vec![text.to_owned()]))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<PolicyValue, E> {
        Ok(PolicyValue(vec![value.to_string()]))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<PolicyValue, E> {
        Ok(PolicyValue(vec![value.to_string()]))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<PolicyValue, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(PolicyValue(values))
    }
}

impl<'de> Deserialize<'de> for PolicyValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PolicyValueVisitor)
    }
}

impl Serialize for PolicyValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => serializer.serialize_str(one),
            many => many.serialize(serializer),
        }
    }
}

impl JsonSchema for PolicyValue {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PolicyValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": ["string", "boolean"] },
                { "type": "array", "items": { "type": "string" } }
            ]
        })
    }
}
