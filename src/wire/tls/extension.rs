//! Hello extensions, RFC 8446 clause 4.2 and the IANA registry "TLS ExtensionType Values".

use super::codec::{Malformed, Reader, put_u16, put_vector8, put_vector16, u16_octets};

/// Code points of extensions.
#[expect(missing_docs, reason = "the constants are the registered names")]
pub mod code {
    pub const SERVER_NAME: u16 = 0;
    pub const STATUS_REQUEST: u16 = 5;
    pub const SUPPORTED_GROUPS: u16 = 10;
    pub const EC_POINT_FORMATS: u16 = 11;
    pub const SIGNATURE_ALGORITHMS: u16 = 13;
    pub const HEARTBEAT: u16 = 15;
    pub const ALPN: u16 = 16;
    pub const PADDING: u16 = 21;
    pub const ENCRYPT_THEN_MAC: u16 = 22;
    pub const EXTENDED_MASTER_SECRET: u16 = 23;
    pub const SESSION_TICKET: u16 = 35;
    pub const PRE_SHARED_KEY: u16 = 41;
    pub const EARLY_DATA: u16 = 42;
    pub const SUPPORTED_VERSIONS: u16 = 43;
    pub const COOKIE: u16 = 44;
    pub const PSK_KEY_EXCHANGE_MODES: u16 = 45;
    pub const CERTIFICATE_AUTHORITIES: u16 = 47;
    pub const POST_HANDSHAKE_AUTH: u16 = 49;
    pub const SIGNATURE_ALGORITHMS_CERT: u16 = 50;
    pub const KEY_SHARE: u16 = 51;
    pub const RENEGOTIATION_INFO: u16 = 0xFF01;
}

/// Code points of named groups.
#[expect(missing_docs, reason = "the constants are the registered names")]
pub mod group {
    pub const SECP192R1: u16 = 19;
    pub const SECP224R1: u16 = 21;
    pub const SECP256R1: u16 = 23;
    pub const SECP384R1: u16 = 24;
    pub const SECP521R1: u16 = 25;
    pub const X25519: u16 = 29;
    pub const X448: u16 = 30;
}

/// A reserved value of RFC 8701, valid as suite, extension, group and version.
pub const GREASE: u16 = 0x0A0A;

/// A public key on x25519: Alice's of RFC 7748 clause 6.1. Its private key is public, which is
/// right here: no handshake is ever completed with it.
pub const X25519_PUBLIC: [u8; 32] = [
    0x85, 0x20, 0xF0, 0x09, 0x89, 0x30, 0xA7, 0x54, 0x74, 0x8B, 0x7D, 0xDC, 0xB4, 0x3E, 0xF7, 0x5A,
    0x0D, 0xBF, 0x3A, 0x0D, 0x26, 0x38, 0x1A, 0xF4, 0xEB, 0xA4, 0xA9, 0x8E, 0xAA, 0x9B, 0x4E, 0x6A,
];

/// An uncompressed point on secp256r1: the initiator's of RFC 5903 clause 8.1.
pub const SECP256R1_PUBLIC: [u8; 65] = [
    0x04, 0xDA, 0xD0, 0xB6, 0x53, 0x94, 0x22, 0x1C, 0xF9, 0xB0, 0x51, 0xE1, 0xFE, 0xCA, 0x57, 0x87,
    0xD0, 0x98, 0xDF, 0xE6, 0x37, 0xFC, 0x90, 0xB9, 0xEF, 0x94, 0x5D, 0x0C, 0x37, 0x72, 0x58, 0x11,
    0x80, 0x52, 0x71, 0xA0, 0x46, 0x1C, 0xDB, 0x82, 0x52, 0xD6, 0x1F, 0x1C, 0x45, 0x6F, 0xA3, 0xE5,
    0x9A, 0xB1, 0xF4, 0x5B, 0x33, 0xAC, 0xCF, 0x5F, 0x58, 0x38, 0x9E, 0x05, 0x77, 0xB8, 0x99, 0x0B,
    0xB3,
];

/// One extension of a hello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Code point, see [`code`].
    pub code: u16,
    /// Its data without the length.
    pub body: Vec<u8>,
}

impl Extension {
    /// An extension with the given data.
    #[must_use]
    pub const fn new(code: u16, body: Vec<u8>) -> Self {
        Self { code, body }
    }

    /// server_name with one host name, RFC 6066 clause 3.
    #[must_use]
    pub fn server_name(host: &str) -> Self {
        let mut entry = vec![0];
        put_vector16(&mut entry, host.as_bytes());
        Self::new(code::SERVER_NAME, list16(&entry))
    }

    /// supported_groups, RFC 8446 clause 4.2.7.
    #[must_use]
    pub fn supported_groups(groups: &[u16]) -> Self {
        Self::new(code::SUPPORTED_GROUPS, list16(&u16_octets(groups)))
    }

    /// ec_point_formats with the uncompressed form, RFC 8422 clause 5.1.2.
    #[must_use]
    pub fn ec_point_formats() -> Self {
        Self::new(code::EC_POINT_FORMATS, vec![1, 0])
    }

    /// signature_algorithms, RFC 8446 clause 4.2.3; before TLS 1.3 pairs of hash and signature.
    #[must_use]
    pub fn signature_algorithms(schemes: &[u16]) -> Self {
        Self::new(code::SIGNATURE_ALGORITHMS, list16(&u16_octets(schemes)))
    }

    /// key_share of a client with those of `groups` we have a public key for: x25519, secp256r1.
    ///
    /// For other groups it asks for a HelloRetryRequest, RFC 8446 clause 4.2.8.
    #[must_use]
    pub fn key_share(groups: &[u16]) -> Self {
        let mut shares = Vec::new();
        for &group in groups {
            let public: &[u8] = match group {
                group::X25519 => &X25519_PUBLIC,
                group::SECP256R1 => &SECP256R1_PUBLIC,
                _ => continue,
            };
            put_u16(&mut shares, group);
            put_vector16(&mut shares, public);
        }
        Self::new(code::KEY_SHARE, list16(&shares))
    }

    /// supported_versions of a client, best first, optionally led by a GREASE version.
    #[must_use]
    pub fn supported_versions(versions: &[u16], grease: bool) -> Self {
        let mut octets = if grease {
            u16_octets(&[GREASE])
        } else {
            Vec::new()
        };
        octets.extend(u16_octets(versions));
        let mut body = Vec::new();
        put_vector8(&mut body, &octets);
        Self::new(code::SUPPORTED_VERSIONS, body)
    }

    /// psk_key_exchange_modes: 0 psk_ke, 1 psk_dhe_ke; RFC 8446 clause 4.2.9.
    #[must_use]
    pub fn psk_key_exchange_modes(modes: &[u8]) -> Self {
        let mut body = Vec::new();
        put_vector8(&mut body, modes);
        Self::new(code::PSK_KEY_EXCHANGE_MODES, body)
    }

    /// session_ticket; empty asks for one, RFC 5077 clause 3.2.
    #[must_use]
    pub fn session_ticket(ticket: &[u8]) -> Self {
        Self::new(code::SESSION_TICKET, ticket.to_vec())
    }

    /// extended_master_secret, RFC 7627 clause 5.1.
    #[must_use]
    pub const fn extended_master_secret() -> Self {
        Self::new(code::EXTENDED_MASTER_SECRET, Vec::new())
    }

    /// renegotiation_info of a first handshake, RFC 5746 clause 3.2.
    #[must_use]
    pub fn renegotiation_info() -> Self {
        Self::new(code::RENEGOTIATION_INFO, vec![0])
    }

    /// status_request for OCSP without responders or extensions, RFC 6066 clause 8.
    #[must_use]
    pub fn status_request() -> Self {
        Self::new(code::STATUS_REQUEST, vec![1, 0, 0, 0, 0])
    }

    /// application_layer_protocol_negotiation, RFC 7301 clause 3.1.
    #[must_use]
    pub fn alpn(protocols: &[String]) -> Self {
        let mut names = Vec::new();
        for protocol in protocols {
            put_vector8(&mut names, protocol.as_bytes());
        }
        Self::new(code::ALPN, list16(&names))
    }

    /// An empty extension with a reserved code point, RFC 8701.
    #[must_use]
    pub const fn grease() -> Self {
        Self::new(GREASE, Vec::new())
    }

    /// Appends code, length and data.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        put_u16(out, self.code);
        put_vector16(out, &self.body);
    }

    /// Reads the extension block at the end of a hello; none at all is an empty list.
    ///
    /// # Errors
    /// [`Malformed`] when lengths do not fit or octets are left over.
    pub(crate) fn parse_block(reader: &mut Reader<'_>) -> Result<Vec<Self>, Malformed> {
        if reader.is_empty() {
            return Ok(Vec::new());
        }
        let mut block = Reader::new(reader.vector16("extensions")?, "extensions");
        reader.end()?;
        let mut extensions = Vec::new();
        while !block.is_empty() {
            let code = block.u16("code")?;
            extensions.push(Self::new(code, block.vector16("data")?.to_vec()));
        }
        Ok(extensions)
    }
}

/// `octets` with a two-octet length before them.
fn list16(octets: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(octets.len() + 2);
    put_vector16(&mut body, octets);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_their_registered_form() {
        let host = Extension::server_name("a.b");
        assert_eq!(host.body, [0, 6, 0, 0, 3, b'a', b'.', b'b']);
        let versions = Extension::supported_versions(&[0x0304], true);
        assert_eq!(versions.body, [4, 0x0A, 0x0A, 3, 4]);
        assert_eq!(
            Extension::alpn(&["h2".to_owned()]).body,
            [0, 3, 2, b'h', b'2']
        );
        assert_eq!(Extension::key_share(&[group::SECP384R1]).body, [0, 0]);
        assert_eq!(
            Extension::key_share(&[group::X25519]).body.len(),
            2 + 4 + 32
        );
    }
}
