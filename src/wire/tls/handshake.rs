//! Handshake messages beyond the first flight, up to TLS 1.2: RFC 5246 clause 7.4, RFC 5077.

use super::codec::{
    Malformed, Reader, put_u16, put_vector8, put_vector16, put_vector24, u16_octets,
};

/// Most octets of a handshake message that is read.
pub const MAX_MESSAGE: usize = 256 * 1024;

/// A handshake message: its type and its body.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// One of `record::handshake_type`.
    pub kind: u8,
    /// The body, without the four octets before it.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Message({}, {} octets)",
            self.kind,
            self.body.len()
        )
    }
}

impl Message {
    /// The message with its header.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![self.kind];
        put_vector24(&mut out, &self.body);
        out
    }
}

/// Puts handshake messages together from the fragments of records.
#[derive(Debug, Default)]
pub struct Joiner {
    buffer: Vec<u8>,
}

impl Joiner {
    /// Adds the content of a handshake record.
    pub fn feed(&mut self, fragment: &[u8]) {
        self.buffer.extend_from_slice(fragment);
    }

    /// The next complete message; `None` when octets are missing.
    ///
    /// # Errors
    /// [`Malformed`] when the message says it is longer than [`MAX_MESSAGE`].
    pub fn next_message(&mut self) -> Result<Option<Message>, Malformed> {
        let Some(([kind, high, middle, low], rest)) = self.buffer.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes([0, *high, *middle, *low]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > MAX_MESSAGE {
            return Err(Malformed(format!(
                "handshake message {kind}: {length} octets"
            )));
        }
        let Some(body) = rest.get(..length) else {
            return Ok(None);
        };
        let message = Message {
            kind: *kind,
            body: body.to_vec(),
        };
        self.buffer.drain(..4 + length);
        Ok(Some(message))
    }

    /// Whether no message has begun: only then may the keys change (RFC 8446 5.1).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }
}

/// A CertificateRequest, RFC 5246 clause 7.4.4; before TLS 1.2 without schemes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateRequest {
    /// Certificate types: 1 RSA, 64 ECDSA.
    pub types: Vec<u8>,
    /// Signature schemes; empty before TLS 1.2.
    pub schemes: Vec<u16>,
    /// DER names of the authorities the server knows.
    pub authorities: Vec<Vec<u8>>,
}

impl CertificateRequest {
    /// Reads the body of the message.
    ///
    /// # Errors
    /// [`Malformed`] saying what and where.
    pub fn parse(body: &[u8], with_schemes: bool) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "CertificateRequest");
        let types = reader.vector8("certificate types")?.to_vec();
        let schemes = if with_schemes {
            reader.u16_list("signature schemes")?
        } else {
            Vec::new()
        };
        let mut names = Reader::new(reader.vector16("authorities")?, "CertificateRequest");
        reader.end()?;
        let mut authorities = Vec::new();
        while !names.is_empty() {
            authorities.push(names.vector16("authority")?.to_vec());
        }
        Ok(Self {
            types,
            schemes,
            authorities,
        })
    }

    /// The body of the message.
    #[must_use]
    pub fn encode_body(&self, with_schemes: bool) -> Vec<u8> {
        let mut body = Vec::new();
        put_vector8(&mut body, &self.types);
        if with_schemes {
            put_vector16(&mut body, &u16_octets(&self.schemes));
        }
        let mut names = Vec::new();
        for name in &self.authorities {
            put_vector16(&mut names, name);
        }
        put_vector16(&mut body, &names);
        body
    }
}

/// A signature with its scheme, as in CertificateVerify; before TLS 1.2 without scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The scheme, where the version names it.
    pub scheme: Option<u16>,
    /// The signature.
    pub signature: Vec<u8>,
}

impl Signed {
    /// Reads the body of a CertificateVerify.
    ///
    /// # Errors
    /// [`Malformed`] saying what and where.
    pub fn parse(body: &[u8], with_scheme: bool) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "CertificateVerify");
        let scheme = if with_scheme {
            Some(reader.u16("signature scheme")?)
        } else {
            None
        };
        let signature = reader.vector16("signature")?.to_vec();
        reader.end()?;
        Ok(Self { scheme, signature })
    }

    /// The body of a CertificateVerify.
    #[must_use]
    pub fn encode_body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        if let Some(scheme) = self.scheme {
            put_u16(&mut body, scheme);
        }
        put_vector16(&mut body, &self.signature);
        body
    }
}

/// The client's part of the key exchange, in the parts its suite has: RFC 5246 7.4.7, RFC 4279, RFC 8422.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientKeyExchange {
    /// PSK identity.
    pub psk_identity: Option<Vec<u8>>,
    /// Encrypted premaster secret (RSA), or public value (DHE): a vector of two length octets.
    pub long: Option<Vec<u8>>,
    /// Public value of ECDHE: a vector of one length octet.
    pub short: Option<Vec<u8>>,
    /// Encrypted premaster secret in SSL 3.0: all that is left, without a length.
    pub rest: Option<Vec<u8>>,
}

/// The parts a suite's ClientKeyExchange has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientKeyExchangeForm {
    /// It begins with a PSK identity.
    pub psk_identity: bool,
    /// It holds an encrypted premaster secret or a public value of DHE.
    pub long: bool,
    /// It holds a public value of ECDHE.
    pub short: bool,
    /// It ends with an encrypted premaster secret of SSL 3.0.
    pub rest: bool,
}

impl ClientKeyExchange {
    /// Reads the body of the message as the selected suite demands.
    ///
    /// # Errors
    /// [`Malformed`] saying what and where.
    pub fn parse(body: &[u8], form: ClientKeyExchangeForm) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "ClientKeyExchange");
        let mut parsed = Self::default();
        if form.psk_identity {
            parsed.psk_identity = Some(reader.vector16("psk identity")?.to_vec());
        }
        if form.long {
            parsed.long = Some(reader.vector16("exchange")?.to_vec());
        }
        if form.short {
            parsed.short = Some(reader.vector8("public value")?.to_vec());
        }
        if form.rest {
            let left = reader.rest().len();
            parsed.rest = Some(reader.take(left, "exchange")?.to_vec());
        }
        reader.end()?;
        Ok(parsed)
    }

    /// The body of the message.
    #[must_use]
    pub fn encode_body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for part in [&self.psk_identity, &self.long].into_iter().flatten() {
            put_vector16(&mut body, part);
        }
        if let Some(part) = &self.short {
            put_vector8(&mut body, part);
        }
        body.extend(self.rest.iter().flatten());
        body
    }
}

/// The body of a NewSessionTicket, RFC 5077 clause 3.3: seconds the server means to take it, and the ticket.
#[must_use]
pub fn encode_new_session_ticket(lifetime_hint: u32, ticket: &[u8]) -> Vec<u8> {
    let mut body = lifetime_hint.to_be_bytes().to_vec();
    put_vector16(&mut body, ticket);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_joined_from_any_fragments() {
        let messages = [
            Message {
                kind: 14,
                body: vec![],
            },
            Message {
                kind: 20,
                body: vec![7; 12],
            },
        ];
        let octets: Vec<u8> = messages.iter().flat_map(Message::encode).collect();
        for size in 1..=octets.len() {
            let mut joiner = Joiner::default();
            let mut found = Vec::new();
            for piece in octets.chunks(size) {
                joiner.feed(piece);
                while let Some(message) = joiner.next_message().unwrap() {
                    found.push(message);
                }
            }
            assert_eq!(found, messages);
            assert!(joiner.is_empty());
        }
        let mut joiner = Joiner::default();
        joiner.feed(&[11, 0xFF, 0, 0]);
        assert!(joiner.next_message().is_err());
    }

    #[test]
    fn certificate_requests_round_trip_with_and_without_schemes() {
        for with_schemes in [false, true] {
            let request = CertificateRequest {
                types: vec![1, 64],
                schemes: if with_schemes { vec![0x0401] } else { vec![] },
                authorities: vec![vec![0x30, 0], vec![]],
            };
            let body = request.encode_body(with_schemes);
            assert_eq!(CertificateRequest::parse(&body, with_schemes), Ok(request));
            for cut in 0..body.len() {
                assert!(CertificateRequest::parse(&body[..cut], with_schemes).is_err());
            }
        }
    }

    #[test]
    fn the_client_s_part_has_the_form_of_its_suite() {
        let both = ClientKeyExchange {
            psk_identity: Some(b"id".to_vec()),
            long: Some(vec![9]),
            ..ClientKeyExchange::default()
        };
        assert_eq!(both.encode_body(), [0, 2, b'i', b'd', 0, 1, 9]);
        let mut form = ClientKeyExchangeForm {
            psk_identity: true,
            long: true,
            short: false,
            rest: false,
        };
        let body = both.encode_body();
        assert_eq!(ClientKeyExchange::parse(&body, form), Ok(both));
        form.long = false;
        assert!(ClientKeyExchange::parse(&body, form).is_err());
        let curve = ClientKeyExchange {
            short: Some(vec![4, 5]),
            ..ClientKeyExchange::default()
        };
        assert_eq!(curve.encode_body(), [2, 4, 5]);
        let bare = ClientKeyExchange {
            rest: Some(vec![7, 8, 9]),
            ..ClientKeyExchange::default()
        };
        let form = ClientKeyExchangeForm {
            psk_identity: false,
            long: false,
            short: false,
            rest: true,
        };
        let body = bare.encode_body();
        assert_eq!(body, [7, 8, 9]);
        assert_eq!(ClientKeyExchange::parse(&body, form), Ok(bare));
    }
}
