//! Facts of TLS steps: first flights, connections and certificates.

/// A fatal or warning alert as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertFacts {
    /// 1 warning, 2 fatal (RFC 8446 6).
    pub level: u8,
    /// The description's code point.
    pub description: u8,
}

/// By whose order a server selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuiteOrder {
    /// By its own: the same suite whatever the client lists first.
    Server,
    /// By the client's: what is listed first.
    Client,
    /// By neither, as far as an offer and its reverse show.
    Neither,
}

/// The suites that a server accepts in one version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuiteList {
    /// Their names, in the server's order if that is what counts, else as they were offered.
    pub names: Vec<String>,
    /// By whose order it selects; `None` for a single suite or where that could not be seen.
    pub order: Option<SuiteOrder>,
    /// Those that are not among the suites the list was compared with; `None` when there was nothing to compare with.
    pub beyond: Option<Vec<String>>,
    /// Why the list may lack suites.
    pub incomplete: Option<String>,
}

/// What the first flight of a server says, without keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlightFacts {
    /// The decisive alert, if that is what came.
    pub alert: Option<AlertFacts>,
    /// Whether what came is no TLS at all, such as an answer in HTTP.
    pub not_tls: bool,
    /// The selected suite's code point.
    pub suite: Option<u16>,
    /// The selected suite's name, or its hex when it has none.
    pub suite_name: Option<String>,
    /// Nominal encryption bits of the selected suite; 0 for NULL.
    pub encryption_bits: Option<u16>,
    /// Whether the suite was among those offered.
    pub suite_was_offered: bool,
    /// The selected version, such as `tls1.2`; `ssl2.0` for an SSLv2 SERVER-HELLO.
    pub version: Option<String>,
    /// Selected compression method.
    pub compression: Option<u8>,
    /// Bits of the DHE prime in the ServerKeyExchange.
    pub dhe_bits: Option<u32>,
    /// Name of the ECDHE group in the ServerKeyExchange or key share.
    pub group: Option<String>,
    /// Hash of the signature in the ServerKeyExchange: `md5`, `sha1`, `sha256` …
    pub signature_hash: Option<String>,
    /// The PSK identity hint of the ServerKeyExchange (RFC 4279), control characters made visible.
    pub identity_hint: Option<String>,
    /// Whether the downgrade sentinel of RFC 8446 4.1.3 stands in the server random.
    pub downgrade_marker: bool,
    /// Whether renegotiation_info stands in the ServerHello (RFC 5746).
    pub secure_renegotiation: bool,
    /// Whether extended_master_secret stands in the ServerHello (RFC 7627).
    pub extended_master_secret: bool,
    /// Whether a CertificateRequest is part of the clear flight.
    pub certificate_request: bool,
    /// Whether the offered session id came back, as in an abbreviated handshake (TLS 1.2 and below).
    pub session_id_echoed: bool,
    /// Leaf certificate, when clear.
    pub certificate: Option<Box<CertificateFacts>>,
    /// Every suite that is accepted, where that was asked.
    pub list: Option<Box<SuiteList>>,
}

/// What a TLS connection by a well-behaved client showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// Whether the handshake completed and the connection survived the first read after it.
    pub completed: bool,
    /// Whether the handshake was abbreviated.
    pub resumed: bool,
    /// What resumed it: `session-id`, `ticket` or `tls13-psk`, read from the clear first flight.
    pub mechanism: Option<String>,
    /// Whether the saved state that was to be resumed exists by the wanted mechanism.
    pub resumable: bool,
    /// Seconds that the server means to take the ticket it gave, as far as that was seen.
    pub advertised_lifetime: Option<u32>,
    /// Whether the server took the early data that was sent; `None` when none was.
    pub early_data_accepted: Option<bool>,
    /// Whether the server took the name in server_name up; `None` where that is encrypted (TLS 1.3).
    pub server_name_acknowledged: Option<bool>,
    /// Selected version, such as `tls1.3`.
    pub version: Option<String>,
    /// Selected suite's name.
    pub suite_name: Option<String>,
    /// Nominal encryption bits of the selected suite.
    pub encryption_bits: Option<u16>,
    /// Whether the server asked for a client certificate.
    pub certificate_requested: bool,
    /// The alert that ended it.
    pub alert: Option<AlertFacts>,
    /// The server's certificate.
    pub certificate: Option<CertificateFacts>,
}

/// Where a certificate names its host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NameSource {
    /// A dNSName (or iPAddress) in subjectAltName.
    SubjectAlternativeName,
    /// Only the common name (RFC 2818 3.1, when no dNSName is present).
    CommonName,
    /// Nowhere.
    #[default]
    None,
}

/// The public key of a certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFacts {
    /// What it is, such as `RSA of 2048 bits`.
    pub name: String,
    /// Bits of the modulus, if it is RSA.
    pub rsa_bits: Option<u32>,
    /// Bits of the field, if it is on a known elliptic curve of named parameters.
    pub curve_bits: Option<u32>,
    /// It is on a curve whose size is not known.
    pub unknown_curve: bool,
}

/// What a server certificate says, apart from whether we went on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateFacts {
    /// SHA-256 of the leaf in lower-case hex.
    pub fingerprint: String,
    /// Whether the leaf is DER that can be read; without it nothing below means anything.
    pub readable: bool,
    /// Names in subjectAltName, else the common name.
    pub names: Vec<String>,
    /// Where the wanted host is named.
    pub name_source: NameSource,
    /// Further hosts of the target that it does not name.
    pub unnamed_hosts: Vec<String>,
    /// Why no path leads to the configured root; `None` when one does; `Some` also when no root is configured.
    pub path_problem: Option<String>,
    /// The problem is that the chain uses what our libraries cannot check, so that nothing is known about it.
    pub path_unchecked: bool,
    /// The problem is that a certificate on the way to the root was not sent, or the root is another.
    pub path_gap: bool,
    /// Whether a root to judge the path by is configured.
    pub root_configured: bool,
    /// Whether now lies in the validity period.
    pub valid_now: bool,
    /// Length of the validity period in days.
    pub lifetime_days: u32,
    /// Whether key usage and extended key usage, where present, allow a TLS server.
    pub server_usage: bool,
    /// Whether the leaf is not a certification authority.
    pub not_ca: bool,
    /// The X.509 version, 1 to 3.
    pub version: u32,
    /// Octets of the serial number as it is encoded.
    pub serial_octets: u32,
    /// The public key.
    pub key: KeyFacts,
    /// Hashes of the signatures on certificates that were sent and are not self-issued, such as `sha256`.
    pub signature_hashes: Vec<String>,
    /// Critical extensions of the leaf that RFC 5280 does not know, as object identifiers.
    pub unknown_critical: Vec<String>,
    /// What is wrong with the order of the chain.
    pub disorder: Option<String>,
    /// Whether the leaf names an OCSP responder.
    pub ocsp_responder: bool,
    /// Whether an OCSP response came with it; `None` where that could not be seen.
    pub stapled: Option<bool>,
    /// Where the private part of its key is published.
    pub published_key: Option<String>,
}
