//! Both directions of a connection's records: protected or not, cut to size on the way out.

use thiserror::Error;

use super::{Deframer, Opener, RecordHead, RecordProblem, Sealer};
use crate::tls::entropy::Entropy;
use crate::wire::tls::codec::{Malformed, put_u16, put_vector16};
use crate::wire::tls::record::{MAX_PLAINTEXT, content_type, encode_records};

/// Most records without content that are taken one after the other.
const MAX_EMPTY: usize = 32;

/// What is wrong with what came.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LayerProblem {
    /// It is no record.
    #[error("{0}")]
    Malformed(Malformed),
    /// It is a record that cannot be opened.
    #[error("{0}")]
    Record(RecordProblem),
}

/// The records of a connection.
#[derive(Debug)]
pub struct RecordLayer {
    deframer: Deframer,
    opener: Option<Opener>,
    sealer: Option<Sealer>,
    output: Vec<u8>,
    /// Version in the headers of what is sent.
    version: u16,
    /// Most octets of content per record sent.
    fragment: usize,
    empty: usize,
}

impl RecordLayer {
    /// Unprotected; records sent hold at most `fragment` octets.
    #[must_use]
    pub fn new(version: u16, fragment: usize) -> Self {
        Self {
            deframer: Deframer::default(),
            opener: None,
            sealer: None,
            output: Vec::new(),
            version,
            fragment: fragment.clamp(1, MAX_PLAINTEXT),
            empty: 0,
        }
    }

    /// From now on what is sent says this version.
    pub fn set_version(&mut self, version: u16) {
        self.version = version;
    }

    /// From now on what is sent is protected.
    pub fn protect_sent(&mut self, sealer: Sealer) {
        self.sealer = Some(sealer);
    }

    /// From now on what is received is protected.
    pub fn protect_received(&mut self, opener: Opener) {
        self.opener = Some(opener);
    }

    /// Takes octets as they came.
    pub fn feed(&mut self, octets: &[u8]) {
        self.deframer.feed(octets);
    }

    /// Content type and content of the next record; `None` when octets are missing.
    ///
    /// # Errors
    /// [`LayerProblem`] says what is wrong with what comes next.
    pub fn next_content(&mut self) -> Result<Option<(u8, Vec<u8>)>, LayerProblem> {
        let Some(record) = self
            .deframer
            .next_record()
            .map_err(LayerProblem::Malformed)?
        else {
            return Ok(None);
        };
        let head = RecordHead {
            content_type: record.header.content_type,
            version: record.header.version,
        };
        let content = match &mut self.opener {
            Some(opener) => opener.open(head, &record.fragment),
            None if record.fragment.len() > MAX_PLAINTEXT => Err(RecordProblem::Overflow),
            None => Ok(record.fragment),
        };
        let content = content.map_err(LayerProblem::Record)?;
        self.empty = if content.is_empty() {
            self.empty + 1
        } else {
            0
        };
        if self.empty > MAX_EMPTY {
            let what = format!("more than {MAX_EMPTY} empty records in a row");
            return Err(LayerProblem::Malformed(Malformed(what)));
        }
        Ok(Some((head.content_type, content)))
    }

    /// Queues content in as many records as it needs; no content gives one empty record.
    pub fn send(&mut self, kind: u8, content: &[u8], entropy: &mut Entropy) {
        let Some(sealer) = &mut self.sealer else {
            let records = encode_records(kind, self.version, content, self.fragment);
            self.output.extend(records);
            return;
        };
        let head = RecordHead {
            content_type: kind,
            version: self.version,
        };
        let mut pieces: Vec<&[u8]> = content.chunks(self.fragment).collect();
        if pieces.is_empty() {
            pieces.push(&[]);
        }
        for piece in pieces {
            // A piece is never too long for its cipher: fragments hold at most 2^14 octets.
            let sealed = sealer.seal(head, piece, entropy).unwrap_or_default();
            self.output.extend([kind]);
            put_u16(&mut self.output, self.version);
            put_vector16(&mut self.output, &sealed);
        }
    }

    /// Queues a ChangeCipherSpec.
    pub fn send_change_cipher_spec(&mut self, entropy: &mut Entropy) {
        self.send(content_type::CHANGE_CIPHER_SPEC, &[1], entropy);
    }

    /// What is queued to be sent, which is then no longer queued.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Octets queued.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.output.len()
    }

    /// Octets received that are not yet part of a record.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.deframer.unread()
    }
}
