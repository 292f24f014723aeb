//! What a scenario asks to offer, turned into a hello that only the asked-for things can spoil.
//!
//! Everything a server of the version could stumble over beside the suites is filled in the way
//! both old and current servers accept, so that a refusal is about what was asked.

use crate::model::suite::ProtocolVersion;

use super::extension::{Extension, GREASE, group};
use super::hello::{ClientHello, HelloQuirks};
use super::sslv2::{CIPHER_KINDS, Sslv2ClientHello};

/// The groups offered unless told otherwise, best first.
pub const DEFAULT_GROUPS: [u16; 4] = [
    group::X25519,
    group::SECP256R1,
    group::SECP384R1,
    group::SECP521R1,
];

/// The signature schemes offered unless told otherwise: everything a server certificate may need,
/// incl. SHA-1 and DSS, so that no server refuses for lack of one.
pub const DEFAULT_SIGNATURE_SCHEMES: [u16; 18] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0401,
    0x0501, 0x0601, 0x0203, 0x0201, 0x0402, 0x0202,
];

/// What to offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The highest version offered; TLS 1.3 is offered alone.
    pub version: ProtocolVersion,
    /// Exactly these suites, nothing added.
    pub suites: Vec<u16>,
    /// Host name of server_name; no extension without.
    pub server_name: Option<String>,
    /// Groups; `None` = [`DEFAULT_GROUPS`], empty = no extension.
    pub groups: Option<Vec<u16>>,
    /// Signature schemes (TLS 1.2 and up); `None` = [`DEFAULT_SIGNATURE_SCHEMES`], empty = no
    /// extension.
    pub signature_schemes: Option<Vec<u16>>,
    /// Session to resume; in TLS 1.3 an empty one is filled for middlebox compatibility.
    pub session_id: Vec<u8>,
    /// Ticket to resume with; empty asks for one.
    pub session_ticket: Option<Vec<u8>>,
    /// Whether extended_master_secret is offered.
    pub extended_master_secret: bool,
    /// Application protocols, best first.
    pub alpn: Vec<String>,
    /// Version in the record header; `None` = 0x0301, for SSL 3.0 0x0300.
    pub record_version: Option<u16>,
    /// Version in the message; `None` = what the version demands.
    pub client_version: Option<u16>,
    /// Compression methods; empty = null compression.
    pub compressions: Vec<u8>,
    /// Whether a reserved extension, group and version are offered too; never a suite.
    pub grease: bool,
    /// Whether stapled OCSP is asked for.
    pub status_request: bool,
    /// Deliberate deviations.
    pub quirks: HelloQuirks,
}

impl Offer {
    /// An offer of these suites in this version, everything else as usual.
    #[must_use]
    pub fn new(version: ProtocolVersion, suites: Vec<u16>) -> Self {
        Self {
            version,
            suites,
            server_name: None,
            groups: None,
            signature_schemes: None,
            session_id: Vec::new(),
            session_ticket: None,
            extended_master_secret: true,
            alpn: Vec::new(),
            record_version: None,
            client_version: None,
            compressions: Vec::new(),
            grease: false,
            status_request: false,
            quirks: HelloQuirks::default(),
        }
    }

    /// The bytes to send: for SSL 2.0 its own hello, else [`Self::client_hello`] encoded.
    #[must_use]
    pub fn encode(&self, random: [u8; 32]) -> Vec<u8> {
        if self.version == ProtocolVersion::Ssl2 {
            self.sslv2_client_hello(random).encode()
        } else {
            self.client_hello(random).encode()
        }
    }

    /// The hello in SSL 2.0 format: all its cipher kinds, then the asked-for suites as triples.
    #[must_use]
    pub fn sslv2_client_hello(&self, random: [u8; 32]) -> Sslv2ClientHello {
        let triples = self.suites.iter().map(|suite| {
            let [high, low] = suite.to_be_bytes();
            [0, high, low]
        });
        Sslv2ClientHello {
            version: self.client_version.unwrap_or_else(|| self.version.wire()),
            cipher_specs: CIPHER_KINDS.into_iter().chain(triples).collect(),
            session_id: self.session_id.clone(),
            challenge: random.to_vec(),
        }
    }

    /// The hello in TLS format; `random` comes from the run's seed.
    #[must_use]
    pub fn client_hello(&self, random: [u8; 32]) -> ClientHello {
        let tls13 = self.version == ProtocolVersion::Tls13;
        let legacy = if tls13 {
            ProtocolVersion::Tls12
        } else {
            self.version
        };
        let record = if self.version <= ProtocolVersion::Ssl3 {
            0x0300
        } else {
            0x0301
        };
        let session_id = if tls13 && self.session_id.is_empty() {
            random.iter().rev().map(|octet| octet ^ 0xA5).collect()
        } else {
            self.session_id.clone()
        };
        let compressions = if self.compressions.is_empty() {
            vec![0]
        } else {
            self.compressions.clone()
        };
        ClientHello {
            record_version: self.record_version.unwrap_or(record),
            client_version: self.client_version.unwrap_or_else(|| legacy.wire()),
            random,
            session_id,
            suites: self.suites.clone(),
            compressions,
            extensions: self.extensions(),
            quirks: self.quirks.clone(),
        }
    }

    fn extensions(&self) -> Vec<Extension> {
        let mut extensions = Vec::new();
        if self.version <= ProtocolVersion::Ssl3 {
            return extensions;
        }
        if self.grease {
            extensions.push(Extension::grease());
        }
        if let Some(host) = &self.server_name {
            extensions.push(Extension::server_name(host));
        }
        if self.extended_master_secret {
            extensions.push(Extension::extended_master_secret());
        }
        let tls13 = self.version == ProtocolVersion::Tls13;
        if !tls13 {
            extensions.push(Extension::renegotiation_info());
        }
        if let Some(ticket) = &self.session_ticket {
            extensions.push(Extension::session_ticket(ticket));
        }
        if self.status_request {
            extensions.push(Extension::status_request());
        }
        if !self.alpn.is_empty() {
            extensions.push(Extension::alpn(&self.alpn));
        }
        self.add_cryptographic(&mut extensions);
        if tls13 {
            let version = [self.version.wire()];
            extensions.push(Extension::supported_versions(&version, self.grease));
            extensions.push(Extension::psk_key_exchange_modes(&[1]));
            extensions.push(Extension::key_share(&self.offered_groups()));
        }
        extensions
    }

    fn add_cryptographic(&self, extensions: &mut Vec<Extension>) {
        let mut groups = self.offered_groups();
        if !groups.is_empty() {
            if self.grease {
                groups.insert(0, GREASE);
            }
            extensions.push(Extension::supported_groups(&groups));
            extensions.push(Extension::ec_point_formats());
        }
        let schemes: &[u16] = self
            .signature_schemes
            .as_deref()
            .unwrap_or(&DEFAULT_SIGNATURE_SCHEMES);
        if self.version >= ProtocolVersion::Tls12 && !schemes.is_empty() {
            extensions.push(Extension::signature_algorithms(schemes));
        }
    }

    fn offered_groups(&self) -> Vec<u16> {
        self.groups
            .clone()
            .unwrap_or_else(|| DEFAULT_GROUPS.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::super::extension::code;
    use super::*;

    fn codes(offer: &Offer) -> Vec<u16> {
        offer
            .client_hello([1; 32])
            .extensions
            .iter()
            .map(|extension| extension.code)
            .collect()
    }

    #[test]
    fn each_version_looks_as_its_servers_expect() {
        let hello = Offer::new(ProtocolVersion::Ssl3, vec![0x002F]).client_hello([1; 32]);
        assert_eq!(
            (hello.record_version, hello.client_version),
            (0x0300, 0x0300)
        );
        assert!(hello.extensions.is_empty() && hello.session_id.is_empty());

        let old = codes(&Offer::new(ProtocolVersion::Tls10, vec![0x002F]));
        assert!(!old.contains(&code::SIGNATURE_ALGORITHMS));
        assert!(old.contains(&code::SUPPORTED_GROUPS) && old.contains(&code::RENEGOTIATION_INFO));

        let hello = Offer::new(ProtocolVersion::Tls12, vec![0x002F]).client_hello([1; 32]);
        assert!(hello.signature_algorithms().contains(&0x0201));
        assert_eq!(hello.highest_version(), 0x0303);

        let hello = Offer::new(ProtocolVersion::Tls13, vec![0x1301]).client_hello([1; 32]);
        assert_eq!(
            (hello.client_version, hello.highest_version()),
            (0x0303, 0x0304)
        );
        assert_eq!(hello.session_id.len(), 32);
        assert!(hello.has_extension(code::KEY_SHARE));
        assert!(!hello.has_extension(code::RENEGOTIATION_INFO));
    }

    /// Bytes that TShark reads without complaint and servers answered; see the files' first lines.
    #[test]
    fn bytes_are_those_that_others_read() {
        let random = core::array::from_fn(|index| u8::try_from(index).unwrap());
        let bytes = |text: &str| {
            let digits: String = text.lines().filter(|line| !line.starts_with('#')).collect();
            hex::decode(digits).unwrap()
        };
        let mut offer = Offer::new(ProtocolVersion::Tls10, vec![0xC013]);
        offer.server_name = Some("ap.example.net".to_owned());
        let golden = bytes(include_str!("../../../fixtures/wire/tls/client-tls10.hex"));
        assert_eq!(offer.encode(random), golden);
        offer.version = ProtocolVersion::Tls13;
        offer.suites = vec![0x1301];
        offer.grease = true;
        offer.status_request = true;
        offer.alpn = vec!["h2".to_owned(), "http/1.1".to_owned()];
        let golden = bytes(include_str!("../../../fixtures/wire/tls/client-tls13.hex"));
        assert_eq!(offer.encode(random), golden);
    }

    #[test]
    fn suites_are_exactly_the_asked_ones_even_with_grease() {
        for version in ProtocolVersion::ALL {
            let mut offer = Offer::new(version, vec![0x0005]);
            offer.grease = true;
            assert_eq!(offer.client_hello([0; 32]).suites, [0x0005]);
        }
    }

    #[test]
    fn ssl2_speaks_its_own_format() {
        let bytes = Offer::new(ProtocolVersion::Ssl2, vec![]).encode([2; 32]);
        assert_eq!(&bytes[..5], [0x80, 62, 1, 0, 2]);
    }

    #[test]
    fn empty_lists_drop_their_extension() {
        let mut offer = Offer::new(ProtocolVersion::Tls12, vec![0x002F]);
        offer.groups = Some(vec![]);
        offer.signature_schemes = Some(vec![]);
        let codes = codes(&offer);
        assert!(!codes.contains(&code::SUPPORTED_GROUPS));
        assert!(!codes.contains(&code::SIGNATURE_ALGORITHMS));
    }
}
