//! The ClientHello, RFC 8446 clause 4.1.2 and its ancestors: any field free, wrongness a quirk.

use super::codec::{Malformed, Reader, put_u16, put_vector8, put_vector16, u16_octets};
use super::extension::{Extension, code};
use super::record::{MAX_PLAINTEXT, content_type, encode_records, handshake_type};

/// A piece of garbage: not TLS, not SSL 2.0 and not text. Whoever takes it for a record all the same sees a short one of
/// no known type, and need not wait for more.
const GARBAGE: [u8; 6] = [1, 2, 3, 0, 1, 7];

/// Deliberate deviations of an encoded ClientHello; the default is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelloQuirks {
    /// Octets per record; `None` = as few records as possible.
    pub fragment: Option<u16>,
    /// Adds half a suite, so that the suites vector has an odd length.
    pub odd_suites: bool,
    /// Declares the suites vector empty and sends no suite.
    pub no_suites: bool,
    /// Added to the declared length of the suites vector, wrapping.
    pub suites_length_delta: i16,
    /// Added to the declared length of the handshake message, wrapping in 24 bits.
    pub handshake_length_delta: i32,
    /// Octets of an extension for padding (RFC 7685) behind all others.
    pub padding: Option<u16>,
    /// Puts everything into one record, however long.
    pub one_record: bool,
    /// Sends so many pieces of garbage before the first record, six octets each.
    pub garbage: usize,
    /// Sends only the first octets of what it would have sent.
    pub truncate: Option<usize>,
}

/// A ClientHello with every field free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHello {
    /// Version in the record header.
    pub record_version: u16,
    /// Version in the message, in TLS 1.3 the legacy one.
    pub client_version: u16,
    /// 32 octets of randomness.
    pub random: [u8; 32],
    /// At most 255 octets are sent; more than 32 is illegal.
    pub session_id: Vec<u8>,
    /// Suites in order of preference; at most 32,767 are sent.
    pub suites: Vec<u16>,
    /// Compression methods; `[0]` is the only usual value.
    pub compressions: Vec<u8>,
    /// Extensions in order; without any the whole block is left out.
    pub extensions: Vec<Extension>,
    /// Deliberate deviations.
    pub quirks: HelloQuirks,
}

impl ClientHello {
    /// The hello in complete records; parts longer than their length field are cut.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let message = self.encode_message();
        let mut bytes = GARBAGE.repeat(self.quirks.garbage);
        if self.quirks.one_record {
            bytes.push(content_type::HANDSHAKE);
            put_u16(&mut bytes, self.record_version);
            put_vector16(&mut bytes, &message);
        } else {
            let fragment = self.quirks.fragment.map_or(MAX_PLAINTEXT, usize::from);
            bytes.extend(encode_records(
                content_type::HANDSHAKE,
                self.record_version,
                &message,
                fragment,
            ));
        }
        bytes.truncate(self.quirks.truncate.unwrap_or(usize::MAX));
        bytes
    }

    /// The handshake message with its header, without records.
    #[must_use]
    pub fn encode_message(&self) -> Vec<u8> {
        let body = self.encode_body();
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let declared = length.wrapping_add_signed(self.quirks.handshake_length_delta);
        let mut message = Vec::with_capacity(body.len() + 4);
        message.push(handshake_type::CLIENT_HELLO);
        message.extend(declared.to_be_bytes().into_iter().skip(1));
        message.extend_from_slice(&body);
        message
    }

    pub(crate) fn encode_body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        put_u16(&mut body, self.client_version);
        body.extend_from_slice(&self.random);
        put_vector8(&mut body, &self.session_id);
        let mut suites = u16_octets(&self.suites);
        suites.truncate(0xFFFE);
        if self.quirks.no_suites {
            suites.clear();
        }
        if self.quirks.odd_suites {
            suites.push(0);
        }
        let length = u16::try_from(suites.len()).unwrap_or(u16::MAX);
        put_u16(
            &mut body,
            length.wrapping_add_signed(self.quirks.suites_length_delta),
        );
        body.extend_from_slice(&suites);
        put_vector8(&mut body, &self.compressions);
        let padding = self.quirks.padding.map(|octets| Extension {
            code: code::PADDING,
            body: vec![0; usize::from(octets)],
        });
        if !self.extensions.is_empty() || padding.is_some() {
            let mut block = Vec::new();
            for extension in self.extensions.iter().chain(&padding) {
                extension.put(&mut block);
            }
            put_vector16(&mut body, &block);
        }
        body
    }

    /// Reads the body of a handshake message, without its four-octet header.
    ///
    /// The record version is not in there; it is set to the client's version.
    ///
    /// # Errors
    /// [`Malformed`] saying what and where.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "ClientHello");
        let client_version = reader.u16("client version")?;
        let random = reader.array("random")?;
        let session_id = reader.vector8("session id")?.to_vec();
        let suites = reader.u16_list("cipher suites")?;
        let compressions = reader.vector8("compression methods")?.to_vec();
        let extensions = Extension::parse_block(&mut reader)?;
        Ok(Self {
            record_version: client_version,
            client_version,
            random,
            session_id,
            suites,
            compressions,
            extensions,
            quirks: HelloQuirks::default(),
        })
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

    /// Whether an extension with this code is there.
    #[must_use]
    pub fn has_extension(&self, code: u16) -> bool {
        self.extension(code).is_some()
    }

    /// Whether the suite is offered.
    #[must_use]
    pub fn offers_suite(&self, suite: u16) -> bool {
        self.suites.contains(&suite)
    }

    /// The host name of server_name; `None` when absent, not UTF-8 or malformed.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        let mut outer = Reader::new(self.extension(code::SERVER_NAME)?, "server_name");
        let mut list = Reader::new(outer.vector16("list").ok()?, "server_name");
        while !list.is_empty() {
            let kind = list.u8("type").ok()?;
            let name = list.vector16("name").ok()?;
            if kind == 0 {
                return std::str::from_utf8(name).ok();
            }
        }
        None
    }

    /// The versions of supported_versions in order; empty when absent or malformed.
    #[must_use]
    pub fn supported_versions(&self) -> Vec<u16> {
        let body = self.extension(code::SUPPORTED_VERSIONS).unwrap_or_default();
        let octets = Reader::new(body, "supported_versions")
            .vector8("list")
            .unwrap_or_default();
        let (pairs, _) = octets.as_chunks::<2>();
        pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect()
    }

    /// The groups of supported_groups in order; empty when absent or malformed.
    #[must_use]
    pub fn supported_groups(&self) -> Vec<u16> {
        self.u16_list(code::SUPPORTED_GROUPS)
    }

    /// The schemes of signature_algorithms in order; empty when absent or malformed.
    #[must_use]
    pub fn signature_algorithms(&self) -> Vec<u16> {
        self.u16_list(code::SIGNATURE_ALGORITHMS)
    }

    fn u16_list(&self, code: u16) -> Vec<u16> {
        let body = self.extension(code).unwrap_or_default();
        Reader::new(body, "extension")
            .u16_list("list")
            .unwrap_or_default()
    }

    /// The session ticket; empty when one is asked for, `None` without the extension.
    #[must_use]
    pub fn session_ticket(&self) -> Option<&[u8]> {
        self.extension(code::SESSION_TICKET)
    }

    /// Whether a TLS 1.3 pre-shared key is offered.
    #[must_use]
    pub fn offers_pre_shared_key(&self) -> bool {
        self.has_extension(code::PRE_SHARED_KEY)
    }

    /// The highest version offered: of supported_versions without GREASE, else the message's.
    #[must_use]
    pub fn highest_version(&self) -> u16 {
        let listed = self
            .supported_versions()
            .into_iter()
            .filter(|version| !is_grease(*version));
        listed.max().unwrap_or(self.client_version)
    }
}

/// Whether a value is reserved by RFC 8701.
#[must_use]
pub const fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0F == 0x0A
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello() -> ClientHello {
        ClientHello {
            record_version: 0x0301,
            client_version: 0x0303,
            random: [7; 32],
            session_id: vec![1, 2],
            suites: vec![0x002F, 0xC02F],
            compressions: vec![0],
            extensions: vec![
                Extension::server_name("ap.example.net"),
                Extension::supported_versions(&[0x0304, 0x0303], true),
                Extension::session_ticket(&[]),
            ],
            quirks: HelloQuirks::default(),
        }
    }

    #[test]
    fn round_trips() {
        let message = hello().encode_message();
        let mut parsed = ClientHello::parse(&message[4..]).unwrap();
        assert_eq!(parsed.record_version, 0x0303);
        parsed.record_version = 0x0301;
        assert_eq!(parsed, hello());
        assert_eq!(parsed.server_name(), Some("ap.example.net"));
        assert_eq!(parsed.supported_versions(), [0x0A0A, 0x0304, 0x0303]);
        assert_eq!(parsed.highest_version(), 0x0304);
        assert_eq!(parsed.session_ticket(), Some(&[][..]));
        assert!(parsed.offers_suite(0xC02F) && !parsed.offers_suite(0x0005));
        assert!(!parsed.offers_pre_shared_key());
    }

    #[test]
    fn quirks_change_only_what_they_name() {
        let plain = hello().encode();
        let with = |quirks| ClientHello { quirks, ..hello() }.encode();
        let at = 5 + 4 + 2 + 32 + 3;
        let odd = with(HelloQuirks {
            odd_suites: true,
            ..HelloQuirks::default()
        });
        assert_eq!(
            (&odd[at..at + 2], odd.len()),
            (&[0, 5][..], plain.len() + 1)
        );
        let none = with(HelloQuirks {
            no_suites: true,
            ..HelloQuirks::default()
        });
        assert_eq!(
            (&none[at..at + 2], none.len()),
            (&[0, 0][..], plain.len() - 4)
        );
        let long = with(HelloQuirks {
            suites_length_delta: 200,
            ..HelloQuirks::default()
        });
        assert_eq!(
            (&long[at..at + 2], long.len()),
            (&[0, 204][..], plain.len())
        );
        let more = with(HelloQuirks {
            handshake_length_delta: -1,
            ..HelloQuirks::default()
        });
        assert_eq!(more[8], plain[8] - 1);
        let cut = with(HelloQuirks {
            truncate: Some(9),
            ..HelloQuirks::default()
        });
        assert_eq!(cut, plain[..9]);
    }

    #[test]
    fn quirks_of_size_change_only_what_they_name() {
        let plain = hello().encode();
        let with = |quirks| ClientHello { quirks, ..hello() }.encode();
        let padded = with(HelloQuirks {
            padding: Some(20_000),
            ..HelloQuirks::default()
        });
        assert_eq!(padded.len(), plain.len() + 4 + 20_000 + 5);
        assert_eq!(&padded[..5], [22, 3, 1, 0x40, 0]);
        let one = with(HelloQuirks {
            padding: Some(20_000),
            one_record: true,
            ..HelloQuirks::default()
        });
        assert_eq!(one.len(), plain.len() + 4 + 20_000);
        assert_eq!(
            usize::from(u16::from_be_bytes([one[3], one[4]])),
            one.len() - 5
        );
        let garbage = with(HelloQuirks {
            garbage: 2,
            ..HelloQuirks::default()
        });
        assert_eq!(
            (&garbage[..7], &garbage[12..]),
            (&[1, 2, 3, 0, 1, 7, 1][..], &plain[..])
        );
        let pieces = with(HelloQuirks {
            fragment: Some(1),
            ..HelloQuirks::default()
        });
        assert_eq!(pieces.len(), (plain.len() - 5) * 6);
    }

    #[test]
    fn a_hello_of_65_534_octets_of_suites_spans_records() {
        let bytes = ClientHello {
            suites: vec![0xFEFE; 40_000],
            ..hello()
        }
        .encode();
        let second = 5 + MAX_PLAINTEXT;
        assert_eq!(&bytes[..5], [22, 3, 1, 0x40, 0]);
        assert_eq!(&bytes[second..second + 5], [22, 3, 1, 0x40, 0]);
        let at = 5 + 4 + 2 + 32 + 3;
        assert_eq!(&bytes[at..at + 2], [0xFF, 0xFE]);
    }

    #[test]
    fn grease_is_recognised() {
        assert!(is_grease(0x0A0A) && is_grease(0xFAFA));
        assert!(!is_grease(0x0A1A) && !is_grease(0x0304) && !is_grease(0x0B0B));
    }
}
