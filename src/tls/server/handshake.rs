//! The state of a handshake.

use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::failure::Cause;
use crate::tls::key_exchange::{DiffieHellmanKey, EphemeralKey};
use crate::tls::keys::{KeyBlock, Randoms, Sender, verify_data};
use crate::tls::prf::Prf;
use crate::tls::session::Mechanism;
use crate::tls::signature::{PrivateKey, Scheme, signed_digest};
use crate::tls::suite::Suite;

/// What comes next from the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Awaiting {
    #[default]
    ClientHello,
    Certificate,
    ClientKeyExchange,
    CertificateVerify,
    ChangeCipherSpec,
    Finished,
    Data,
}

impl Awaiting {
    /// For the point of a failure.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ClientHello => "awaiting ClientHello",
            Self::Certificate => "awaiting the client's Certificate",
            Self::ClientKeyExchange => "awaiting ClientKeyExchange",
            Self::CertificateVerify => "awaiting CertificateVerify",
            Self::ChangeCipherSpec => "awaiting the client's ChangeCipherSpec",
            Self::Finished => "awaiting the client's Finished",
            Self::Data => "after the handshake",
        }
    }
}

/// What the server selected.
#[derive(Clone, Debug)]
pub(super) struct Selected {
    pub(super) version: ProtocolVersion,
    pub(super) suite: Suite,
    pub(super) randoms: Randoms,
    /// What the client said was its highest version, which stands in a premaster secret of RSA.
    pub(super) client_version: u16,
    /// Which of the server's identities.
    pub(super) identity: Option<usize>,
}

/// The ephemeral key of the server.
#[derive(Debug)]
pub(super) enum Ephemeral {
    Dhe(DiffieHellmanKey),
    Ecdhe(EphemeralKey),
    /// The temporary key of an export suite.
    Rsa(PrivateKey),
}

/// The Finished of the handshake before (RFC 5746 3.1).
#[derive(Clone, Debug, Default)]
pub(super) struct Binding {
    pub(super) client: Vec<u8>,
    pub(super) server: Vec<u8>,
}

/// The state of a handshake.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    pub(super) awaiting: Awaiting,
    pub(super) transcript: Vec<u8>,
    pub(super) selected: Option<Selected>,
    pub(super) ephemeral: Option<Ephemeral>,
    pub(super) master: Option<Secret>,
    pub(super) keys: Option<KeyBlock>,
    /// Under what the session is kept when the handshake is complete.
    pub(super) kept_as: Option<(Mechanism, Vec<u8>)>,
    /// What this handshake's Finished bind the next to.
    pub(super) binding: Binding,
}

impl Handshake {
    pub(super) fn selected(&self) -> Result<&Selected, Cause> {
        let missing = || Cause::Unexpected("nothing is selected yet".to_owned());
        self.selected.as_ref().ok_or_else(missing)
    }

    pub(super) fn prf(&self) -> Result<Prf, Cause> {
        let selected = self.selected()?;
        Ok(Prf::of(selected.version, selected.suite.hash))
    }

    pub(super) fn master(&self) -> Result<&Secret, Cause> {
        let missing = || Cause::Unexpected("no keys are agreed yet".to_owned());
        self.master.as_ref().ok_or_else(missing)
    }

    /// The digest of the messages up to now as a CertificateVerify signs it.
    pub(super) fn signed_digest(&self, scheme: Scheme) -> Result<Vec<u8>, Cause> {
        let master = self.master()?;
        Ok(signed_digest(self.prf()?, scheme, master, &self.transcript))
    }

    pub(super) fn verify_data(&self, sender: Sender) -> Result<Vec<u8>, Cause> {
        let prf = self.prf()?;
        Ok(verify_data(prf, self.master()?, sender, &self.transcript))
    }
}
