//! Handshake messages, ChangeCipherSpec and close_notify on their way out, and what quirks send between them.

use super::RecordLayer;
use crate::tls::entropy::Entropy;
use crate::tls::quirk::{
    ChangeCipherSpecChange, Closing, Effect, Inserted, Moment, Outgoing, Protection,
};
use crate::wire::tls::alert::Alert;
use crate::wire::tls::codec::put_u16;
use crate::wire::tls::handshake::Message;
use crate::wire::tls::record::{content_type, handshake_type};

/// heartbeat_request, RFC 6520 clause 3.
const HEARTBEAT_REQUEST: u8 = 1;
/// Fewest octets of padding in a heartbeat.
const HEARTBEAT_PADDING: usize = 16;

impl RecordLayer {
    /// Sends a handshake message as the quirks want it.
    ///
    /// The octets given back are those of the messages that were really sent, for the hash of the handshake.
    pub fn emit(&mut self, message: Message, entropy: &mut Entropy) -> Vec<u8> {
        let kind = message.kind;
        let number = self.sending.quirks.count_message(kind);
        let mut sent = self.reach(Moment::Before(kind, number), entropy);
        let outgoing = self.sending.quirks.message(message, number);
        let held = std::mem::take(&mut self.sending.held);
        let (now, later) = held.into_iter().partition(|(after, _)| *after == kind);
        self.sending.held = later;
        match outgoing.after {
            Some(after) => self.sending.held.push((after, outgoing)),
            None => sent.extend(self.deliver(&outgoing, entropy)),
        }
        let now: Vec<(u8, Outgoing)> = now;
        for (_, outgoing) in now {
            sent.extend(self.deliver(&outgoing, entropy));
        }
        sent.extend(self.reach(Moment::After(kind, number), entropy));
        if kind == handshake_type::FINISHED && std::mem::take(&mut self.sending.late) {
            self.end_flight(entropy);
            self.change_keys(&[1], entropy);
        }
        sent
    }

    fn deliver(&mut self, outgoing: &Outgoing, entropy: &mut Entropy) -> Vec<u8> {
        let mut octets = outgoing.octets.repeat(outgoing.copies);
        if octets.is_empty() {
            return octets;
        }
        if self.sending.coalesce {
            self.sending.flight.extend(&octets);
        } else {
            for _ in 0..outgoing.copies {
                self.cut(content_type::HANDSHAKE, &outgoing.octets, entropy);
            }
        }
        if outgoing.octets.first() == Some(&handshake_type::FINISHED) {
            // The peer's Finished goes out on the first of ours.
            octets.truncate(outgoing.octets.len());
        }
        octets
    }

    /// Queues the messages that wait to share records.
    pub fn end_flight(&mut self, entropy: &mut Entropy) {
        let flight = std::mem::take(&mut self.sending.flight);
        if !flight.is_empty() {
            self.cut(content_type::HANDSHAKE, &flight, entropy);
        }
    }

    /// Queues ChangeCipherSpec and protects what follows as prepared.
    ///
    /// The octets given back are those of handshake messages that quirks sent there.
    pub fn send_change_cipher_spec(&mut self, entropy: &mut Entropy) -> Vec<u8> {
        let mut sent = self.reach(Moment::BeforeChangeCipherSpec, entropy);
        self.end_flight(entropy);
        let mut octets = vec![1];
        let (mut due, mut again) = (true, false);
        for (index, change) in self.sending.quirks.change_cipher_spec() {
            match change {
                ChangeCipherSpecChange::Omitted => {
                    due = false;
                    self.sending.next = None;
                }
                // Noted when it was sent.
                ChangeCipherSpecChange::Early(_) => continue,
                ChangeCipherSpecChange::Late => self.sending.late = true,
                ChangeCipherSpecChange::Twice => again = true,
                ChangeCipherSpecChange::Octet(octet) => octets = vec![octet],
                ChangeCipherSpecChange::Overlong => octets.push(1),
            }
            self.sending.quirks.note(index);
        }
        if std::mem::take(&mut self.sending.early) {
            self.take_keys();
        } else if due && !self.sending.late {
            self.change_keys(&octets, entropy);
        }
        if again {
            self.cut(content_type::CHANGE_CIPHER_SPEC, &octets, entropy);
        }
        sent.extend(self.reach(Moment::AfterChangeCipherSpec, entropy));
        sent
    }

    fn change_keys(&mut self, octets: &[u8], entropy: &mut Entropy) {
        self.cut(content_type::CHANGE_CIPHER_SPEC, octets, entropy);
        self.take_keys();
    }

    fn take_keys(&mut self) {
        if let Some(sealer) = self.sending.next.take() {
            self.sending.sealer = Some(sealer);
        }
    }

    /// Tells that both Finished are exchanged.
    pub fn handshake_done(&mut self, entropy: &mut Entropy) {
        self.reach(Moment::HandshakeDone, entropy);
    }

    /// Queues close_notify.
    pub fn send_close_notify(&mut self, entropy: &mut Entropy) {
        self.reach(Moment::BeforeClose, entropy);
        if !self.sending.quirks.omits_close_notify() {
            self.send(content_type::ALERT, &[1, 0], entropy);
        }
    }

    /// Does what the quirks want now; gives the handshake messages that were sent.
    pub(super) fn reach(&mut self, moment: Moment, entropy: &mut Entropy) -> Vec<u8> {
        let mut sent = Vec::new();
        for (index, effect) in self.sending.quirks.effects(moment) {
            // Nothing is done behind the end of the connection.
            if self.sending.closing.is_some() {
                break;
            }
            self.end_flight(entropy);
            let done = match effect {
                Effect::Insert(what, protection) => {
                    self.insert(&what, protection, &mut sent, entropy)
                }
                Effect::ChangeCipherSpec => {
                    self.sending.early = true;
                    self.change_keys(&[1], entropy);
                    true
                }
                Effect::Pause => {
                    let here = self.sending.output.len();
                    self.sending.pauses.push_back(here);
                    true
                }
                Effect::Close(how) => {
                    if how == Closing::Notify {
                        self.cut(content_type::ALERT, &[1, 0], entropy);
                    }
                    self.sending.closing = Some(how);
                    true
                }
            };
            if done {
                self.sending.quirks.note(index);
            }
        }
        sent
    }

    /// Sends something that has no place here; whether it could be.
    fn insert(
        &mut self,
        what: &Inserted,
        protection: Protection,
        sent: &mut Vec<u8>,
        entropy: &mut Entropy,
    ) -> bool {
        let due = self.sending.sealer.take();
        let mut other = None;
        match protection {
            Protection::Due => self.sending.sealer = due,
            Protection::Clear => other = Some(due),
            Protection::Next if self.sending.next.is_some() => {
                other = Some(due);
                self.sending.sealer = self.sending.next.take();
            }
            Protection::Next => {
                self.sending.sealer = due;
                return false;
            }
        }
        let (kind, content) = inserted(what);
        match kind {
            None => self.sending.queue(&content),
            Some(kind) => self.sending.record(kind, &content, entropy),
        }
        if let Inserted::Message(_) = what {
            sent.extend(content);
        }
        if let Some(due) = other {
            if protection == Protection::Next {
                self.sending.next = self.sending.sealer.take();
            }
            self.sending.sealer = due;
        }
        true
    }
}

/// Content type and content of what is inserted; no type for octets without a record.
fn inserted(what: &Inserted) -> (Option<u8>, Vec<u8>) {
    match what {
        Inserted::Alert(Alert { level, description }) => {
            (Some(content_type::ALERT), vec![*level, *description])
        }
        Inserted::Message(message) => (Some(content_type::HANDSHAKE), message.encode()),
        Inserted::ChangeCipherSpec => (Some(content_type::CHANGE_CIPHER_SPEC), vec![1]),
        Inserted::Record {
            content_type,
            content,
        } => (Some(*content_type), content.clone()),
        Inserted::Heartbeat { declared, payload } => {
            let mut content = vec![HEARTBEAT_REQUEST];
            put_u16(&mut content, *declared);
            content.extend(payload);
            content.resize(content.len() + HEARTBEAT_PADDING, 0);
            (Some(content_type::HEARTBEAT), content)
        }
        Inserted::Raw(octets) => (None, octets.clone()),
    }
}
