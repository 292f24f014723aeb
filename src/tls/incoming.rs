//! What comes, for both sides: handshake messages out of records, alerts out of octets, application data to be taken.

use super::failure::Cause;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::handshake::{Joiner, Message};
use crate::wire::tls::record::content_type;

/// Most octets that a failure shows.
const SHOWN: usize = 32;
/// Most warnings that are taken.
pub(super) const MAX_WARNINGS: usize = 32;
/// Description of the alert user_canceled.
const USER_CANCELED: u8 = 90;

/// What came and was not taken yet.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    joiner: Joiner,
    plaintext: Vec<u8>,
    /// The level of an alert whose description is missing.
    partial_alert: Option<u8>,
    closed: bool,
    /// The first octets of the last handshake message, or of a record's content in clear or opened.
    looked_at: Vec<u8>,
}

impl Incoming {
    /// Whether the peer said that nothing follows.
    pub(super) const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether a handshake message has begun that is not complete.
    pub(super) fn within_message(&self) -> bool {
        !self.joiner.is_empty()
    }

    /// Holds that nothing but handshake messages and alerts comes within a handshake message.
    pub(super) fn admit(&self, kind: u8) -> Result<(), Cause> {
        let between = matches!(kind, content_type::HANDSHAKE | content_type::ALERT);
        if between || !self.within_message() {
            return Ok(());
        }
        Err(Cause::Unexpected(format!(
            "a record of type {kind} within a handshake message"
        )))
    }

    /// Notes what is looked at next, so that a failure can show it.
    pub(super) fn look_at(&mut self, octets: impl IntoIterator<Item = u8>) {
        self.looked_at.clear();
        self.looked_at.extend(octets.into_iter().take(SHOWN));
    }

    /// The first octets of what was looked at last.
    pub(super) fn looked_at(&self) -> Vec<u8> {
        self.looked_at.clone()
    }

    /// Takes the content of a handshake record.
    pub(super) fn feed(&mut self, content: &[u8]) {
        self.joiner.feed(content);
    }

    /// The next complete handshake message.
    pub(super) fn next_message(&mut self) -> Result<Option<Message>, Cause> {
        let message = self.joiner.next_message()?;
        if let Some(message) = &message {
            let length = u32::try_from(message.body.len()).unwrap_or(u32::MAX);
            let head =
                std::iter::once(message.kind).chain(length.to_be_bytes().into_iter().skip(1));
            self.look_at(head.chain(message.body.iter().copied()));
        }
        Ok(message)
    }

    /// Keeps application data.
    pub(super) fn keep(&mut self, content: Vec<u8>) {
        self.plaintext.extend(content);
    }

    /// Application data that came, which is then no longer here.
    pub(super) fn take_plaintext(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.plaintext)
    }

    /// Takes the next octet of an alert and gives the warning that it completes, `taken` having come before. In TLS 1.3
    /// every alert but two is an error, whatever its level says (RFC 8446 6).
    pub(super) fn alert(
        &mut self,
        octet: u8,
        tls13: bool,
        taken: usize,
    ) -> Result<Option<Alert>, Cause> {
        let Some(level) = self.partial_alert.take() else {
            self.partial_alert = Some(octet);
            return Ok(None);
        };
        let alert = Alert {
            level,
            description: octet,
        };
        match (alert.level, alert.description) {
            (_, 0) => {
                self.closed = true;
                Ok(None)
            }
            (_, description) if tls13 && description != USER_CANCELED => Err(Cause::Alert(alert)),
            (1, _) if taken < MAX_WARNINGS => Ok(Some(alert)),
            (1, _) => {
                let what = format!("more than {MAX_WARNINGS} warnings");
                Err(Cause::Misbehaved(what))
            }
            _ => Err(Cause::Alert(alert)),
        }
    }
}
