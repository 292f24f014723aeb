//! The state of a handshake of TLS 1.3.

use crate::model::secret::Secret;
use crate::tls::failure::{Cause, missing};
use crate::tls::hash::HashFunction;
use crate::tls::record::{Opener13, Sealer13};
use crate::tls::schedule::{MasterSecret, ResumptionSecret, TrafficSecret};
use crate::tls::server::{Laxity, Server};
use crate::tls::suite::Suite;
use crate::wire::tls::hello::ClientHello;

/// What comes next from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaiting {
    SecondClientHello,
    EndOfEarlyData,
    Certificate,
    CertificateVerify,
    Finished,
    Data,
}

impl Awaiting {
    const fn name(self) -> &'static str {
        match self {
            Self::SecondClientHello => "awaiting the second ClientHello",
            Self::EndOfEarlyData => "awaiting EndOfEarlyData",
            Self::Certificate => "awaiting the client's Certificate",
            Self::CertificateVerify => "awaiting CertificateVerify",
            Self::Finished => "awaiting the client's Finished",
            Self::Data => "after the handshake",
        }
    }
}

/// The state of a handshake of TLS 1.3; the transcript is that of all versions.
#[derive(Debug)]
pub(in crate::tls::server) struct Tls13 {
    pub(super) awaiting: Awaiting,
    /// The last hello.
    pub(super) hello: ClientHello,
    pub(super) suite: Suite,
    /// The group a second hello has to have a share of.
    pub(super) retried_group: Option<u16>,
    /// The cookie a second hello has to bring back.
    pub(super) cookie: Option<Vec<u8>>,
    /// Whether a ChangeCipherSpec went out for the sake of middleboxes.
    pub(super) change_cipher_spec_sent: bool,
    /// Octets of early data that may still come.
    pub(super) early_left: usize,
    /// What protects the client's handshake messages; not in use yet while early data comes.
    pub(super) client_handshake: Option<TrafficSecret>,
    /// What protects the client's application data, from its Finished on; then what protects it now.
    pub(super) client_traffic: Option<TrafficSecret>,
    /// What protects what we send.
    pub(super) server_traffic: Option<TrafficSecret>,
    pub(super) master: Option<MasterSecret>,
    pub(super) resumption: Option<ResumptionSecret>,
    /// The messages up to the client's Finished.
    pub(super) handshake_messages: Vec<u8>,
    /// The messages up to a CertificateRequest after the handshake that waits for its answer, and its context.
    pub(super) request: Option<(Vec<u8>, Vec<u8>)>,
    /// KeyUpdates and others since application data came.
    pub(super) idle: usize,
}

impl Tls13 {
    pub(super) const fn new(hello: ClientHello, suite: Suite) -> Self {
        Self {
            awaiting: Awaiting::SecondClientHello,
            hello,
            suite,
            retried_group: None,
            cookie: None,
            change_cipher_spec_sent: false,
            early_left: 0,
            client_handshake: None,
            client_traffic: None,
            server_traffic: None,
            master: None,
            resumption: None,
            handshake_messages: Vec::new(),
            request: None,
            idle: 0,
        }
    }

    /// For the point of a failure.
    pub(in crate::tls::server) const fn awaiting_name(&self) -> &'static str {
        self.awaiting.name()
    }
}

impl Server {
    pub(super) fn tls13(&mut self) -> Result<&mut Tls13, Cause> {
        self.tls13.as_deref_mut().ok_or_else(|| missing("version"))
    }

    /// The hash of the messages up to now.
    pub(super) fn transcript_hash(&self, hash: HashFunction) -> Vec<u8> {
        hash.digest(&[&self.handshake.transcript])
    }

    pub(super) fn log_secret(&self, label: &str, secret: &Secret) {
        if let (Some(log), Some(tls13)) = (&self.config.key_log, &self.tls13) {
            log.log(label, &tls13.hello.random, secret.expose());
        }
    }

    /// From now on what we send is protected with this secret.
    pub(super) fn send_with(&mut self, secret: TrafficSecret) -> Result<(), Cause> {
        let suite = self.tls13()?.suite.clone();
        let sealer = Sealer13::new(&suite, &secret.keys(&suite));
        let sealer = sealer.ok_or_else(|| missing("key"))?;
        self.records
            .protect_sent_13(Some(sealer), &mut self.entropy);
        self.tls13()?.server_traffic = Some(secret);
        Ok(())
    }

    /// From now on what we receive is protected with this secret; no message may reach over that point.
    pub(super) fn receive_with(&mut self, secret: &TrafficSecret) -> Result<(), Cause> {
        if self.within_message() {
            let what = "a handshake message over a change of keys".to_owned();
            return Err(Cause::Unexpected(what));
        }
        let suite = self.tls13()?.suite.clone();
        let opener = Opener13::new(&suite, &secret.keys(&suite));
        let opener = opener.ok_or_else(|| missing("key"))?;
        let tolerant = self.config.is_lax(Laxity::AnyMac);
        self.records
            .protect_received_13(if tolerant { opener.tolerant() } else { opener });
        Ok(())
    }

    /// Sends the ChangeCipherSpec that means nothing, once, to clients that want it (RFC 8446 D.4).
    pub(super) fn send_compatibility_change_cipher_spec(&mut self) {
        let Some(tls13) = self.tls13.as_mut() else {
            return;
        };
        if !tls13.hello.session_id.is_empty()
            && !std::mem::replace(&mut tls13.change_cipher_spec_sent, true)
        {
            self.records.send_change_cipher_spec(&mut self.entropy);
        }
    }
}
