//! What is sent: handshake messages and records, each through the quirks of the connection.
//!
//! Every handshake message passes [`RecordLayer::emit`], every record [`RecordLayer::send`].

use std::collections::VecDeque;

use super::damage::Damage;
use super::sealing::Sealing;
use super::shape::Shape;
use super::{RecordHead, RecordLayer, Sealer, Sealer13};
use crate::tls::entropy::Entropy;
use crate::tls::quirk::{Closing, Moment, Outgoing, Quirk, Quirks, RecordPart};
use crate::wire::tls::codec::put_u16;
use crate::wire::tls::record::{MAX_PLAINTEXT, RECORD_HEADER, content_type};

/// The sending half of a connection's records.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) sealer: Option<Sealing>,
    /// What ChangeCipherSpec changes to.
    pub(super) next: Option<Sealing>,
    /// Octets of padding in every protected record of TLS 1.3.
    padding: usize,
    /// Version in the headers.
    version: u16,
    /// Most octets of content per record.
    fragment: usize,
    /// Whether the messages of a flight share records.
    pub(super) coalesce: bool,
    /// Messages of a flight that share records and wait for its end.
    pub(super) flight: Vec<u8>,
    /// Messages that are sent after the next one of a kind.
    pub(super) held: Vec<(u8, Outgoing)>,
    /// Whether a ChangeCipherSpec went before its time.
    pub(super) early: bool,
    /// Whether the Finished is to be followed by the ChangeCipherSpec.
    pub(super) late: bool,
    data: usize,
    pub(super) quirks: Quirks,
    pub(super) output: Vec<u8>,
    /// Where sending pauses, in octets of what is queued.
    pub(super) pauses: VecDeque<usize>,
    pub(super) closing: Option<Closing>,
}

impl Sending {
    pub(super) fn new(version: u16, fragment: usize) -> Self {
        Self {
            sealer: None,
            next: None,
            padding: 0,
            version,
            fragment: fragment.clamp(1, MAX_PLAINTEXT),
            coalesce: false,
            flight: Vec::new(),
            held: Vec::new(),
            early: false,
            late: false,
            data: 0,
            quirks: Quirks::default(),
            output: Vec::new(),
            pauses: VecDeque::new(),
            closing: None,
        }
    }

    pub(super) fn queue(&mut self, octets: &[u8]) {
        if self.closing.is_none() {
            self.output.extend_from_slice(octets);
        }
    }

    /// One record, cut and protected as it is due, without quirks.
    pub(super) fn record(&mut self, kind: u8, content: &[u8], entropy: &mut Entropy) {
        let head = RecordHead {
            content_type: kind,
            version: self.version,
        };
        let (head, octets) = self.seal(head, content, &mut Damage::default(), entropy);
        self.put(head, &octets, 0);
    }

    fn seal(
        &mut self,
        head: RecordHead,
        content: &[u8],
        damage: &mut Damage,
        entropy: &mut Entropy,
    ) -> (RecordHead, Vec<u8>) {
        match &mut self.sealer {
            // A piece is never too long for its cipher.
            Some(sealer) => sealer.seal(head, content, damage, entropy),
            None => (head, content.to_vec()),
        }
    }

    fn put(&mut self, head: RecordHead, fragment: &[u8], length_delta: i32) {
        let length = i64::try_from(fragment.len()).unwrap_or(i64::MAX);
        let length = length.saturating_add(length_delta.into()).max(0);
        let mut header = vec![head.content_type];
        put_u16(&mut header, head.version);
        put_u16(&mut header, u16::try_from(length).unwrap_or(u16::MAX));
        self.queue(&header);
        self.queue(fragment);
    }

    /// One record with what the quirks do to it.
    fn shaped(&mut self, kind: u8, content: &[u8], entropy: &mut Entropy) {
        let changes = self.quirks.record(kind, self.sealer.is_some());
        if changes.is_empty() {
            return self.record(kind, content, entropy);
        }
        let mut shape = Shape::new(kind, self.version, content);
        for (index, change) in &changes {
            shape.apply(*index, change);
        }
        for _ in 0..shape.empty_before {
            self.record(kind, &[], entropy);
        }
        let mut content = std::mem::take(&mut shape.content);
        shape.damage.touch(RecordPart::Content, &mut content);
        let (head, mut fragment) = self.seal(shape.head, &content, &mut shape.damage, entropy);
        shape.damage.touch(RecordPart::Ciphertext, &mut fragment);
        let before = self.output.len();
        for _ in 0..shape.copies {
            self.put(head, &fragment, shape.length_delta);
            let header = self.output.get_mut(before..).unwrap_or_default();
            let end = header.len().min(RECORD_HEADER);
            let header = header.get_mut(..end).unwrap_or_default();
            shape.damage.touch(RecordPart::Header, header);
        }
        for index in std::mem::take(&mut shape.damage.done) {
            self.quirks.note(index);
        }
        if !shape.rest.is_empty() {
            self.record(kind, &shape.rest, entropy);
        }
    }
}

impl RecordLayer {
    /// From now on this is what is wrong with what is sent.
    pub fn set_quirks(&mut self, quirks: Vec<Quirk>) {
        self.sending.quirks = Quirks::new(quirks);
        self.sending.data = 0;
    }

    /// How often each quirk was done, in the order of their list.
    #[must_use]
    pub fn quirks_done(&self) -> &[usize] {
        self.sending.quirks.done()
    }

    /// The quirks themselves, for what is spoiled before it is a message.
    pub(crate) const fn quirks(&mut self) -> &mut Quirks {
        &mut self.sending.quirks
    }

    /// From now on the handshake messages of a flight share records, or no longer do.
    pub fn set_coalesce(&mut self, coalesce: bool) {
        self.sending.coalesce = coalesce;
    }

    /// From now on what is sent says this version.
    pub fn set_version(&mut self, version: u16) {
        self.sending.version = version;
    }

    /// From now on what is sent is protected.
    pub fn protect_sent(&mut self, sealer: Sealer) {
        self.sending.sealer = Some(Sealing::Legacy(sealer));
    }

    /// What is sent will be protected by this from ChangeCipherSpec on.
    pub fn prepare_sent(&mut self, sealer: Sealer) {
        self.sending.next = Some(Sealing::Legacy(sealer));
    }

    /// From now on what is sent is protected as in TLS 1.3, or once more not: a second ClientHello is in clear.
    pub fn protect_sent_13(&mut self, sealer: Option<Sealer13>, entropy: &mut Entropy) {
        self.end_flight(entropy);
        let padding = self.sending.padding;
        self.sending.sealer = sealer.map(|sealer| Sealing::Tls13(sealer, padding));
    }

    /// From now on every record that TLS 1.3 protects has so many octets of padding, as far as they fit; what protects
    /// already goes on as it is.
    pub fn set_padding(&mut self, octets: usize) {
        self.sending.padding = octets;
    }

    /// Queues content in as many records as it needs; no content gives one empty record.
    pub fn send(&mut self, kind: u8, content: &[u8], entropy: &mut Entropy) {
        self.end_flight(entropy);
        self.cut(kind, content, entropy);
    }

    pub(super) fn cut(&mut self, kind: u8, content: &[u8], entropy: &mut Entropy) {
        let mut pieces: Vec<&[u8]> = content.chunks(self.sending.fragment).collect();
        if pieces.is_empty() {
            pieces.push(&[]);
        }
        for piece in pieces {
            if kind == content_type::APPLICATION_DATA {
                self.sending.data += 1;
                self.reach(Moment::BeforeData(self.sending.data), entropy);
            }
            self.sending.shaped(kind, piece, entropy);
        }
    }

    /// What is to be sent now, which is then no longer queued: up to the first pause.
    pub fn take_output(&mut self) -> Vec<u8> {
        let sending = &mut self.sending;
        let Some(pause) = sending.pauses.front().copied() else {
            return std::mem::take(&mut sending.output);
        };
        let rest = sending.output.split_off(pause.min(sending.output.len()));
        for at in &mut sending.pauses {
            *at = at.saturating_sub(pause);
        }
        std::mem::replace(&mut sending.output, rest)
    }

    /// Whether sending pauses behind what [`Self::take_output`] gives.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        !self.sending.pauses.is_empty()
    }

    /// Ends the pause.
    pub fn go_on(&mut self) {
        self.sending.pauses.pop_front();
    }

    /// How the connection is closed by us behind what is queued, if it is; nothing more is queued then.
    #[must_use]
    pub const fn closing(&self) -> Option<Closing> {
        self.sending.closing
    }

    /// Octets queued.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.sending.output.len()
    }
}
