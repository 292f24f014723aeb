//! Handshake messages of TLS 1.3 beyond the hellos, for both sides: RFC 8446 clauses 4.3 to 4.6.

use super::codec::{Malformed, Reader, put_vector8, put_vector16, put_vector24};
use super::extension::{Extension, code};
use super::handshake::CertificateRequest;

/// The extensions of an EncryptedExtensions.
///
/// # Errors
/// [`Malformed`] saying what and where.
pub fn parse_encrypted_extensions(body: &[u8]) -> Result<Vec<Extension>, Malformed> {
    let mut reader = Reader::new(body, "EncryptedExtensions");
    let extensions = extensions(&mut reader)?;
    reader.end()?;
    Ok(extensions)
}

/// The body of an EncryptedExtensions.
#[must_use]
pub fn encode_encrypted_extensions(extensions: &[Extension]) -> Vec<u8> {
    let mut body = Vec::new();
    put_extensions(&mut body, extensions);
    body
}

fn extensions(reader: &mut Reader<'_>) -> Result<Vec<Extension>, Malformed> {
    let mut block = Reader::new(reader.vector16("extensions")?, "extensions");
    let mut extensions = Vec::new();
    while !block.is_empty() {
        let code = block.u16("code")?;
        extensions.push(Extension::new(code, block.vector16("data")?.to_vec()));
    }
    Ok(extensions)
}

fn put_extensions(out: &mut Vec<u8>, extensions: &[Extension]) {
    let mut block = Vec::new();
    for extension in extensions {
        extension.put(&mut block);
    }
    put_vector16(out, &block);
}

/// A CertificateRequest, RFC 8446 clause 4.3.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateRequest13 {
    /// What the answer repeats; empty within a handshake.
    pub context: Vec<u8>,
    /// signature_algorithms, certificate_authorities and others.
    pub extensions: Vec<Extension>,
}

impl CertificateRequest13 {
    /// One that takes these schemes and names no authorities.
    #[must_use]
    pub fn of_schemes(context: Vec<u8>, schemes: &[u16]) -> Self {
        Self {
            context,
            extensions: vec![Extension::signature_algorithms(schemes)],
        }
    }

    /// Reads the body of the message.
    ///
    /// # Errors
    /// [`Malformed`] saying what and where.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "CertificateRequest");
        let context = reader.vector8("context")?.to_vec();
        let extensions = extensions(&mut reader)?;
        reader.end()?;
        Ok(Self {
            context,
            extensions,
        })
    }

    /// The body of the message.
    #[must_use]
    pub fn encode_body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        put_vector8(&mut body, &self.context);
        put_extensions(&mut body, &self.extensions);
        body
    }

    /// What it asks, in the form it had up to TLS 1.2; certificate types are no more.
    ///
    /// # Errors
    /// [`Malformed`] when an extension of those read here is.
    pub fn asked(&self) -> Result<CertificateRequest, Malformed> {
        let body = |code| {
            let found = self.extensions.iter().find(|each| each.code == code);
            found.map(|extension| Reader::new(&extension.body, "CertificateRequest"))
        };
        let mut request = CertificateRequest::default();
        if let Some(mut reader) = body(code::SIGNATURE_ALGORITHMS) {
            request.schemes = reader.u16_list("signature schemes")?;
            reader.end()?;
        }
        if let Some(mut reader) = body(code::CERTIFICATE_AUTHORITIES) {
            let mut names = Reader::new(reader.vector16("authorities")?, "CertificateRequest");
            reader.end()?;
            while !names.is_empty() {
                request
                    .authorities
                    .push(names.vector16("authority")?.to_vec());
            }
        }
        Ok(request)
    }
}

/// A Certificate, RFC 8446 clause 4.4.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate13 {
    /// That of the CertificateRequest it answers; a server's is empty.
    pub context: Vec<u8>,
    /// The sender's own certificate first.
    pub entries: Vec<CertificateEntry>,
}

/// A certificate with what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateEntry {
    /// DER.
    pub certificate: Vec<u8>,
    /// status_request and others.
    pub extensions: Vec<Extension>,
}

impl Certificate13 {
    /// A chain without extensions.
    #[must_use]
    pub fn of_chain(context: Vec<u8>, certificates: &[Vec<u8>]) -> Self {
        let entry = |certificate: &Vec<u8>| CertificateEntry {
            certificate: certificate.clone(),
            extensions: Vec::new(),
        };
        Self {
            context,
            entries: certificates.iter().map(entry).collect(),
        }
    }

    /// Reads the body of the message.
    ///
    /// # Errors
    /// [`Malformed`] when lengths do not fit, a certificate is empty or octets are left over.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "Certificate");
        let context = reader.vector8("context")?.to_vec();
        let mut list = Reader::new(reader.vector24("certificate list")?, "Certificate");
        reader.end()?;
        let mut entries = Vec::new();
        while !list.is_empty() {
            let certificate = list.vector24("certificate")?.to_vec();
            if certificate.is_empty() {
                return Err(Malformed::new("Certificate: empty certificate"));
            }
            let extensions = extensions(&mut list)?;
            entries.push(CertificateEntry {
                certificate,
                extensions,
            });
        }
        Ok(Self { context, entries })
    }

    /// The body of the message.
    #[must_use]
    pub fn encode_body(&self) -> Vec<u8> {
        let mut list = Vec::new();
        for entry in &self.entries {
            put_vector24(&mut list, &entry.certificate);
            put_extensions(&mut list, &entry.extensions);
        }
        let mut body = Vec::new();
        put_vector8(&mut body, &self.context);
        put_vector24(&mut body, &list);
        body
    }
}

/// Scheme and signature of a CertificateVerify; `handshake::Signed` writes it.
///
/// # Errors
/// [`Malformed`] saying what and where.
pub fn parse_certificate_verify(body: &[u8]) -> Result<(u16, Vec<u8>), Malformed> {
    let mut reader = Reader::new(body, "CertificateVerify");
    let scheme = reader.u16("scheme")?;
    let signature = reader.vector16("signature")?.to_vec();
    reader.end()?;
    Ok((scheme, signature))
}

/// A NewSessionTicket, RFC 8446 clause 4.6.1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSessionTicket13 {
    /// Seconds.
    pub lifetime: u32,
    /// What hides the ticket's age.
    pub age_add: u32,
    /// Makes the key of this ticket another than that of others.
    pub nonce: Vec<u8>,
    /// The ticket.
    pub ticket: Vec<u8>,
    /// early_data and others.
    pub extensions: Vec<Extension>,
}

impl NewSessionTicket13 {
    /// Reads the body of the message.
    ///
    /// # Errors
    /// [`Malformed`] saying what and where.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "NewSessionTicket");
        let lifetime = reader.array("lifetime").map(u32::from_be_bytes)?;
        let age_add = reader.array("age add").map(u32::from_be_bytes)?;
        let nonce = reader.vector8("nonce")?.to_vec();
        let ticket = reader.vector16("ticket")?.to_vec();
        if ticket.is_empty() {
            return Err(Malformed::new("NewSessionTicket: empty ticket"));
        }
        let extensions = extensions(&mut reader)?;
        reader.end()?;
        Ok(Self {
            lifetime,
            age_add,
            nonce,
            ticket,
            extensions,
        })
    }

    /// The body of the message.
    #[must_use]
    pub fn encode_body(&self) -> Vec<u8> {
        let mut body = self.lifetime.to_be_bytes().to_vec();
        body.extend(self.age_add.to_be_bytes());
        put_vector8(&mut body, &self.nonce);
        put_vector16(&mut body, &self.ticket);
        put_extensions(&mut body, &self.extensions);
        body
    }

    /// Octets of early data the server takes with this ticket; 0 without the extension.
    ///
    /// # Errors
    /// [`Malformed`] when the extension is.
    pub fn max_early_data(&self) -> Result<u32, Malformed> {
        let found = self
            .extensions
            .iter()
            .find(|each| each.code == code::EARLY_DATA);
        let Some(extension) = found else {
            return Ok(0);
        };
        let mut reader = Reader::new(&extension.body, "early_data");
        let most = reader.array("most octets").map(u32::from_be_bytes)?;
        reader.end()?;
        Ok(most)
    }
}

/// Whether a KeyUpdate asks for one in return, RFC 8446 clause 4.6.3.
///
/// # Errors
/// [`Malformed`] for anything but the two values there are.
pub fn parse_key_update(body: &[u8]) -> Result<bool, Malformed> {
    match body {
        [0] => Ok(false),
        [1] => Ok(true),
        _ => Err(Malformed::new("KeyUpdate: neither 0 nor 1")),
    }
}

/// What a CertificateVerify signs, RFC 8446 clause 4.4.3.
#[must_use]
pub fn signed_content(by_server: bool, transcript_hash: &[u8]) -> Vec<u8> {
    let context: &[u8] = if by_server {
        b"TLS 1.3, server CertificateVerify"
    } else {
        b"TLS 1.3, client CertificateVerify"
    };
    [&[0x20; 64], context, &[0], transcript_hash].concat()
}

/// The message that stands for the first ClientHello after a HelloRetryRequest, RFC 8446 clause 4.4.1.
#[must_use]
pub fn message_hash(hash: &[u8]) -> Vec<u8> {
    let mut message = vec![super::record::handshake_type::MESSAGE_HASH];
    put_vector24(&mut message, hash);
    message
}

#[cfg(test)]
mod tests;
