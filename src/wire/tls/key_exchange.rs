//! The ServerKeyExchange message up to TLS 1.2: what it holds depends on the selected suite.

use crate::model::suite::ProtocolVersion;

use super::codec::{Malformed, Reader, put_u16, put_vector8, put_vector16};

/// What a suite's ServerKeyExchange holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerKeyExchangeForm {
    /// The suite has none (RSA, static Diffie-Hellman, Kerberos), or is unknown.
    None,
    /// Ephemeral Diffie-Hellman; signed or not, with an identity hint or not.
    Dhe {
        /// Signed with the certificate's key.
        signed: bool,
        /// Begins with a PSK identity hint.
        psk: bool,
    },
    /// Ephemeral elliptic-curve Diffie-Hellman.
    Ecdhe {
        /// Signed with the certificate's key.
        signed: bool,
        /// Begins with a PSK identity hint.
        psk: bool,
    },
    /// Only a PSK identity hint: PSK and RSA_PSK.
    Psk,
    /// A short RSA key of an export suite, signed.
    RsaExport,
    /// SRP and other password exchanges, not read.
    Other,
}

impl ServerKeyExchangeForm {
    /// The form a suite demands; RFC 5246, 4279, 4346, 5489 and those that define the suites.
    #[must_use]
    pub fn of(suite: u16) -> Self {
        let forms: [(&[u16], Self); 9] = [
            (
                &DHE_SIGNED,
                Self::Dhe {
                    signed: true,
                    psk: false,
                },
            ),
            (
                &DHE_ANONYMOUS,
                Self::Dhe {
                    signed: false,
                    psk: false,
                },
            ),
            (
                &DHE_PSK,
                Self::Dhe {
                    signed: false,
                    psk: true,
                },
            ),
            (
                &ECDHE_SIGNED,
                Self::Ecdhe {
                    signed: true,
                    psk: false,
                },
            ),
            (
                &ECDHE_ANONYMOUS,
                Self::Ecdhe {
                    signed: false,
                    psk: false,
                },
            ),
            (
                &ECDHE_PSK,
                Self::Ecdhe {
                    signed: false,
                    psk: true,
                },
            ),
            (&PSK, Self::Psk),
            (&RSA_EXPORT, Self::RsaExport),
            (&OTHER, Self::Other),
        ];
        let found = forms
            .into_iter()
            .find(|(suites, _)| suites.contains(&suite));
        found.map_or(Self::None, |(_, form)| form)
    }
}

// One table per form, by code point; the test holds them against the registry.
const DHE_SIGNED: [u16; 48] = [
    0x0011, 0x0012, 0x0013, 0x0014, 0x0015, 0x0016, 0x0032, 0x0033, 0x0038, 0x0039, 0x0040, 0x0044,
    0x0045, 0x0063, 0x0065, 0x0066, 0x0067, 0x006A, 0x006B, 0x0087, 0x0088, 0x0099, 0x009A, 0x009E,
    0x009F, 0x00A2, 0x00A3, 0x00BD, 0x00BE, 0x00C3, 0x00C4, 0xC042, 0xC043, 0xC044, 0xC045, 0xC052,
    0xC053, 0xC056, 0xC057, 0xC07C, 0xC07D, 0xC080, 0xC081, 0xC09E, 0xC09F, 0xC0A2, 0xC0A3, 0xCCAA,
];
const DHE_ANONYMOUS: [u16; 22] = [
    0x0017, 0x0018, 0x0019, 0x001A, 0x001B, 0x0034, 0x003A, 0x0046, 0x006C, 0x006D, 0x0089, 0x009B,
    0x00A6, 0x00A7, 0x00BF, 0x00C5, 0xC046, 0xC047, 0xC05A, 0xC05B, 0xC084, 0xC085,
];
const DHE_PSK: [u16; 24] = [
    0x002D, 0x008E, 0x008F, 0x0090, 0x0091, 0x00AA, 0x00AB, 0x00B2, 0x00B3, 0x00B4, 0x00B5, 0xC066,
    0xC067, 0xC06C, 0xC06D, 0xC090, 0xC091, 0xC096, 0xC097, 0xC0A6, 0xC0A7, 0xC0AA, 0xC0AB, 0xCCAD,
];
const ECDHE_SIGNED: [u16; 40] = [
    0xC006, 0xC007, 0xC008, 0xC009, 0xC00A, 0xC010, 0xC011, 0xC012, 0xC013, 0xC014, 0xC023, 0xC024,
    0xC027, 0xC028, 0xC02B, 0xC02C, 0xC02F, 0xC030, 0xC048, 0xC049, 0xC04C, 0xC04D, 0xC05C, 0xC05D,
    0xC060, 0xC061, 0xC072, 0xC073, 0xC076, 0xC077, 0xC086, 0xC087, 0xC08A, 0xC08B, 0xC0AC, 0xC0AD,
    0xC0AE, 0xC0AF, 0xCCA8, 0xCCA9,
];
const ECDHE_ANONYMOUS: [u16; 5] = [0xC015, 0xC016, 0xC017, 0xC018, 0xC019];
const ECDHE_PSK: [u16; 18] = [
    0xC033, 0xC034, 0xC035, 0xC036, 0xC037, 0xC038, 0xC039, 0xC03A, 0xC03B, 0xC070, 0xC071, 0xC09A,
    0xC09B, 0xCCAC, 0xD001, 0xD002, 0xD003, 0xD005,
];
const PSK: [u16; 44] = [
    0x002C, 0x002E, 0x008A, 0x008B, 0x008C, 0x008D, 0x0092, 0x0093, 0x0094, 0x0095, 0x00A8, 0x00A9,
    0x00AC, 0x00AD, 0x00AE, 0x00AF, 0x00B0, 0x00B1, 0x00B6, 0x00B7, 0x00B8, 0x00B9, 0xC064, 0xC065,
    0xC068, 0xC069, 0xC06A, 0xC06B, 0xC06E, 0xC06F, 0xC08E, 0xC08F, 0xC092, 0xC093, 0xC094, 0xC095,
    0xC098, 0xC099, 0xC0A4, 0xC0A5, 0xC0A8, 0xC0A9, 0xCCAB, 0xCCAE,
];
const RSA_EXPORT: [u16; 7] = [0x0003, 0x0006, 0x0008, 0x0060, 0x0061, 0x0062, 0x0064];
const OTHER: [u16; 14] = [
    0xC01A, 0xC01B, 0xC01C, 0xC01D, 0xC01E, 0xC01F, 0xC020, 0xC021, 0xC022, 0xC0B0, 0xC0B1, 0xC0B2,
    0xC0B3, 0xC0FF,
];

/// The server's ephemeral parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyExchangeKind {
    /// Finite-field Diffie-Hellman.
    Dhe {
        /// Significant bits of the prime.
        prime_bits: u32,
        /// The prime as sent.
        prime: Vec<u8>,
        /// The generator as sent.
        generator: Vec<u8>,
        /// The server's public value as sent.
        public: Vec<u8>,
    },
    /// Elliptic-curve Diffie-Hellman on a named curve.
    Ecdhe {
        /// Code point of the group.
        group: u16,
        /// The server's public value as sent.
        public: Vec<u8>,
    },
    /// Elliptic-curve Diffie-Hellman on a curve given explicitly, RFC 4492 clause 5.4.
    EcdheExplicit {
        /// 1 prime, 2 characteristic 2.
        curve_type: u8,
    },
    /// A temporary RSA key.
    RsaExport {
        /// Significant bits of the modulus.
        modulus_bits: u32,
        /// The modulus as sent.
        modulus: Vec<u8>,
        /// The public exponent as sent.
        exponent: Vec<u8>,
    },
    /// No ephemeral key: PSK and RSA_PSK.
    Psk,
    /// Not read: the suite is unknown or has a form of its own.
    Other,
}

/// A ServerKeyExchange as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerKeyExchange {
    /// Its parameters.
    pub kind: KeyExchangeKind,
    /// PSK identity hint, where the suite has one.
    pub psk_identity_hint: Option<Vec<u8>>,
    /// Scheme of the signature (TLS 1.2), before that implied by the certificate's key.
    pub signature_scheme: Option<u16>,
    /// The signature, empty when the suite is not signed.
    pub signature: Vec<u8>,
}

impl ServerKeyExchange {
    /// Reads the body of the message as the selected suite and version demand.
    ///
    /// # Errors
    /// [`Malformed`] saying what and where; a suite that has no such message gives `Other`.
    pub fn parse(body: &[u8], suite: u16, version: u16) -> Result<Self, Malformed> {
        use ServerKeyExchangeForm as Form;
        let form = Form::of(suite);
        let mut reader = Reader::new(body, "ServerKeyExchange");
        let hinted = matches!(
            form,
            Form::Psk | Form::Dhe { psk: true, .. } | Form::Ecdhe { psk: true, .. }
        );
        let psk_identity_hint = if hinted {
            Some(reader.vector16("psk identity hint")?.to_vec())
        } else {
            None
        };
        let (kind, signed) = match form {
            Form::Psk => (KeyExchangeKind::Psk, false),
            Form::Dhe { signed, .. } => (dhe(&mut reader)?, signed),
            Form::Ecdhe { signed, .. } => (ecdhe(&mut reader)?, signed),
            Form::RsaExport => (rsa_export(&mut reader)?, true),
            Form::None | Form::Other => (KeyExchangeKind::Other, false),
        };
        let unread = matches!(
            kind,
            KeyExchangeKind::Other | KeyExchangeKind::EcdheExplicit { .. }
        );
        let mut signature_scheme = None;
        let mut signature = Vec::new();
        if signed && !unread {
            if version >= ProtocolVersion::Tls12.wire() {
                signature_scheme = Some(reader.u16("signature scheme")?);
            }
            signature = reader.vector16("signature")?.to_vec();
        }
        if !unread {
            reader.end()?;
        }
        Ok(Self {
            kind,
            psk_identity_hint,
            signature_scheme,
            signature,
        })
    }

    /// The body of the message; a scheme is written exactly when there is one.
    ///
    /// Only what a server of ours has can be written: DHE, named-curve ECDHE, a temporary RSA key, hints.
    #[must_use]
    pub fn encode_body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        if let Some(hint) = &self.psk_identity_hint {
            put_vector16(&mut body, hint);
        }
        match &self.kind {
            KeyExchangeKind::Dhe {
                prime,
                generator,
                public,
                ..
            } => {
                for part in [prime, generator, public] {
                    put_vector16(&mut body, part);
                }
            }
            KeyExchangeKind::Ecdhe { group, public } => {
                body.push(NAMED_CURVE);
                put_u16(&mut body, *group);
                put_vector8(&mut body, public);
            }
            KeyExchangeKind::RsaExport {
                modulus, exponent, ..
            } => {
                put_vector16(&mut body, modulus);
                put_vector16(&mut body, exponent);
            }
            _ => return body,
        }
        if let Some(scheme) = self.signature_scheme {
            put_u16(&mut body, scheme);
        }
        if !self.signature.is_empty() {
            put_vector16(&mut body, &self.signature);
        }
        body
    }
}

const NAMED_CURVE: u8 = 3;

fn dhe(reader: &mut Reader<'_>) -> Result<KeyExchangeKind, Malformed> {
    let prime = reader.vector16("prime")?.to_vec();
    let generator = reader.vector16("generator")?.to_vec();
    let public = reader.vector16("public value")?.to_vec();
    Ok(KeyExchangeKind::Dhe {
        prime_bits: bits(&prime),
        prime,
        generator,
        public,
    })
}

fn ecdhe(reader: &mut Reader<'_>) -> Result<KeyExchangeKind, Malformed> {
    match reader.u8("curve type")? {
        NAMED_CURVE => {
            let group = reader.u16("named curve")?;
            let public = reader.vector8("public value")?.to_vec();
            Ok(KeyExchangeKind::Ecdhe { group, public })
        }
        curve_type @ (1 | 2) => Ok(KeyExchangeKind::EcdheExplicit { curve_type }),
        other => Err(Malformed(format!("ServerKeyExchange: curve type {other}"))),
    }
}

fn rsa_export(reader: &mut Reader<'_>) -> Result<KeyExchangeKind, Malformed> {
    let modulus = reader.vector16("modulus")?.to_vec();
    let exponent = reader.vector16("exponent")?.to_vec();
    Ok(KeyExchangeKind::RsaExport {
        modulus_bits: bits(&modulus),
        modulus,
        exponent,
    })
}

/// Significant bits of a big-endian number.
fn bits(number: &[u8]) -> u32 {
    let mut significant = number.iter().skip_while(|octet| **octet == 0);
    let Some(first) = significant.next() else {
        return 0;
    };
    let rest = u32::try_from(significant.count()).unwrap_or(u32::MAX);
    rest.saturating_mul(8)
        .saturating_add(8 - first.leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::suite::{Authentication, KeyExchange, SuiteRecord};

    /// The table above against the registry's properties, for every registered suite.
    #[test]
    fn forms_agree_with_the_registry() {
        let text = include_str!("../../../scenarios/sets/suites.yaml");
        let records: Vec<SuiteRecord> = serde_yaml::from_str(text).unwrap();
        for suite in records {
            let psk = suite.authentication == Authentication::Psk;
            let expected = match suite.key_exchange {
                KeyExchange::Dhe => ServerKeyExchangeForm::Dhe { signed: !psk, psk },
                KeyExchange::Ecdhe => ServerKeyExchangeForm::Ecdhe { signed: !psk, psk },
                KeyExchange::DhAnon => ServerKeyExchangeForm::Dhe {
                    signed: false,
                    psk: false,
                },
                KeyExchange::EcdhAnon => ServerKeyExchangeForm::Ecdhe {
                    signed: false,
                    psk: false,
                },
                KeyExchange::Psk | KeyExchange::Rsa if psk => ServerKeyExchangeForm::Psk,
                KeyExchange::Rsa if suite.export => ServerKeyExchangeForm::RsaExport,
                KeyExchange::Srp | KeyExchange::Eccpwd | KeyExchange::Ecjpake => {
                    ServerKeyExchangeForm::Other
                }
                _ => ServerKeyExchangeForm::None,
            };
            assert_eq!(
                ServerKeyExchangeForm::of(suite.code.0),
                expected,
                "{}",
                suite.name
            );
        }
    }

    #[test]
    fn bits_count_from_the_first_set_one() {
        assert_eq!(bits(&[]), 0);
        assert_eq!(bits(&[0, 0]), 0);
        assert_eq!(bits(&[0, 1, 0]), 9);
        assert_eq!(bits(&[0x80; 128]), 1024);
    }

    #[test]
    fn a_short_export_key_is_measured() {
        let body = [&[0, 64][..], &[0xC1; 64], &[0, 3, 1, 0, 1], &[0, 2, 9, 9]].concat();
        let message = ServerKeyExchange::parse(&body, 0x0003, 0x0301).unwrap();
        let short = matches!(
            message.kind,
            KeyExchangeKind::RsaExport {
                modulus_bits: 512,
                ..
            }
        );
        assert!(short);
        assert_eq!(message.encode_body(), body);
        assert_eq!(message.signature, [9, 9]);
    }

    #[test]
    fn a_psk_hint_is_read() {
        let body = [0, 5, b'3', b'G', b'P', b'P', b'-'];
        let message = ServerKeyExchange::parse(&body, 0x008C, 0x0303).unwrap();
        assert_eq!(message.psk_identity_hint.as_deref(), Some(&b"3GPP-"[..]));
        assert!(ServerKeyExchange::parse(&body[..4], 0x008C, 0x0303).is_err());
    }
}
