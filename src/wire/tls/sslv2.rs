//! SSL 2.0 hellos, as in the 1995 draft of Hickman and RFC 5246 Appendix E.2.

use super::codec::{Malformed, Reader, put_u16};

/// The cipher kinds SSL 2.0 defines, three octets each, strongest first.
pub const CIPHER_KINDS: [[u8; 3]; 7] = [
    [0x07, 0x00, 0xC0],
    [0x01, 0x00, 0x80],
    [0x03, 0x00, 0x80],
    [0x05, 0x00, 0x80],
    [0x06, 0x00, 0x40],
    [0x02, 0x00, 0x80],
    [0x04, 0x00, 0x80],
];

/// A CLIENT-HELLO in SSL 2.0 format.
///
/// With version 0x0002 it offers SSL 2.0; with 0x0300 and above it is only the old envelope around
/// an offer of that version, which RFC 5246 E.2 lets a server accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sslv2ClientHello {
    /// Highest version offered.
    pub version: u16,
    /// Three-octet cipher kinds; `00 hi lo` is the TLS suite `hi lo`.
    pub cipher_specs: Vec<[u8; 3]>,
    /// Session to resume, empty or 16 octets.
    pub session_id: Vec<u8>,
    /// 16 to 32 octets of randomness.
    pub challenge: Vec<u8>,
}

impl Sslv2ClientHello {
    /// The hello in its record; parts too long for the two-octet header are cut.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let specs: Vec<u8> = self
            .cipher_specs
            .iter()
            .take(8_000)
            .flatten()
            .copied()
            .collect();
        let session_id: Vec<u8> = self.session_id.iter().take(255).copied().collect();
        let challenge: Vec<u8> = self.challenge.iter().take(255).copied().collect();
        let mut body = vec![1];
        put_u16(&mut body, self.version);
        for part in [&specs, &session_id, &challenge] {
            put_u16(&mut body, u16::try_from(part.len()).unwrap_or(u16::MAX));
        }
        for part in [&specs, &session_id, &challenge] {
            body.extend_from_slice(part);
        }
        envelope(&body)
    }

    /// Reads the body of a record, from the message type on.
    ///
    /// # Errors
    /// [`Malformed`] when it is not a CLIENT-HELLO.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "SSL 2.0 CLIENT-HELLO");
        if reader.u8("message type")? != 1 {
            return Err(Malformed::new("SSL 2.0: message is no CLIENT-HELLO"));
        }
        let version = reader.u16("version")?;
        let specs = reader.u16("cipher spec length")?;
        let session_id = reader.u16("session id length")?;
        let challenge = reader.u16("challenge length")?;
        let (kinds, odd) = reader.take(specs.into(), "cipher specs")?.as_chunks::<3>();
        if !odd.is_empty() {
            return Err(Malformed::new(
                "SSL 2.0 CLIENT-HELLO: cipher specs are not triples",
            ));
        }
        Ok(Self {
            version,
            cipher_specs: kinds.to_vec(),
            session_id: reader.take(session_id.into(), "session id")?.to_vec(),
            challenge: reader.take(challenge.into(), "challenge")?.to_vec(),
        })
    }
}

/// A SERVER-HELLO in SSL 2.0 format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sslv2ServerHello {
    /// Whether the offered session is resumed.
    pub session_id_hit: bool,
    /// 1 for X.509.
    pub certificate_type: u8,
    /// Version selected, 0x0002.
    pub version: u16,
    /// DER certificate, empty when resuming.
    pub certificate: Vec<u8>,
    /// Cipher kinds both sides have.
    pub cipher_specs: Vec<[u8; 3]>,
    /// 16 to 32 octets.
    pub connection_id: Vec<u8>,
}

impl Sslv2ServerHello {
    /// The hello in its record; parts too long for the two-octet header are cut.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let certificate: Vec<u8> = self.certificate.iter().take(16_000).copied().collect();
        let specs: Vec<u8> = self
            .cipher_specs
            .iter()
            .take(5_000)
            .flatten()
            .copied()
            .collect();
        let connection_id: Vec<u8> = self.connection_id.iter().take(255).copied().collect();
        let mut body = vec![4, u8::from(self.session_id_hit), self.certificate_type];
        put_u16(&mut body, self.version);
        for part in [&certificate, &specs, &connection_id] {
            put_u16(&mut body, u16::try_from(part.len()).unwrap_or(u16::MAX));
        }
        for part in [&certificate, &specs, &connection_id] {
            body.extend_from_slice(part);
        }
        envelope(&body)
    }

    /// Reads the body of a record, from the message type on.
    ///
    /// # Errors
    /// [`Malformed`] when it is not a SERVER-HELLO.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "SSL 2.0 SERVER-HELLO");
        if reader.u8("message type")? != 4 {
            return Err(Malformed::new("SSL 2.0: message is no SERVER-HELLO"));
        }
        let session_id_hit = reader.u8("session id hit")? != 0;
        let certificate_type = reader.u8("certificate type")?;
        let version = reader.u16("version")?;
        let certificate = reader.u16("certificate length")?;
        let specs = reader.u16("cipher spec length")?;
        let connection_id = reader.u16("connection id length")?;
        let certificate = reader.take(certificate.into(), "certificate")?.to_vec();
        let (kinds, odd) = reader.take(specs.into(), "cipher specs")?.as_chunks::<3>();
        if !odd.is_empty() {
            return Err(Malformed::new(
                "SSL 2.0 SERVER-HELLO: cipher specs are not triples",
            ));
        }
        let cipher_specs = kinds.to_vec();
        let connection_id = reader.take(connection_id.into(), "connection id")?.to_vec();
        Ok(Self {
            session_id_hit,
            certificate_type,
            version,
            certificate,
            cipher_specs,
            connection_id,
        })
    }
}

/// Puts a two-octet header with the high bit set before `body`.
fn envelope(body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap_or(0x7FFF).min(0x7FFF);
    let mut out = Vec::with_capacity(body.len() + 2);
    put_u16(&mut out, length | 0x8000);
    out.extend(body.iter().take(length.into()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_hello_round_trips() {
        let hello = Sslv2ClientHello {
            version: 2,
            cipher_specs: CIPHER_KINDS.to_vec(),
            session_id: vec![],
            challenge: vec![9; 16],
        };
        let bytes = hello.encode();
        assert_eq!(bytes[..3], [0x80, 46, 1]);
        assert_eq!(bytes.len(), 48);
        assert_eq!(Sslv2ClientHello::parse(&bytes[2..]), Ok(hello));
    }

    #[test]
    fn server_hello_round_trips() {
        let hello = Sslv2ServerHello {
            session_id_hit: false,
            certificate_type: 1,
            version: 2,
            certificate: vec![0x30; 700],
            cipher_specs: CIPHER_KINDS[..2].to_vec(),
            connection_id: vec![1; 16],
        };
        let bytes = hello.encode();
        assert_eq!(Sslv2ServerHello::parse(&bytes[2..]), Ok(hello));
        assert!(Sslv2ServerHello::parse(&bytes[2..40]).is_err());
    }
}
