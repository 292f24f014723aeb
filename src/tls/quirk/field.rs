//! A handshake message taken apart into its fields and put together again, with lengths that follow or do not.

use super::message::Field;
use crate::wire::tls::codec::Reader;
use crate::wire::tls::extension::Extension;
use crate::wire::tls::record::handshake_type;

/// encrypted_extensions of TLS 1.3, which is nothing but extensions.
const ENCRYPTED_EXTENSIONS: u8 = 8;

/// A field, or what stands between fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    field: Option<Field>,
    /// Octets of the length before it; 0 is a field without one.
    prefix: usize,
    /// How much the length is off.
    pub(super) delta: i32,
    octets: Vec<u8>,
    parts: Vec<Self>,
    /// Whether it is left out when there is nothing in it.
    optional: bool,
}

impl Part {
    fn new(field: Field, prefix: usize, octets: &[u8]) -> Self {
        Self {
            field: Some(field),
            prefix,
            octets: octets.to_vec(),
            ..Self::default()
        }
    }

    fn nameless(octets: &[u8]) -> Self {
        Self {
            octets: octets.to_vec(),
            ..Self::default()
        }
    }

    fn of_extension(extension: &Extension) -> Self {
        let data = Self::new(Field::Extension(extension.code), 2, &extension.body);
        Self {
            parts: vec![Self::nameless(&extension.code.to_be_bytes()), data],
            ..Self::default()
        }
    }

    /// Whether a length stands before it.
    pub(super) const fn has_length(&self) -> bool {
        self.prefix > 0
    }

    /// Gives it other octets; whether that changed it.
    pub(super) fn set(&mut self, value: &[u8]) -> bool {
        let before = std::mem::take(&mut self.octets);
        let changed = before != value || !self.parts.is_empty();
        self.parts.clear();
        self.octets = value.to_vec();
        changed
    }

    pub(super) fn add_extension(&mut self, extension: &Extension) {
        self.parts.push(Self::of_extension(extension));
    }

    /// Leaves out the extensions with this code; whether there was one.
    pub(super) fn remove_extension(&mut self, code: u16) -> bool {
        let before = self.parts.len();
        self.parts.retain(|part| !part.is_extension(code));
        before != self.parts.len()
    }

    /// Repeats the first extension with this code at the end; whether there was one.
    pub(super) fn duplicate_extension(&mut self, code: u16) -> bool {
        let found = self.parts.iter().find(|part| part.is_extension(code));
        let found = found.cloned();
        let was_there = found.is_some();
        self.parts.extend(found);
        was_there
    }

    fn is_extension(&self, code: u16) -> bool {
        let wanted = Some(Field::Extension(code));
        self.parts.iter().any(|part| part.field == wanted)
    }

    fn find(&mut self, field: Field) -> Option<&mut Self> {
        if self.field == Some(field) {
            return Some(self);
        }
        find(&mut self.parts, field)
    }

    fn put(&self, out: &mut Vec<u8>) {
        let mut content = self.octets.clone();
        encode_into(&self.parts, &mut content);
        if self.optional && content.is_empty() && self.delta == 0 {
            return;
        }
        out.extend(length_octets(content.len(), self.delta, self.prefix));
        out.extend(content);
    }
}

/// The last `count` octets of a length that is `delta` off.
pub(super) fn length_octets(length: usize, delta: i32, count: usize) -> Vec<u8> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let said = length.saturating_add(delta.into()).max(0).to_be_bytes();
    said.into_iter().skip(8 - count.min(8)).collect()
}

/// The part of a field.
pub(super) fn find(parts: &mut [Part], field: Field) -> Option<&mut Part> {
    parts.iter_mut().find_map(|part| part.find(field))
}

/// The octets of the parts.
pub(super) fn encode(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    encode_into(parts, &mut out);
    out
}

fn encode_into(parts: &[Part], out: &mut Vec<u8>) {
    for part in parts {
        part.put(out);
    }
}

/// The parts of a message in which `wanted` may be; `None` when it is of another kind or form.
pub(super) fn dissect(kind: u8, body: &[u8], wanted: Field) -> Option<Vec<Part>> {
    match kind {
        handshake_type::CLIENT_HELLO => hello(body, true),
        handshake_type::SERVER_HELLO => hello(body, false),
        ENCRYPTED_EXTENSIONS => Some(vec![extensions(&mut Reader::new(body, "extensions"))?]),
        handshake_type::CERTIFICATE => certificate(body),
        handshake_type::CLIENT_KEY_EXCHANGE => exchange(body, wanted),
        handshake_type::CERTIFICATE_VERIFY => verify(body),
        handshake_type::NEW_SESSION_TICKET => ticket(body),
        handshake_type::FINISHED => Some(vec![Part::new(Field::VerifyData, 0, body)]),
        _ => None,
    }
}

fn hello(body: &[u8], client: bool) -> Option<Vec<Part>> {
    let mut reader = Reader::new(body, "hello");
    let version = reader.take(2, "version").ok()?;
    let random = reader.take(32, "random").ok()?;
    let session_id = reader.vector8("session id").ok()?;
    let (prefixes, suites, compressions) = if client {
        let suites = reader.vector16("suites").ok()?;
        ((2, 1), suites, reader.vector8("compressions").ok()?)
    } else {
        let suite = reader.take(2, "suite").ok()?;
        ((0, 0), suite, reader.take(1, "compression").ok()?)
    };
    Some(vec![
        Part::new(Field::Version, 0, version),
        Part::new(Field::Random, 0, random),
        Part::new(Field::SessionId, 1, session_id),
        Part::new(Field::CipherSuites, prefixes.0, suites),
        Part::new(Field::CompressionMethods, prefixes.1, compressions),
        extensions(&mut reader)?,
    ])
}

/// The block of extensions, which is not there at all when it is empty and was not there.
fn extensions(reader: &mut Reader<'_>) -> Option<Part> {
    let optional = reader.is_empty();
    let found = Extension::parse_block(reader).ok()?;
    let mut block = Part::new(Field::Extensions, 2, &[]);
    block.parts = found.iter().map(Part::of_extension).collect();
    block.optional = optional;
    Some(block)
}

/// Octets that are one vector with its length before it and nothing else.
fn whole(field: Field, prefix: usize, octets: &[u8]) -> Option<Part> {
    let (length, content) = octets.split_at_checked(prefix)?;
    let said = length
        .iter()
        .fold(0, |said, octet| said << 8 | usize::from(*octet));
    (said == content.len()).then(|| Part::new(field, prefix, content))
}

fn ticket(body: &[u8]) -> Option<Vec<Part>> {
    let (lifetime, rest) = body.split_at_checked(4)?;
    if let Some(ticket) = whole(Field::Ticket, 2, rest) {
        return Some(vec![Part::nameless(lifetime), ticket]);
    }
    // TLS 1.3 has age_add and a nonce before the ticket, and extensions behind it.
    let mut reader = Reader::new(rest, "NewSessionTicket");
    let age_add = reader.take(4, "age add").ok()?;
    let nonce = reader.vector8("nonce").ok()?;
    let head = [lifetime, age_add, &[u8::try_from(nonce.len()).ok()?], nonce].concat();
    let ticket = Part::new(Field::Ticket, 2, reader.vector16("ticket").ok()?);
    let extensions = extensions(&mut reader)?;
    Some(vec![Part::nameless(&head), ticket, extensions])
}

fn certificate(body: &[u8]) -> Option<Vec<Part>> {
    if let Some(list) = whole(Field::CertificateList, 3, body) {
        return Some(vec![list]);
    }
    // TLS 1.3 has a context before the list.
    let context = usize::from(*body.first()?) + 1;
    let (context, list) = body.split_at_checked(context)?;
    let list = whole(Field::CertificateList, 3, list)?;
    Some(vec![Part::nameless(context), list])
}

/// Which parts there are is the suite's: it shows in what the lengths fit.
fn exchange(body: &[u8], wanted: Field) -> Option<Vec<Part>> {
    let one =
        |octets| whole(Field::Exchange, 2, octets).or_else(|| whole(Field::Exchange, 1, octets));
    if wanted != Field::PskIdentity
        && let Some(part) = one(body)
    {
        return Some(vec![part]);
    }
    let mut reader = Reader::new(body, "ClientKeyExchange");
    let identity = reader.vector16("identity").ok()?;
    let identity = Part::new(Field::PskIdentity, 2, identity);
    let rest = one(reader.rest()).unwrap_or_else(|| Part::nameless(reader.rest()));
    Some(vec![identity, rest])
}

fn verify(body: &[u8]) -> Option<Vec<Part>> {
    if let Some(signature) = whole(Field::Signature, 2, body) {
        return Some(vec![signature]);
    }
    let (scheme, signature) = body.split_at_checked(2)?;
    let scheme = Part::new(Field::SignatureScheme, 0, scheme);
    Some(vec![scheme, whole(Field::Signature, 2, signature)?])
}
