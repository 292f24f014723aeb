//! Both directions of a connection's records. What is received is read here; what is sent, in `sending`.

use thiserror::Error;

use super::sending::Sending;
use super::{Deframer, Opener, Opener13, Record, RecordHead, RecordProblem};
use crate::wire::tls::codec::Malformed;
use crate::wire::tls::record::{MAX_PLAINTEXT, RECORD_HEADER, content_type};

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
    opener13: Option<Opener13>,
    pub(super) sending: Sending,
    empty: usize,
    /// Octets of early data that may still be passed over.
    passing_over: usize,
}

impl RecordLayer {
    /// Unprotected; records sent hold at most `fragment` octets.
    #[must_use]
    pub fn new(version: u16, fragment: usize) -> Self {
        Self {
            deframer: Deframer::default(),
            opener: None,
            opener13: None,
            sending: Sending::new(version, fragment),
            empty: 0,
            passing_over: 0,
        }
    }

    /// From now on what is received is protected as in TLS 1.3.
    pub fn protect_received_13(&mut self, opener: Opener13) {
        self.opener13 = Some(opener);
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
        let record = loop {
            let next = self.deframer.next_record();
            let Some(record) = next.map_err(LayerProblem::Malformed)? else {
                return Ok(None);
            };
            if !self.passes_over(&record) {
                break record;
            }
        };
        let (kind, content) = self.open(record).map_err(LayerProblem::Record)?;
        self.empty = if content.is_empty() {
            self.empty + 1
        } else {
            0
        };
        if self.empty > MAX_EMPTY {
            let what = format!("more than {MAX_EMPTY} empty records in a row");
            return Err(LayerProblem::Malformed(Malformed(what)));
        }
        Ok(Some((kind, content)))
    }

    /// From now on protected records that cannot be opened are early data that is not taken: at most so many octets, up
    /// to the first that can be opened (RFC 8446 4.2.10).
    pub fn pass_over_early_data(&mut self, most: usize) {
        self.passing_over = most;
    }

    fn passes_over(&mut self, record: &Record) -> bool {
        let protected = record.header.content_type == content_type::APPLICATION_DATA;
        if self.passing_over == 0 || !protected {
            return false;
        }
        let opener = self.opener13.as_mut();
        let opens = opener.is_some_and(|opener| opener.would_open(&record.fragment));
        let left = self
            .passing_over
            .checked_sub(RECORD_HEADER + record.fragment.len());
        self.passing_over = left.filter(|_| !opens).unwrap_or_default();
        left.is_some() && !opens
    }

    fn open(&mut self, record: Record) -> Result<(u8, Vec<u8>), RecordProblem> {
        let head = RecordHead {
            content_type: record.header.content_type,
            version: record.header.version,
        };
        // In TLS 1.3 what is protected says that it is application data; the rest is in clear, such as a
        // ChangeCipherSpec that means nothing, or the alert of a peer that did not get as far as to keys.
        let protected = head.content_type == content_type::APPLICATION_DATA;
        let content = match (&mut self.opener13, &mut self.opener) {
            (Some(opener), _) if protected => return opener.open(&record.fragment),
            (Some(_), _) if head.content_type == content_type::HANDSHAKE => {
                return Err(RecordProblem::Unprotected);
            }
            (None, Some(opener)) => opener.open(head, &record.fragment)?,
            _ if record.fragment.len() > MAX_PLAINTEXT => return Err(RecordProblem::Overflow),
            _ => record.fragment,
        };
        Ok((head.content_type, content))
    }

    /// Octets received that are not yet part of a record.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.deframer.unread()
    }
}
