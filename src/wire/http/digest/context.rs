//! The digest computation.

use super::algorithm::{Algorithm, Qop};

/// Everything that goes into a digest. It borrows the password and has no `Debug`.
#[derive(Clone, Copy)]
pub struct DigestContext<'a> {
    /// Hash and session form.
    pub algorithm: Algorithm,
    /// User name, a B-TID with bootstrapped credentials.
    pub username: &'a str,
    /// Protection space.
    pub realm: &'a str,
    /// Password as octets.
    pub password: &'a [u8],
    /// Method of the request.
    pub method: &'a str,
    /// Digest URI, the request target.
    pub uri: &'a str,
    /// Server nonce.
    pub nonce: &'a str,
    /// Client nonce, unused without a quality of protection and a session key.
    pub cnonce: &'a str,
    /// Nonce count, unused without a quality of protection.
    pub nc: u32,
    /// Quality of protection; none is the form of RFC 2069.
    pub qop: Option<Qop>,
    /// Body of the message, hashed with [`Qop::AuthInt`].
    pub body: &'a [u8],
}

/// Nonces that a `-sess` algorithm keeps from the first request on (RFC 7616, 3.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionKey {
    /// Server nonce of the challenge that began the session.
    pub nonce: String,
    /// Client nonce of the first request of the session.
    pub cnonce: String,
}

impl DigestContext<'_> {
    /// The `response` of a request.
    pub fn response(&self) -> String {
        self.digest(self.method)
    }

    /// The `rspauth` of a response whose body is `body` (RFC 7616, 3.5).
    pub fn rspauth(&self) -> String {
        self.digest("")
    }

    fn digest(&self, method: &str) -> String {
        let nc = format!("{:08x}", self.nc);
        Computation {
            context: self,
            nc: &nc,
            session_key: (self.nonce, self.cnonce),
        }
        .digest(method)
    }
}

/// A computation whose nonce count is text as on the wire, whatever `context.nc` says.
pub(super) struct Computation<'a> {
    pub(super) context: &'a DigestContext<'a>,
    pub(super) nc: &'a str,
    /// Server and client nonce of the session key.
    pub(super) session_key: (&'a str, &'a str),
}

impl Computation<'_> {
    /// The digest with that method in its second part; the empty one is that of a response.
    pub(super) fn digest(&self, method: &str) -> String {
        let context = self.context;
        let hash = |parts: &[&[u8]]| context.algorithm.hash(parts);
        let mut ha1 = hash(&[
            context.username.as_bytes(),
            context.realm.as_bytes(),
            context.password,
        ]);
        if context.algorithm.has_session_key() {
            let (nonce, cnonce) = self.session_key;
            ha1 = hash(&[ha1.as_bytes(), nonce.as_bytes(), cnonce.as_bytes()]);
        }
        let ha2 = match context.qop {
            Some(Qop::AuthInt) => {
                let body = hash(&[context.body]);
                hash(&[method.as_bytes(), context.uri.as_bytes(), body.as_bytes()])
            }
            Some(Qop::Auth) | None => hash(&[method.as_bytes(), context.uri.as_bytes()]),
        };
        let (ha1, ha2) = (ha1.as_bytes(), ha2.as_bytes());
        match context.qop {
            Some(qop) => {
                let (nc, cnonce, qop) = (
                    self.nc.as_bytes(),
                    context.cnonce.as_bytes(),
                    qop.as_str().as_bytes(),
                );
                hash(&[ha1, context.nonce.as_bytes(), nc, cnonce, qop, ha2])
            }
            None => hash(&[ha1, context.nonce.as_bytes(), ha2]),
        }
    }
}
