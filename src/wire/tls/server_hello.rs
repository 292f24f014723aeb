//! The ServerHello and the HelloRetryRequest, RFC 8446 clauses 4.1.3 and 4.1.4.

use crate::model::suite::ProtocolVersion;

use super::codec::{Malformed, Reader, put_u16, put_vector8, put_vector16};
use super::extension::{Extension, code};

/// The random of a HelloRetryRequest: SHA-256 of "HelloRetryRequest".
pub const HELLO_RETRY_REQUEST_RANDOM: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// What the last octets of the random say about versions the server also has, RFC 8446 4.1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DowngradeSentinel {
    /// `DOWNGRD` 01: a TLS 1.3 server negotiates TLS 1.2.
    ToTls12,
    /// `DOWNGRD` 00: a TLS 1.2 or 1.3 server negotiates TLS 1.1 or below.
    ToTls11OrBelow,
}

/// A ServerHello as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// The version selected: of supported_versions where that extension is, else the legacy one.
    pub version: u16,
    /// The version field of the message.
    pub legacy_version: u16,
    /// 32 octets, see [`Self::downgrade_sentinel`].
    pub random: [u8; 32],
    /// Session id: the offered one back = resumed (up to TLS 1.2), in TLS 1.3 always the echo.
    pub session_id: Vec<u8>,
    /// The suite selected.
    pub suite: u16,
    /// The compression method selected.
    pub compression: u8,
    /// Extensions in order.
    pub extensions: Vec<Extension>,
}

impl ServerHello {
    /// Reads the body of a handshake message, without its four-octet header.
    ///
    /// # Errors
    /// [`Malformed`] saying what and where.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "ServerHello");
        let legacy_version = reader.u16("version")?;
        let random = reader.array("random")?;
        let session_id = reader.vector8("session id")?.to_vec();
        if session_id.len() > 32 {
            return Err(Malformed::new(
                "ServerHello: session id longer than 32 octets",
            ));
        }
        let suite = reader.u16("cipher suite")?;
        let compression = reader.u8("compression method")?;
        let extensions = Extension::parse_block(&mut reader)?;
        let selected = extensions
            .iter()
            .find(|e| e.code == code::SUPPORTED_VERSIONS);
        let version = match selected {
            None => legacy_version,
            Some(extension) => {
                let mut selected = Reader::new(&extension.body, "supported_versions");
                let version = selected.u16("selected version")?;
                selected.end()?;
                version
            }
        };
        Ok(Self {
            version,
            legacy_version,
            random,
            session_id,
            suite,
            compression,
            extensions,
        })
    }

    /// The body of the handshake message.
    ///
    /// `version` is not written by itself: the extension that selects it is one of `extensions`.
    #[must_use]
    pub fn encode_body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        put_u16(&mut body, self.legacy_version);
        body.extend_from_slice(&self.random);
        put_vector8(&mut body, &self.session_id);
        put_u16(&mut body, self.suite);
        body.push(self.compression);
        if !self.extensions.is_empty() {
            let mut block = Vec::new();
            for extension in &self.extensions {
                extension.put(&mut block);
            }
            put_vector16(&mut body, &block);
        }
        body
    }

    /// The data of the first extension with this code.
    #[must_use]
    pub fn extension(&self, code: u16) -> Option<&[u8]> {
        let found = self
            .extensions
            .iter()
            .find(|extension| extension.code == code)?;
        Some(&found.body)
    }

    /// The version selected, where it is one we know.
    #[must_use]
    pub fn protocol_version(&self) -> Option<ProtocolVersion> {
        ProtocolVersion::from_wire(self.version)
    }

    /// Whether the handshake goes on encrypted after this message: TLS 1.3 and its drafts.
    #[must_use]
    pub fn is_tls13(&self) -> bool {
        self.version >= ProtocolVersion::Tls13.wire()
    }

    /// Whether it is in truth a HelloRetryRequest.
    #[must_use]
    pub fn is_hello_retry_request(&self) -> bool {
        self.random == HELLO_RETRY_REQUEST_RANDOM
    }

    /// The group of the server's key_share, in a HelloRetryRequest the group it wants.
    #[must_use]
    pub fn key_share_group(&self) -> Option<u16> {
        Reader::new(self.extension(code::KEY_SHARE)?, "key_share")
            .u16("group")
            .ok()
    }

    /// The downgrade mark in the random, if any.
    #[must_use]
    pub fn downgrade_sentinel(&self) -> Option<DowngradeSentinel> {
        match self.random.last_chunk::<8>()? {
            b"DOWNGRD\x01" => Some(DowngradeSentinel::ToTls12),
            b"DOWNGRD\x00" => Some(DowngradeSentinel::ToTls11OrBelow),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hello_retry_request_random_is_the_hash() {
        use sha2::Digest;
        let hash = sha2::Sha256::digest(b"HelloRetryRequest");
        assert_eq!(hash.as_slice(), HELLO_RETRY_REQUEST_RANDOM);
    }

    #[test]
    fn round_trips_with_selected_version_and_sentinel() {
        let mut random = [9; 32];
        random[24..].copy_from_slice(b"DOWNGRD\x01");
        let hello = ServerHello {
            version: 0x0304,
            legacy_version: 0x0303,
            random,
            session_id: vec![4; 32],
            suite: 0x1301,
            compression: 0,
            extensions: vec![
                Extension::new(code::SUPPORTED_VERSIONS, vec![3, 4]),
                Extension::new(code::KEY_SHARE, vec![0, 29, 0, 0]),
            ],
        };
        let parsed = ServerHello::parse(&hello.encode_body()).unwrap();
        assert_eq!(parsed, hello);
        assert_eq!(
            parsed.downgrade_sentinel(),
            Some(DowngradeSentinel::ToTls12)
        );
        assert_eq!(parsed.key_share_group(), Some(29));
        assert!(parsed.is_tls13() && !parsed.is_hello_retry_request());
    }

    #[test]
    fn without_extensions_the_block_is_absent() {
        let bytes = [&[3, 0][..], &[0; 32], &[0, 0, 5, 0]].concat();
        let hello = ServerHello::parse(&bytes).unwrap();
        assert_eq!((hello.version, hello.suite), (0x0300, 5));
        assert_eq!(hello.encode_body(), bytes);
    }
}
